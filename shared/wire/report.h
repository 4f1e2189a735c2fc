/* SPDX-License-Identifier: MIT */
#ifndef SHARED_WIRE_REPORT_H
#define SHARED_WIRE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Arrival reports, from our receiver to our sender: which SRT numbers came on which link, and
 * when, by the receiver's clock in quarters of a millisecond, which wraps.  For each link the
 * arrivals stand in the order in which they came; those of the report before stand there again,
 * in case that one was lost.
 */
#define REPORT_TICK 250 /* us */

enum { REPORT_MAX = 1200, REPORT_LINK_RECORDS = 255 };

/* What a report says of one link, before its arrivals. */
struct report_link {
	uint8_t conn_id;   /* as in the keepalives of that link */
	uint8_t records;
	uint32_t total;    /* data packets on this link since it registered, the last one here included */
};

struct report_arrival {
	uint32_t seq;
	uint32_t at; /* ticks of the receiver's clock */
};

/* Writes into buf, of REPORT_MAX bytes; see report.c for the layout. */
struct report_writer {
	uint8_t *buf;
	size_t len;
	size_t link_at;       /* where the block of the link of now begins; 0: there is none */
	struct report_arrival before;
};

void report_begin(struct report_writer *w, uint8_t *buf, uint16_t serial, uint32_t clock);

/* Arrivals that follow are this link's; false, and nothing written, when there is no room. */
bool report_add_link(struct report_writer *w, uint8_t conn_id, uint32_t total);

/*
 * In the order in which they came, none of them after the report's clock.  False when it did not
 * fit: the report is full, or its link has REPORT_LINK_RECORDS.
 */
bool report_add(struct report_writer *w, const struct report_arrival *a);

/* The length of the whole. */
size_t report_end(const struct report_writer *w);

/* Reads one. */
struct report_reader {
	const uint8_t *at, *end;
	uint16_t serial;
	uint32_t clock;
	unsigned links, records; /* that are left, of the report and of the link */
	bool first;              /* the next one is the first of its link */
	struct report_arrival before;
};

/*
 * False unless data is a report whose head can be read.  No count in it is believed: where the
 * bytes end, or make no sense, there is nothing more to read.
 */
bool report_open(struct report_reader *r, const uint8_t *data, size_t len);

/* The next link; what was not read of the one before is skipped.  False at the end. */
bool report_next_link(struct report_reader *r, struct report_link *link);

/*
 * The next arrival of this link, never before the one that came before it, nor after the clock;
 * false at its end, and where the bytes make no sense.
 */
bool report_next(struct report_reader *r, struct report_arrival *a);

#endif
