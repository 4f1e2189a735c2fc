/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "sender/probe.h"
#include "shared/base/rng.h"

enum {
	QUEUE = 64,
	NEEDED = 1332, /* a full SRT packet as nearly all encoders send it, 1316 + 16 */
};

/* A receiver at the end of one path, and the path. */
struct far {
	usspan rtt;
	size_t path;        /* longer datagrams are swallowed */
	size_t echoes_most; /* longer keepalives are not returned; 0: all are */
	size_t cuts;        /* echoes are cut to this; 0: whole */
	unsigned loses;     /* percent of the keepalives */
	usspan jitter;      /* that every second answer takes longer */
	bool deaf, refuses;
	unsigned keepalives;
	struct {
		ustime at;
		size_t len;
		uint8_t data[PROBE_MOST];
	} answer[QUEUE];
	unsigned head, count;
	unsigned reg1s;
	enum srtla_type first; /* what it was asked first */
	struct rng rng;
};

static struct far far_end;
static struct probe_group group;
static uint8_t receivers_half[SRTLA_HALF_LEN];

static void answer(struct far *f, ustime now, const uint8_t *data, size_t len)
{
	unsigned at = (f->head + f->count++) % QUEUE;

	assert_true(f->count <= QUEUE);
	f->answer[at].at = now + f->rtt + (f->keepalives % 2 ? f->jitter : 0);
	f->answer[at].len = len;
	memcpy(f->answer[at].data, data, len);
}

static void answer_registration(struct far *f, ustime now, const uint8_t *data, size_t len)
{
	uint8_t reply[SRTLA_REG_LEN], id[SRTLA_ID_LEN];

	memcpy(id, srtla_reg_id(data, len), sizeof(id));
	if (f->refuses) {
		answer(f, now, reply, srtla_build_reply(reply, SRTLA_REG_ERR));
	} else if (srtla_type(data, len) == SRTLA_REG1) {
		f->reg1s++;
		memcpy(id + SRTLA_HALF_LEN, receivers_half, SRTLA_HALF_LEN);
		answer(f, now, reply, srtla_build_reg(reply, SRTLA_REG2, id));
	} else if (memcmp(id + SRTLA_HALF_LEN, receivers_half, SRTLA_HALF_LEN) == 0) {
		answer(f, now, reply, srtla_build_reply(reply, SRTLA_REG3));
	} else {
		answer(f, now, reply, srtla_build_reply(reply, SRTLA_REG_NGP));
	}
}

static void take(struct far *f, ustime now, const uint8_t *data, size_t len)
{
	if (f->first == SRTLA_NOT_OURS)
		f->first = srtla_type(data, len);
	if (f->deaf || len > f->path)
		return;
	if (srtla_type(data, len) != SRTLA_KEEPALIVE) {
		answer_registration(f, now, data, len);
		return;
	}
	f->keepalives++;
	if (f->loses && rng_below(&f->rng, 100) < f->loses)
		return;
	if (f->echoes_most == 0 || len <= f->echoes_most)
		answer(f, now, data, f->cuts && f->cuts < len ? f->cuts : len);
}

/* All that is due now leaves. */
static void speak(struct probe *p, struct far *f, ustime now)
{
	uint8_t buf[PROBE_MOST];
	size_t len;

	while ((len = probe_next(p, buf, now)) > 0)
		take(f, now, buf, len);
}

static void hear(struct probe *p, struct far *f, ustime now)
{
	while (f->count > 0 && f->answer[f->head].at <= now) {
		probe_hear(p, f->answer[f->head].data, f->answer[f->head].len, now);
		f->head = (f->head + 1) % QUEUE;
		f->count--;
	}
}

/* From start to end; returns how long it took. */
static usspan run(struct probe *p, struct far *f)
{
	ustime start = SEC(100), now = start;

	memset(receivers_half, 0x77, sizeof(receivers_half));
	probe_init(p, &group, PROBE_MOST, NEEDED, now);
	while (p->stage != PROBE_DONE) {
		ustime next;

		assert_true(now < start + SEC(60));
		speak(p, f, now);
		next = probe_deadline(p);
		if (f->count > 0)
			next = earlier(next, f->answer[f->head].at);
		if (p->stage == PROBE_DONE)
			break;
		now = later(next, now);
		hear(p, f, now);
	}
	return now - start;
}

static struct probe probe_over(const struct far *path)
{
	static const uint8_t half[SRTLA_HALF_LEN] = {1, 2, 3};
	struct probe p;

	far_end = *path;
	rng_init(&far_end.rng, 7);
	probe_group_init(&group, half);
	run(&p, &far_end);
	return p;
}

static void a_good_path_registers_and_times_five_keepalives(void **state)
{
	struct probe p =
		probe_over(&(struct far){.rtt = MSEC(40), .path = 1472, .jitter = MSEC(9)});

	(void)state;
	assert_true(p.heard && p.joined && !p.refused);
	assert_int_equal(far_end.first, SRTLA_REG2);
	assert_int_equal(far_end.reg1s, 1);
	assert_int_equal(p.echoes, 5);
	assert_in_range(p.rtt, MSEC(40), MSEC(40) + 1);
}

static void a_path_that_takes_all_is_measured_with_one_length(void **state)
{
	struct probe p = probe_over(&(struct far){.rtt = MSEC(40), .path = 1472});

	(void)state;
	assert_int_equal(p.fits, 1472);
	assert_int_equal(p.fails, 0);
	assert_true(far_end.keepalives <= 5 + 3 * 5);
}

static void a_path_that_swallows_what_is_longer_is_measured_to_the_byte(void **state)
{
	static const size_t paths[] = {1471, 1372, 1332, 1331, 1272, 1252, 1000, 600, 300};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct probe p = probe_over(&(struct far){.rtt = MSEC(80), .path = paths[i]});

		assert_int_equal(p.fits, paths[i]);
		assert_int_equal(p.fails, paths[i] + 1);
	}
}

static void a_tenth_of_the_keepalives_lost_changes_no_measure(void **state)
{
	struct probe p = probe_over(&(struct far){.rtt = MSEC(80), .path = 1272, .loses = 10});

	(void)state;
	assert_true(p.echoes >= 3);
	assert_int_equal(p.fits, 1272);
	assert_int_equal(p.fails, 1273);
}

static void a_receiver_that_returns_no_long_keepalives_leaves_the_path_open(void **state)
{
	struct probe p =
		probe_over(&(struct far){.rtt = MSEC(20), .path = 1472, .echoes_most = 38});

	(void)state;
	assert_true(p.joined);
	assert_true(p.fits <= 38);
}

static void an_echo_that_is_cut_short_shows_what_arrived(void **state)
{
	struct probe p = probe_over(&(struct far){.rtt = MSEC(20), .path = 1400, .cuts = 10});

	(void)state;
	assert_int_equal(p.fits, 1400);
}

static void what_the_network_says_of_its_limit_is_tried_next(void **state)
{
	struct probe p;
	uint8_t buf[PROBE_MOST];

	(void)state;
	p = probe_over(&(struct far){.rtt = MSEC(20), .path = 1472});
	p.stage = PROBE_SIZING;
	p.fits = 32;
	p.fails = 1473;
	p.rounds = 1;
	probe_limit(&p, 1272);
	assert_int_equal(p.fails, 1273);
	p.give_up = SEC(200);
	p.due = NEVER;
	assert_int_equal(probe_next(&p, buf, SEC(200)), 1272);
}

static void silence_ends_after_four_seconds(void **state)
{
	static const uint8_t half[SRTLA_HALF_LEN] = {1};
	struct probe p;
	usspan took;

	(void)state;
	far_end = (struct far){.deaf = true};
	probe_group_init(&group, half);
	took = run(&p, &far_end);
	assert_false(p.heard || p.joined);
	assert_in_range(took, MSEC(3500), SEC(4));
}

static void the_longest_examination_leaves_room_in_ten_seconds(void **state)
{
	static const uint8_t half[SRTLA_HALF_LEN] = {1};
	struct probe p;

	(void)state;
	far_end = (struct far){.rtt = MSEC(250), .path = 700};
	probe_group_init(&group, half);
	assert_in_range(run(&p, &far_end), SEC(1), SEC(7));
	assert_int_equal(p.fits, 700);
}

static void a_refusal_ends_it_at_once(void **state)
{
	static const uint8_t half[SRTLA_HALF_LEN] = {1};
	struct probe p;

	(void)state;
	far_end = (struct far){.rtt = MSEC(40), .path = 1472, .refuses = true};
	probe_group_init(&group, half);
	assert_int_equal(run(&p, &far_end), MSEC(40));
	assert_true(p.heard && p.refused && !p.joined);
}

static void a_second_link_joins_the_group_of_the_first_and_asks_for_no_other(void **state)
{
	struct probe first = probe_over(&(struct far){.rtt = MSEC(40), .path = 1472}), second;

	(void)state;
	run(&second, &far_end);
	assert_true(first.joined && second.joined);
	assert_int_equal(far_end.reg1s, 1);
}

static void a_link_that_waits_joins_as_soon_as_the_group_is_there(void **state)
{
	static const uint8_t half[SRTLA_HALF_LEN] = {9};
	uint8_t buf[PROBE_MOST];
	struct probe p;
	ustime now = SEC(1);

	(void)state;
	probe_group_init(&group, half);
	probe_init(&p, &group, PROBE_MOST, 0, now);
	assert_int_equal(probe_next(&p, buf, now), SRTLA_REG_LEN);
	assert_true(probe_deadline(&p) > now);
	group.whole = true; /* by another link */
	assert_true(probe_deadline(&p) <= now);
	assert_int_equal(probe_next(&p, buf, now), SRTLA_REG_LEN);
	assert_int_equal(srtla_type(buf, SRTLA_REG_LEN), SRTLA_REG2);
	assert_true(probe_deadline(&p) > now);
}

static void answers_to_somebody_else_change_nothing(void **state)
{
	static const uint8_t half[SRTLA_HALF_LEN] = {9}, other[SRTLA_ID_LEN] = {8};
	uint8_t buf[PROBE_MOST], keepalive[10] = {0x90, 0x00, 1, 2, 3};
	struct probe p;

	(void)state;
	probe_group_init(&group, half);
	probe_init(&p, &group, PROBE_MOST, 0, SEC(1));
	probe_next(&p, buf, SEC(1));
	probe_hear(&p, buf, srtla_build_reg(buf, SRTLA_REG2, other), SEC(1));
	assert_false(group.whole);
	probe_hear(&p, buf, srtla_build_reply(buf, SRTLA_REG3), SEC(1));
	probe_hear(&p, keepalive, sizeof(keepalive), SEC(2));
	assert_int_equal(p.echoes, 0);
	assert_int_equal(p.fits, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_path_registers_and_times_five_keepalives),
		cmocka_unit_test(a_path_that_takes_all_is_measured_with_one_length),
		cmocka_unit_test(a_path_that_swallows_what_is_longer_is_measured_to_the_byte),
		cmocka_unit_test(a_tenth_of_the_keepalives_lost_changes_no_measure),
		cmocka_unit_test(a_receiver_that_returns_no_long_keepalives_leaves_the_path_open),
		cmocka_unit_test(an_echo_that_is_cut_short_shows_what_arrived),
		cmocka_unit_test(what_the_network_says_of_its_limit_is_tried_next),
		cmocka_unit_test(silence_ends_after_four_seconds),
		cmocka_unit_test(the_longest_examination_leaves_room_in_ten_seconds),
		cmocka_unit_test(a_refusal_ends_it_at_once),
		cmocka_unit_test(a_second_link_joins_the_group_of_the_first_and_asks_for_no_other),
		cmocka_unit_test(a_link_that_waits_joins_as_soon_as_the_group_is_there),
		cmocka_unit_test(answers_to_somebody_else_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
