/* SPDX-License-Identifier: MIT */
#ifndef LAB_TALLY_H
#define LAB_TALLY_H

#include "lab/ledger.h"

/* Which packets are judged: those made from `from` to before `until`; NEVER: to the last. */
struct tally_span {
	ustime from, until;
};

/*
 * How a stream fared, from the ledger: the yardstick of the simulator, the
 * emulator and the oracle alike.  Times in microseconds.
 */
struct tally {
	uint64_t made;
	uint64_t late;           /* never played */
	uint64_t glitch_seconds; /* with one late packet or more, counted from `from` */
	usspan lasts;            /* of the span that was judged */
	usspan stall;            /* longest run of late packets, until the next that was played */
	uint64_t stalls;         /* runs that are longer than 100 ms */
	uint64_t arrived;
	/* Made until arrived, of those that arrived. */
	usspan delay_p50, delay_p95, delay_p99, delay_p999, delay_most;
};

/* False when memory is short. */
bool tally_ledger(const struct ledger *l, const struct tally_span *span, struct tally *t);

/* The same by the stream's own time: from so long after its first packet, for so long in all. */
bool tally_stream(const struct ledger *l, usspan judged_from, usspan lasts, struct tally *t);

/* Late packets of a million, rounded up: 0 means none. */
uint64_t tally_late_ppm(const struct tally *t);

#endif
