/* SPDX-License-Identifier: MIT */
#include "tests/sim/srt_listener.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/pkt.h"
#include "shared/wire/srt.h"
#include "tests/sim/srt_build.h"

void srt_listener_init(struct srt_listener *l, struct world *w,
		       const struct srt_listener_config *cfg)
{
	memset(l, 0, sizeof(*l));
	l->world = w;
	l->cfg = *cfg;
	rng_init(&l->rng, rng_next(&w->rng));
	for (unsigned i = 0; i < LISTENER_SESSIONS; i++)
		srt_session_init(&l->session[i], l);
}

void srt_listener_finish(struct srt_listener *l)
{
	for (unsigned i = 0; i < LISTENER_SESSIONS; i++) {
		free(l->session[i].place);
		l->session[i].place = NULL;
	}
}

void srt_listener_start(struct srt_listener *l)
{
	l->there = true;
	l->secret = (uint32_t)rng_next(&l->rng);
}

void srt_listener_stop(struct srt_listener *l)
{
	for (unsigned i = 0; i < LISTENER_SESSIONS; i++)
		srt_session_end(&l->session[i]);
	l->there = false;
}

static struct srt_stream *stream_of(struct srt_listener *l, const char *id)
{
	for (unsigned i = 0; i < l->streams; i++)
		if (strcmp(l->stream[i].id, id) == 0)
			return &l->stream[i];
	must(l->streams < LISTENER_STREAMS);
	memcpy(l->stream[l->streams].id, id, strlen(id) + 1);
	l->stream[l->streams].fingerprint = UINT64_C(0xcbf29ce484222325);
	return &l->stream[l->streams++];
}

void srt_listener_ledger(struct srt_listener *l, const char *id, struct ledger *ledger)
{
	stream_of(l, id)->ledger = ledger;
}

const struct srt_stream *srt_listener_stream(struct srt_listener *l, const char *id)
{
	return stream_of(l, id);
}

static uint32_t cookie_for(const struct srt_listener *l, const struct endpoint *from)
{
	return l->secret ^ ((uint32_t)from->port << 16 | from->addr[3]);
}

static void answer_induction(struct srt_listener *l, const struct endpoint *from,
			     const struct srt_handshake *hs)
{
	uint8_t buf[PKT_CAP];
	struct srt_hello h = {
		.version = 5,
		.extension = 0x4a17,
		.type = SRT_HS_INDUCTION,
		.isn = hs->isn,
		.socket_id = 1,
		.cookie = cookie_for(l, from),
		.dest = hs->socket_id,
	};

	l->inductions++;
	l->send(l->who, from, buf, srt_build_handshake(buf, &h));
}

static void answer_conclusion(struct srt_session *s)
{
	uint8_t buf[PKT_CAP];
	struct srt_hello h = {
		.version = 5,
		.extension = 1,
		.type = SRT_HS_CONCLUSION,
		.isn = s->peer_isn,
		.socket_id = s->id,
		.command = 2,
		.recv_latency = s->latency,
		.send_latency = s->latency,
		.silent_gaps = s->home->cfg.silent_gaps,
		.timestamp = srt_session_stamp(s),
		.dest = s->peer_id,
	};

	srt_session_emit(s, buf, srt_build_handshake(buf, &h));
}

static struct srt_session *accept_session(struct srt_listener *l, const struct endpoint *from,
					  const struct srt_handshake *hs, uint32_t timestamp)
{
	char id[SESSION_STREAM_ID] = "";
	struct srt_session *s = l->session;

	while (s < l->session + LISTENER_SESSIONS && s->open)
		s++;
	if (s == l->session + LISTENER_SESSIONS) {
		l->full++;
		return NULL;
	}
	srt_stream_id(hs, id, sizeof(id));
	s->stream = stream_of(l, id);
	s->peer = *from;
	s->id = (uint32_t)(rng_next(&l->rng) >> 34) + 2;
	s->peer_id = hs->socket_id;
	s->peer_isn = hs->isn;
	s->latency = hs->send_latency > l->cfg.latency ? hs->send_latency : l->cfg.latency;
	s->began_stamp = timestamp;
	srt_session_begin(s);
	return s;
}

static void take_handshake(struct srt_listener *l, const struct endpoint *from, const uint8_t *data,
			   size_t len, uint32_t timestamp)
{
	struct srt_session *there = NULL;
	struct srt_handshake hs;

	if (!srt_parse_handshake(data, len, &hs)) {
		l->strays++;
		return;
	}
	for (unsigned i = 0; i < LISTENER_SESSIONS; i++)
		if (l->session[i].open && endpoint_equal(&l->session[i].peer, from) &&
		    (!l->cfg.open || l->session[i].peer_id == hs.socket_id))
			there = &l->session[i];
	/* Who serves one caller at a time has closed its listener: nobody hears another. */
	if (there && there->peer_id != hs.socket_id) {
		l->deaf++;
	} else if (hs.type == SRT_HS_INDUCTION) {
		answer_induction(l, from, &hs);
	} else if (hs.type == SRT_HS_CONCLUSION && hs.request && hs.cookie == cookie_for(l, from)) {
		if (!there)
			there = accept_session(l, from, &hs, timestamp);
		if (there)
			answer_conclusion(there);
	} else {
		l->strays++;
	}
}

/* libsrt's way: a session that hears a first handshake says again what was agreed, as of old. */
static void answer_again(struct srt_session *s, const uint8_t *data, size_t len)
{
	uint8_t buf[PKT_CAP];
	struct srt_handshake hs;
	struct srt_hello h = {
		.version = 4,
		.type = SRT_HS_CONCLUSION,
		.isn = s->peer_isn,
		.socket_id = s->id,
		.timestamp = srt_session_stamp(s),
		.dest = s->peer_id,
	};

	if (srt_parse_handshake(data, len, &hs) && hs.type == SRT_HS_INDUCTION)
		srt_session_emit(s, buf, srt_build_handshake(buf, &h));
}

void srt_listener_input(struct srt_listener *l, const struct endpoint *from, const uint8_t *data,
			size_t len)
{
	struct srt_head head;

	if (!l->there || !srt_parse_head(data, len, &head)) {
		l->strays++;
		return;
	}
	if (head.dest == 0) {
		if (head.control && head.type == SRT_HANDSHAKE)
			take_handshake(l, from, data, len, head.timestamp);
		else
			l->strays++;
		return;
	}
	for (unsigned i = 0; i < LISTENER_SESSIONS; i++) {
		struct srt_session *s = &l->session[i];

		if (s->open && s->id == head.dest && endpoint_equal(&s->peer, from)) {
			if (head.control && head.type == SRT_HANDSHAKE)
				answer_again(s, data, len);
			srt_session_input(s, data, len);
			return;
		}
	}
	l->strays++;
}
