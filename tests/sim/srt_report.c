/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/srt_listener.h"

/* What a receiving end reports: full ACKs by the clock, light ones by count, and losses. */

#define NAK_FIRST  MSEC(300) /* the pace of periodic NAKs before the first of all NAKs, */
#define NAK_LEAST  MSEC(20)  /* and at the fastest */
#define DRIFT_STEP MSEC(5)

enum {
	LIGHT_ACK_EVERY = 64,
	NAKS_A_ROUND = 2,
	DRIFT_SAMPLES = 1000,
};

/* All before it has come or was given up. */
static uint32_t ackable(const struct srt_session *s)
{
	return s->lost.count > 0 ? s->lost.first : s->top;
}

static uint32_t room(const struct srt_session *s)
{
	int32_t held = seq_diff(s->acked, s->next);
	int32_t left = LISTENER_ROOM - (held < 0 ? -held : held);

	return left < 2 ? 2 : (uint32_t)left;
}

static void full_ack(struct srt_session *s)
{
	ustime now = s->home->world->now;
	uint32_t next = ackable(s);
	uint8_t buf[PKT_CAP];

	if (next == s->ack_confirmed)
		return;
	if (seq_before(s->acked, next))
		s->acked = s->settled = next;
	else if (next != s->acked || now - s->acked_at < srt_round(s->rtt, s->rttvar))
		return;
	if (!seq_before(s->ack_confirmed, s->acked))
		return;
	if (++s->ack_number == 0)
		s->ack_number = 1;
	s->acked_at = now;
	if (s->ack_number - s->ack_oldest >= LISTENER_ACKS)
		s->ack_oldest = s->ack_number - LISTENER_ACKS + 1;
	s->ack_sent[s->ack_number % LISTENER_ACKS] = (struct srt_ack_sent){now, s->acked};
	s->stream->acks++;
	srt_session_emit(s, buf,
			 srt_build_ack(buf, s->ack_number, s->acked, (uint32_t)s->rtt,
				       (uint32_t)s->rttvar, room(s), srt_session_stamp(s),
				       s->peer_id));
}

static void light_ack(struct srt_session *s)
{
	uint32_t next = ackable(s);
	uint8_t buf[PKT_CAP];

	if (next == s->ack_confirmed)
		return;
	s->stream->light_acks++;
	srt_session_emit(s, buf, srt_build_light_ack(buf, next, srt_session_stamp(s), s->peer_id));
}

static void check_acks(struct srt_session *s)
{
	ustime now = s->home->world->now;

	if (now > s->next_ack) {
		full_ack(s);
		s->next_ack = now + SRT_SYN;
		s->unacked = 0;
		s->light = 1;
	} else if (s->unacked >= LIGHT_ACK_EVERY * s->light) {
		light_ack(s);
		s->light++;
	}
}

/* It measures how late the ACKACK was, compared with what its timestamp promised. */
static void drift_on(struct srt_session *s, uint32_t timestamp, usspan rtt)
{
	ustime promised = srt_session_moment(s, timestamp) + s->drift.shift;
	struct srt_drift *d = &s->drift;

	if (d->first_rtt < 0)
		d->first_rtt = rtt;
	d->sum += s->home->world->now - promised - (rtt - d->first_rtt) / 2;
	if (++d->samples < DRIFT_SAMPLES)
		return;
	d->rest = d->sum / DRIFT_SAMPLES;
	d->sum = d->samples = 0;
	if (d->rest > DRIFT_STEP || d->rest < -DRIFT_STEP) {
		usspan step = d->rest < 0 ? -DRIFT_STEP : DRIFT_STEP;

		d->shift += step;
		d->rest -= step;
	}
}

void srt_report_ackack(struct srt_session *s, uint32_t number, uint32_t timestamp)
{
	const struct srt_ack_sent *ack = &s->ack_sent[number % LISTENER_ACKS];
	usspan sample, off;

	/* One that another overtook says nothing. */
	if (number - s->ack_oldest > s->ack_number - s->ack_oldest)
		return;
	s->ack_oldest = number + 1;
	sample = s->home->world->now - ack->at;
	if (sample <= 0)
		return;
	if (s->measured) {
		off = sample - s->rtt;
		s->rttvar = srt_mean(s->rttvar, off < 0 ? -off : off, SRT_RTTVAR_GAIN);
		s->rtt = srt_mean(s->rtt, sample, SRT_RTT_GAIN);
	} else {
		s->rtt = sample;
		s->rttvar = sample / 2;
		s->measured = true;
	}
	drift_on(s, timestamp, sample);
	if (seq_before(s->ack_confirmed, ack->next))
		s->ack_confirmed = ack->next;
}

static void send_nak(struct srt_session *s, const uint32_t *words, size_t count)
{
	uint8_t buf[PKT_CAP];

	if (count > 0) {
		s->stream->naks++;
		srt_session_emit(
			s, buf, srt_build_nak(buf, words, count, srt_session_stamp(s), s->peer_id));
	}
	s->nak_every = later(NAK_LEAST, srt_round(s->rtt, s->rttvar) / NAKS_A_ROUND);
}

static size_t name_run(struct srt_session *s, uint32_t from, uint32_t to, uint32_t *words)
{
	for (uint32_t seq = from; !seq_before(to, seq); seq = seq_add(seq, 1))
		srt_session_place(s, seq)->named = true;
	s->stream->nak_numbers += (uint32_t)seq_diff(to, from) + 1;
	words[0] = from;
	if (from == to)
		return 1;
	words[0] |= UINT32_C(0x80000000);
	words[1] = to;
	return 2;
}

void srt_report_loss(struct srt_session *s, uint32_t from, uint32_t to)
{
	uint32_t words[2];

	send_nak(s, words, name_run(s, from, to, words));
}

void srt_report_waited(struct srt_session *s)
{
	uint32_t words[2 * PATIENCE_GAPS], from, to;
	size_t count = 0;

	while (srt_patience_given_up(&s->patience, &from, &to))
		count += name_run(s, from, to, words + count);
	if (count > 0)
		send_nak(s, words, count < SRT_NAK_WORDS ? count : SRT_NAK_WORDS);
}

/* All that is missing, whether its gap still has patience or not. */
static void report_all(struct srt_session *s)
{
	uint32_t words[SRT_NAK_WORDS + 1], from = s->lost.first, to;
	size_t count = 0;

	while (count + 1 < SRT_NAK_WORDS && srt_losses_run(&s->lost, &from, &to)) {
		count += name_run(s, from, to, words + count);
		from = seq_add(to, 1);
	}
	send_nak(s, words, count);
}

static void check_naks(struct srt_session *s)
{
	ustime now = s->home->world->now;

	if (s->home->cfg.silent_gaps || s->home->cfg.patched)
		return;
	if (s->lost.count > 0) {
		if (now <= s->next_nak)
			return;
		report_all(s);
	}
	s->next_nak = now + s->nak_every;
}

void srt_report_check(struct srt_session *s)
{
	ustime now = s->home->world->now;
	uint8_t buf[PKT_CAP];

	check_acks(s);
	check_naks(s);
	if (now - s->heard > srt_silence(s->rtt, s->rttvar)) {
		srt_session_end(s);
		return;
	}
	if (now - s->spoke > SRT_QUIET)
		srt_session_emit(s, buf,
				 srt_build_keepalive(buf, srt_session_stamp(s), s->peer_id));
	timer_set(&s->check, now + SRT_TICK);
}

static void check_due(void *who)
{
	srt_report_check(who);
}

void srt_report_init(struct srt_session *s)
{
	timer_init(&s->check, s->home->world, check_due, s);
}

void srt_report_begin(struct srt_session *s)
{
	ustime now = s->home->world->now;

	s->rtt = SRT_FIRST_RTT;
	s->rttvar = SRT_FIRST_RTT / 2;
	s->measured = false;
	s->ack_number = 0;
	s->ack_oldest = 1;
	s->acked = s->ack_confirmed = s->peer_isn;
	s->acked_at = now;
	s->unacked = 0;
	s->light = 1;
	s->next_ack = now + SRT_SYN;
	s->nak_every = NAK_FIRST;
	s->next_nak = now + NAK_FIRST;
	timer_set(&s->check, now + SRT_TICK);
}

void srt_report_end(struct srt_session *s)
{
	timer_set(&s->check, NEVER);
}
