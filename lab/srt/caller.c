/* SPDX-License-Identifier: MIT */
#include "lab/srt/caller.h"

#include <string.h>

#include "lab/srt/program.h"

enum { US_PER_MS = 1000 };

#define PAUSE MSEC(500) /* before the next attempt, as encoders have it */

void caller_init(struct caller *c, const struct caller_config *cfg)
{
	memset(c, 0, sizeof(*c));
	c->cfg = *cfg;
	c->sock = SRT_INVALID_SOCK;
	c->again = INT64_MIN;
	sessions_init(&c->sessions);
}

static void hang_up(struct caller *c)
{
	if (c->sock != SRT_INVALID_SOCK)
		srt_close(c->sock);
	c->sock = SRT_INVALID_SOCK;
}

void caller_finish(struct caller *c)
{
	hang_up(c);
	sessions_finish(&c->sessions);
}

static void fail(struct caller *c, ustime now)
{
	hang_up(c);
	c->state = CALLER_WAITS;
	c->again = now + PAUSE;
}

static bool set_int(SRTSOCKET sock, SRT_SOCKOPT option, int value)
{
	return srt_setsockflag(sock, option, &value, sizeof(value)) != SRT_ERROR;
}

/* As stock as it gets: the live defaults, and nothing waits. */
static bool set_up(const struct caller *c)
{
	const char *id = c->cfg.stream_id;

	return set_int(c->sock, SRTO_TRANSTYPE, SRTT_LIVE) && set_int(c->sock, SRTO_SNDSYN, 0) &&
	       set_int(c->sock, SRTO_RCVSYN, 0) &&
	       set_int(c->sock, SRTO_LATENCY, (int)(c->cfg.latency / US_PER_MS)) &&
	       srt_setsockflag(c->sock, SRTO_STREAMID, id, (int)strlen(id)) != SRT_ERROR;
}

static void call(struct caller *c, ustime now)
{
	c->sock = srt_create_socket();
	if (c->sock != SRT_INVALID_SOCK && set_up(c) &&
	    srt_connect(c->sock, (const struct sockaddr *)&c->cfg.to, (int)c->cfg.to_len) !=
		    SRT_ERROR) {
		c->state = CALLER_CALLS;
		return;
	}
	program_say("no call: %s", srt_getlasterror_str());
	c->failed++;
	fail(c, now);
}

static usspan agreed(SRTSOCKET sock)
{
	int ms = 0, len = sizeof(ms);

	srt_getsockflag(sock, SRTO_PEERLATENCY, &ms, &len);
	return MSEC(ms);
}

static void look_for_answer(struct caller *c, ustime now)
{
	SRT_SOCKSTATUS status = srt_getsockstate(c->sock);

	if (status == SRTS_CONNECTED) {
		c->session = sessions_begin(&c->sessions, now, agreed(c->sock));
		c->state = CALLER_TALKS;
	} else if (status > SRTS_CONNECTED) {
		c->failed++;
		fail(c, now);
	}
}

bool caller_run(struct caller *c, ustime now, SRT_TRACEBSTATS *figures)
{
	switch (c->state) {
	case CALLER_WAITS:
		if (now >= c->again)
			call(c, now);
		break;
	case CALLER_CALLS:
		look_for_answer(c, now);
		break;
	case CALLER_TALKS:
		if (!sessions_look(&c->sessions, c->session, c->sock, now, true, figures))
			fail(c, now);
		break;
	}
	return c->state == CALLER_TALKS;
}

enum caller_verdict caller_send(struct caller *c, const uint8_t *message, size_t len, ustime now)
{
	if (c->state != CALLER_TALKS)
		return CALLER_NOBODY;
	if (srt_sendmsg2(c->sock, (const char *)message, (int)len, NULL) != SRT_ERROR)
		return CALLER_SENT;
	if (srt_getlasterror(NULL) == SRT_EASYNCSND)
		return CALLER_REFUSED;
	fail(c, now);
	return CALLER_NOBODY;
}

uint32_t caller_waiting(const struct caller *c)
{
	int packets = 0, len = sizeof(packets);

	if (c->state != CALLER_TALKS ||
	    srt_getsockflag(c->sock, SRTO_SNDDATA, &packets, &len) == SRT_ERROR)
		return 0;
	return packets > 0 ? (uint32_t)packets : 0;
}

usspan caller_latency(const struct caller *c)
{
	const struct sessions *s = &c->sessions;

	return s->count ? later(s->of[s->count - 1].latency, c->cfg.latency) : c->cfg.latency;
}
