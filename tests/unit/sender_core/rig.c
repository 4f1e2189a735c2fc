/* SPDX-License-Identifier: MIT */
#include "rig.h"

void rig_start(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	assert_true(pkt_pool_init(&r->pool, 2048));
	outbox_init(&r->out);
	r->now = SEC(10);
	memset(r->cfg.half, 0xa5, sizeof(r->cfg.half));
	r->cfg.seed = 1;
	assert_true(endpoint_parse("127.0.0.1", &r->encoder));
	r->encoder.port = 40000;
	r->s = sender_create(&r->cfg, &r->pool, r->now);
	assert_non_null(r->s);
}

void rig_finish(struct rig *r)
{
	sender_destroy(r->s);
	rig_clear(r);
	outbox_finish(&r->out);
	assert_int_equal(r->pool.in_use, 0);
	pkt_pool_finish(&r->pool);
}

void rig_collect(struct rig *r)
{
	struct pkt *p;

	while ((p = outbox_take(&r->out))) {
		assert_true(r->seen_count < RIG_SEEN);
		r->seen[r->seen_count++] = p;
	}
	for (unsigned i = 0; i < r->out.note_count; i++) {
		assert_true(r->note_count < RIG_SEEN);
		r->notes[r->note_count++] = r->out.notes[i];
	}
	outbox_clear_notes(&r->out);
}

void rig_clear(struct rig *r)
{
	rig_collect(r);
	for (unsigned i = 0; i < r->seen_count; i++)
		pkt_free(r->seen[i]);
	r->seen_count = 0;
	r->note_count = 0;
}

void rig_until(struct rig *r, ustime now)
{
	while (sender_deadline(r->s) <= now) {
		r->now = later(r->now, sender_deadline(r->s));
		sender_run(r->s, r->now, &r->out);
		rig_collect(r);
	}
	r->now = now;
}

unsigned rig_add(struct rig *r)
{
	unsigned port = sender_link_add(r->s, rig_whole(r).count, r->now, &r->out);

	rig_collect(r);
	return port;
}

void rig_live_on(struct rig *r, unsigned n, usspan span)
{
	uint8_t buf[16];
	ustime until = r->now + span;

	while (r->now < until) {
		rig_until(r, earlier(until, r->now + MSEC(500)));
		for (unsigned port = 1; port <= n; port++)
			rig_link(r, port, buf, rig_make_control(buf, SRT_KEEPALIVE, 0, 16));
	}
}

static bool fits(const struct pkt *p, unsigned port, enum srtla_type type)
{
	return p->port == port && srtla_type(p->data, p->len) == type;
}

const struct pkt *rig_find(struct rig *r, unsigned port, enum srtla_type type)
{
	for (unsigned i = 0; i < r->seen_count; i++)
		if (fits(r->seen[i], port, type))
			return r->seen[i];
	return NULL;
}

unsigned rig_count(const struct rig *r, unsigned port, enum srtla_type type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->seen_count; i++)
		n += fits(r->seen[i], port, type);
	return n;
}

unsigned rig_notes(const struct rig *r, enum sender_note kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->note_count; i++)
		n += r->notes[i].kind == (unsigned)kind;
	return n;
}

static struct pkt *packet(struct rig *r, const void *bytes, size_t len)
{
	struct pkt *p = pkt_get(&r->pool);

	assert_non_null(p);
	memcpy(p->data, bytes, len);
	p->len = (uint16_t)len;
	return p;
}

void rig_link(struct rig *r, unsigned port, const void *bytes, size_t len)
{
	struct pkt *p = packet(r, bytes, len);

	p->came = r->came;
	sender_from_link(r->s, port, p, r->now, &r->out);
	rig_collect(r);
}

void rig_app_from(struct rig *r, const struct endpoint *who, const void *bytes, size_t len)
{
	struct pkt *p = packet(r, bytes, len);

	p->peer = *who;
	sender_from_app(r->s, p, r->now, &r->out);
	rig_collect(r);
}

void rig_app(struct rig *r, const void *bytes, size_t len)
{
	rig_app_from(r, &r->encoder, bytes, len);
}

void rig_answer(struct rig *r, unsigned port, enum srtla_type type)
{
	uint8_t buf[2];

	put_be16(buf, (uint16_t)type);
	rig_link(r, port, buf, sizeof(buf));
}

void rig_reg2(struct rig *r, unsigned port)
{
	uint8_t buf[SRTLA_REG_LEN];

	memcpy(r->id, r->cfg.half, SRTLA_HALF_LEN);
	memset(r->id + SRTLA_HALF_LEN, 0x5a, SRTLA_HALF_LEN);
	rig_link(r, port, buf, srtla_build_reg(buf, SRTLA_REG2, r->id));
}

void rig_up(struct rig *r, unsigned n)
{
	for (unsigned i = 1; i <= n; i++)
		assert_int_equal(rig_add(r), i);
	rig_answer(r, 1, SRTLA_REG_NGP);
	rig_reg2(r, 1);
	for (unsigned i = 1; i <= n; i++)
		rig_answer(r, i, SRTLA_REG3);
	assert_int_equal(rig_whole(r).live, n);
	rig_clear(r);
}

unsigned rig_data(struct rig *r, uint32_t seq)
{
	uint8_t buf[PKT_CAP];
	unsigned before = r->seen_count;

	rig_app(r, buf, rig_make_data(buf, seq));
	for (unsigned i = before; i < r->seen_count; i++)
		if (srt_is_data(r->seen[i]->data, r->seen[i]->len))
			return r->seen[i]->port;
	return 0;
}

size_t rig_make_data(uint8_t *buf, uint32_t seq)
{
	memset(buf, 0, 1332);
	put_be32(buf, seq);
	put_be32(buf + 4, UINT32_C(0xc0000001));
	put_be32(buf + 12, 77);
	return 1332;
}

size_t rig_make_control(uint8_t *buf, uint16_t type, uint32_t dest, size_t len)
{
	memset(buf, 0, len);
	put_be16(buf, (uint16_t)(0x8000 | type));
	put_be32(buf + 12, dest);
	return len;
}

size_t rig_make_handshake(uint8_t *buf, uint32_t type, uint32_t socket_id, uint32_t dest)
{
	rig_make_control(buf, SRT_HANDSHAKE, dest, SRT_HANDSHAKE_LEN);
	put_be32(buf + 16, 5);
	put_be32(buf + 24, 1000); /* first sequence number */
	put_be32(buf + 36, type);
	put_be32(buf + 40, socket_id);
	return SRT_HANDSHAKE_LEN;
}

void rig_srt_ack(struct rig *r, unsigned port, uint32_t next, uint32_t timestamp)
{
	uint8_t buf[44];

	rig_make_control(buf, SRT_ACK, 0, sizeof(buf));
	put_be32(buf + 4, 1);
	put_be32(buf + 8, timestamp);
	put_be32(buf + 16, next);
	rig_link(r, port, buf, sizeof(buf));
}

void rig_srt_nak(struct rig *r, unsigned port, uint32_t from, uint32_t to)
{
	uint8_t buf[24];
	size_t len = from == to ? 20 : 24;

	rig_make_control(buf, SRT_NAK, 0, len);
	put_be32(buf + 16, from == to ? from : from | SEQ_NONE);
	if (from != to)
		put_be32(buf + 20, to);
	rig_link(r, port, buf, len);
}

void rig_srtla_ack(struct rig *r, unsigned port, uint32_t first, unsigned count)
{
	uint32_t seq[SRTLA_ACK_COUNT];
	uint8_t buf[SRTLA_ACK_MAX];

	for (unsigned i = 0; i < count; i++)
		seq[i] = seq_add(first, i);
	rig_link(r, port, buf, srtla_build_ack(buf, seq, count));
}

struct sender_view rig_whole(struct rig *r)
{
	struct sender_view v;

	sender_view(r->s, r->now, &v);
	return v;
}

struct sender_link_view rig_view(struct rig *r, unsigned port)
{
	struct sender_view v = rig_whole(r);

	for (unsigned i = 0; i < v.count; i++)
		if (v.link[i].port == port)
			return v.link[i];
	fail_msg("no link at port %u", port);
	return v.link[0];
}
