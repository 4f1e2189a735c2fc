/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_CONTROL_SOCKET_H
#define SHARED_IO_CONTROL_SOCKET_H

#include <limits.h>
#include <sys/stat.h>

/* A Unix socket that listens, and its name in the file system. */
struct control_socket {
	int fd;
	char path[PATH_MAX];
	dev_t device; /* which file that is: another program's is not removed */
	ino_t inode;
};

/*
 * Listens at `path`, mode 0660 from the first moment.  A socket is replaced that nobody answers.  0
 * or -errno: -EADDRINUSE somebody does, -ENOTSOCK it is none, -ENAMETOOLONG.
 */
int control_socket_open(struct control_socket *s, const char *path);

/* Removes the name, if it is still that socket's. */
void control_socket_close(struct control_socket *s);

#endif
