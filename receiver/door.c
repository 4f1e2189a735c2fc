/* SPDX-License-Identifier: MIT */
#include "receiver/door.h"

/* One reading: whom it is for. */
struct reading {
	struct door *door;
	void (*fn)(void *arg, struct pkt *p, ustime now);
	void *arg;
};

static void hand_on(void *arg, struct pkt *p, ustime now)
{
	const struct reading *r = arg;
	struct door *d = r->door;

	r->fn(r->arg, p, now);
	if (d->out.note_count > 0 || d->out.packets.count >= DOOR_FULL)
		d->settle(d->arg, now);
}

int door_read(struct door *d, struct batch_socket *s, unsigned most,
	      void (*fn)(void *arg, struct pkt *p, ustime now), void *arg)
{
	struct reading r = {.door = d, .fn = fn, .arg = arg};

	return batch_recv(d->batch, s, most, hand_on, &r);
}
