/* SPDX-License-Identifier: MIT */
#ifndef SENDER_REPORT_H
#define SENDER_REPORT_H

#include "sender/interval.h"

/*
 * The stats: figures about the stream and each link, as one JSON object, for control panels, the
 * status page and the control socket.  The keys conn_id, rtt_ms, nak_count, weight_percent, window,
 * in_flight and bitrate_bps are those that panels read already.  They are written to a file each
 * interval, whole, if there is to be one.
 */
struct report {
	const char *path; /* NULL: no file is wanted */
	usspan interval;
	ustime next;
	bool written;     /* there is a file of ours */
	bool failing;     /* the last writing failed, and that has been logged */
	struct interval recent; /* since the report before, which was this reader's */
};

void report_init(struct report *r, const char *path, usspan interval, ustime now);

/* Removes the file that it wrote. */
void report_finish(struct report *r);

/* Writes the file if that is due. */
void report_run(struct report *r, const struct scene *scene, ustime now);
ustime report_deadline(const struct report *r);

/*
 * The text itself, good until the next one, or NULL when it is too long.  Shares, rates, losses and
 * latencies are those since the last with this struct report, at first since the start.
 */
const char *report_json(struct report *r, const struct snapshot *s);

/* "jansson 2.14", or NULL without it. */
const char *report_version(void);

#endif
