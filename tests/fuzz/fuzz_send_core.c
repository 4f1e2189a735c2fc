/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "send_core_bench.h"
#include "shared/wire/be.h"
#include "shared/wire/report.h"

/*
 * The whole sender core under a script, in every mode.  The first byte says how it is set up;
 * then each step is a byte that says what happens, a byte that says to whom, and what that needs.
 * What a receiver would say of the packets that left has steps of its own, beside garbage.
 * Beyond send_core_check.h, after each step:
 *
 *	- what left is what the encoder sent, byte for byte but for the R bit, and bears that
 *	  bit only when it had left before,
 *	- nothing of the encoder leaves by a link that is not up, or was when the step began,
 *	- windows stay in bounds, and nothing is overdue once the time has been told.
 */
enum { STEPS = 1500, ALL_EVERY = 64 };

enum step {
	STEP_TIME,
	STEP_FROM_APP,
	STEP_FROM_LINK,
	STEP_ANSWER, /* the registration that a receiver would send now */
	STEP_ECHO,   /* the latest packet of a link comes back */
	STEP_ERROR,
	STEP_ADD,
	STEP_REMOVE,
	STEP_REOPEN,
	STEP_DATA,   /* the encoder's next packets */
	STEP_SRTLA_ACK,
	STEP_SRT_ACK,
	STEP_NAK,
	STEP_REPORT,
	STEP_HANDSHAKE,
	STEP_TERMS,
	STEP_MODE,
	STEP_CARRIER,
	STEP_SOCKET, /* what a socket tells of itself */
	STEP_OTHER,
	STEP_KINDS,
};

static struct pkt *bytes(struct bench *b)
{
	struct pkt *p = bench_packet(b);
	size_t len = bench_byte(b) * 6u, left = (size_t)(b->end - b->at);

	if (len > left)
		len = left;
	if (p) {
		memcpy(p->data, b->at, len);
		p->len = (uint16_t)len;
	}
	b->at += len;
	return p;
}

static void from_link(struct bench *b, unsigned port, struct pkt *p)
{
	if (p)
		sender_from_link(b->s, port, p, b->now, &b->out);
}

static void answer(struct bench *b, unsigned port, unsigned which)
{
	static const enum srtla_type types[] = {SRTLA_REG_NGP, SRTLA_REG2, SRTLA_REG3,
						SRTLA_REG_ERR};
	struct pkt *p = bench_packet(b);

	if (p && which % 4 == 1)
		p->len = (uint16_t)srtla_build_reg(p->data, SRTLA_REG2, b->asked[port] + 2);
	else if (p)
		p->len = (uint16_t)srtla_build_reply(p->data, types[which % 4]);
	from_link(b, port, p);
}

static void echo(struct bench *b, unsigned port, bool as_own_peer)
{
	struct pkt *p = bench_packet(b);

	if (!p)
		return;
	memcpy(p->data, b->asked[port], b->asked_len[port]);
	p->len = b->asked_len[port];
	if (as_own_peer)
		keepalive_answer(p->data, p->len, KEEPALIVE_REPORTS);
	from_link(b, port, p);
}

static void fail_last(struct bench *b, unsigned port, unsigned which)
{
	static const int errors[] = {EAGAIN, ENOBUFS, EMSGSIZE, ECONNREFUSED, ENETUNREACH, EPERM};
	struct pkt *p = b->last && b->last->port == port ? b->last : NULL;

	if (p)
		b->last = NULL;
	sender_link_error(b->s, port, p, errors[which % 6], b->now, &b->out);
}

static void app(struct bench *b, struct pkt *p, unsigned who)
{
	p->peer.family = FAMILY_V4;
	p->peer.port = (uint16_t)(1 + who);
	sender_from_app(b->s, p, b->now, &b->out);
}

/* So many in order; or some of before again, or a leap. */
static void data(struct bench *b, unsigned how)
{
	unsigned count = 1 + how % 32;

	if (how >> 5 == 1)
		b->next = seq_add(b->next, 3); /* lost before they came here */
	if (how >> 5 == 2)
		b->next = seq_add(b->next, SEQ_MASK - 7);
	if (how == 0xff)
		b->next = seq_add(b->next, NUMBERS + 100);
	for (; count > 0; count--, b->next = seq_add(b->next, 1)) {
		struct pkt *p = bench_packet(b);

		if (!p)
			return;
		p->len = bench_make_data(p->data, b->next);
		app(b, p, 0);
	}
}

/* The number that left by this link so many before the last. */
static uint32_t left_by(const struct bench *b, unsigned port, unsigned back)
{
	return b->sent[port][(b->sent_at[port] - 1 - back) % SENT];
}

static void srtla_ack(struct bench *b, unsigned port, unsigned how)
{
	uint32_t seq[SRTLA_ACK_COUNT];
	struct pkt *p = bench_packet(b);

	if (!p)
		return;
	for (unsigned i = 0; i < SRTLA_ACK_COUNT; i++)
		seq[i] = left_by(b, port, how % 16 + SRTLA_ACK_COUNT - 1 - i);
	p->len = (uint16_t)srtla_build_ack(p->data, seq, how & 16 ? SRTLA_ACK_COUNT : 1);
	from_link(b, port, p);
}

static void srt_ack(struct bench *b, unsigned port, unsigned how)
{
	struct pkt *p = bench_control(b, SRT_ACK, how & 0x80 ? 20 : 44);

	if (p)
		put_be32(p->data + 16, (b->next - how % 128) & SEQ_MASK);
	from_link(b, port, p);
}

static void nak(struct bench *b, unsigned port, unsigned back, unsigned count)
{
	struct pkt *p = bench_control(b, SRT_NAK, count > 1 ? 24 : 20);
	uint32_t from = (b->next - 1 - back) & SEQ_MASK;

	if (!p)
		return;
	put_be32(p->data + 16, count > 1 ? from | SEQ_NONE : from);
	put_be32(p->data + 20, seq_add(from, count - 1));
	from_link(b, port, p);
}

/* Of what left by this link, those whose bits are set have arrived. */
static void report(struct bench *b, unsigned port, unsigned back)
{
	unsigned bits = bench_byte(b), how = bench_byte(b);
	uint32_t clock = (uint32_t)(b->now / REPORT_TICK) + 5;
	struct report_writer w;
	struct pkt *p = bench_packet(b);

	if (!p)
		return;
	b->total[port] += how % 16;
	report_begin(&w, p->data, b->serial++, clock);
	must(report_add_link(&w, (uint8_t)(port - 1), b->total[port]));
	for (unsigned i = 8; i-- > 0;) {
		struct report_arrival a = {left_by(b, port, back % 32 + i), clock - 4 * i};

		if (bits >> i & 1)
			must(report_add(&w, &a));
	}
	p->len = (uint16_t)report_end(&w);
	from_link(b, port, p);
}

/* The encoder calls, or is let in with this latency. */
static void handshake(struct bench *b, unsigned port, unsigned how)
{
	static const uint32_t types[] = {SRT_HS_INDUCTION, SRT_HS_CONCLUSION, SRT_HS_CONCLUSION,
					 SRT_HS_REFUSAL + 2};
	struct pkt *p = bench_control(b, SRT_HANDSHAKE, SRT_HANDSHAKE_LEN + 16);
	bool server = how & 2;

	if (!p)
		return;
	put_be32(p->data + 12, server ? 7 : 0);
	put_be32(p->data + 16, 5);
	put_be16(p->data + 22, 1);
	put_be32(p->data + 24, b->next);
	put_be32(p->data + 36, types[how & 3]);
	put_be32(p->data + 40, server ? 9 : 7 + (how >> 2 & 1));
	put_be32(p->data + 64, server ? 0x00020003 : 0x00010003); /* HSRSP or HSREQ, three words */
	put_be32(p->data + 72, 0xbf);
	put_be32(p->data + 76, (how >> 3) * 30);
	if (server)
		from_link(b, port, p);
	else
		app(b, p, how >> 7);
}

static void terms(struct bench *b, unsigned port, unsigned how)
{
	struct sender_terms t = {.role = (enum sender_role)(how % 4),
				 .weight = how >> 2 & 7,
				 .cap = how & 0x80 ? (uint64_t)(how & 0x7f) * 20000 : 0};

	sender_link_terms(b->s, port, &t, b->now, &b->out);
}

static void other(struct bench *b, unsigned port, unsigned how)
{
	struct pkt *p;

	switch (how % 4) {
	case 0:
		sender_hint(b->s, MSEC(how), b->now);
		break;
	case 1:
		sender_quality_without(b->s, how);
		break;
	case 2:
		sender_link_rank(b->s, port, how);
		break;
	case 3:
		p = bench_control(b, how & 4 ? SRT_ACKACK : SRT_SHUTDOWN, 20);
		if (p)
			app(b, p, 0);
		break;
	}
}

static void time_passes(struct bench *b, unsigned how)
{
	b->now += (ustime)(how * how) * 100;
	if (b->now >= sender_deadline(b->s))
		sender_run(b->s, b->now, &b->out);
	must(sender_deadline(b->s) > b->now);
}

/* Bytes of the script, from whichever side. */
static void scripted(struct bench *b, unsigned who, bool encoder)
{
	struct pkt *p = bytes(b);

	if (!p)
		return;
	if (!encoder) {
		sender_from_link(b->s, who % 8, p, b->now, &b->out);
		return;
	}
	b->scripted |= srt_is_data(p->data, p->len);
	app(b, p, who % 3);
}

/* What comes over a link; false: nothing of the kind. */
static bool receiver_says(struct bench *b, enum step kind, unsigned port, unsigned how)
{
	switch (kind) {
	case STEP_ANSWER:
		answer(b, port, how);
		return true;
	case STEP_ECHO:
		echo(b, port, how & 0x20);
		return true;
	case STEP_SRTLA_ACK:
		srtla_ack(b, port, how);
		return true;
	case STEP_SRT_ACK:
		srt_ack(b, port, bench_byte(b));
		return true;
	case STEP_NAK:
		nak(b, port, bench_byte(b), 1 + how % 8);
		return true;
	case STEP_REPORT:
		report(b, port, how);
		return true;
	case STEP_HANDSHAKE:
		handshake(b, port, bench_byte(b));
		return true;
	default:
		return false;
	}
}

/* What its owner does to a link; false: nothing of the kind. */
static bool owner_does(struct bench *b, enum step kind, unsigned port, unsigned how)
{
	switch (kind) {
	case STEP_ERROR:
		fail_last(b, port, how);
		return true;
	case STEP_ADD:
		sender_link_add(b->s, how, b->now, &b->out);
		return true;
	case STEP_REMOVE:
		sender_link_remove(b->s, port, b->now, &b->out);
		return true;
	case STEP_REOPEN:
		sender_link_reopened(b->s, sender_next_reopen(b->s), b->now, &b->out);
		return true;
	case STEP_TERMS:
		terms(b, port, bench_byte(b));
		return true;
	case STEP_CARRIER:
		sender_link_carrier(b->s, port, how & 1 ? "no carrier" : NULL, b->now, &b->out);
		return true;
	case STEP_SOCKET:
		if (how & 1)
			sender_link_mtu(b->s, port, how & 2 ? 600 : 0);
		else
			sender_link_unsent(b->s, port, 400u * how);
		return true;
	default:
		return false;
	}
}

static void step(struct bench *b)
{
	enum step kind = (enum step)(bench_byte(b) % STEP_KINDS);
	unsigned who = bench_byte(b), port = 1 + who % LINKS;

	b->were_up = 0;
	for (unsigned i = 1; i <= SENDER_LINKS; i++)
		b->were_up |= (uint64_t)bench_is_up(b, i) << (i - 1);
	if (kind == STEP_TIME)
		time_passes(b, who);
	else if (kind == STEP_FROM_APP || kind == STEP_FROM_LINK)
		scripted(b, who, kind == STEP_FROM_APP);
	else if (kind == STEP_DATA)
		data(b, who);
	else if (kind == STEP_MODE)
		sender_set_mode(b->s, (enum sender_mode)(who % SENDER_MODES), b->now, &b->out);
	else if (!receiver_says(b, kind, port, who / LINKS) &&
		 !owner_does(b, kind, port, who / LINKS))
		other(b, port, bench_byte(b));
	bench_look_at_packets(b);
	send_core_check(b->s);
}

int LLVMFuzzerTestOneInput(const uint8_t *script, size_t size)
{
	struct sender_config cfg = {.half = {1, 2, 3}, .seed = 1};
	static struct bench b;
	unsigned how;

	memset(&b, 0, sizeof(b));
	b.at = script;
	b.end = script + size;
	b.now = SEC(1);
	b.next = SEQ_MASK - 40; /* soon over the seam */
	how = bench_byte(&b);
	cfg.mode = (enum sender_mode)(how % SENDER_MODES);
	cfg.copies = how / SENDER_MODES % 3 + 2;
	must(pkt_pool_init(&b.pool, POOL));
	outbox_init(&b.out);
	b.s = sender_create(&cfg, &b.pool, b.now);
	must(b.s != NULL);
	sender_link_add(b.s, 0, b.now, &b.out);
	sender_link_add(b.s, 1, b.now, &b.out);
	bench_look_at_packets(&b);
	for (int i = 0; i < STEPS && b.at < b.end; i++) {
		step(&b);
		if (i % ALL_EVERY == 0)
			send_core_check_all(b.s, &b.pool, b.last != NULL);
	}
	send_core_check_all(b.s, &b.pool, b.last != NULL);
	bench_look_at_view(&b);
	sender_destroy(b.s);
	pkt_free(b.last);
	outbox_finish(&b.out);
	must(b.pool.in_use == 0);
	pkt_pool_finish(&b.pool);
	return 0;
}
