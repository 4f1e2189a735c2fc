/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "shared/wire/srt.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/srt_listener.h"

#define AHEAD SEC(1) /* of now: a packet that says more is damaged */

void srt_session_emit(struct srt_session *s, const uint8_t *data, size_t len)
{
	s->spoke = s->home->world->now;
	s->home->send(s->home->who, &s->peer, data, len);
}

uint32_t srt_session_stamp(const struct srt_session *s)
{
	return (uint32_t)(s->home->world->now - s->began);
}

/* The timestamp wraps after 71.6 minutes: it is read near where now lies. */
ustime srt_session_moment(const struct srt_session *s, uint32_t timestamp)
{
	usspan since = s->home->world->now - s->began;
	int32_t off = (int32_t)(timestamp - s->began_stamp - (uint32_t)since);

	return s->began + since + off;
}

void srt_session_end(struct srt_session *s)
{
	if (!s->open)
		return;
	s->open = false;
	s->home->open--;
	timer_set(&s->play, NEVER);
	srt_report_end(s);
}

/* FNV-1a, a byte at a time so that it is the same everywhere. */
static void mix(uint64_t *hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		*hash = (*hash ^ (value & 0xff)) * UINT64_C(0x100000001b3);
}

static void deliver(struct srt_session *s)
{
	ustime now = s->home->world->now;
	struct srt_place *p = srt_session_place(s, s->next);
	struct srt_stream *to = s->stream;

	if (to->delivered++ == 0)
		to->first = now;
	if (s->played != 0 && now - s->played > to->gap) {
		to->gap = now - s->played;
		to->gap_end = now;
	}
	s->played = to->last = now;
	mix(&to->fingerprint, (uint64_t)now);
	mix(&to->fingerprint, s->next);
	if (to->ledger && p->has_media)
		ledger_play(to->ledger, p->media, now);
	p->here = p->named = false;
	s->next = seq_add(s->next, 1);
}

/* The numbers before `seq`, which have not come, are no longer worth waiting for. */
static void give_up(struct srt_session *s, uint32_t seq)
{
	uint32_t last = seq_add(seq, SEQ_MASK);

	if (seq_before(s->settled, seq)) {
		srt_losses_forget(&s->lost, seq);
		srt_patience_forget(&s->patience, s->settled, last);
		s->settled = seq;
	}
	for (; s->next != seq; s->next = seq_add(s->next, 1)) {
		srt_session_place(s, s->next)->named = false;
		s->stream->late++;
	}
}

/* The first packet that is there; false when none is. */
static bool find_first(struct srt_session *s, uint32_t *seq)
{
	for (*seq = s->next; *seq != s->top; *seq = seq_add(*seq, 1))
		if (srt_session_place(s, *seq)->here)
			return true;
	return false;
}

static ustime play_moment(const struct srt_session *s, const struct srt_place *p)
{
	return p->made + MSEC(s->latency) + s->drift.shift + s->drift.rest;
}

/* What has come and is due is played; what should have come before it is given up. */
static void play_due(void *who)
{
	struct srt_session *s = who;
	uint32_t seq;

	while (s->open && find_first(s, &seq)) {
		ustime due = play_moment(s, srt_session_place(s, seq));

		if (due > s->home->world->now) {
			timer_set(&s->play, due);
			return;
		}
		if (seq != s->next)
			give_up(s, seq);
		deliver(s);
	}
}

static void place_packet(struct srt_session *s, const struct srt_head *head, bool has_media,
			 uint64_t media)
{
	struct srt_place *p = srt_session_place(s, head->seq);

	p->here = true;
	p->made = srt_session_moment(s, head->timestamp);
	p->has_media = has_media;
	p->media = media;
	if (p->named && !head->resent)
		s->stream->false_naks++;
	/* It may be the first of all to be played now. */
	timer_set(&s->play, earlier(s->play.at, play_moment(s, p)));
}

/* Numbers between the newest so far and a packet beyond it are missing. */
static void open_gap(struct srt_session *s, uint32_t seq)
{
	uint32_t last = seq_add(seq, SEQ_MASK);

	srt_losses_add(&s->lost, s->top, last);
	if (s->patience.packets > 0)
		srt_patience_wait(&s->patience, s->top, last);
	else
		srt_report_loss(s, s->top, last);
}

static void take_older(struct srt_session *s, const struct srt_head *head)
{
	unsigned behind = (unsigned)seq_diff(s->top, head->seq) - 1;

	srt_losses_remove(&s->lost, head->seq);
	srt_patience_filled(&s->patience, head->seq, behind, head->resent);
}

/* A packet for which the buffer has room. */
static void take_in(struct srt_session *s, const struct srt_head *head, bool has_media,
		    uint64_t media)
{
	bool newest = !seq_before(head->seq, s->top);
	bool twice = !newest && srt_session_place(s, head->seq)->here;
	bool patient = s->patience.packets > 0;

	s->stream->doubled += twice;
	if (!twice)
		place_packet(s, head, has_media, media);
	if (!newest)
		take_older(s, head);
	else if (head->seq != s->top)
		open_gap(s, head->seq);
	if (newest)
		s->top = seq_add(head->seq, 1);
	if (twice)
		return;
	if (patient)
		srt_report_waited(s);
	if (newest || head->resent)
		srt_patience_orderly(&s->patience);
}

static bool plausible(const struct srt_session *s, const struct srt_head *head)
{
	return srt_session_moment(s, head->timestamp) <= s->home->world->now + AHEAD;
}

static void take_data(struct srt_session *s, const struct srt_head *head, const uint8_t *data,
		      size_t len)
{
	int32_t ahead = seq_diff(head->seq, s->next);
	bool whole = srt_data_is_whole(data, len);
	struct srt_stream *to = s->stream;
	uint64_t media = 0;
	bool has_media = whole && srt_data_media(data, len, &media);

	s->unacked++;
	to->received++;
	to->resent += head->resent;
	to->damaged += !whole;
	if (to->ledger && has_media)
		ledger_arrive(to->ledger, media, s->home->world->now);
	if (ahead >= LISTENER_ROOM || ahead < -LISTENER_WINDOW || !plausible(s, head))
		to->outside++;
	else if (ahead < 0)
		to->belated++;
	else if (seq_before(head->seq, s->settled))
		to->doubled++;
	else
		take_in(s, head, has_media, media);
}

/* The caller no longer has them: nothing is gained by asking. */
static void take_dropreq(struct srt_session *s, const uint8_t *data, size_t len)
{
	uint32_t from, to;

	if (!srt_parse_dropreq(data, len, &from, &to) || seq_before(to, from) ||
	    seq_diff(to, s->next) >= LISTENER_ROOM)
		return;
	if (seq_before(from, s->next))
		from = s->next;
	for (uint32_t seq = from; !seq_before(to, seq); seq = seq_add(seq, 1))
		srt_losses_remove(&s->lost, seq);
	srt_patience_forget(&s->patience, from, to);
	if (!seq_before(s->top, from) && !seq_before(to, s->top))
		s->top = seq_add(to, 1);
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
		srt_report_ackack(s, head.info, head.timestamp);
	else if (head.type == SRT_DROPREQ)
		take_dropreq(s, data, len);
	else if (head.type == SRT_SHUTDOWN)
		srt_session_end(s);
	if (s->open)
		srt_report_check(s);
}

void srt_session_init(struct srt_session *s, struct srt_listener *home)
{
	memset(s, 0, sizeof(*s));
	s->home = home;
	timer_init(&s->play, home->world, play_due, s);
	srt_report_init(s);
}

void srt_session_begin(struct srt_session *s)
{
	if (!s->place) {
		s->place = malloc(LISTENER_WINDOW * sizeof(*s->place));
		must(s->place != NULL);
	}
	memset(s->place, 0, LISTENER_WINDOW * sizeof(*s->place));
	s->open = true;
	s->began = s->heard = s->spoke = s->home->world->now;
	s->played = 0;
	s->next = s->top = s->settled = s->peer_isn;
	srt_losses_init(&s->lost);
	srt_patience_init(&s->patience, s->home->cfg.lossmaxttl, s->home->cfg.patched);
	s->drift = (struct srt_drift){.first_rtt = -1};
	srt_report_begin(s);
	s->stream->sessions++;
	if (++s->home->open > s->home->most_open)
		s->home->most_open = s->home->open;
}
