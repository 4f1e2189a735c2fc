/* SPDX-License-Identifier: MIT */
#include "sender/door.h"

#include <errno.h>

#include "shared/io/udp.h"

int door_read(struct door *d, int fd, void (*fn)(void *arg, struct pkt *p, ustime now), void *arg,
	      ustime now)
{
	unsigned i;

	for (i = 0; i < DOOR_READS; i++) {
		struct pkt *p = pkt_get(&d->pool);
		int err = udp_recv(fd, p ? p : &d->spare);

		if (err == 0 && p) {
			fn(arg, p, now);
			continue;
		}
		pkt_free(p);
		if (err == -EMSGSIZE)
			d->oversize++;
		else if (err != 0)
			return err;
		/* else the pool was empty, and has counted it */
	}
	return 0;
}
