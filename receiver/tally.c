/* SPDX-License-Identifier: MIT */
#include "receiver/tally.h"

#include <inttypes.h>

#include "shared/io/log.h"
#include "shared/io/udp.h"

#define QUIET SEC(60) /* a machine that is too slow is so for longer than that */

void tally_begin(struct tally *t, const struct front *f, enum batch_io asked, usspan coalesce)
{
	/* A socket that an earlier process had brings its count along. */
	*t = (struct tally){
		.media = {.counted = udp_lost(f->media.socket.fd)},
		.registration = {.counted = udp_lost(f->registration.socket.fd)},
	};
	batch_log_io(f->door->batch, asked, coalesce);
}

/* Asks the kernel, whose count wraps. */
static void ask(struct tally_drops *d, const struct front_door *door)
{
	uint32_t counted = udp_lost(door->socket.fd);

	d->lost += counted - d->counted;
	d->counted = counted;
}

static void look(struct tally_drops *d, const struct front_door *door, ustime now)
{
	ask(d, door);
	if (d->lost == d->told || now < d->quiet)
		return;
	log_warn("event=kernel_drops socket=%s packets=%" PRIu64, door->socket.name,
		 d->lost - d->told);
	d->told = d->lost;
	d->quiet = now + QUIET;
}

void tally_tick(struct tally *t, const struct front *f, ustime now)
{
	look(&t->media, &f->media, now);
	look(&t->registration, &f->registration, now);
}

void tally_end(struct tally *t, const struct front *f, const struct servers *ss, ustime now)
{
	const struct batch_counts *n = batch_counts(f->door->batch);
	struct receiver_view v;

	ask(&t->media, &f->media);
	ask(&t->registration, &f->registration);
	receiver_view(f->door->receiver, now, &v);
	log_info("event=stopped packets_in=%" PRIu64 " bytes_in=%" PRIu64 " packets_out=%" PRIu64
		 " to_server=%" PRIu64 " from_server=%" PRIu64 " groups=%u members=%u"
		 " strangers=%" PRIu64 " refused=%" PRIu64 " oversize=%" PRIu64
		 " reads=%" PRIu64 " read=%" PRIu64 " coalesced=%" PRIu64 " writes=%" PRIu64
		 " written=%" PRIu64 " runs=%" PRIu64 " in_runs=%" PRIu64 " in_doubt=%" PRIu64
		 " starved=%" PRIu64 " kernel_drops=%" PRIu64 " wakes=%" PRIu64 " gated=%" PRIu64,
		 f->packets_in, f->bytes_in, f->packets_out, ss->packets_out, ss->packets_in,
		 v.groups, v.members, v.drops.stranger, f->refused + ss->refused, n->oversize,
		 n->reads, n->came, n->coalesced, n->writes, n->left, n->runs, n->in_runs,
		 n->in_doubt, n->starved, t->media.lost + t->registration.lost,
		 loop_wakes(f->door->loop),
		 v.drops.gate_type + v.drops.gate_length + v.drops.gate_nak + v.drops.gate_key +
			 v.drops.gate_size);
}
