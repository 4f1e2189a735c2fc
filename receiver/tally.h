/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_TALLY_H
#define RECEIVER_TALLY_H

#include "receiver/front.h"
#include "receiver/server.h"

/* What the kernel had no room for at one door, as nobody fetched it in time. */
struct tally_drops {
	uint32_t counted; /* by the kernel, when it was last asked */
	uint64_t lost;    /* since the start */
	uint64_t told;    /* of these, with the latest warning */
	ustime quiet;     /* no other one before that */
};

/*
 * What the log says of packets in bulk: which way they cross the border to the kernel, those
 * that it dropped, and the totals at the end.
 */
struct tally {
	struct tally_drops media;
	struct tally_drops registration;
};

/* The doors are open; `asked` is the way that was asked for. */
void tally_begin(struct tally *t, const struct front *f, enum batch_io asked, usspan coalesce);

/* Once a second. */
void tally_tick(struct tally *t, const struct front *f, ustime now);

void tally_end(struct tally *t, const struct front *f, const struct servers *ss, ustime now);

#endif
