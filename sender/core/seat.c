/* SPDX-License-Identifier: MIT */
#include "sender/core/seat.h"

#include <string.h>

#define SILENT MSEC(300) /* an encoder that streams never pauses so long */

void seat_init(struct seat *seat)
{
	memset(seat, 0, sizeof(*seat));
	session_init(&seat->session);
}

void seat_resume(struct seat *seat, const struct endpoint *who, ustime now)
{
	seat->taken = true;
	seat->who = *who;
	seat->heard = now - SILENT;
}

static bool begins_session(const uint8_t *data, size_t len)
{
	struct srt_handshake hs;

	return srt_parse_handshake(data, len, &hs) && hs.type == SRT_HS_INDUCTION;
}

enum seat_claim seat_claim(struct seat *seat, const struct endpoint *who, const uint8_t *data,
			   size_t len, ustime now)
{
	bool free = !seat->taken || seat->session.over || now - seat->heard >= SILENT;

	if (seat->taken && endpoint_equal(&seat->who, who)) {
		seat->heard = now;
		return SEAT_HOLDER;
	}
	/* The first to speak needs no handshake: the sender may have been restarted under it. */
	if (!seat->taken || (free && begins_session(data, len))) {
		seat->taken = true;
		seat->who = *who;
		seat->heard = now;
		return SEAT_NEW_HOLDER;
	}
	if (endpoint_equal(&seat->stranger, who))
		return SEAT_STRANGER;
	seat->stranger = *who;
	return SEAT_NEW_STRANGER;
}
