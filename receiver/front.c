/* SPDX-License-Identifier: MIT */
#include "receiver/front.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/io/log.h"
#include "shared/io/udp.h"

enum {
	BUFFER = 4 * 1024 * 1024,       /* 50 ms of a full gigabit, while we are held up */
	BUFFER_LEAST = 1 * 1024 * 1024, /* less is worth a word */
};

/* A buffer that is too small loses packets of every stream, and nothing else shows it. */
static void check_buffer(int fd)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len))
		return;
	bytes /= 2; /* the kernel counts as much again for its own use, see socket(7) */
	if (bytes < BUFFER_LEAST)
		log_warn("event=small_buffer bytes=%d wanted=%d why=\"sysctl net.core.rmem_max\"",
			 bytes, BUFFER);
}

static int open_at(struct front *f, const struct endpoint *at)
{
	struct udp_options opt = {
		.dual_stack = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.tell_local = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.receive_buffer = BUFFER,
		.send_buffer = BUFFER,
	};

	f->fd = udp_open(at, &opt);
	if (f->fd < 0)
		return f->fd;
	f->local = *at;
	check_buffer(f->fd);
	return 0;
}

int front_open(struct front *f, const struct endpoint *at, uint16_t port, struct endpoint *failed)
{
	int err;

	memset(f, 0, sizeof(*f));
	if (at->family != FAMILY_NONE) {
		*failed = *at;
		failed->port = port;
		return open_at(f, failed);
	}
	endpoint_parse("::", failed);
	failed->port = port;
	err = open_at(f, failed);
	if (err != -EAFNOSUPPORT && err != -EADDRNOTAVAIL)
		return err;
	endpoint_parse("0.0.0.0", failed);
	failed->port = port;
	return open_at(f, failed);
}

static void heard(void *arg, struct pkt *p, ustime now)
{
	struct front *f = arg;

	f->packets_in++;
	f->bytes_in += p->len;
	receiver_from_net(f->door->receiver, p, now, &f->door->out);
}

static void readable(void *arg, int events, ustime now)
{
	struct front *f = arg;

	(void)events;
	door_read(f->door, f->fd, heard, f, now);
}

int front_start(struct front *f, struct door *door)
{
	f->door = door;
	f->watch = loop_watch(door->loop, f->fd, LOOP_READ, readable, f);
	return f->watch ? 0 : -ENOMEM;
}

void front_close(struct front *f)
{
	if (f->door)
		loop_unwatch(f->door->loop, f->watch);
	f->watch = NULL;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void front_send(struct front *f, struct pkt *p)
{
	if (udp_send(f->fd, p, true) == 0)
		f->packets_out++;
	else
		f->refused++;
	pkt_free(p);
}
