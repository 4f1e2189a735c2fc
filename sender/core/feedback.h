/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_FEEDBACK_H
#define SENDER_CORE_FEEDBACK_H

#include "sender/core/link.h"
#include "sender/core/sentlog.h"

/*
 * What the far side says of the packets that were sent, and what it does to
 * the links that carried them.  These are the window rules that every SRTLA
 * sender began with; numbers that no link waits for change no owner.
 */

/* An SRTLA ACK: each number is taken from its owner, and every live window grows a little. */
void feedback_srtla_ack(struct links *ls, struct sentlog *log, const uint8_t *data, size_t len);

/* An SRT ACK: everything before `next` has arrived, by whichever link. */
void feedback_srt_ack(struct links *ls, struct sentlog *log, uint32_t next);

/* An SRT NAK: each number named costs the owner, once. */
void feedback_srt_nak(struct links *ls, struct sentlog *log, const uint8_t *data, size_t len,
		      ustime now);

#endif
