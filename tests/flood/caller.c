/* SPDX-License-Identifier: MIT */
#include "tests/flood/caller.h"

#include <string.h>

#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/flood/backend.h"
#include "tests/flood/clock.h"
#include "tests/sim/srt_build.h"

enum { LATENCY = 2000, STAMP_AT = SRT_HEADER_LEN + SRT_PAYLOAD_LEAST };

#define AGAIN (250 * CLOCK_MS) /* as SRT callers have it */

void caller_begin(struct caller *c, unsigned number, struct spot *spots, unsigned members,
		  uint64_t now)
{
	memset(c, 0, sizeof(*c));
	c->number = number;
	c->at = spots;
	c->members = members;
	c->latency = LATENCY;
	c->again = AGAIN;
	c->state = CALLER_ASKS;
	c->began = c->next_try = now;
}

static uint32_t stamp(const struct caller *c)
{
	return (uint32_t)((clock_ns() - c->began) / 1000);
}

static void register_with(const struct caller *c, unsigned member, enum srtla_type type,
			  struct crowd *crowd)
{
	uint8_t buf[SRTLA_REG_LEN];

	crowd_send(crowd, c->at[member], buf, srtla_build_reg(buf, type, c->id));
}

static void greet(const struct caller *c, struct crowd *crowd)
{
	struct srt_hello h = {.version = 4,
			      .extension = 2,
			      .type = SRT_HS_INDUCTION,
			      .socket_id = BACKEND_CALLER | c->number,
			      .timestamp = stamp(c)};
	uint8_t buf[SRT_PACKET];

	if (c->state == CALLER_CONCLUDES) {
		h.version = 5;
		h.extension = 1;
		h.type = SRT_HS_CONCLUSION;
		h.cookie = c->cookie;
		h.command = 1;
		h.recv_latency = h.send_latency = (uint16_t)c->latency;
	}
	crowd_send(crowd, c->at[0], buf, srt_build_handshake(buf, &h));
}

void caller_media(struct caller *c, unsigned member, uint32_t seq, uint32_t tag, size_t payload,
		  struct crowd *crowd)
{
	struct srt_data d = {.seq = seq,
			     .message = seq + 1,
			     .timestamp = stamp(c),
			     .dest = BACKEND_SERVER | c->number,
			     .media = seq,
			     .payload = payload};
	uint8_t buf[SRT_PACKET];
	size_t len = srt_build_data(buf, &d);

	if (len >= STAMP_AT + 12) {
		put_be64(buf + STAMP_AT, clock_wall());
		put_be32(buf + STAMP_AT + 8, tag);
	}
	c->media++;
	crowd_send(crowd, c->at[member], buf, len);
}

bool caller_read_stamp(const uint8_t *data, size_t len, struct caller_stamp *s)
{
	if (len < STAMP_AT + 12)
		return false;
	s->sent = be64(data + STAMP_AT);
	s->tag = be32(data + STAMP_AT + 8);
	return true;
}

void caller_keepalive(const struct caller *c, struct crowd *crowd)
{
	static const uint8_t keepalive[2] = {0x90, 0x00};

	for (unsigned i = 0; i < c->members; i++)
		crowd_send(crowd, c->at[i], keepalive, sizeof(keepalive));
}

/* Says what this state says. */
static void speak(struct caller *c, struct crowd *crowd)
{
	switch (c->state) {
	case CALLER_ASKS:
		register_with(c, 0, SRTLA_REG1, crowd);
		break;
	case CALLER_JOINS:
		for (unsigned i = 0; i < c->members; i++)
			if (!(c->joined >> i & 1))
				register_with(c, i, SRTLA_REG2, crowd);
		break;
	case CALLER_GREETS:
	case CALLER_CONCLUDES:
		greet(c, crowd);
		break;
	case CALLER_PROVES:
		caller_media(c, 0, c->seq, 0, CALLER_PAYLOAD, crowd);
		c->seq = seq_add(c->seq, 1);
		break;
	case CALLER_OUT:
	case CALLER_IN:
	case CALLER_REFUSED:
		break;
	}
}

void caller_run(struct caller *c, struct crowd *crowd, uint64_t now)
{
	if (now < c->next_try)
		return;
	c->next_try = now + c->again;
	speak(c, crowd);
}

static void enter(struct caller *c, enum caller_state state, struct crowd *crowd, uint64_t now)
{
	c->state = state;
	if (state == CALLER_IN || state == CALLER_REFUSED)
		c->done = now;
	c->next_try = now + c->again;
	speak(c, crowd);
}

static void hear_server(struct caller *c, const uint8_t *data, size_t len, struct crowd *crowd,
			uint64_t now)
{
	struct srt_handshake hs;
	struct srt_head head;

	if (srt_parse_handshake(data, len, &hs)) {
		c->cookie = hs.cookie;
		if (c->state == CALLER_GREETS && hs.type == SRT_HS_INDUCTION)
			enter(c, CALLER_CONCLUDES, crowd, now);
		else if (c->state == CALLER_CONCLUDES && hs.type == SRT_HS_CONCLUSION)
			enter(c, CALLER_PROVES, crowd, now);
	} else if (c->state == CALLER_PROVES && srt_parse_head(data, len, &head) && head.control &&
		   head.type == SRT_ACK) {
		enter(c, CALLER_IN, crowd, now);
	}
}

void caller_hear(struct caller *c, unsigned member, const uint8_t *data, size_t len,
		 struct crowd *crowd, uint64_t now)
{
	const uint8_t *id;

	switch (srtla_type(data, len)) {
	case SRTLA_REG2:
		id = srtla_reg_id(data, len);
		if (c->state != CALLER_ASKS || !id || memcmp(id, c->id, SRTLA_HALF_LEN) != 0)
			break;
		memcpy(c->id, id, SRTLA_ID_LEN);
		enter(c, CALLER_JOINS, crowd, now);
		break;
	case SRTLA_REG3:
		c->joined |= UINT64_C(1) << member;
		if (c->state == CALLER_JOINS && c->joined == (UINT64_C(1) << c->members) - 1)
			enter(c, c->links_only ? CALLER_IN : CALLER_GREETS, crowd, now);
		break;
	case SRTLA_REG_ERR:
		if (c->state == CALLER_ASKS || c->state == CALLER_JOINS)
			enter(c, CALLER_REFUSED, crowd, now);
		break;
	case SRTLA_KEEPALIVE:
		c->echoes++;
		break;
	case SRTLA_NOT_OURS:
		hear_server(c, data, len, crowd, now);
		break;
	default:
		break;
	}
}
