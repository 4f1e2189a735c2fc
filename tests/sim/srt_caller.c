/* SPDX-License-Identifier: MIT */
#include "tests/sim/srt_caller.h"

#include <string.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "shared/wire/srt.h"
#include "tests/sim/srt_build.h"

#define REPEAT MSEC(250)   /* a handshake, libsrt's pace */
#define CONNECT SEC(3)     /* SRTO_CONNTIMEO */
#define SILENCE SEC(5)     /* SRTO_PEERIDLETIMEO */
#define KEEPALIVE SEC(1)
#define WATCH MSEC(500)
#define PAUSE MSEC(500)
#define FIRST_RTT MSEC(100)
#define WORTH SEC(1)       /* libsrt keeps a packet for at least this long, */
#define WORTH_MORE MSEC(20) /* or the latency, and two of its ticks more */

enum { KEPT_MASK = CALLER_KEPT - 1 };

static uint32_t stamp(const struct srt_caller *c)
{
	return (uint32_t)(c->world->now - c->opened) + c->cfg.clock;
}

static void emit(struct srt_caller *c, const uint8_t *data, size_t len)
{
	c->spoke = c->world->now;
	c->send(c->who, data, len);
}

static void greet(struct srt_caller *c)
{
	uint8_t buf[PKT_CAP];
	bool first = c->state == CALLER_INDUCTION;
	struct srt_hello h = {
		.version = first ? 4 : 5,
		.extension = first ? 2 : c->cfg.stream_id ? 5 : 1,
		.type = first ? SRT_HS_INDUCTION : SRT_HS_CONCLUSION,
		.isn = c->isn,
		.socket_id = c->id,
		.cookie = c->cookie,
		.command = first ? 0 : 1,
		.recv_latency = c->cfg.latency,
		.send_latency = c->cfg.latency,
		.stream_id = first ? NULL : c->cfg.stream_id,
		.timestamp = stamp(c),
	};

	timer_set(&c->handshake,
		  c->cfg.once ? c->opened + CONNECT : c->world->now + REPEAT);
	emit(c, buf, srt_build_handshake(buf, &h));
}

static void pause_and_retry(struct srt_caller *c)
{
	c->state = CALLER_PAUSES;
	timer_set(&c->handshake, c->world->now + (c->cfg.pause ? c->cfg.pause : PAUSE));
}

static void connect_again(struct srt_caller *c)
{
	bool first = c->tally.tries == 0;
	uint64_t draw = rng_next(&c->rng);

	c->tally.tries++;
	c->state = CALLER_INDUCTION;
	c->opened = c->heard = c->world->now;
	c->id = (uint32_t)(draw >> 34) + 1;
	c->isn = first && c->cfg.isn != SEQ_NONE ? c->cfg.isn : (uint32_t)draw & SEQ_MASK;
	c->next = c->acked = c->isn;
	c->peer_id = c->cookie = 0;
	c->last_ack = 0;
	c->rtt = FIRST_RTT;
	c->rttvar = FIRST_RTT / 2;
	greet(c);
}

static void handshake_due(void *who)
{
	struct srt_caller *c = who;

	if (c->state == CALLER_PAUSES)
		connect_again(c);
	else if (c->state == CALLER_OFF || c->state == CALLER_STREAMS)
		return;
	else if (c->world->now - c->opened >= CONNECT)
		pause_and_retry(c);
	else
		greet(c);
}

static void emit_data(struct srt_caller *c, uint32_t seq, bool resent)
{
	uint8_t buf[PKT_CAP];
	struct srt_data d = {
		.seq = seq,
		.message = (seq - c->isn + 1) & UINT32_C(0x3ffffff),
		.resent = resent,
		.timestamp = c->kept[seq & KEPT_MASK].timestamp,
		.dest = c->peer_id,
		.payload = c->kept[seq & KEPT_MASK].payload,
	};

	emit(c, buf, srt_build_data(buf, &d));
}

static void make_packet(struct srt_caller *c, size_t payload)
{
	uint32_t seq = c->next;

	if (c->state != CALLER_STREAMS) {
		c->tally.unsent++;
		return;
	}
	c->next = seq_add(seq, 1);
	c->kept[seq & KEPT_MASK].timestamp = stamp(c);
	c->kept[seq & KEPT_MASK].payload = (uint16_t)payload;
	c->kept[seq & KEPT_MASK].made = c->world->now;
	c->kept[seq & KEPT_MASK].resent = 0;
	c->tally.data++;
	emit_data(c, seq, false);
}

static void make_frame(struct srt_caller *c)
{
	uint64_t left = c->cfg.rate / 8 / c->cfg.fps;

	while (left > 0) {
		size_t payload = left < SRT_PAYLOAD ? (size_t)left : SRT_PAYLOAD;

		make_packet(c, payload);
		left -= payload;
	}
}

/* The nth moment is counted from the beginning, so that no error adds up. */
static ustime media_moment(const struct srt_caller *c)
{
	uint64_t n = c->media_made;

	if (c->cfg.fps)
		return c->media_began + (usspan)(n * 1000000 / c->cfg.fps);
	return c->media_began + (usspan)(n * (SRT_PAYLOAD * 8) * 1000000 / c->cfg.rate);
}

static void media_due(void *who)
{
	struct srt_caller *c = who;

	if (c->state == CALLER_OFF)
		return;
	if (c->cfg.fps)
		make_frame(c);
	else
		make_packet(c, SRT_PAYLOAD);
	c->media_made++;
	timer_set(&c->media, media_moment(c));
}

static void watch_due(void *who)
{
	struct srt_caller *c = who;
	uint8_t buf[PKT_CAP];

	if (c->state == CALLER_OFF)
		return;
	timer_set(&c->watch, c->world->now + WATCH);
	if (c->state != CALLER_STREAMS)
		return;
	if (c->world->now - c->heard >= SILENCE) {
		c->tally.broken++;
		c->tally.broke = c->world->now;
		pause_and_retry(c);
	} else if (c->world->now - c->spoke >= KEEPALIVE) {
		emit(c, buf, srt_build_keepalive(buf, stamp(c), c->peer_id));
	}
}

void srt_caller_init(struct srt_caller *c, struct world *w, const struct srt_caller_config *cfg,
		     const struct endpoint *here)
{
	memset(c, 0, sizeof(*c));
	c->world = w;
	c->cfg = *cfg;
	c->here = *here;
	rng_init(&c->rng, rng_next(&w->rng));
	timer_init(&c->handshake, w, handshake_due, c);
	timer_init(&c->media, w, media_due, c);
	timer_init(&c->watch, w, watch_due, c);
}

void srt_caller_start(struct srt_caller *c)
{
	c->media_began = c->world->now;
	c->media_made = 0;
	connect_again(c);
	timer_set(&c->media, c->world->now);
	timer_set(&c->watch, c->world->now + WATCH);
}

void srt_caller_stop(struct srt_caller *c, bool says_so)
{
	uint8_t buf[SRT_SHUTDOWN_LEN];

	if (says_so && c->state == CALLER_STREAMS)
		emit(c, buf, srt_build_shutdown(buf, c->peer_id, stamp(c)));
	c->state = CALLER_OFF;
	timer_set(&c->handshake, NEVER);
	timer_set(&c->media, NEVER);
	timer_set(&c->watch, NEVER);
}

static void take_handshake(struct srt_caller *c, const uint8_t *data, size_t len)
{
	struct srt_handshake hs;

	if (!srt_parse_handshake(data, len, &hs)) {
		c->tally.odd++;
	} else if (hs.type >= SRT_HS_REFUSAL && hs.type <= SRT_HS_REFUSAL_LAST) {
		c->tally.refused++;
		pause_and_retry(c);
	} else if (c->state == CALLER_INDUCTION && hs.type == SRT_HS_INDUCTION) {
		c->cookie = hs.cookie;
		c->state = CALLER_CONCLUSION;
		greet(c);
	} else if (c->state == CALLER_CONCLUSION && hs.type == SRT_HS_CONCLUSION && hs.response) {
		c->peer_id = hs.socket_id;
		c->agreed = hs.recv_latency;
		c->state = CALLER_STREAMS;
		c->tally.sessions++;
		c->tally.connected = c->world->now;
		timer_set(&c->handshake, NEVER);
	}
}

static void take_ack(struct srt_caller *c, const uint8_t *data, size_t len)
{
	struct srt_ack ack;
	uint8_t buf[PKT_CAP];

	if (!srt_parse_ack(data, len, &ack) || seq_before(c->next, ack.next)) {
		c->tally.odd++;
		return;
	}
	c->tally.acks++;
	if (seq_before(c->acked, ack.next))
		c->acked = ack.next;
	if (ack.number == 0)
		return;
	if (ack.number == c->last_ack)
		c->tally.acks_again++;
	c->last_ack = ack.number;
	if (ack.full) {
		c->rtt = ack.rtt;
		c->rttvar = ack.rttvar;
	}
	emit(c, buf, srt_build_ackack(buf, ack.number, stamp(c), c->peer_id));
}

static void send_again(struct srt_caller *c, uint32_t seq)
{
	usspan worth = later(WORTH, MSEC(c->agreed)) + WORTH_MORE;
	usspan trip = c->rtt - 4 * c->rttvar;

	if (c->world->now - c->kept[seq & KEPT_MASK].made > worth) {
		c->tally.too_old++;
		return;
	}
	if (c->kept[seq & KEPT_MASK].resent > c->world->now - trip)
		return; /* the last copy may still be on its way */
	c->kept[seq & KEPT_MASK].resent = c->world->now;
	c->tally.resent++;
	emit_data(c, seq, true);
}

static void take_nak(struct srt_caller *c, const uint8_t *data, size_t len)
{
	uint32_t flying = (uint32_t)(seq_diff(c->next, c->acked));
	uint32_t from, to;
	struct srt_nak nak;

	c->tally.naks++;
	if (flying > CALLER_KEPT)
		flying = CALLER_KEPT;
	if (flying == 0 || !srt_nak_begin(&nak, data, len, c->acked, flying)) {
		c->tally.odd++;
		return;
	}
	while (srt_nak_next(&nak, &from, &to)) {
		for (uint32_t seq = from;; seq = seq_add(seq, 1)) {
			send_again(c, seq);
			if (seq == to)
				break;
		}
	}
}

void srt_caller_input(struct srt_caller *c, const struct endpoint *to, const uint8_t *data,
		      size_t len)
{
	struct srt_head head;

	if (!srt_parse_head(data, len, &head) || !head.control) {
		c->tally.odd++;
		return;
	}
	if (c->state == CALLER_OFF || !endpoint_equal(to, &c->here) || head.dest != c->id) {
		c->tally.astray++;
		return;
	}
	c->heard = c->world->now;
	if (head.type == SRT_HANDSHAKE) {
		take_handshake(c, data, len);
		return;
	}
	if (c->state != CALLER_STREAMS)
		return;
	if (head.type == SRT_ACK) {
		take_ack(c, data, len);
	} else if (head.type == SRT_NAK) {
		take_nak(c, data, len);
	} else if (head.type == SRT_SHUTDOWN) {
		c->tally.broken++;
		c->tally.broke = c->world->now;
		pause_and_retry(c);
	}
}
