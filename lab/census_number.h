/* SPDX-License-Identifier: MIT */
#ifndef LAB_CENSUS_NUMBER_H
#define LAB_CENSUS_NUMBER_H

#include "lab/census.h"
#include "shared/wire/srt.h"

enum { CENSUS_NUMBERS = 65536 }; /* 13 s at 50 Mbit/s: longer than any latency */

/*
 * What is known of one SRT number.  A number that shares its place takes it:
 * either the stream is far beyond this one or a new session began elsewhere.
 */
struct census_number {
	ustime sent;    /* its first copy, whichever that was */
	ustime arrived; /* the first of all copies, or NEVER */
	uint32_t seq;
	uint8_t link;   /* of the first copy */
	bool known;     /* somebody has this place */
	bool came;      /* the first copy */
	bool named;     /* in a NAK */
};

/* A copy of a number is sent: why. */
enum census_cause census_number_sent(struct census *c, unsigned link, ustime now,
				     const struct srt_head *head);

/* A copy that was sent at `sent` arrives. */
enum census_cause census_number_arrived(struct census *c, unsigned link, ustime now, ustime sent,
					const struct srt_head *head);

/* Something goes back; only a NAK of which no copy went before says anything. */
void census_number_nak(struct census *c, ustime now, const uint8_t *data, size_t len);

#endif
