/* SPDX-License-Identifier: MIT */
#include "shared/io/rundir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* BASE, a slash and PROGRAM; of a list of bases, the first.  False: no absolute path, or too long. */
static bool put(char path[PATH_MAX], const char *base, const char *program)
{
	int n;

	if (!base || base[0] != '/')
		return false;
	n = snprintf(path, PATH_MAX, "%.*s%s%s", (int)strcspn(base, ":"), base, program ? "/" : "",
		     program ? program : "");
	return n > 0 && n < PATH_MAX;
}

/* May files be made in there? */
static bool usable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && eaccess(path, W_OK | X_OK) == 0;
}

static bool make(const char *path, mode_t mode)
{
	return (mkdir(path, mode) == 0 || errno == EEXIST) && usable(path);
}

bool rundir_choose(const char *program, char path[PATH_MAX])
{
	if (put(path, getenv("RUNTIME_DIRECTORY"), NULL) && usable(path))
		return true;
	if (put(path, "/run", program) && (usable(path) || (geteuid() == 0 && make(path, 0755))))
		return true;
	return put(path, getenv("XDG_RUNTIME_DIR"), program) && make(path, 0700);
}

bool rundir_file(const char *program, uint16_t port, const char *ending, char path[PATH_MAX])
{
	char dir[PATH_MAX];
	int n;

	if (!rundir_choose(program, dir))
		return false;
	n = snprintf(path, PATH_MAX, "%s/%u%s", dir, (unsigned)port, ending);
	return n > 0 && n < PATH_MAX;
}

bool rundir_place(const char *program, unsigned i, char path[PATH_MAX])
{
	switch (i) {
	case 0:
		return put(path, "/run", program);
	case 1:
		return put(path, getenv("XDG_RUNTIME_DIR"), program);
	}
	return false;
}
