/* SPDX-License-Identifier: MIT */
#include "receiver/keyfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* Far beyond any list of keys; a larger file is a mistake. */
enum { FILE_MOST = 16 * 1024 * 1024 };

/* 0 or errno. */
static int read_all(int fd, char *text, size_t most, size_t *len)
{
	*len = 0;
	while (*len < most) {
		ssize_t n = read(fd, text + *len, most - *len);

		if (n == 0)
			return 0;
		if (n > 0)
			*len += (size_t)n;
		else if (errno != EINTR)
			return errno;
	}
	return EFBIG;
}

/* A regular file of this size.  0 or errno. */
static int read_file(struct keyfile *kf, const char *name, int fd, off_t size)
{
	size_t most, len;
	char *text;
	int err;

	if (size > FILE_MOST)
		return EFBIG;
	most = (size_t)size + 4096; /* it may be written to meanwhile */
	text = malloc(most);
	if (!text)
		return ENOMEM;
	err = read_all(fd, text, most, &len);
	if (err == 0)
		keyfile_parse(kf, name, text, len);
	explicit_bzero(text, most);
	free(text);
	return err;
}

/* What no program that comes by leaves in a directory as something else than itself. */
static int wanted(const struct dirent *entry)
{
	static const char *const leftovers[] = {"~",         ".bak",     ".orig",    ".swp",
						".dpkg-old", ".dpkg-new", ".dpkg-dist", ".rpmsave",
						".rpmnew",   ".rpmorig"};
	const char *name = entry->d_name;
	size_t len = strlen(name);

	if (name[0] == '.' || name[0] == '#')
		return 0;
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++) {
		size_t end = strlen(leftovers[i]);

		if (len >= end && strcmp(name + len - end, leftovers[i]) == 0)
			return 0;
	}
	return 1;
}

/* A directory's entry, or what --stream-keys names.  Nothing waits for a pipe's writer. */
static int open_at(int dir, const char *name, struct stat *st)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && fstat(fd, st)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* 0 or errno. */
static int read_entry(struct keyfile *kf, int dir, const char *path, const char *name)
{
	char whole[PATH_MAX];
	struct stat st;
	int fd = open_at(dir, name, &st);
	int err = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : errno; /* gone meanwhile */
	snprintf(whole, sizeof(whole), "%s/%s", path, name);
	if (S_ISREG(st.st_mode))
		err = read_file(kf, whole, fd, st.st_size);
	close(fd);
	return err;
}

static int read_directory(struct keyfile *kf, const char *path, int fd)
{
	struct dirent **entry;
	int count = scandir(path, &entry, wanted, alphasort); /* not scandirat(): musl has none */
	int err = count < 0 ? errno : 0;

	for (int i = 0; i < count; i++) {
		if (err == 0)
			err = read_entry(kf, fd, path, entry[i]->d_name);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
	return err;
}

static int read_path(struct keyfile *kf, const char *path)
{
	struct stat st;
	int fd = open_at(AT_FDCWD, path, &st);
	int err = EINVAL;

	if (fd < 0)
		return errno;
	if (S_ISREG(st.st_mode))
		err = read_file(kf, path, fd, st.st_size);
	else if (S_ISDIR(st.st_mode))
		err = read_directory(kf, path, fd);
	close(fd);
	return err;
}

static int failed(const char *path, int err, char why[CONFIG_WHY])
{
	snprintf(why, CONFIG_WHY, "stream keys %.160s: %s", path,
		 err == EINVAL ? "neither a file nor a directory" : strerror(err));
	switch (err) {
	case EACCES:
	case EPERM:
		return EX_NOPERM;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return EX_OSERR;
	case EFBIG:
		return EX_DATAERR;
	default:
		return EX_NOINPUT;
	}
}

int keyfile_read(struct keyfile *kf, const struct keyfile *before, const char *path,
		 const struct siphash_key *key, char why[CONFIG_WHY])
{
	int err = ENOMEM;

	memset(kf, 0, sizeof(*kf));
	if (before) {
		memcpy(kf->server, before->server, sizeof(kf->server));
		kf->hear = before->hear;
		kf->arg = before->arg;
	}
	for (unsigned i = 0; i < KEYFILE_SERVERS; i++)
		kf->server[i].listed = false;
	kf->keys = keys_create(key);
	if (kf->keys)
		err = read_path(kf, path);
	if (err == 0)
		return 0;
	keyfile_finish(kf);
	return failed(path, err, why);
}
