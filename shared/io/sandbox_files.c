/* SPDX-License-Identifier: MIT */
#include "shared/io/sandbox_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Younger than some kernels' headers; see landlock(7). */
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define FILE_READ  LANDLOCK_ACCESS_FS_READ_FILE
#define FILE_WRITE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
#define DIR_READ   (FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define DIR_WRITE                                                                                  \
	(FILE_WRITE | DIR_READ | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |      \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE |                           \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR)

/* All that a kernel of this version of the interface can forbid. */
static uint64_t handled(long version)
{
	static const unsigned char rights[] = {13, 14, 15, 15, 16};
	unsigned known = version > 5 ? 5 : (unsigned)version;

	return (UINT64_C(1) << rights[known - 1]) - 1;
}

/* A rule for what is at `path`, 0 or -errno; what is not there needs none. */
static int allow(int rules, uint64_t most, const char *path, bool write)
{
	struct landlock_path_beneath_attr beneath = {
		.parent_fd = open(path, O_PATH | O_CLOEXEC)};
	struct stat st;
	int err = 0;

	if (beneath.parent_fd < 0)
		return 0;
	if (fstat(beneath.parent_fd, &st)) {
		err = -errno;
	} else {
		bool dir = S_ISDIR(st.st_mode);

		beneath.allowed_access = most & (dir ? (write ? DIR_WRITE : DIR_READ)
						     : (write ? FILE_WRITE : FILE_READ));
		if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
			err = -errno;
	}
	close(beneath.parent_fd);
	return err;
}

static int allow_directory_of(int rules, uint64_t most, const char *path, bool write)
{
	char dir[PATH_MAX];
	char *slash;

	if (strlen(path) >= sizeof(dir))
		return 0;
	memcpy(dir, path, strlen(path) + 1);
	slash = strrchr(dir, '/');
	if (!slash)
		return allow(rules, most, ".", write);
	slash[slash == dir] = '\0';
	return allow(rules, most, dir, write);
}

/* A link is replaced where it is, and the file where it leads to. */
static int allow_beside(int rules, uint64_t most, const char *path, bool write)
{
	char end[PATH_MAX];
	int err = allow_directory_of(rules, most, path, write);

	if (err || !realpath(path, end))
		return err;
	return allow_directory_of(rules, most, end, write);
}

static int allow_one(int rules, uint64_t most, const struct sandbox_path *p)
{
	if (!p->path || p->path[0] == '\0')
		return 0;
	switch (p->use) {
	case SANDBOX_READ:
	case SANDBOX_WRITE:
		return allow(rules, most, p->path, p->use == SANDBOX_WRITE);
	case SANDBOX_READ_BESIDE:
	case SANDBOX_WRITE_BESIDE:
		return allow_beside(rules, most, p->path, p->use == SANDBOX_WRITE_BESIDE);
	}
	return 0;
}

int sandbox_files(const struct sandbox_path *const lists[], const size_t counts[], size_t count)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = {0};
	int rules, err = 0;

	if (version < 1) /* an old kernel, or one that was started without */
		return 0;
	attr.handled_access_fs = handled(version);
	/* The size is that of the first version, whatever this struct has grown to. */
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (rules < 0)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < counts[i] && !err; j++)
			err = allow_one(rules, attr.handled_access_fs, &lists[i][j]);
	}
	if (!err && syscall(SYS_landlock_restrict_self, rules, 0))
		err = -errno;
	close(rules);
	return err ? err : 1;
}
