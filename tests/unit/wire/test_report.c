/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "shared/base/seq.h"
#include "shared/wire/report.h"

enum { CLOCK = 1000000 };

/* As old as an arrival can be. */
#define AGES_AGO ((uint32_t)CLOCK - INT32_MAX)

/* A report that is being made, in a block of exactly the size that it may have. */
struct made {
	struct report_writer w;
	uint8_t buf[REPORT_MAX];
};

static void begin(struct made *m)
{
	report_begin(&m->w, m->buf, 7, CLOCK);
}

static bool put(struct made *m, uint32_t seq, uint32_t at)
{
	return report_add(&m->w, &(struct report_arrival){.seq = seq, .at = at});
}

static void assert_next(struct report_reader *r, uint32_t seq, uint32_t at)
{
	struct report_arrival a;

	assert_true(report_next(r, &a));
	assert_int_equal(a.seq, seq);
	assert_int_equal(a.at, at);
}

static void assert_over(struct report_reader *r)
{
	struct report_arrival a;
	struct report_link link;

	assert_false(report_next(r, &a));
	assert_false(report_next_link(r, &link));
	assert_false(report_next(r, &a));
}

static void layout_is_the_one_that_the_manual_shows(void **state)
{
	static const uint8_t wire[] = {
		0x9f, 0x10, 1, 2, 0x00, 0x07, 0x00, 0x0f, 0x42, 0x40, /* head */
		3, 4, 0x00, 0x01, 0x00, 0x02,                         /* link 3: 4 of 65538 */
		0x00, 0x00, 0x03, 0xe8, 40,                           /* 1000, 10 ms ago */
		2, 0,                                                 /* 1001, at the same time */
		3, 5,                                                 /* 999 */
		0xc8, 0x01, 35,                                       /* 1099, right now */
		9, 0, 0xff, 0xff, 0xff, 0xff,                         /* link 9 */
	};
	struct made m;

	(void)state;
	begin(&m);
	assert_true(report_add_link(&m.w, 3, 65538));
	assert_true(put(&m, 1000, CLOCK - 40));
	assert_true(put(&m, 1001, CLOCK - 40));
	assert_true(put(&m, 999, CLOCK - 35));
	assert_true(put(&m, 1099, CLOCK));
	assert_true(report_add_link(&m.w, 9, UINT32_MAX));
	assert_int_equal(report_end(&m.w), sizeof(wire));
	assert_memory_equal(m.buf, wire, sizeof(wire));
}

static void what_was_written_is_read(void **state)
{
	struct report_reader r;
	struct report_link link;
	struct made m;

	(void)state;
	begin(&m);
	report_add_link(&m.w, 3, 65538);
	put(&m, 1000, CLOCK - 40);
	put(&m, 1000, CLOCK - 40); /* twice on one link */
	put(&m, 5, CLOCK - 1);
	report_add_link(&m.w, 4, 12);
	report_add_link(&m.w, 255, 1);
	put(&m, SEQ_MASK, CLOCK);
	assert_true(report_open(&r, m.buf, report_end(&m.w)));
	assert_int_equal(r.serial, 7);
	assert_int_equal(r.clock, CLOCK);
	assert_true(report_next_link(&r, &link));
	assert_int_equal(link.conn_id, 3);
	assert_int_equal(link.records, 3);
	assert_int_equal(link.total, 65538);
	assert_next(&r, 1000, CLOCK - 40);
	assert_next(&r, 1000, CLOCK - 40);
	assert_next(&r, 5, CLOCK - 1);
	assert_true(report_next_link(&r, &link));
	assert_int_equal(link.conn_id, 4);
	assert_int_equal(link.records, 0);
	assert_true(report_next_link(&r, &link));
	assert_int_equal(link.conn_id, 255);
	assert_int_equal(link.total, 1);
	assert_next(&r, SEQ_MASK, CLOCK);
	assert_over(&r);
}

static void numbers_and_the_clock_wrap(void **state)
{
	struct report_reader r;
	struct report_link link;
	struct made m;

	(void)state;
	report_begin(&m.w, m.buf, UINT16_MAX, 2);
	report_add_link(&m.w, 0, 0);
	put(&m, SEQ_MASK - 1, UINT32_MAX - 1);
	put(&m, 1, UINT32_MAX);
	put(&m, SEQ_MASK, 0);
	put(&m, UINT32_C(0x3fffffff), 2); /* half the circle ahead */
	put(&m, SEQ_MASK, 2);
	assert_true(report_open(&r, m.buf, report_end(&m.w)));
	assert_int_equal(r.serial, UINT16_MAX);
	assert_true(report_next_link(&r, &link));
	assert_next(&r, SEQ_MASK - 1, UINT32_MAX - 1);
	assert_next(&r, 1, UINT32_MAX);
	assert_next(&r, SEQ_MASK, 0);
	assert_next(&r, UINT32_C(0x3fffffff), 2);
	assert_next(&r, SEQ_MASK, 2);
	assert_over(&r);
}

static void link_that_nobody_reads_is_skipped(void **state)
{
	struct report_reader r;
	struct report_link link;
	struct made m;

	(void)state;
	begin(&m);
	for (uint8_t id = 1; id <= 3; id++) {
		report_add_link(&m.w, id, id);
		for (uint32_t i = 0; i < 150; i++)
			assert_true(put(&m, 5000 * id + i * 3, CLOCK - 200 + i));
	}
	assert_true(report_open(&r, m.buf, report_end(&m.w)));
	assert_true(report_next_link(&r, &link));
	assert_true(report_next_link(&r, &link));
	assert_next(&r, 10000, CLOCK - 200);
	assert_true(report_next_link(&r, &link));
	assert_int_equal(link.conn_id, 3);
	assert_next(&r, 15000, CLOCK - 200);
	assert_false(report_next_link(&r, &link));
}

/* Four links that share a stream, each with packets of its own a millisecond or so apart. */
static void arrival_of_an_ordinary_stream_takes_two_bytes(void **state)
{
	struct made m;
	size_t links;

	(void)state;
	begin(&m);
	for (uint8_t id = 0; id < 4; id++) {
		report_add_link(&m.w, id, 100000);
		for (uint32_t i = 0; i < 50; i++)
			assert_true(put(&m, 40000 + 4 * i + id, CLOCK - 400 + 8 * i));
	}
	links = 4 * (6 + 4 + 2);
	assert_int_equal(report_end(&m.w), 10 + links + 4 * 49 * 2);
}

static void full_report_takes_no_more_and_can_be_read(void **state)
{
	struct report_reader r;
	struct report_link link;
	struct report_arrival a;
	struct made m;
	unsigned put_in = 0, out = 0;
	size_t len;

	(void)state;
	begin(&m);
	for (uint8_t id = 0; report_add_link(&m.w, id, id); id++) {
		uint32_t seq = 0;

		while (put(&m, seq ^= UINT32_C(0x2aaaaaaa), CLOCK - 1))
			put_in++;
	}
	len = report_end(&m.w);
	assert_in_range(len, REPORT_MAX - 9, REPORT_MAX);
	assert_false(put(&m, 1, CLOCK)); /* there is no link that it could be of */
	assert_int_equal(report_end(&m.w), len);
	assert_true(report_open(&r, m.buf, len));
	while (report_next_link(&r, &link)) {
		while (report_next(&r, &a))
			out++;
	}
	assert_int_equal(out, put_in);
}

static void link_has_no_more_arrivals_than_it_can_count(void **state)
{
	struct report_reader r;
	struct report_link link;
	struct made m;
	size_t len;

	(void)state;
	begin(&m);
	assert_false(put(&m, 1, CLOCK)); /* of no link */
	report_add_link(&m.w, 1, 256);
	for (uint32_t i = 0; i < REPORT_LINK_RECORDS; i++)
		assert_true(put(&m, i, CLOCK));
	len = report_end(&m.w);
	assert_false(put(&m, 255, CLOCK));
	assert_int_equal(report_end(&m.w), len);
	assert_true(report_open(&r, m.buf, len));
	assert_true(report_next_link(&r, &link));
	assert_int_equal(link.records, 255);
}

static void only_a_whole_head_of_the_known_version_is_opened(void **state)
{
	struct report_reader r;
	struct made m;

	(void)state;
	begin(&m);
	for (size_t len = 0; len <= 10; len++) {
		uint8_t *own = exactly(m.buf, len);

		assert_int_equal(report_open(&r, own, len), len == 10);
		free(own);
	}
	assert_over(&r);
	m.buf[2] = 2;
	assert_false(report_open(&r, m.buf, 10));
	m.buf[2] = 1;
	m.buf[1] = 0x11;
	assert_false(report_open(&r, m.buf, 10));
}

static void counts_are_not_believed(void **state)
{
	struct report_reader r;
	struct report_link link;
	struct made m;

	(void)state;
	begin(&m);
	report_add_link(&m.w, 1, 1);
	put(&m, 1000, CLOCK);
	m.buf[3] = 255;
	m.buf[11] = 255;
	assert_true(report_open(&r, m.buf, report_end(&m.w)));
	assert_true(report_next_link(&r, &link));
	assert_next(&r, 1000, CLOCK);
	assert_over(&r);
}

/* The second arrival of a link whose first was 1000, ten ticks ago, in these bytes. */
static bool takes_second(const uint8_t *record, size_t len, struct report_arrival *a)
{
	struct report_reader r;
	struct report_link link;
	struct made m;

	begin(&m);
	report_add_link(&m.w, 1, 2);
	put(&m, 1000, CLOCK - 10);
	memcpy(m.buf + report_end(&m.w), record, len);
	m.buf[11] = 2;
	assert_true(report_open(&r, m.buf, report_end(&m.w) + len));
	assert_true(report_next_link(&r, &link));
	assert_next(&r, 1000, CLOCK - 10);
	if (report_next(&r, a))
		return true;
	assert_over(&r);
	return false;
}

static void arrival_that_makes_no_sense_ends_the_report(void **state)
{
	static const uint8_t future[] = {2, 11}, now[] = {2, 10}, cut[] = {2, 0x80},
			     long_time[] = {2, 0x80, 0x80, 0x80, 0x80, 0x10},
			     endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0},
			     padded[] = {0x82, 0x80, 0x00, 0x85, 0x00};
	struct report_arrival a;

	(void)state;
	assert_true(takes_second(now, sizeof(now), &a));
	assert_int_equal(a.seq, 1001);
	assert_int_equal(a.at, CLOCK);
	assert_true(takes_second(padded, sizeof(padded), &a));
	assert_int_equal(a.at, CLOCK - 5);
	assert_false(takes_second(future, sizeof(future), &a));
	assert_false(takes_second(cut, sizeof(cut), &a));
	assert_false(takes_second(long_time, sizeof(long_time), &a));
	assert_false(takes_second(endless, sizeof(endless), &a));
}

static void first_arrival_must_have_a_number_and_an_age(void **state)
{
	struct report_reader r;
	struct report_link link;
	struct report_arrival a;
	struct made m;
	size_t len;

	(void)state;
	begin(&m);
	report_add_link(&m.w, 1, 1);
	put(&m, 1000, AGES_AGO);
	len = report_end(&m.w);
	assert_true(report_open(&r, m.buf, len));
	assert_true(report_next_link(&r, &link));
	assert_next(&r, 1000, AGES_AGO);
	m.buf[len - 1]++; /* half the circle of time */
	assert_true(report_open(&r, m.buf, len));
	assert_true(report_next_link(&r, &link));
	assert_false(report_next(&r, &a));
	m.buf[len - 1]--;
	m.buf[16] |= 0x80; /* no SRT number */
	assert_true(report_open(&r, m.buf, len));
	assert_true(report_next_link(&r, &link));
	assert_false(report_next(&r, &a));
	assert_over(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_is_the_one_that_the_manual_shows),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(numbers_and_the_clock_wrap),
		cmocka_unit_test(link_that_nobody_reads_is_skipped),
		cmocka_unit_test(arrival_of_an_ordinary_stream_takes_two_bytes),
		cmocka_unit_test(full_report_takes_no_more_and_can_be_read),
		cmocka_unit_test(link_has_no_more_arrivals_than_it_can_count),
		cmocka_unit_test(only_a_whole_head_of_the_known_version_is_opened),
		cmocka_unit_test(counts_are_not_believed),
		cmocka_unit_test(arrival_that_makes_no_sense_ends_the_report),
		cmocka_unit_test(first_arrival_must_have_a_number_and_an_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
