/* SPDX-License-Identifier: MIT */
#include "shared/io/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

/* Nobody can be there first: in a directory that strangers write to, too. */
static int open_beside(const char *path, mode_t mode, char temp[PATH_MAX])
{
	uint64_t salt;
	int fd, n;

	if (getrandom(&salt, sizeof(salt), GRND_NONBLOCK) != (ssize_t)sizeof(salt))
		salt = (uint64_t)getpid();
	n = snprintf(temp, PATH_MAX, "%s.%016llx", path, (unsigned long long)salt);
	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int statefile_replace(const char *path, const void *bytes, size_t len, unsigned mode)
{
	char temp[PATH_MAX];
	int fd = open_beside(path, (mode_t)mode, temp);
	int err;

	if (fd < 0)
		return fd;
	err = write_all(fd, bytes, len);
	if (close(fd) && !err)
		err = -errno; /* a full server on the network speaks up only here */
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}
