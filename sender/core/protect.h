/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_PROTECT_H
#define SENDER_CORE_PROTECT_H

#include <stdbool.h>
#include <stdint.h>

#include "sender/core/sender.h"
#include "shared/wire/ts.h"

/*
 * Which packets travel more than once: all of them, or those that are at risk, within a budget
 * of bytes.  Which links carry the copies is not asked here.
 */
struct protect {
	enum sender_mode mode;
	unsigned copies;         /* SENDER_REDUNDANT: how often a packet travels */
	unsigned extra;          /* what copies may add to the bytes, in percent; 0: the mode's own */
	unsigned percent;        /* the same, now in force; 0: this mode makes no copies */
	int64_t budget;          /* hundredths of bytes that copies may take now; debts are below 0 */
	ustime span_ends;        /* of the span of which `passed` counts the bytes */
	uint64_t passed, before; /* of the encoder: in this span and in the one before */
	ustime risky_until;      /* after a stall or a change of links */
	ustime hinted_until;
	ustime key_until;        /* a key frame passes; scanned in clear MPEG-TS */
	struct ts_stream ts;
	uint64_t packets, bytes; /* of copies so far */
	uint64_t over_budget;    /* packets that deserved more copies than they got */
};

/* `copies` 0: two.  `extra` as above. */
void protect_init(struct protect *p, enum sender_mode mode, unsigned copies, unsigned extra);

/* What has been learned and spent stays. */
void protect_set_mode(struct protect *p, enum sender_mode mode);

/* A link stalled, went or came: what is sent next is at risk. */
void protect_alarm(struct protect *p, ustime now);

/* Somebody says that what is sent for so long matters most: 10 s at most, never less than said. */
void protect_hint(struct protect *p, usspan window, ustime now);

/*
 * How many times more the data packet `data`, which travels for the first time now, shall
 * travel: 0 for most.  Asked once for each, in the order of the stream.  The bytes of what the
 * caller then sends are booked by protect_spent(); copies for which it found no link cost nothing.
 */
unsigned protect_extra(struct protect *p, const uint8_t *data, size_t len, ustime now);
void protect_spent(struct protect *p, size_t bytes);

#endif
