/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_RECEIVER_CORE_STAGE_H
#define TESTS_UNIT_RECEIVER_CORE_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "receiver/core/receiver.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"

/* A receiver with its pool, its outbox and a clock that the test moves. */
struct stage {
	struct receiver *r;
	struct pkt_pool pool;
	struct outbox out;
	ustime now;
	ustime came; /* of what the network brings, as the system tells; 0: it does not */
};

/* A packet that came out, copied, so that the pool has its own back. */
struct seen {
	unsigned port;
	size_t len;
	struct endpoint peer;
	struct endpoint local;
	uint8_t data[PKT_CAP];
};

static inline struct endpoint at(const char *addr, uint16_t port)
{
	struct endpoint ep;

	assert_true(endpoint_parse(addr, &ep));
	ep.port = port;
	return ep;
}

static inline struct receiver_config stage_config(void)
{
	struct receiver_config cfg;

	memset(&cfg, 0, sizeof(cfg));
	memset(cfg.table_key.bytes, 1, sizeof(cfg.table_key.bytes));
	memset(cfg.create_key.bytes, 2, sizeof(cfg.create_key.bytes));
	memset(cfg.readopt_key.bytes, 3, sizeof(cfg.readopt_key.bytes));
	memset(cfg.boot_id, 4, sizeof(cfg.boot_id));
	return cfg;
}

/* With a pool of so many packets. */
static inline void stage_up_with(struct stage *s, const struct receiver_config *cfg,
				 size_t packets)
{
	struct receiver_config standard = stage_config();

	memset(s, 0, sizeof(*s));
	s->now = SEC(1000);
	assert_true(pkt_pool_init(&s->pool, packets));
	outbox_init(&s->out);
	s->r = receiver_create(cfg ? cfg : &standard, &s->pool, s->now);
	assert_non_null(s->r);
}

static inline void stage_up(struct stage *s, const struct receiver_config *cfg)
{
	stage_up_with(s, cfg, 256);
}

static inline void stage_down(struct stage *s)
{
	outbox_finish(&s->out);
	receiver_destroy(s->r);
	assert_int_equal(s->pool.in_use, 0);
	pkt_pool_finish(&s->pool);
}

static inline struct pkt *stage_packet(struct stage *s, const void *data, size_t len)
{
	struct pkt *p = pkt_get(&s->pool);

	assert_non_null(p);
	memcpy(p->data, data, len);
	p->len = (uint16_t)len;
	return p;
}

/* From an address of the network to 203.0.113.1:5000. */
static inline void send_net(struct stage *s, struct endpoint who, const void *data, size_t len)
{
	struct pkt *p = stage_packet(s, data, len);

	p->peer = who;
	p->local = at("203.0.113.1", 5000);
	p->came = s->came;
	receiver_from_net(s->r, p, s->now, &s->out);
}

static inline void send_server(struct stage *s, unsigned port, const void *data, size_t len)
{
	receiver_from_server(s->r, port, stage_packet(s, data, len), s->now, &s->out);
}

/* The oldest packet in the outbox; false when there is none. */
static inline bool take(struct stage *s, struct seen *seen)
{
	struct pkt *p = outbox_take(&s->out);

	if (!p)
		return false;
	seen->port = p->port;
	seen->len = p->len;
	seen->peer = p->peer;
	seen->local = p->local;
	memcpy(seen->data, p->data, p->len);
	pkt_free(p);
	return true;
}

static inline void assert_silence(struct stage *s)
{
	assert_int_equal(s->out.packets.count, 0);
}

/* Throws away what came out; returns how many packets that were. */
static inline size_t discard(struct stage *s)
{
	struct seen seen;
	size_t count = 0;

	while (take(s, &seen))
		count++;
	outbox_clear_notes(&s->out);
	return count;
}

static inline unsigned noted(const struct stage *s, unsigned kind)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->out.note_count; i++)
		count += s->out.notes[i].kind == kind;
	return count;
}

static inline const struct note *last_note(const struct stage *s, unsigned kind)
{
	for (unsigned i = s->out.note_count; i-- > 0;) {
		if (s->out.notes[i].kind == kind)
			return &s->out.notes[i];
	}
	return NULL;
}

/* Asks for an id: a REG1 with a sender half made of `fill`, and its answer. */
static inline void reg1(struct stage *s, struct endpoint who, int fill, uint8_t id[SRTLA_ID_LEN])
{
	uint8_t ask[SRTLA_REG_LEN];
	struct seen seen;

	memset(id, fill, SRTLA_ID_LEN);
	send_net(s, who, ask, srtla_build_reg(ask, SRTLA_REG1, id));
	assert_true(take(s, &seen));
	assert_int_equal(srtla_type(seen.data, seen.len), SRTLA_REG2);
	assert_int_equal(seen.len, SRTLA_REG_LEN);
	memcpy(id, seen.data + 2, SRTLA_ID_LEN);
	assert_silence(s);
}

static inline void send_reg2(struct stage *s, struct endpoint who, const uint8_t id[SRTLA_ID_LEN])
{
	uint8_t ask[SRTLA_REG_LEN];

	send_net(s, who, ask, srtla_build_reg(ask, SRTLA_REG2, id));
}

/* What a REG2 is answered with; SRTLA_NOT_OURS for silence. */
static inline enum srtla_type reg2(struct stage *s, struct endpoint who,
				   const uint8_t id[SRTLA_ID_LEN])
{
	struct seen seen;

	send_reg2(s, who, id);
	if (!take(s, &seen))
		return SRTLA_NOT_OURS;
	assert_silence(s);
	assert_int_equal(seen.port, 0);
	assert_int_equal(seen.len, SRTLA_REPLY_LEN);
	for (size_t i = 2; i < seen.len; i++)
		assert_int_equal(seen.data[i], 0);
	assert_true(endpoint_equal(&seen.peer, &who));
	return srtla_type(seen.data, seen.len);
}

/* A whole registration; returns the port of the group. */
static inline unsigned join_group(struct stage *s, struct endpoint who, int fill,
				  uint8_t id[SRTLA_ID_LEN])
{
	const struct note *n;
	unsigned port;

	outbox_clear_notes(&s->out);
	reg1(s, who, fill, id);
	assert_int_equal(reg2(s, who, id), SRTLA_REG3);
	n = last_note(s, RECEIVER_MEMBER_NEW);
	assert_non_null(n);
	port = n->port;
	outbox_clear_notes(&s->out);
	return port;
}

/* The server acknowledges data of the group; throws away what came out. */
static inline void prove(struct stage *s, unsigned port)
{
	uint8_t ack[44] = {0x80, SRT_ACK};

	send_server(s, port, ack, sizeof(ack));
	discard(s);
}

static inline struct receiver_view view(struct stage *s)
{
	struct receiver_view v;

	receiver_view(s->r, s->now, &v);
	return v;
}

static inline struct receiver_group_view group_view(struct stage *s, unsigned port)
{
	struct receiver_group_view v;

	assert_true(receiver_group_view(s->r, port, s->now, &v));
	return v;
}

/* Lets time pass, with every deadline kept. */
static inline void pass(struct stage *s, usspan span)
{
	ustime end = s->now + span;
	ustime due;

	while ((due = receiver_deadline(s->r)) <= end) {
		s->now = later(s->now, due);
		receiver_run(s->r, s->now, &s->out);
	}
	s->now = end;
}

/* A media packet of the usual 1332 bytes. */
enum { MEDIA = 1332 };

static inline void media(uint8_t data[MEDIA], uint32_t seq)
{
	for (size_t i = SRT_HEADER_LEN; i < MEDIA; i++)
		data[i] = (uint8_t)(seq + i);
	put_be32(data, seq & SEQ_MASK);
	put_be32(data + 4, UINT32_C(0xc0000001));
	put_be32(data + 8, seq * 1000);
	put_be32(data + 12, 0x5e);
}

static inline void send_media(struct stage *s, struct endpoint who, uint32_t seq)
{
	uint8_t data[MEDIA];

	media(data, seq);
	send_net(s, who, data, sizeof(data));
}

/* An SRT control packet with a body of zeros. */
static inline void control(uint8_t *data, size_t len, enum srt_type type, uint32_t dest)
{
	memset(data, 0, len);
	put_be16(data, (uint16_t)(0x8000 | type));
	put_be32(data + 8, 777777);
	put_be32(data + 12, dest);
}

enum { HANDSHAKE = SRT_HANDSHAKE_LEN + 16 };

/* A handshake; with an HSREQ or HSRSP block when `extension` is 1 or 2. */
static inline size_t handshake(uint8_t data[HANDSHAKE], uint32_t type, uint32_t from, uint32_t to,
			       unsigned extension, uint16_t latency)
{
	control(data, HANDSHAKE, SRT_HANDSHAKE, to);
	put_be32(data + 16, extension ? 5 : 4);
	put_be16(data + 22, (uint16_t)(extension ? 1 : 2));
	put_be32(data + 24, 4242);
	put_be32(data + 28, 1500);
	put_be32(data + 32, 8192);
	put_be32(data + 36, type);
	put_be32(data + 40, from);
	if (!extension)
		return SRT_HANDSHAKE_LEN;
	put_be16(data + 64, (uint16_t)extension);
	put_be16(data + 66, 3);
	put_be32(data + 68, 0x10501);
	put_be32(data + 72, 0x3f);
	put_be16(data + 76, latency);
	put_be16(data + 78, latency);
	return HANDSHAKE;
}

/* A caller and the SRT server shake hands, by way of `who` and `port`. */
static inline void agree(struct stage *s, struct endpoint who, unsigned port, uint32_t caller,
			 uint32_t server, uint16_t latency)
{
	uint8_t data[HANDSHAKE];

	send_net(s, who, data, handshake(data, SRT_HS_INDUCTION, caller, 0, 0, 0));
	send_server(s, port, data, handshake(data, SRT_HS_INDUCTION, server, caller, 0, 0));
	send_net(s, who, data, handshake(data, SRT_HS_CONCLUSION, caller, 0, 1, latency));
	send_server(s, port, data, handshake(data, SRT_HS_CONCLUSION, server, caller, 2, latency));
}

#endif
