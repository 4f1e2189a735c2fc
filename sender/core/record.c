/* SPDX-License-Identifier: MIT */
#include "sender/core/record.h"

#include <string.h>

#include "sender/core/inside.h"

void sender_resume(struct sender *s, const struct sender_record *r, ustime now)
{
	if (!r->whole)
		return;
	join_resume(&s->join, r->id);
	if (r->encoder.family == FAMILY_NONE)
		return;
	seat_resume(&s->seat, &r->encoder, now);
	s->seat.session.caller_id = r->caller_id;
	s->seat.session.server_id = r->server_id;
	s->seat.session.latency = r->latency;
}

void sender_save(const struct sender *s, struct sender_record *r)
{
	memset(r, 0, sizeof(*r));
	r->whole = s->join.whole;
	memcpy(r->id, s->join.id, SRTLA_ID_LEN);
	if (!s->seat.taken || s->seat.session.over)
		return; /* the next one may begin as it likes */
	r->encoder = s->seat.who;
	r->caller_id = s->seat.session.caller_id;
	r->server_id = s->seat.session.server_id;
	r->latency = s->seat.session.latency;
}
