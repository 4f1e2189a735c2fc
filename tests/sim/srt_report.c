/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/srt_listener.h"

/* What a receiving end reports: full ACKs by the clock, light ones by count, and losses. */

#define ACK_EVERY MSEC(10)
#define NAK_LEAST MSEC(20)
#define FIRST_RTT MSEC(100)

enum {
	LIGHT_ACK_EVERY = 64,
	RTT_GAIN = 8,
	SPREAD_GAIN = 4,
};

static uint32_t move_ackable(struct srt_session *s)
{
	if (seq_before(s->ackable, s->next))
		s->ackable = s->next;
	while (s->ackable != s->top && srt_session_place(s, s->ackable)->here)
		s->ackable = seq_add(s->ackable, 1);
	return s->ackable;
}

static void ack_due(void *who)
{
	struct srt_session *s = who;
	ustime now = s->home->world->now;
	uint32_t next = move_ackable(s);
	bool unconfirmed = s->ack_confirmed != s->ack_number;
	uint8_t buf[PKT_CAP];

	timer_set(&s->ack, now + ACK_EVERY);
	if (next == s->acked && !(unconfirmed && now - s->acked_at > s->rtt + 4 * s->rttvar))
		return;
	if (++s->ack_number == 0)
		s->ack_number = 1;
	s->acked = next;
	s->acked_at = now;
	s->ack_sent[s->ack_number % LISTENER_ACKS] = now;
	s->since_light = 0;
	s->stream->acks++;
	srt_session_emit(s, buf,
			 srt_build_ack(buf, s->ack_number, next, (uint32_t)s->rtt,
				       (uint32_t)s->rttvar, LISTENER_WINDOW, srt_session_stamp(s),
				       s->peer_id));
}

void srt_report_ackack(struct srt_session *s, uint32_t number)
{
	ustime *sent = &s->ack_sent[number % LISTENER_ACKS];
	usspan sample = s->home->world->now - *sent;
	usspan off = sample - s->rtt;

	if (*sent == 0 || sample < 0)
		return;
	*sent = 0;
	if (number == s->ack_number)
		s->ack_confirmed = number;
	s->rttvar += ((off < 0 ? -off : off) - s->rttvar) / SPREAD_GAIN;
	s->rtt += off / RTT_GAIN;
}

/* Names what is missing of from..to, both included. */
static void nak_range(struct srt_session *s, uint32_t from, uint32_t to)
{
	uint32_t words[SRT_NAK_WORDS];
	uint8_t buf[PKT_CAP];
	size_t count = 0;

	if (seq_before(from, s->next))
		from = s->next;
	for (uint32_t seq = from; !seq_before(to, seq) && count + 2 <= SRT_NAK_WORDS;
	     seq = seq_add(seq, 1)) {
		uint32_t last = seq;

		if (srt_session_place(s, seq)->here)
			continue;
		while (seq_before(last, to) && !srt_session_place(s, seq_add(last, 1))->here)
			last = seq_add(last, 1);
		words[count++] = last == seq ? seq : seq | UINT32_C(0x80000000);
		if (last != seq)
			words[count++] = last;
		s->stream->nak_numbers += (uint32_t)seq_diff(last, seq) + 1;
		for (;; seq = seq_add(seq, 1)) {
			srt_session_place(s, seq)->named = true;
			if (seq == last)
				break;
		}
	}
	if (count == 0)
		return;
	s->stream->naks++;
	srt_session_emit(s, buf,
			 srt_build_nak(buf, words, count, srt_session_stamp(s), s->peer_id));
}

static void nak_due(void *who)
{
	struct srt_session *s = who;
	usspan every = later(NAK_LEAST, (s->rtt + 4 * s->rttvar) / 2);

	timer_set(&s->nak, s->home->world->now + every);
	if (s->missing > 0)
		nak_range(s, s->next, seq_add(s->top, SEQ_MASK));
}

void srt_report_gap(struct srt_session *s, uint32_t from, uint32_t to)
{
	unsigned at = (s->gap_head + s->gap_count) % LISTENER_GAPS;

	if (s->home->cfg.lossmaxttl == 0 || s->gap_count == LISTENER_GAPS) {
		nak_range(s, from, to);
		return;
	}
	s->gap[at].from = from;
	s->gap[at].to = to;
	s->gap[at].after = s->count + s->home->cfg.lossmaxttl;
	s->gap_count++;
}

void srt_report_gaps(struct srt_session *s)
{
	while (s->gap_count > 0 && s->gap[s->gap_head].after <= s->count) {
		nak_range(s, s->gap[s->gap_head].from, s->gap[s->gap_head].to);
		s->gap_head = (s->gap_head + 1) % LISTENER_GAPS;
		s->gap_count--;
	}
}

void srt_report_light(struct srt_session *s)
{
	uint8_t buf[PKT_CAP];

	if (++s->since_light < LIGHT_ACK_EVERY)
		return;
	s->since_light = 0;
	s->stream->light_acks++;
	srt_session_emit(
		s, buf,
		srt_build_light_ack(buf, move_ackable(s), srt_session_stamp(s), s->peer_id));
}

void srt_report_init(struct srt_session *s)
{
	timer_init(&s->ack, s->home->world, ack_due, s);
	timer_init(&s->nak, s->home->world, nak_due, s);
}

void srt_report_begin(struct srt_session *s)
{
	ustime now = s->home->world->now;

	s->since_light = 0;
	s->gap_head = s->gap_count = 0;
	s->rtt = FIRST_RTT;
	s->rttvar = FIRST_RTT / 2;
	s->ack_number = s->ack_confirmed = 0;
	memset(s->ack_sent, 0, sizeof(s->ack_sent));
	timer_set(&s->ack, now + ACK_EVERY);
	if (!s->home->cfg.silent_gaps)
		timer_set(&s->nak, now + NAK_LEAST);
}
