/* SPDX-License-Identifier: MIT */
#include "tools/ctl/find.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/io/rundir.h"

enum { PATIENCE = 5 }; /* seconds */

int find_connect(const char *path)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd, err;

	if (strlen(path) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	memcpy(at.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	err = errno;
	close(fd);
	return -err;
}

/* "/run/srtla_send/9000.sock" is that of port 9000; 0 for other names. */
static unsigned port_of(const char *path)
{
	const char *name = strrchr(path, '/');
	char *end;
	unsigned long port = name ? strtoul(name + 1, &end, 10) : 0;

	return port > 0 && port <= 65535 && strcmp(end, ".sock") == 0 ? (unsigned)port : 0;
}

/* What a life that ended badly left behind is none. */
static bool answers(const char *path, bool *barred)
{
	int fd = find_connect(path);

	if (fd == -EACCES || fd == -EPERM)
		*barred = true;
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool known(const struct found *list, unsigned count, const char *path)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(list[i].path, path) == 0)
			return true;
	}
	return false;
}

static unsigned look(const struct wanted *w, const char *program, const char *dir,
		     const char *below, struct found list[FOUND_MOST], unsigned count, bool *barred)
{
	char pattern[PATH_MAX];
	glob_t g;

	if (snprintf(pattern, sizeof(pattern), "%s%s/*.sock", dir, below) >= PATH_MAX)
		return count;
	if (glob(pattern, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc && count < FOUND_MOST; i++) {
			const char *path = g.gl_pathv[i];
			unsigned port = port_of(path);

			if (port == 0 || (w->port && port != w->port) || strlen(path) >= PATH_MAX ||
			    known(list, count, path) || !answers(path, barred))
				continue;
			list[count].program = program;
			list[count].port = port;
			strcpy(list[count].path, path);
			count++;
		}
		globfree(&g);
	}
	return count;
}

unsigned find_programs(const struct wanted *w, struct found list[FOUND_MOST], bool *barred)
{
	static const char *const programs[] = {"srtla_send", "srtla_rec"};
	char dir[PATH_MAX];
	unsigned count = 0;

	*barred = false;
	for (unsigned p = 0; p < 2; p++) {
		if (w->program && strcmp(w->program, programs[p]) != 0)
			continue;
		for (unsigned i = 0; i < RUNDIR_PLACES; i++) {
			if (!rundir_place(programs[p], i, dir))
				continue;
			count = look(w, programs[p], dir, "", list, count, barred);
			count = look(w, programs[p], dir, "/*", list, count, barred);
		}
	}
	return count;
}
