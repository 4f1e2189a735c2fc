/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_SEAT_H
#define SENDER_CORE_SEAT_H

#include "shared/base/endpoint.h"
#include "shared/base/time.h"
#include "shared/wire/session.h"

/*
 * The encoder's seat: the one address whose packets are taken and to which
 * everything from the receiver goes.  It changes hands when a new address
 * begins a session while the old one has said goodbye or is silent; nobody
 * else who reaches the port can take the stream over.
 */
struct seat {
	bool taken;
	struct endpoint who;
	ustime heard;
	struct session session;
	struct endpoint stranger; /* the latest who was turned away */
};

enum seat_claim {
	SEAT_HOLDER,
	SEAT_NEW_HOLDER,
	SEAT_STRANGER,
	SEAT_NEW_STRANGER, /* the same, and not the one of last time */
};

void seat_init(struct seat *seat);

/*
 * Gives the seat back to an encoder that had it in a life before.  It may have gone meanwhile,
 * so until it speaks another may begin at once.
 */
void seat_resume(struct seat *seat, const struct endpoint *who, ustime now);

/* Whose is this SRT packet of `len` bytes, at least SRT_HEADER_LEN, from `who`? */
enum seat_claim seat_claim(struct seat *seat, const struct endpoint *who, const uint8_t *data,
			   size_t len, ustime now);

#endif
