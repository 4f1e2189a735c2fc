/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/srt_listener.h"

#define SILENCE   SEC(5)
#define KEEPALIVE SEC(1)
#define WATCH     MSEC(500)
#define AHEAD     SEC(1) /* of now: a packet that says more is damaged */

void srt_session_emit(struct srt_session *s, const uint8_t *data, size_t len)
{
	s->spoke = s->home->world->now;
	s->home->send(s->home->who, &s->peer, data, len);
}

uint32_t srt_session_stamp(const struct srt_session *s)
{
	return (uint32_t)(s->home->world->now - s->began);
}

void srt_session_end(struct srt_session *s)
{
	if (!s->open)
		return;
	s->open = false;
	s->home->open--;
	timer_set(&s->ack, NEVER);
	timer_set(&s->nak, NEVER);
	timer_set(&s->play, NEVER);
	timer_set(&s->watch, NEVER);
}

/* FNV-1a, a byte at a time so that it is the same everywhere. */
static void mix(uint64_t *hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		*hash = (*hash ^ (value & 0xff)) * UINT64_C(0x100000001b3);
}

static void deliver(struct srt_session *s, uint32_t seq)
{
	ustime now = s->home->world->now;
	struct srt_stream *to = s->stream;

	if (to->delivered++ == 0)
		to->first = now;
	if (s->played != 0 && now - s->played > to->gap) {
		to->gap = now - s->played;
		to->gap_end = now;
	}
	s->played = to->last = now;
	mix(&to->fingerprint, (uint64_t)now);
	mix(&to->fingerprint, seq);
}

static void leave_place(struct srt_session *s)
{
	struct srt_place *p = srt_session_place(s, s->next);

	if (p->here) {
		deliver(s, s->next);
	} else {
		s->stream->late++;
		s->missing--;
	}
	p->here = p->named = false;
	s->next = seq_add(s->next, 1);
}

/* What has come and is due is played; what should have come before it is given up. */
static void play_due(void *who)
{
	struct srt_session *s = who;

	while (s->open && s->next != s->top) {
		uint32_t seq = s->next;

		while (seq != s->top && !srt_session_place(s, seq)->here)
			seq = seq_add(seq, 1);
		must(seq != s->top); /* the topmost is always there */
		if (srt_session_place(s, seq)->play > s->home->world->now) {
			timer_set(&s->play, srt_session_place(s, seq)->play);
			return;
		}
		do
			leave_place(s);
		while (s->next != seq_add(seq, 1));
	}
}

/* The timestamp wraps after 71.6 minutes: it is read near where now lies. */
static ustime play_time(const struct srt_session *s, uint32_t timestamp)
{
	usspan since = s->home->world->now - s->began;
	int32_t off = (int32_t)(timestamp - s->began_stamp - (uint32_t)since);

	return s->began + since + off + MSEC(s->latency);
}

static bool plausible(const struct srt_session *s, const struct srt_head *head)
{
	usspan wait = play_time(s, head->timestamp) - s->home->world->now;

	return wait <= MSEC(s->latency) + AHEAD;
}

static void take_new(struct srt_session *s, uint32_t seq, const struct srt_head *head)
{
	struct srt_place *p = srt_session_place(s, seq);
	uint32_t expected = s->top;

	p->here = true;
	p->play = play_time(s, head->timestamp);
	if (p->named && !head->resent)
		s->stream->false_naks++;
	if (seq_before(seq, s->top)) {
		s->missing--;
		/* It may be the first of all to be played now. */
		timer_set(&s->play, s->play.at == NEVER ? p->play : earlier(s->play.at, p->play));
		return;
	}
	s->top = seq_add(seq, 1);
	s->missing += (uint32_t)seq_diff(seq, expected);
	if (s->play.at == NEVER)
		timer_set(&s->play, p->play);
	if (seq != expected)
		srt_report_gap(s, expected, seq_add(seq, SEQ_MASK));
}

static void take_data(struct srt_session *s, const struct srt_head *head, const uint8_t *data,
		      size_t len)
{
	int32_t ahead = seq_diff(head->seq, s->next);
	struct srt_stream *to = s->stream;

	to->received++;
	to->resent += head->resent;
	to->damaged += !srt_data_is_whole(data, len);
	if (ahead >= LISTENER_WINDOW || ahead < -LISTENER_WINDOW || !plausible(s, head))
		to->outside++;
	else if (ahead < 0)
		to->belated++;
	else if (seq_before(head->seq, s->top) && srt_session_place(s, head->seq)->here)
		to->doubled++;
	else
		take_new(s, head->seq, head);
	s->count++;
	srt_report_gaps(s);
	srt_report_light(s);
}

static void watch_due(void *who)
{
	struct srt_session *s = who;
	ustime now = s->home->world->now;
	uint8_t buf[PKT_CAP];

	if (now - s->heard >= SILENCE) {
		srt_session_end(s);
		return;
	}
	timer_set(&s->watch, now + WATCH);
	if (now - s->spoke >= KEEPALIVE)
		srt_session_emit(s, buf,
				 srt_build_keepalive(buf, srt_session_stamp(s), s->peer_id));
}

void srt_session_input(struct srt_session *s, const uint8_t *data, size_t len)
{
	struct srt_head head;

	if (!srt_parse_head(data, len, &head))
		return;
	s->heard = s->home->world->now;
	if (!head.control)
		take_data(s, &head, data, len);
	else if (head.type == SRT_ACKACK)
		srt_report_ackack(s, head.info);
	else if (head.type == SRT_SHUTDOWN)
		srt_session_end(s);
}

void srt_session_init(struct srt_session *s, struct srt_listener *home)
{
	memset(s, 0, sizeof(*s));
	s->home = home;
	timer_init(&s->play, home->world, play_due, s);
	timer_init(&s->watch, home->world, watch_due, s);
	srt_report_init(s);
}

void srt_session_begin(struct srt_session *s)
{
	ustime now = s->home->world->now;

	if (!s->place) {
		s->place = malloc(LISTENER_WINDOW * sizeof(*s->place));
		must(s->place != NULL);
	}
	memset(s->place, 0, LISTENER_WINDOW * sizeof(*s->place));
	s->open = true;
	s->began = s->heard = s->spoke = now;
	s->played = 0;
	s->next = s->top = s->ackable = s->acked = s->peer_isn;
	s->missing = 0;
	s->count = 0;
	srt_report_begin(s);
	timer_set(&s->watch, now + WATCH);
	s->stream->sessions++;
	if (++s->home->open > s->home->most_open)
		s->home->most_open = s->home->open;
}
