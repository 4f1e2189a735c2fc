/* SPDX-License-Identifier: MIT */
#include "shared/io/statedir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared/io/log.h"

/* An absolute path from the environment, or NULL; of a list of them the first. */
static const char *from_environment(const char *name, int *len)
{
	const char *value = getenv(name);

	if (!value || value[0] != '/')
		return NULL;
	*len = (int)strcspn(value, ":");
	return value;
}

/* BASE, MIDDLE and PROGRAM in a row, or nothing when that does not fit. */
static void put(struct statedir *d, const char *base, int len, const char *middle,
		const char *program)
{
	int n = snprintf(d->path, sizeof(d->path), "%.*s%s%s", len, base, middle, program);

	if (n < 0 || (size_t)n >= sizeof(d->path))
		d->path[0] = '\0';
}

static void choose_path(struct statedir *d, const char *program, const char *option)
{
	const char *base;
	int len = 0;

	if (option) {
		d->asked = true;
		put(d, option, PATH_MAX, "", "");
	} else if ((base = from_environment("STATE_DIRECTORY", &len))) {
		put(d, base, len, "", "");
	} else if (geteuid() == 0) {
		put(d, "", 0, "/var/lib/", program);
	} else if ((base = from_environment("XDG_STATE_HOME", &len))) {
		put(d, base, len, "/", program);
	} else if ((base = from_environment("HOME", &len))) {
		put(d, base, len, "/.local/state/", program);
	}
}

void statedir_choose(struct statedir *d, const char *program, const char *option,
		     const struct endpoint *listen, uint16_t port)
{
	struct endpoint at = *listen;
	char text[ENDPOINT_TEXT];

	memset(d, 0, sizeof(*d));
	choose_path(d, program, option);
	at.port = 0;
	if (at.family == FAMILY_NONE)
		snprintf(d->tag, sizeof(d->tag), "%u", port);
	else
		snprintf(d->tag, sizeof(d->tag), "%s_%u", endpoint_print(&at, text), port);
}

/* 0 or errno; directories on the way are made too. */
static int make(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *at = part + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return errno;
		*at = '/';
	}
	return mkdir(part, 0700) && errno != EEXIST ? errno : 0;
}

/* 0 or errno: may files be made in there? */
static int usable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (!S_ISDIR(st.st_mode))
		return ENOTDIR;
	return eaccess(path, R_OK | W_OK | X_OK) ? errno : 0;
}

static int refuse(const struct statedir *d, int err, char why[ARGUMENTS_WHY])
{
	snprintf(why, ARGUMENTS_WHY, "--state-dir %.160s: %s", d->path, strerror(err));
	return err == EACCES || err == EPERM ? EX_NOPERM : EX_CANTCREAT;
}

int statedir_open(struct statedir *d, char why[ARGUMENTS_WHY])
{
	int err = d->path[0] ? make(d->path) : ENOENT;

	/* Whether it could be made counts for nothing if it is there. */
	if (d->path[0] && usable(d->path) == 0)
		return 0;
	if (!err)
		err = usable(d->path);
	if (d->asked)
		return refuse(d, err, why);
	log_warn("event=no_state dir=\"%s\" why=\"%s\"", d->path, strerror(err));
	d->path[0] = '\0';
	return 0;
}

int statedir_check(const struct statedir *d, char why[ARGUMENTS_WHY])
{
	int err = d->path[0] ? usable(d->path) : ENOENT;

	if (d->asked && err && err != ENOENT)
		return refuse(d, err, why);
	return 0;
}

bool statedir_file(const struct statedir *d, const char *name, const char *ending,
		   char path[PATH_MAX])
{
	int n;

	if (!d->path[0])
		return false;
	n = snprintf(path, PATH_MAX, "%s/%s-%s%s", d->path, name, d->tag, ending);
	return n >= 0 && n < PATH_MAX;
}
