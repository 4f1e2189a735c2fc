/* SPDX-License-Identifier: MIT */
#include "shared/io/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 128, /* who knocks while others are let in waits here, and in the order of coming */
	OTHERS = 0117, /* what the mode lacks */
};

static int stream(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* 0: nobody answers at this name, which is a socket's. */
static int vacant(const struct sockaddr_un *at)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(at->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	fd = stream();
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0)
		err = -EADDRINUSE;
	else if (errno == EAGAIN) /* it listens, and many knock */
		err = -EADDRINUSE;
	else if (errno != ECONNREFUSED && errno != ENOENT)
		err = -errno;
	close(fd);
	return err;
}

static int take_name(int fd, const struct sockaddr_un *at)
{
	mode_t old = umask(OTHERS);
	int err = bind(fd, (const struct sockaddr *)at, sizeof(*at)) ? -errno : 0;

	umask(old);
	return err;
}

int control_socket_open(struct control_socket *s, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct stat st;
	int err;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	if (strlen(path) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	memcpy(at.sun_path, path, strlen(path));
	memcpy(s->path, path, strlen(path) + 1);
	s->fd = stream();
	if (s->fd < 0)
		return -errno;
	err = take_name(s->fd, &at);
	if (err == -EADDRINUSE) {
		err = vacant(&at);
		if (err == 0 && unlink(path) && errno != ENOENT)
			err = -errno;
		if (err == 0)
			err = take_name(s->fd, &at);
	}
	if (err == 0 && (listen(s->fd, BACKLOG) || lstat(path, &st)))
		err = -errno;
	if (err) {
		close(s->fd);
		s->fd = -1;
		return err;
	}
	s->device = st.st_dev;
	s->inode = st.st_ino;
	return 0;
}

void control_socket_close(struct control_socket *s)
{
	struct stat st;

	if (s->fd < 0)
		return;
	if (lstat(s->path, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode)
		unlink(s->path);
	close(s->fd);
	s->fd = -1;
}
