/* SPDX-License-Identifier: MIT */
#include "receiver/portlock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	ASKING = 64,       /* who may wait for an answer */
	ANSWERS_A_TURN = 16,
};

/* Returns the length of the address: an abstract name begins with a zero and ends without one. */
static socklen_t name(const struct endpoint *at, struct sockaddr_un *un)
{
	char text[ENDPOINT_TEXT];
	int len;

	*un = (struct sockaddr_un){.sun_family = AF_UNIX};
	len = snprintf(un->sun_path + 1, sizeof(un->sun_path) - 1, "srtla_rec/%s",
		       endpoint_print(at, text));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

int portlock_take(const struct endpoint *at)
{
	struct sockaddr_un un;
	socklen_t len = name(at, &un);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&un, len) == 0 && listen(fd, ASKING) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Who listens is known from the moment of the connection; nobody need accept it. */
static pid_t ask(const struct endpoint *at)
{
	struct sockaddr_un un;
	socklen_t len = name(at, &un);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct ucred who = {0};

	if (fd < 0)
		return 0;
	if (connect(fd, (struct sockaddr *)&un, len) == 0) {
		len = sizeof(who);
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
			who.pid = 0;
	}
	close(fd);
	return who.pid;
}

pid_t portlock_holder(const struct endpoint *at)
{
	static const char *const everywhere[] = {"::", "0.0.0.0"};
	pid_t pid = ask(at);

	for (unsigned i = 0; i < 2 && pid == 0; i++) {
		struct endpoint all;

		endpoint_parse(everywhere[i], &all);
		all.port = at->port;
		pid = ask(&all);
	}
	return pid;
}

void portlock_answer(int lock)
{
	for (unsigned i = 0; i < ANSWERS_A_TURN; i++) {
		int fd = accept4(lock, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return;
		close(fd);
	}
}
