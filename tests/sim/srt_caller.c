/* SPDX-License-Identifier: MIT */
#include "tests/sim/srt_caller.h"

#include <string.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "shared/wire/srt.h"
#include "tests/sim/srt_build.h"

#define REPEAT  MSEC(250) /* a handshake, libsrt's pace */
#define CONNECT SEC(3)    /* SRTO_CONNTIMEO */
#define PAUSE   MSEC(500)

uint32_t srt_caller_stamp(const struct srt_caller *c)
{
	return (uint32_t)(c->world->now - c->opened) + c->cfg.clock;
}

void srt_caller_emit(struct srt_caller *c, const uint8_t *data, size_t len)
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
		.extension = first              ? 2
			     : c->cfg.stream_id ? 5
						: 1,
		.type = first ? SRT_HS_INDUCTION : SRT_HS_CONCLUSION,
		.isn = c->isn,
		.socket_id = c->id,
		.cookie = c->cookie,
		.command = first ? 0 : 1,
		.recv_latency = c->cfg.latency,
		.send_latency = c->cfg.latency,
		.stream_id = first ? NULL : c->cfg.stream_id,
		.timestamp = srt_caller_stamp(c),
	};

	timer_set(&c->handshake, c->cfg.once ? c->opened + CONNECT : c->world->now + REPEAT);
	srt_caller_emit(c, buf, srt_build_handshake(buf, &h));
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
	c->next = c->sent = c->acked = c->isn;
	c->peer_id = c->cookie = 0;
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

void srt_caller_break(struct srt_caller *c)
{
	c->tally.broken++;
	c->tally.broke = c->world->now;
	srt_sender_end(c);
	pause_and_retry(c);
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
	srt_media_init(c);
	srt_sender_init(c);
}

void srt_caller_start(struct srt_caller *c)
{
	connect_again(c);
	srt_media_start(c);
}

void srt_caller_hush(struct srt_caller *c)
{
	srt_media_stop(c);
}

void srt_caller_play(struct srt_caller *c)
{
	srt_media_start(c);
}

void srt_caller_stop(struct srt_caller *c, bool says_so)
{
	uint8_t buf[SRT_SHUTDOWN_LEN];

	if (says_so && c->state == CALLER_STREAMS)
		srt_caller_emit(c, buf, srt_build_shutdown(buf, c->peer_id, srt_caller_stamp(c)));
	c->state = CALLER_OFF;
	timer_set(&c->handshake, NEVER);
	srt_media_stop(c);
	srt_sender_end(c);
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
		c->peer_reports = hs.flags & SRT_FLAG_NAKREPORT;
		c->window = srt_handshake_room(data);
		c->state = CALLER_STREAMS;
		c->tally.sessions++;
		c->tally.connected = c->world->now;
		timer_set(&c->handshake, NEVER);
		srt_sender_begin(c);
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
	if (head.type == SRT_ACK)
		srt_sender_ack(c, data, len);
	else if (head.type == SRT_NAK)
		srt_sender_nak(c, data, len);
	else if (head.type == SRT_SHUTDOWN)
		srt_caller_break(c);
	srt_sender_check(c);
}
