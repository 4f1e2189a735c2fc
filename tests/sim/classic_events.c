/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/base/seq.h"
#include "shared/wire/srt.h"
#include "tests/sim/classic_race.h"
#include "tests/sim/srt_build.h"

/* What may happen to a sender, drawn so that the odd things happen often. */

static void assert_left_by(struct race *r, int expected, const char *what)
{
	if (r->left_by != (expected < 0 ? RACE_NOTHING : expected))
		fail_msg("seed %" PRIu64 " event %u: %s went to place %d, not %d", r->seed,
			 r->event, what, r->left_by, expected);
	if (expected >= 0)
		r->chosen[expected]++;
}

static uint32_t before(uint32_t seq, uint64_t n)
{
	return (seq - (uint32_t)n) & SEQ_MASK;
}

static uint32_t some_number(struct race *r)
{
	switch (race_below(r, 8)) {
	case 0: /* of before */
		return before(r->next, race_below(r, 20000));
	case 1: /* never sent */
		return seq_add(r->next, (uint32_t)race_below(r, 50));
	case 2: /* of nowhere */
		return (uint32_t)rng_next(&r->rng) & SEQ_MASK;
	default: /* of late */
		return before(r->next, race_below(r, 300) + 1);
	}
}

static void data_event(struct race *r)
{
	uint8_t buf[PKT_CAP];
	struct srt_data d = {.seq = r->next, .payload = race_below(r, 40)};
	int expected;

	if (race_one_in(r, 10)) {
		d.resent = true;
		d.seq = before(r->next, race_below(r, race_one_in(r, 10) ? 16000 : 400) + 1);
	} else {
		if (race_one_in(r, 50))
			d.seq = seq_add(d.seq, (uint32_t)race_below(r, 10));
		if (race_one_in(r, 1000)) /* close to the most that is remembered */
			d.seq = seq_add(r->model.newest, MODEL_FAR - (uint32_t)race_below(r, 300));
		if (race_one_in(r, 4000))
			d.seq = race_one_in(r, 2) ? seq_add(d.seq, MODEL_FAR) : some_number(r);
		r->next = seq_add(d.seq, 1);
	}
	r->data++;
	expected = model_send_data(&r->model, d.seq);
	race_from_app(r, buf, srt_build_data(buf, &d));
	assert_left_by(r, expected, "data");
}

static void control_event(struct race *r)
{
	uint8_t buf[PKT_CAP];
	int expected = model_send_control(&r->model);

	race_from_app(r, buf, srt_build_ackack(buf, r->event, 0, 1));
	assert_left_by(r, expected, "a control packet");
}

static void session_event(struct race *r)
{
	uint8_t buf[PKT_CAP];
	struct srt_hello h = {
		.version = 4, .extension = 2, .type = SRT_HS_INDUCTION, .socket_id = ++r->socket};
	int expected;

	model_session(&r->model);
	expected = model_send_control(&r->model);
	race_from_app(r, buf, srt_build_handshake(buf, &h));
	assert_left_by(r, expected, "a handshake");
	if (race_one_in(r, 2))
		r->next = (uint32_t)rng_next(&r->rng) & SEQ_MASK;
	r->acked = r->next;
}

/* A link over which the receiver is heard, or -1. */
static int heard_place(struct race *r)
{
	unsigned first = (unsigned)race_below(r, r->model.count);

	for (unsigned i = 0; i < r->model.count; i++) {
		unsigned place = (first + i) % r->model.count;

		if (!r->silent[place])
			return (int)place;
	}
	return -1;
}

static void srtla_ack_event(struct race *r, unsigned place)
{
	uint32_t seq[SRTLA_ACK_COUNT];
	size_t count = race_one_in(r, 4) ? 1 + race_below(r, SRTLA_ACK_COUNT) : SRTLA_ACK_COUNT;
	uint32_t base = before(r->next, race_below(r, 60) + 1);
	uint8_t buf[PKT_CAP];

	for (size_t i = 0; i < count; i++)
		seq[i] = race_one_in(r, 10) ? some_number(r) : before(base, i);
	model_srtla_ack(&r->model, seq, count);
	race_from_link(r, place, buf, srtla_build_ack(buf, seq, count));
}

static void srt_ack_event(struct race *r, unsigned place)
{
	uint8_t buf[PKT_CAP];
	uint32_t next = r->acked;

	switch (race_below(r, 10)) {
	case 0:
		next = some_number(r);
		break;
	case 1: /* the same, or an older one */
		next = before(next, race_below(r, 100));
		break;
	case 2: /* one too far, or just not */
		next = seq_add(r->model.newest, 1 + (uint32_t)race_below(r, 2));
		break;
	case 3: /* at the far end */
		next = before(r->model.newest, MODEL_FAR - 2 + race_below(r, 4));
		break;
	default: {
		int32_t flying = model_distance(r->next, r->acked);

		if (flying > 0)
			next = seq_add(next, (uint32_t)race_below(r, (uint64_t)flying + 1));
		r->acked = next;
		break;
	}
	}
	r->acks++;
	model_srt_ack(&r->model, next);
	race_from_link(r, place, buf,
		       race_one_in(r, 3)
			       ? srt_build_light_ack(buf, next, r->event, 1)
			       : srt_build_ack(buf, r->event, next, 1, 1, 1, r->event, 1));
}

/*
 * How many numbers a list names.  The core looks up as many as an SRT receiver
 * can miss, 8192, where the reference would go on for ever.
 */
static uint64_t width(const uint32_t *words, size_t count)
{
	uint64_t sum = count;

	for (size_t i = 0; i + 1 < count; i++)
		if (words[i] & UINT32_C(0x80000000))
			sum += (words[i + 1] - words[i]) & UINT32_C(0x3fffffff);
	return sum;
}

static void nak_event(struct race *r, unsigned place)
{
	uint32_t words[40];
	uint8_t buf[PKT_CAP];
	size_t count = 0;

	for (uint64_t parts = 1 + race_below(r, 4); parts > 0; parts--) {
		uint32_t from = some_number(r);

		if (race_one_in(r, 2)) {
			words[count++] = from;
			continue;
		}
		words[count++] = from | UINT32_C(0x80000000);
		words[count++] = seq_add(from, (uint32_t)race_below(r, 12)); /* rarely backwards: */
		if (race_one_in(r, 8))
			words[count - 1] = before(from, 1 + race_below(r, 100));
		if (race_one_in(r, 20))
			count--; /* its end is missing */
	}
	if (width(words, count) > 8000)
		count = 1;
	if (race_one_in(r, 200) && abs(model_distance(r->model.newest, r->acked)) < 4000) {
		words[0] = before(r->acked, 100) | UINT32_C(0x80000000);
		words[1] = seq_add(r->next, UINT32_C(0x3fff0000));
		count = 2;
	}
	model_srt_nak(&r->model, words, count);
	race_from_link(r, place, buf, srt_build_nak(buf, words, count, r->event, 1));
}

/* One seed in four knows no loss, so that windows come to their most. */
static bool fair(const struct race *r)
{
	return r->seed % 4 == 0;
}

static void feedback_event(struct race *r)
{
	int place = heard_place(r);

	if (place < 0)
		return;
	switch (race_below(r, 10)) {
	case 0:
		srt_ack_event(r, (unsigned)place);
		break;
	case 1:
	case 2:
		if (!fair(r))
			srt_ack_event(r, (unsigned)place);
		break;
	case 3:
		if (!fair(r))
			nak_event(r, (unsigned)place);
		break;
	default:
		srtla_ack_event(r, (unsigned)place);
		srtla_ack_event(r, (unsigned)place);
		break;
	}
	race_pump(r);
}

static void link_event(struct race *r)
{
	unsigned place = (unsigned)race_below(r, r->model.count);

	r->silent[place] = !r->silent[place];
	if (r->silent[place])
		race_pass_time(r, MSEC(race_below(r, 6000)));
}

/* Times without much feedback, so that logs run over and counts grow. */
static void change_mood(struct race *r)
{
	if (r->event % 1000 == 0 && !fair(r))
		r->feedback = race_one_in(r, 3) ? race_below(r, 40) : 230;
}

void race_happen(struct race *r)
{
	uint64_t what = race_below(r, 1000);

	change_mood(r);
	if (what >= 570 + r->feedback && what < 800)
		what = 0;
	if (what < 550)
		data_event(r);
	else if (what < 570)
		control_event(r);
	else if (what < 800)
		feedback_event(r);
	else if (what < 990)
		race_pass_time(r, USEC(race_below(r, 20000)));
	else if (what < 997)
		race_pass_time(r, MSEC(race_below(r, 1500)));
	else if (what < 999 && r->seed % 2)
		link_event(r);
	else if (what == 999 && race_one_in(r, 4))
		session_event(r);
}
