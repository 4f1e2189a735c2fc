/* SPDX-License-Identifier: MIT */
#include "shared/io/buffers.h"

#include <stdbool.h>
#include <sys/socket.h>

#include "shared/io/log.h"

/* One of a socket's two buffers. */
struct side {
	int option;
	const char *direction;
	const char *limit; /* the sysctl that bounds it */
	bool told;         /* in this process */
};

static struct side receiving = {SO_RCVBUF, "receive", "net.core.rmem_max", false};
static struct side sending = {SO_SNDBUF, "send", "net.core.wmem_max", false};

static void check(int fd, int wanted, struct side *s)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	if (s->told || getsockopt(fd, SOL_SOCKET, s->option, &bytes, &len))
		return;
	bytes /= 2; /* the kernel counts as much again for its own use, see socket(7) */
	if (bytes >= wanted)
		return;
	s->told = true;
	log_warn("event=small_buffer direction=%s bytes=%d wanted=%d why=\"sysctl %s\"",
		 s->direction, bytes, wanted, s->limit);
}

void buffers_check(int fd, int receive_wanted, int send_wanted)
{
	check(fd, receive_wanted, &receiving);
	check(fd, send_wanted, &sending);
}
