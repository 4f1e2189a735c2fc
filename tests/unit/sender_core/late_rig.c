/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

#include "shared/wire/report.h"

void late_start(struct rig *r, enum sender_mode mode, unsigned n)
{
	rig_start(r);
	sender_set_mode(r->s, mode, r->now, &r->out);
	rig_up(r, n);
}

void late_agree(struct rig *r, uint16_t ms)
{
	uint8_t buf[SRT_HANDSHAKE_LEN + 16];

	rig_app(r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 7, 0));
	rig_app(r, buf, rig_make_handshake(buf, SRT_HS_CONCLUSION, 7, 0));
	rig_make_handshake(buf, SRT_HS_CONCLUSION, 9, 7);
	put_be16(buf + 22, 1);
	put_be32(buf + 64, 0x00020003); /* HSRSP, three words */
	put_be32(buf + 68, 0x00010503);
	put_be32(buf + 72, SRT_FLAG_TSBPDSND | SRT_FLAG_TSBPDRCV);
	put_be32(buf + 76, (uint32_t)ms << 16 | ms);
	rig_link(r, 1, buf, sizeof(buf));
	assert_int_equal(rig_whole(r).latency, ms);
	rig_clear(r);
}

void late_meet(struct rig *r)
{
	const struct pkt *p;
	uint8_t buf[PKT_CAP];
	size_t len;

	rig_until(r, r->now + MSEC(150));
	p = rig_find(r, 1, SRTLA_KEEPALIVE);
	assert_non_null(p);
	len = p->len;
	memcpy(buf, p->data, len);
	assert_true(keepalive_answer(buf, len, KEEPALIVE_REPORTS));
	rig_link(r, 1, buf, len);
	assert_int_equal(rig_whole(r).peer, SENDER_PEER_OWN);
	rig_clear(r);
}

void late_echo(struct rig *r, unsigned port)
{
	unsigned count = r->seen_count;

	for (unsigned i = 0; i < count; i++) {
		const struct pkt *p = r->seen[i];

		if (p->port == port && srtla_type(p->data, p->len) == SRTLA_KEEPALIVE)
			rig_link(r, port, p->data, p->len);
	}
}

void late_feed(struct rig *r, uint32_t seq, unsigned count)
{
	for (; count > 0; count--, seq = seq_add(seq, 1))
		rig_data(r, seq);
}

uint32_t late_fill(struct rig *r, uint32_t seq)
{
	for (unsigned i = 0; i < RIG_SEEN; i++, seq = seq_add(seq, 1))
		if (rig_data(r, seq) == 0)
			return seq_add(seq, 1);
	fail_msg("links take whatever comes");
	return seq;
}

void late_report_of(struct rig *r, unsigned port, const uint32_t *seq, unsigned count)
{
	static uint16_t serial = 0xfff0; /* it wraps */
	uint32_t clock = (uint32_t)(r->now / REPORT_TICK);
	struct link *l = late_link(r, port);
	struct report_writer w;
	uint8_t buf[REPORT_MAX];

	report_begin(&w, buf, serial++, clock);
	assert_true(report_add_link(&w, (uint8_t)(port - 1), (uint32_t)l->acked + count));
	for (unsigned i = 0; i < count; i++)
		assert_true(report_add(&w, &(struct report_arrival){.seq = seq[i],
								    .at = clock - count + i}));
	rig_link(r, port, buf, report_end(&w));
}

void late_report_run(struct rig *r, unsigned port, uint32_t first, unsigned count)
{
	uint32_t seq[REPORT_LINK_RECORDS];

	for (unsigned i = 0; i < count; i++)
		seq[i] = seq_add(first, i);
	late_report_of(r, port, seq, count);
}

static bool is_data(const struct pkt *p)
{
	return p->port != 0 && srt_is_data(p->data, p->len);
}

unsigned late_seen(const struct rig *r, unsigned port, uint32_t seq)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->seen_count; i++) {
		const struct pkt *p = r->seen[i];

		n += is_data(p) && (port == 0 || p->port == port) &&
		     (seq == SEQ_NONE || be32(p->data) == seq);
	}
	return n;
}

const struct pkt *late_nth(const struct rig *r, unsigned n)
{
	for (unsigned i = 0; i < r->seen_count; i++)
		if (is_data(r->seen[i]) && n-- == 0)
			return r->seen[i];
	return NULL;
}

unsigned late_control_seen(const struct rig *r, unsigned port, uint16_t type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->seen_count; i++)
		n += r->seen[i]->port == port && r->seen[i]->len >= SRT_HEADER_LEN &&
		     be16(r->seen[i]->data) == (0x8000 | type);
	return n;
}

bool late_resent(const struct pkt *p)
{
	struct srt_head head;

	assert_true(srt_parse_head(p->data, p->len, &head) && !head.control);
	return head.resent;
}

struct link *late_link(struct rig *r, unsigned port)
{
	struct link *l = links_get(&r->s->links, port);

	assert_non_null(l);
	return l;
}
