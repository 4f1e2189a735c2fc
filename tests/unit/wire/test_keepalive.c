/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "shared/base/rng.h"
#include "shared/base/seq.h"
#include "shared/wire/keepalive.h"

static const struct keepalive full = {
	.timed = true,
	.extended = true,
	.greets = true,
	.time = UINT64_C(0x0123456789abcdef),
	.conn_id = 0xdeadbeef,
	.window = 20000,
	.in_flight = -1,
	.srtt = 61,
	.naks = 7,
	.rate = 1250000,
	.hello = {.role = KEEPALIVE_ROLE_SENDER, .version = 1, .abilities = 0x80000001},
};

static size_t greeting(uint8_t *buf)
{
	return keepalive_build(buf, &full);
}

static void assert_same_hello(const struct keepalive_hello *a, const struct keepalive_hello *b)
{
	assert_int_equal(a->role, b->role);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->abilities, b->abilities);
}

static void layout_is_the_one_that_receivers_read(void **state)
{
	const uint8_t wire[KEEPALIVE_EXTENDED] = {
		0x90, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xc0, 0x1f, 0x00,
		0x01, 0xde, 0xad, 0xbe, 0xef, 0x00, 0x00, 0x4e, 0x20, 0xff, 0xff, 0xff, 0xff,
		0x00, 0x00, 0x00, 0x3d, 0x00, 0x00, 0x00, 0x07, 0x00, 0x13, 0x12, 0xd0,
	};
	struct keepalive plain = full;
	uint8_t buf[KEEPALIVE_HELLO];

	(void)state;
	plain.greets = false;
	assert_int_equal(keepalive_build(buf, &plain), 38);
	assert_memory_equal(buf, wire, sizeof(wire));
	assert_int_equal(greeting(buf), 50);
	assert_memory_equal(buf, wire, sizeof(wire));
}

static void what_was_built_reads_back_whole(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO];
	struct keepalive k;

	(void)state;
	assert_true(keepalive_parse(buf, greeting(buf), &k));
	assert_true(k.timed && k.extended && k.greets);
	assert_true(k.time == full.time);
	assert_int_equal(k.conn_id, full.conn_id);
	assert_int_equal(k.window, full.window);
	assert_int_equal(k.in_flight, full.in_flight);
	assert_int_equal(k.srtt, full.srtt);
	assert_int_equal(k.naks, full.naks);
	assert_int_equal(k.rate, full.rate);
	assert_same_hello(&k.hello, &full.hello);
}

static void every_length_from_two_on_is_a_keepalive(void **state)
{
	uint8_t buf[200] = {0};

	(void)state;
	greeting(buf);
	for (size_t len = 0; len <= sizeof(buf); len++) {
		uint8_t *data = exactly(buf, len);
		struct keepalive k;
		bool ok = keepalive_parse(data, len, &k);

		assert_int_equal(ok, len >= 2);
		if (ok) {
			assert_int_equal(k.timed, len >= 10);
			assert_int_equal(k.extended, len >= 38);
			assert_int_equal(k.greets, len >= 50);
		}
		free(data);
	}
}

static void lengths_seen_in_the_field_are_read_for_what_they_hold(void **state)
{
	static const struct {
		size_t len;
		bool timed, extended;
	} rows[] = {{2, false, false}, {10, true, false}, {32, true, false},
		    {38, true, true},  {50, true, true},  {200, true, true}};
	struct keepalive plain = full;
	uint8_t buf[200] = {0};

	(void)state;
	plain.greets = false;
	keepalive_build(buf, &plain);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct keepalive k;

		assert_true(keepalive_parse(buf, rows[i].len, &k));
		assert_int_equal(k.timed, rows[i].timed);
		assert_int_equal(k.extended, rows[i].extended);
		assert_false(k.greets);
		assert_true(k.time == (rows[i].timed ? full.time : 0));
	}
}

static void padded_probe_of_a_receiver_has_a_time_of_zero(void **state)
{
	const uint8_t buf[32] = {0x90, 0x00};
	struct keepalive k;

	(void)state;
	assert_true(keepalive_parse(buf, sizeof(buf), &k));
	assert_true(k.timed);
	assert_int_equal(k.time, 0);
}

static void another_magic_or_version_leaves_only_the_time(void **state)
{
	static const size_t places[] = {10, 11, 12, 13};
	struct keepalive k;
	uint8_t buf[KEEPALIVE_HELLO];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t len = greeting(buf);

		buf[places[i]] ^= 0x10;
		assert_true(keepalive_parse(buf, len, &k));
		assert_true(k.timed);
		assert_false(k.extended);
		assert_false(k.greets);
		assert_int_equal(k.rate, 0);
		assert_false(keepalive_answer(buf, len, 0));
	}
}

static void round_trip_in_microseconds_is_corrected(void **state)
{
	static const uint32_t rows[][2] = {
		{0, 0}, {60000, 60000}, {60001, 60}, {85000, 85}, {UINT32_MAX, UINT32_MAX / 1000}};
	uint8_t buf[KEEPALIVE_HELLO];
	struct keepalive k = full;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len;

		k.srtt = rows[i][0];
		len = keepalive_build(buf, &k);
		assert_true(keepalive_parse(buf, len, &k));
		assert_int_equal(k.srtt, rows[i][1]);
	}
}

static void own_receiver_answers_with_its_own_hello_and_the_same_38_bytes(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO], before[KEEPALIVE_HELLO];
	size_t len = greeting(buf);
	struct keepalive k;

	(void)state;
	memcpy(before, buf, len);
	assert_true(keepalive_answer(buf, len, 0x42));
	assert_memory_equal(buf, before, KEEPALIVE_EXTENDED);
	assert_true(keepalive_parse(buf, len, &k));
	assert_true(k.greets);
	assert_int_equal(k.hello.role, KEEPALIVE_ROLE_RECEIVER);
	assert_int_equal(k.hello.version, KEEPALIVE_VERSION);
	assert_int_equal(k.hello.abilities, 0x42);
	assert_true(k.time == full.time);
}

/* A classic receiver returns our own words, role included, and so says no. */
static void echo_untouched_still_says_sender(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO];
	struct keepalive k;

	(void)state;
	assert_true(keepalive_parse(buf, greeting(buf), &k));
	assert_int_equal(k.hello.role, KEEPALIVE_ROLE_SENDER);
}

static void answer_leaves_everything_alone_that_is_no_senders_hello(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO], before[KEEPALIVE_HELLO];

	(void)state;
	for (size_t len = 0; len < KEEPALIVE_HELLO; len++) {
		greeting(buf);
		memcpy(before, buf, sizeof(buf));
		assert_false(keepalive_answer(buf, len, 0));
		assert_memory_equal(buf, before, sizeof(buf));
	}
	for (unsigned role = 0; role < 256; role++) {
		struct keepalive k = full;

		k.hello.role = (uint8_t)role;
		keepalive_build(buf, &k);
		memcpy(before, buf, sizeof(buf));
		assert_int_equal(keepalive_answer(buf, sizeof(buf), 0),
				 role == KEEPALIVE_ROLE_SENDER);
		if (role != KEEPALIVE_ROLE_SENDER)
			assert_memory_equal(buf, before, sizeof(buf));
	}
}

static void other_fields_around_the_hello_are_stepped_over_and_kept(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO + 20], before[KEEPALIVE_HELLO + 20];
	uint8_t hello[8];
	struct keepalive k;

	(void)state;
	greeting(buf);
	memcpy(hello, buf + 42, sizeof(hello));
	memcpy(buf + 42, (const uint8_t[]){200, 5, 1, 6, 1, 1, 1, 77, 0}, 9);
	memcpy(buf + 51, hello, sizeof(hello));
	memcpy(buf + 59, (const uint8_t[]){3, 9, 1, 6, 2, 2, 2, 2, 2, 2, 2}, 11);
	memcpy(before, buf, sizeof(buf));
	assert_true(keepalive_parse(buf, sizeof(buf), &k));
	assert_true(k.greets);
	assert_same_hello(&k.hello, &full.hello);
	assert_true(keepalive_answer(buf, sizeof(buf), 0));
	assert_memory_equal(buf, before, 53);
	assert_memory_equal(buf + 59, before + 59, 11);
}

static void field_that_runs_past_the_end_ends_the_walk(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO];
	struct keepalive k;

	(void)state;
	for (unsigned said = 7; said < 256; said++) {
		greeting(buf);
		buf[43] = (uint8_t)said;
		assert_true(keepalive_parse(buf, sizeof(buf), &k));
		assert_false(k.greets);
	}
}

static void hello_that_is_too_short_is_none_and_one_with_more_is_read(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO + 4] = {0};
	struct keepalive k;

	(void)state;
	greeting(buf);
	buf[43] = 5;
	assert_true(keepalive_parse(buf, KEEPALIVE_HELLO, &k));
	assert_false(k.greets);
	buf[43] = 10;
	assert_true(keepalive_parse(buf, sizeof(buf), &k));
	assert_true(k.greets);
	assert_int_equal(k.hello.abilities, full.hello.abilities);
}

static void foreign_bytes_behind_the_telemetry_are_no_greeting(void **state)
{
	uint8_t buf[200];
	struct keepalive k;
	struct rng r;

	(void)state;
	rng_init(&r, 8);
	for (int i = 0; i < 20000; i++) {
		greeting(buf);
		rng_fill(&r, buf + KEEPALIVE_EXTENDED, sizeof(buf) - KEEPALIVE_EXTENDED);
		assert_true(keepalive_parse(buf, sizeof(buf), &k));
		assert_false(k.greets || k.idle);
	}
}

/* A greeting of ours on a link that has carried number 0x12345678 and nothing since. */
static size_t marked(uint8_t *buf, bool greets)
{
	struct keepalive k = full;

	k.greets = greets;
	k.idle = true;
	k.idle_seq = 0x12345678;
	return keepalive_build(buf, &k);
}

static void idle_mark_stands_behind_the_hello_or_alone(void **state)
{
	static const uint8_t mark[] = {2, 4, 0x12, 0x34, 0x56, 0x78};
	static const uint8_t tag[] = {0x57, 0x59, 0xbd, 0x01};
	uint8_t buf[KEEPALIVE_MOST], hello[KEEPALIVE_HELLO];
	struct keepalive k;

	(void)state;
	greeting(hello);
	for (int greets = 0; greets <= 1; greets++) {
		size_t len = marked(buf, greets);

		assert_int_equal(len, greets ? KEEPALIVE_MOST : KEEPALIVE_MARK);
		assert_memory_equal(buf, hello, greets ? KEEPALIVE_HELLO : KEEPALIVE_EXTENDED);
		assert_memory_equal(buf + 38, tag, sizeof(tag));
		assert_memory_equal(buf + len - sizeof(mark), mark, sizeof(mark));
		assert_true(keepalive_parse(buf, len, &k));
		assert_int_equal(k.greets, greets);
		assert_true(k.idle);
		assert_int_equal(k.idle_seq, 0x12345678);
		assert_true(keepalive_parse(buf, len - 1, &k));
		assert_int_equal(k.greets, greets);
		assert_false(k.idle);
	}
	assert_true(keepalive_parse(hello, sizeof(hello), &k));
	assert_false(k.idle);
}

static void idle_mark_of_a_link_that_carried_nothing_names_no_number(void **state)
{
	static const uint32_t none[] = {SEQ_NONE, UINT32_MAX};
	struct keepalive k = full;
	uint8_t buf[KEEPALIVE_MOST];

	(void)state;
	k.idle = true;
	for (size_t i = 0; i < 2; i++) {
		size_t len;

		k.idle_seq = none[i];
		len = keepalive_build(buf, &k);
		assert_true(keepalive_parse(buf, len, &k));
		assert_true(k.idle);
		assert_int_equal(k.idle_seq, SEQ_NONE);
	}
}

static void answer_leaves_the_idle_mark_as_it_was(void **state)
{
	uint8_t buf[KEEPALIVE_MOST], before[KEEPALIVE_MOST];
	size_t len;
	struct keepalive k;

	(void)state;
	len = marked(buf, true);
	memcpy(before, buf, len);
	assert_true(keepalive_answer(buf, len, KEEPALIVE_REPORTS));
	assert_memory_equal(buf, before, 44);
	assert_memory_equal(buf + 50, before + 50, 6);
	assert_true(keepalive_parse(buf, len, &k));
	assert_int_equal(k.hello.role, KEEPALIVE_ROLE_RECEIVER);
	assert_int_equal(k.hello.abilities, KEEPALIVE_REPORTS);
	len = marked(buf, false);
	assert_false(keepalive_answer(buf, len, KEEPALIVE_REPORTS));
}

static void fields_are_found_in_any_order_and_a_short_mark_is_none(void **state)
{
	uint8_t buf[KEEPALIVE_MOST], field[8];
	struct keepalive k;
	size_t len;

	(void)state;
	len = marked(buf, true);
	memcpy(field, buf + 42, 8);
	memmove(buf + 42, buf + 50, 6);
	memcpy(buf + 48, field, 8);
	assert_true(keepalive_parse(buf, len, &k));
	assert_true(k.greets && k.idle);
	assert_int_equal(k.idle_seq, 0x12345678);
	assert_same_hello(&k.hello, &full.hello);
	buf[43] = 3;
	memmove(buf + 47, buf + 48, 8);
	assert_true(keepalive_parse(buf, len - 1, &k));
	assert_true(k.greets);
	assert_false(k.idle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_is_the_one_that_receivers_read),
		cmocka_unit_test(what_was_built_reads_back_whole),
		cmocka_unit_test(every_length_from_two_on_is_a_keepalive),
		cmocka_unit_test(lengths_seen_in_the_field_are_read_for_what_they_hold),
		cmocka_unit_test(padded_probe_of_a_receiver_has_a_time_of_zero),
		cmocka_unit_test(another_magic_or_version_leaves_only_the_time),
		cmocka_unit_test(round_trip_in_microseconds_is_corrected),
		cmocka_unit_test(own_receiver_answers_with_its_own_hello_and_the_same_38_bytes),
		cmocka_unit_test(echo_untouched_still_says_sender),
		cmocka_unit_test(answer_leaves_everything_alone_that_is_no_senders_hello),
		cmocka_unit_test(other_fields_around_the_hello_are_stepped_over_and_kept),
		cmocka_unit_test(field_that_runs_past_the_end_ends_the_walk),
		cmocka_unit_test(hello_that_is_too_short_is_none_and_one_with_more_is_read),
		cmocka_unit_test(foreign_bytes_behind_the_telemetry_are_no_greeting),
		cmocka_unit_test(idle_mark_stands_behind_the_hello_or_alone),
		cmocka_unit_test(idle_mark_of_a_link_that_carried_nothing_names_no_number),
		cmocka_unit_test(answer_leaves_the_idle_mark_as_it_was),
		cmocka_unit_test(fields_are_found_in_any_order_and_a_short_mark_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
