/* SPDX-License-Identifier: MIT */
#ifndef SENDER_REPORT_H
#define SENDER_REPORT_H

#include "sender/links.h"

/*
 * The stats file: figures about each link, written whole each interval, for
 * control panels.  The keys conn_id, rtt_ms, nak_count, weight_percent, window,
 * in_flight and bitrate_bps are those that panels read already.
 */
struct report {
	const char *path; /* NULL: no file is wanted */
	usspan interval;
	uint16_t listen_port;
	ustime next;
	bool written;                     /* there is a file of ours */
	bool failing;                     /* the last writing failed, and that has been logged */
	uint64_t bytes[SENDER_LINKS + 1]; /* by port: sent when the file was written last */
};

void report_init(struct report *r, const char *path, usspan interval, uint16_t listen_port,
		 ustime now);

/* Removes the file that it wrote. */
void report_finish(struct report *r);

/* Writes the file if that is due. */
void report_run(struct report *r, const struct links *links, ustime now);
ustime report_deadline(const struct report *r);

/* The text itself, good until the next one, or NULL when it is too long.  `wall_ms`: since 1970. */
const char *report_json(struct report *r, const struct sender_view *v,
			const struct door_traffic *t, const struct links *links, int64_t wall_ms);

/* "jansson 2.14", or NULL without it. */
const char *report_version(void);

#endif
