/* SPDX-License-Identifier: MIT */
#include "receiver/door.h"

#include <errno.h>

#include "shared/io/udp.h"

int door_read(struct door *d, int fd, unsigned most,
	      void (*fn)(void *arg, struct pkt *p, ustime now), void *arg, ustime now)
{
	for (unsigned i = 0; i < most; i++) {
		struct pkt *p = pkt_get(&d->pool);
		int err = udp_recv(fd, p ? p : &d->spare);

		if (err == 0 && p) {
			fn(arg, p, now);
			if (d->out.note_count > 0 || d->out.packets.count >= DOOR_FULL)
				d->settle(d->arg, now);
			continue;
		}
		pkt_free(p);
		if (err == 0)
			d->starved++;
		else if (err == -EMSGSIZE)
			d->oversize++;
		else
			return err;
	}
	return 0;
}
