/* SPDX-License-Identifier: MIT */
#include "sender/hint.h"

#include <string.h>
#include <unistd.h>

#include "shared/io/log.h"
#include "shared/io/udp.h"
#include "shared/wire/be.h"

enum {
	MAGIC = 0xc1,
	LENGTH = 5,
	READS = 64, /* in a turn of the loop: far more than anybody means */
};

int hint_open(struct hint *h, const struct endpoint *at)
{
	const struct udp_options opt = {0};
	int fd;

	memset(h, 0, sizeof(*h));
	h->socket = (struct batch_socket){.fd = -1, .name = "hints"};
	if (at->family == FAMILY_NONE)
		return 0;
	fd = udp_open(at, &opt);
	if (fd < 0)
		return fd;
	h->socket.fd = fd;
	return 0;
}

static void heard(void *arg, struct pkt *p, ustime now)
{
	struct hint *h = arg;
	char from[ENDPOINT_TEXT];

	if (p->len == LENGTH && p->data[0] == MAGIC) {
		h->taken++;
		sender_hint(h->door->sender, MSEC(be32(p->data + 1)), now);
	} else {
		h->malformed++;
		log_debug("event=hint_malformed from=%s bytes=%u",
			  endpoint_print(&p->peer, from), (unsigned)p->len);
	}
	pkt_free(p);
}

static void readable(void *arg, int events, ustime now)
{
	struct hint *h = arg;

	(void)events;
	(void)now;
	batch_recv(h->door->batch, &h->socket, READS, heard, h);
}

bool hint_start(struct hint *h, struct door *door)
{
	h->door = door;
	if (h->socket.fd < 0)
		return true;
	h->watch = loop_watch(door->loop, h->socket.fd, LOOP_READ, readable, h);
	return h->watch != NULL;
}

void hint_close(struct hint *h)
{
	if (h->socket.fd < 0)
		return;
	if (h->door)
		loop_unwatch(h->door->loop, h->watch);
	close(h->socket.fd);
	h->socket.fd = -1;
}
