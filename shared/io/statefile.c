/* SPDX-License-Identifier: MIT */
#include "shared/io/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
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

/* Bytes read, at most room, or -errno. */
static long read_all(int fd, char *text, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, text + len, room - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (long)len;
}

long statefile_read(const char *path, char *text, size_t room)
{
	/* Should somebody have put a pipe there, opening shall not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	long len;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		len = -EINVAL;
	else if (st.st_mode & 077)
		len = -EPERM;
	else
		len = read_all(fd, text, room);
	close(fd);
	if (len == (long)room)
		len = -EFBIG;
	text[len > 0 ? len : 0] = '\0';
	return len;
}
