/* SPDX-License-Identifier: MIT */
#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/srt_caller.h"

#define WORTH      1000 /* ms: a packet is kept for at least so long, */
#define WORTH_MORE 20   /* or the latency, and two of libsrt's ticks more */
#define RANGE      UINT32_C(0x80000000)

enum { PROBE_EVERY = 16 }; /* numbers; the packet after such a one follows at once */

static struct srt_kept *kept(struct srt_caller *c, uint32_t seq)
{
	return &c->kept[seq % CALLER_KEPT];
}

static void emit_data(struct srt_caller *c, uint32_t seq, bool resent)
{
	const struct srt_kept *k = kept(c, seq);
	uint8_t buf[PKT_CAP];
	struct srt_data d = {
		.seq = seq,
		.message = (seq - c->isn + 1) & UINT32_C(0x3ffffff),
		.resent = resent,
		.timestamp = k->timestamp,
		.dest = c->peer_id,
		.media = k->media,
		.payload = k->payload,
	};

	c->bytes += d.payload + CALLER_HEADERS;
	if (c->cfg.maxbw > 0)
		c->next_send = later(c->next_send, c->world->now) +
			       (usspan)((d.payload + CALLER_HEADERS) * SEC(1) / c->cfg.maxbw);
	srt_caller_emit(c, buf, srt_build_data(buf, &d));
}

/* The packets before `seq` leave the send buffer. */
static void release(struct srt_caller *c, uint32_t seq)
{
	if (!seq_before(c->acked, seq))
		return;
	c->acked = seq;
	if (seq_before(c->sent, seq))
		c->sent = seq;
	srt_losses_forget(&c->lost, seq);
}

/* What is missed, the lowest first; what must not go again yet waits for the next NAK. */
static bool send_again(struct srt_caller *c)
{
	ustime since = c->world->now - (c->rtt - 4 * c->rttvar);

	while (c->lost.count > 0) {
		uint32_t seq = c->lost.first;

		srt_losses_remove(&c->lost, seq);
		if (c->peer_reports && kept(c, seq)->resent >= since) {
			c->tally.too_soon++;
			continue;
		}
		kept(c, seq)->resent = c->world->now;
		c->tally.resent++;
		emit_data(c, seq, true);
		return true;
	}
	return false;
}

static bool send_first(struct srt_caller *c)
{
	uint32_t window = c->room < c->window ? c->room : c->window;
	uint32_t seq = c->sent;

	if ((int32_t)window <= seq_diff(seq, c->acked))
		return false;
	c->sent = seq_add(seq, 1);
	emit_data(c, seq, false);
	return true;
}

/*
 * Sends whatever may be sent now.  What is new goes first, and if there is no
 * window for it, what is missed waits too: so libsrt has it since 1.5.1.
 */
static void pump(struct srt_caller *c)
{
	bool more = true;

	while (more && c->state == CALLER_STREAMS) {
		if (c->world->now < c->next_send && !c->pair) {
			timer_set(&c->pace, c->next_send);
			return;
		}
		c->pair = c->sent != c->next && c->sent % PROBE_EVERY == 0;
		more = c->sent != c->next ? send_first(c) : send_again(c);
	}
}

static void pace_due(void *who)
{
	pump(who);
}

/* What has waited for longer than the peer would wait for it is not sent any more. */
static void drop_late(struct srt_caller *c)
{
	usspan worth = MSEC((c->agreed > WORTH ? c->agreed : WORTH) + WORTH_MORE);
	uint32_t seq = c->acked;

	if (seq == c->next || (c->world->now - kept(c, seq)->made) / MSEC(1) <= worth / MSEC(1))
		return;
	while (seq != c->next && kept(c, seq)->made < c->world->now - worth)
		seq = seq_add(seq, 1);
	c->tally.too_old += (uint32_t)seq_diff(seq, c->acked);
	release(c, seq);
}

void srt_sender_take(struct srt_caller *c, uint64_t media, size_t payload)
{
	uint32_t seq = c->next;

	if (c->acked == c->next) {
		c->acked_at = c->world->now;
		c->blind = 1;
	}
	drop_late(c);
	if (seq_diff(c->next, c->acked) >= CALLER_KEPT) {
		c->tally.no_room++;
		return;
	}
	*kept(c, seq) = (struct srt_kept){
		.made = c->world->now,
		.resent = INT64_MIN,
		.media = media,
		.timestamp = srt_caller_stamp(c),
		.payload = (uint16_t)payload,
	};
	c->next = seq_add(seq, 1);
	c->tally.data++;
	pump(c);
}

static void answer_ack(struct srt_caller *c, uint32_t number)
{
	uint8_t buf[PKT_CAP];

	if (c->world->now - c->answered_at <= SRT_SYN && number != c->answered)
		return;
	c->answered = number;
	c->answered_at = c->world->now;
	srt_caller_emit(c, buf, srt_build_ackack(buf, number, srt_caller_stamp(c), c->peer_id));
}

static void take_rtt(struct srt_caller *c, const struct srt_ack *ack)
{
	if (!c->measured && (ack->rtt == SRT_FIRST_RTT || ack->rttvar == SRT_FIRST_RTT / 2))
		return;
	c->measured = true;
	c->rtt = ack->rtt;
	c->rttvar = ack->rttvar;
}

static void take_full_ack(struct srt_caller *c, const struct srt_ack *ack)
{
	if (ack->number == c->last_ack)
		c->tally.acks_again++;
	c->last_ack = ack->number;
	answer_ack(c, ack->number);
	if (!seq_before(ack->next, c->acked)) {
		c->room = ack->room;
		c->acked_at = c->world->now;
		c->blind = 1;
	}
	if (!seq_before(c->acked_fully, ack->next))
		return;
	c->acked_fully = ack->next;
	if (ack->full)
		take_rtt(c, ack);
}

void srt_sender_ack(struct srt_caller *c, const uint8_t *data, size_t len)
{
	int32_t news;
	struct srt_ack ack;

	if (!srt_parse_ack(data, len, &ack) || seq_before(c->sent, ack.next)) {
		c->tally.odd++;
		srt_caller_break(c);
		return;
	}
	c->tally.acks++;
	news = seq_diff(ack.next, c->acked);
	release(c, ack.next);
	if (ack.number != 0) {
		take_full_ack(c, &ack);
	} else if (news >= 0) {
		c->room = c->room > (uint32_t)news ? c->room - (uint32_t)news : 0;
		c->acked_at = c->world->now;
		c->blind = 1;
	}
	pump(c);
}

/* The peer asks for what is no longer kept: it need not ask again. */
static void say_dropped(struct srt_caller *c, uint32_t from, uint32_t to)
{
	uint8_t buf[PKT_CAP];

	srt_caller_emit(c, buf, srt_build_dropreq(buf, from, to, srt_caller_stamp(c), c->peer_id));
}

/* False for a range that this end cannot have lost: it was never sent. */
static bool take_range(struct srt_caller *c, uint32_t from, uint32_t to, bool single)
{
	bool old = seq_before(to, c->acked);

	if (single && old)
		return true;
	if (seq_before(to, from) || !seq_before(to, c->sent))
		return false;
	if (old)
		say_dropped(c, from, to);
	else
		srt_losses_add(&c->lost, seq_before(from, c->acked) ? c->acked : from, to);
	return true;
}

void srt_sender_nak(struct srt_caller *c, const uint8_t *data, size_t len)
{
	const uint8_t *at = data + SRT_HEADER_LEN, *end = data + len;
	bool fine = true;

	while (fine && at + 4 <= end) {
		uint32_t from = be32(at), to = from;
		bool single = !(from & RANGE);

		at += 4;
		if (!single) {
			fine = at + 4 <= end;
			to = fine ? be32(at) : 0;
			at += 4;
		}
		fine = fine && take_range(c, from & SEQ_MASK, to & SEQ_MASK, single);
	}
	if (!fine) {
		c->tally.odd++;
		srt_caller_break(c);
		return;
	}
	c->tally.naks++;
	pump(c);
}

/* A peer that sends no periodic NAKs: after some time without ACKs all goes again. */
static void check_blind(struct srt_caller *c)
{
	usspan every = srt_round(c->rtt, c->rttvar) + 2 * SRT_SYN;

	if (c->peer_reports || c->acked == c->next ||
	    c->world->now <= c->acked_at + c->blind * every + SRT_SYN)
		return;
	if (c->sent != c->acked) {
		srt_losses_add(&c->lost, c->acked, seq_add(c->sent, SEQ_MASK));
		c->tally.blind++;
	}
	c->blind++;
	pump(c);
}

void srt_sender_check(struct srt_caller *c)
{
	ustime now = c->world->now;
	uint8_t buf[PKT_CAP];

	if (c->state != CALLER_STREAMS)
		return;
	if (now - c->heard > srt_silence(c->rtt, c->rttvar)) {
		srt_caller_break(c);
		return;
	}
	timer_set(&c->check, now + SRT_TICK);
	check_blind(c);
	if (now - c->spoke > SRT_QUIET)
		srt_caller_emit(c, buf, srt_build_keepalive(buf, srt_caller_stamp(c), c->peer_id));
}

static void check_due(void *who)
{
	srt_sender_check(who);
}

void srt_sender_init(struct srt_caller *c)
{
	timer_init(&c->pace, c->world, pace_due, c);
	timer_init(&c->check, c->world, check_due, c);
}

void srt_sender_begin(struct srt_caller *c)
{
	ustime now = c->world->now;

	c->acked = c->sent = c->next = c->acked_fully = c->isn;
	srt_losses_init(&c->lost);
	c->room = c->window;
	c->last_ack = c->answered = 0;
	c->acked_at = now;
	c->answered_at = now;
	c->blind = 1;
	c->rtt = SRT_FIRST_RTT;
	c->rttvar = SRT_FIRST_RTT / 2;
	c->measured = false;
	c->next_send = now;
	c->pair = false;
	timer_set(&c->check, now + SRT_TICK);
}

void srt_sender_end(struct srt_caller *c)
{
	timer_set(&c->pace, NEVER);
	timer_set(&c->check, NEVER);
}
