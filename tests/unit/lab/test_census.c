/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "lab/census.h"
#include "shared/base/rng.h"
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"

enum { DATA = 1332, ISN = 1000 };

static struct census *census(unsigned links)
{
	static struct census c;

	assert_true(census_init(&c, links));
	return &c;
}

/* A road that takes so many ms, of which all but 25 in its queue. */
static struct road_fate fate(ustime now, enum road_end end, usspan ms)
{
	struct road_fate f = {.end = end, .left = now * 1000, .arrives = NEVER};

	if (end == ROAD_ARRIVES || end == ROAD_LOST)
		f.left += (ms - 25) * 1000000;
	if (end == ROAD_ARRIVES)
		f.arrives = f.left + 25 * 1000000;
	return f;
}

static void data(uint8_t *p, uint32_t seq, bool resent)
{
	memset(p, 0, DATA);
	put_be32(p, seq);
	if (resent)
		srt_mark_resent(p);
}

static void send_data(struct census *c, unsigned link, ustime now, uint32_t seq, bool resent,
		      enum road_end end)
{
	struct road_fate f = fate(now, end, 30);
	uint8_t p[DATA];

	data(p, seq, resent);
	census_up(c, link, now, p, DATA, &f);
}

static void arrive(struct census *c, unsigned link, ustime now, ustime sent, uint32_t seq,
		   bool resent)
{
	uint8_t p[DATA];

	data(p, seq, resent);
	census_arrived(c, link, now, sent, p, DATA);
}

/* A NAK of two ranges at most goes back on a link; `stamp` is the server's. */
static void nak(struct census *c, unsigned link, ustime now, uint32_t stamp, uint32_t from,
		uint32_t to)
{
	uint8_t p[24] = {0x80, SRT_NAK};

	put_be32(p + 8, stamp);
	put_be32(p + 16, from == to ? from : from | SEQ_NONE);
	put_be32(p + 20, to);
	census_down(c, link, now, p, from == to ? 20 : 24);
}

static void every_packet_has_one_cause(void **state)
{
	struct census *c = census(2);
	struct road_fate f = fate(0, ROAD_ARRIVES, 30);
	uint8_t control[44] = {0x80, SRT_ACK}, keepalive[38] = {0x90, 0x00};

	(void)state;
	send_data(c, 0, 0, ISN, false, ROAD_ARRIVES);
	send_data(c, 1, 0, ISN, false, ROAD_ARRIVES);
	send_data(c, 1, MSEC(1), ISN, true, ROAD_ARRIVES);
	arrive(c, 0, MSEC(30), 0, ISN, false);
	send_data(c, 1, MSEC(30), ISN, true, ROAD_ARRIVES);
	census_up(c, 0, 0, control, sizeof(control), &f);
	census_up(c, 1, 0, keepalive, sizeof(keepalive), &f);
	census_up(c, 1, 0, keepalive, sizeof(keepalive), &f);
	assert_int_equal(census_sent(c, CENSUS_FIRST).packets, 1);
	assert_int_equal(census_sent(c, CENSUS_COPY).packets, 1);
	assert_int_equal(census_sent(c, CENSUS_RESENT).packets, 1);
	assert_int_equal(census_sent(c, CENSUS_FALSE_RESENT).packets, 1);
	assert_int_equal(census_sent(c, CENSUS_SRT).bytes, 44);
	assert_int_equal(census_sent(c, CENSUS_SRTLA).packets, 2);
	assert_int_equal(census_sent(c, CENSUS_SRTLA).bytes, 76);
	assert_int_equal(c->link[1].sent[CENSUS_COPY].bytes, DATA);
	assert_int_equal(c->link[0].arrived[CENSUS_FIRST].packets, 1);
	assert_int_equal(census_wire(c), (4 * DATA + 44 + 76) * 1000 / DATA);
	census_finish(c);
}

static void arrivals_have_the_cause_of_what_was_sent(void **state)
{
	struct census *c = census(2);

	(void)state;
	send_data(c, 0, 0, ISN, false, ROAD_ARRIVES);
	send_data(c, 1, MSEC(5), ISN, true, ROAD_ARRIVES);
	send_data(c, 0, MSEC(6), ISN, false, ROAD_ARRIVES);
	arrive(c, 1, MSEC(20), MSEC(5), ISN, true); /* overtakes the first */
	arrive(c, 0, MSEC(30), 0, ISN, false);
	arrive(c, 0, MSEC(36), MSEC(6), ISN, false);
	send_data(c, 1, MSEC(40), ISN, true, ROAD_ARRIVES);
	arrive(c, 1, MSEC(70), MSEC(40), ISN, true);
	assert_int_equal(c->link[1].arrived[CENSUS_RESENT].packets, 1);
	assert_int_equal(c->link[0].arrived[CENSUS_FIRST].packets, 1);
	assert_int_equal(c->link[0].arrived[CENSUS_COPY].packets, 1);
	assert_int_equal(c->link[1].arrived[CENSUS_FALSE_RESENT].packets, 1);
	census_finish(c);
}

static void wire_is_nothing_before_the_first_packet(void **state)
{
	struct census *c = census(1);

	(void)state;
	assert_int_equal(census_wire(c), 0);
	send_data(c, 0, 0, ISN, false, ROAD_LOST);
	assert_int_equal(census_wire(c), 1000);
	census_finish(c);
}

static void drops_are_counted_by_their_end(void **state)
{
	struct census *c = census(1);

	(void)state;
	send_data(c, 0, 0, 1, false, ROAD_LOST);
	send_data(c, 0, 0, 2, false, ROAD_OVERFLOW);
	send_data(c, 0, 0, 3, false, ROAD_OVERFLOW);
	send_data(c, 0, 0, 4, false, ROAD_DARK);
	send_data(c, 0, 0, 5, false, ROAD_TOO_LONG);
	send_data(c, 0, 0, 6, false, ROAD_ARRIVES);
	assert_int_equal(c->link[0].dropped[ROAD_ARRIVES], 0);
	assert_int_equal(c->link[0].dropped[ROAD_LOST], 1);
	assert_int_equal(c->link[0].dropped[ROAD_OVERFLOW], 2);
	assert_int_equal(c->link[0].dropped[ROAD_DARK], 1);
	assert_int_equal(c->link[0].dropped[ROAD_TOO_LONG], 1);
	assert_int_equal(c->link[0].sent[CENSUS_FIRST].packets, 6);
	assert_int_equal(c->link[0].bin[0].dropped, 5);
	census_finish(c);
}

static void number_of_a_new_session_takes_the_place_of_an_old_one(void **state)
{
	struct census *c = census(1);

	(void)state;
	send_data(c, 0, 0, 5, false, ROAD_ARRIVES);
	arrive(c, 0, MSEC(30), 0, 5, false);
	send_data(c, 0, SEC(1), 5 + 3 * 65536, false, ROAD_ARRIVES);
	assert_int_equal(census_sent(c, CENSUS_FIRST).packets, 2);
	nak(c, 0, SEC(1), 1, 5 + 3 * 65536, 5 + 3 * 65536);
	arrive(c, 0, SEC(1) + MSEC(30), SEC(1), 5 + 3 * 65536, false);
	assert_int_equal(c->false_naks, 1);
	census_finish(c);
}

static void copies_of_a_nak_count_once(void **state)
{
	struct census *c = census(3);

	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		send_data(c, i % 3, MSEC(i), seq_add(SEQ_MASK - 9, i), false, ROAD_LOST);
	for (unsigned link = 0; link < 3; link++)
		nak(c, link, MSEC(50 + link), 777, SEQ_MASK - 3, 4);
	assert_int_equal(c->naks, 1);
	assert_int_equal(c->nak_numbers, 9);
	/* The next one says the same at another time. */
	nak(c, 0, MSEC(70), 20777, SEQ_MASK - 3, 4);
	assert_int_equal(c->naks, 2);
	assert_int_equal(c->nak_numbers, 18);
	/* So much later it is no copy. */
	nak(c, 0, SEC(3), 777, SEQ_MASK - 3, 4);
	assert_int_equal(c->naks, 3);
	assert_int_equal(c->link[0].down.packets, 3);
	assert_int_equal(c->link[0].down.bytes, 72);
	census_finish(c);
}

static void nak_names_only_what_was_sent(void **state)
{
	struct census *c = census(1);

	(void)state;
	nak(c, 0, 0, 1, 5, 6);
	assert_int_equal(c->naks, 1);
	assert_int_equal(c->nak_numbers, 0);
	send_data(c, 0, 0, ISN, false, ROAD_LOST);
	nak(c, 0, 0, 2, 0, SEQ_MASK / 2);
	assert_int_equal(c->nak_numbers, ISN + 1);
	assert_int_equal(c->false_naks, 0);
	census_finish(c);
}

static void nak_of_what_then_arrives_is_false(void **state)
{
	struct census *c = census(2);

	(void)state;
	for (uint32_t i = 0; i < 6; i++)
		send_data(c, 0, 0, ISN + i, false, ROAD_ARRIVES);
	nak(c, 1, MSEC(20), 1, ISN, ISN + 4);
	arrive(c, 0, MSEC(30), 0, ISN, false);
	arrive(c, 0, MSEC(31), 0, ISN, false); /* doubled on the way */
	assert_int_equal(c->false_naks, 1);
	send_data(c, 1, MSEC(30), ISN + 1, true, ROAD_LOST);
	arrive(c, 0, MSEC(40), 0, ISN + 1, false); /* the copy that it asked for was of no use */
	assert_int_equal(c->false_naks, 2);
	send_data(c, 1, MSEC(40), ISN + 2, true, ROAD_ARRIVES);
	arrive(c, 1, MSEC(70), MSEC(40), ISN + 2, true); /* the usual case */
	arrive(c, 0, MSEC(80), 0, ISN + 5, false);       /* nobody missed it */
	assert_int_equal(c->false_naks, 2);
	arrive(c, 0, MSEC(90), 0, ISN + 3, false);
	assert_int_equal(c->false_naks, 3);
	census_finish(c);
}

static void outage_tells_when_data_went_in_last_and_came_back_first(void **state)
{
	struct census *c = census(2);

	(void)state;
	census_expect_outage(c, 0, SEC(30), SEC(32));
	census_expect_outage(c, 0, SEC(40), SEC(41));
	census_expect_outage(c, 1, SEC(30), SEC(32));
	send_data(c, 0, SEC(29), 1, false, ROAD_ARRIVES);
	send_data(c, 0, SEC(30) + MSEC(80), 2, false, ROAD_DARK);
	send_data(c, 0, SEC(30) + MSEC(120), 3, true, ROAD_DARK);
	send_data(c, 0, SEC(32) + MSEC(100), 3, true, ROAD_ARRIVES); /* that tries the link */
	send_data(c, 0, SEC(32) + MSEC(300), 4, false, ROAD_ARRIVES);
	send_data(c, 0, SEC(33), 5, false, ROAD_ARRIVES);
	assert_int_equal(c->outages, 3);
	assert_int_equal(c->outage[0].last_in, MSEC(80));
	assert_int_equal(c->outage[0].back, MSEC(300));
	assert_int_equal(c->outage[1].last_in, 0);
	assert_int_equal(c->outage[1].back, -1);
	assert_int_equal(c->outage[2].last_in, 0);
	assert_int_equal(c->outage[2].back, -1);
	assert_int_equal(c->link[0].last_data, SEC(33));
	census_finish(c);
}

static void probes_do_not_count_as_data_into_an_outage(void **state)
{
	struct census *c = census(1);
	struct road_fate f = fate(SEC(31), ROAD_DARK, 0);
	uint8_t keepalive[10] = {0x90, 0x00};

	(void)state;
	census_expect_outage(c, 0, SEC(30), SEC(32));
	census_up(c, 0, SEC(31), keepalive, sizeof(keepalive), &f);
	assert_int_equal(c->outage[0].last_in, 0);
	census_finish(c);
}

static void bins_hold_what_happened_in_their_tenth_of_a_second(void **state)
{
	struct census *c = census(1);
	const struct census_bin *bin;

	(void)state;
	send_data(c, 0, MSEC(95), ISN, false, ROAD_ARRIVES);
	send_data(c, 0, MSEC(99), ISN + 1, true, ROAD_ARRIVES);
	arrive(c, 0, MSEC(125), MSEC(95), ISN, false);
	arrive(c, 0, MSEC(199), MSEC(99), ISN + 1, true);
	send_data(c, 0, SEC(3600), ISN + 2, false, ROAD_OVERFLOW);
	bin = c->link[0].bin;
	assert_int_equal(c->link[0].bins, 36001);
	assert_int_equal(bin[0].bytes_in, 2 * DATA);
	assert_int_equal(bin[0].bytes_out, 0);
	assert_int_equal(bin[0].resent, 1);
	assert_int_equal(bin[1].bytes_in, 0);
	assert_int_equal(bin[1].bytes_out, 2 * DATA);
	assert_int_equal(bin[1].arrivals, 2);
	assert_int_equal(bin[1].delay_sum, MSEC(130));
	assert_int_equal(bin[1].delay_most, MSEC(100));
	assert_int_equal(bin[20000].bytes_in, 0);
	assert_int_equal(bin[36000].dropped, 1);
	census_finish(c);
}

static void what_comes_before_the_beginning_is_in_no_bin(void **state)
{
	struct census *c = census(1);

	(void)state;
	send_data(c, 0, -MSEC(50), ISN, false, ROAD_ARRIVES);
	arrive(c, 0, -MSEC(20), -MSEC(50), ISN, false);
	assert_int_equal(c->link[0].bins, 0);
	assert_int_equal(census_sent(c, CENSUS_FIRST).packets, 1);
	assert_int_equal(c->link[0].arrived[CENSUS_FIRST].packets, 1);
	census_finish(c);
}

static void losses_and_resendings_are_marked_as_long_as_there_is_room(void **state)
{
	struct census *c = census(2);

	(void)state;
	send_data(c, 0, MSEC(1), 1, false, ROAD_ARRIVES);
	send_data(c, 0, MSEC(2), 2, false, ROAD_LOST);
	send_data(c, 1, MSEC(3), 2, true, ROAD_ARRIVES);
	assert_int_equal(c->marks, 2);
	assert_int_equal(c->mark[0].at, MSEC(2));
	assert_true(c->mark[0].lost);
	assert_int_equal(c->mark[1].link, 1);
	assert_false(c->mark[1].lost);
	for (uint32_t i = 0; i < 2 * CENSUS_MARKS; i++)
		send_data(c, 0, MSEC(4), 3 + i, false, ROAD_LOST);
	assert_int_equal(c->marks, CENSUS_MARKS);
	census_finish(c);
}

/* The least whole ms that 95 of a hundred waits do not pass. */
static usspan p95(const unsigned *count, unsigned most)
{
	unsigned sum = 0, all = 0;

	for (unsigned i = 0; i <= most; i++)
		all += count[i];
	for (unsigned i = 0; i <= most; i++) {
		sum += count[i];
		if (sum * 100 >= all * 95)
			return MSEC((usspan)i);
	}
	return -1;
}

static void queue_is_known_at_any_time(void **state)
{
	struct census *c = census(1);
	unsigned count[301] = {0};
	uint8_t p[DATA];
	struct rng rng;

	(void)state;
	rng_init(&rng, 4);
	assert_int_equal(c->link[0].queue_p95, 0);
	for (unsigned i = 0; i < 3000; i++) {
		unsigned ms = (unsigned)rng_below(&rng, i % 700 < 350 ? 30 : 300);
		struct road_fate f = fate(MSEC(i), i % 7 ? ROAD_ARRIVES : ROAD_LOST, 25 + ms);

		data(p, ISN + i, false);
		census_up(c, 0, MSEC(i), p, DATA, &f);
		count[ms]++;
		assert_int_equal(c->link[0].queue_p95, p95(count, 300));
	}
	/* What never got in has not waited. */
	send_data(c, 0, SEC(4), 1, false, ROAD_OVERFLOW);
	assert_int_equal(c->link[0].queued, 3000);
	census_finish(c);
}

static void shreds_and_strange_packets_are_counted_and_no_more(void **state)
{
	struct census *c = census(1);
	uint8_t p[DATA];
	struct rng rng;

	(void)state;
	rng_init(&rng, 6);
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = (size_t)rng_below(&rng, i % 2 ? 40 : DATA);
		struct road_fate f = fate(MSEC(i), ROAD_ARRIVES, 30);

		rng_fill(&rng, p, sizeof(p));
		if (i % 3 == 0) {
			p[0] = 0x80;
			p[1] = SRT_NAK;
		}
		census_up(c, 0, MSEC(i), p, len, &f);
		p[rng_below(&rng, 8)] ^= 1;
		census_arrived(c, 0, MSEC(i + 30), MSEC(i), p, len);
		census_down(c, 0, MSEC(i), p, len);
	}
	assert_int_equal(c->link[0].down.packets, 20000);
	assert_true(c->naks > 3000);
	census_finish(c);
	census_finish(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_has_one_cause),
		cmocka_unit_test(arrivals_have_the_cause_of_what_was_sent),
		cmocka_unit_test(wire_is_nothing_before_the_first_packet),
		cmocka_unit_test(drops_are_counted_by_their_end),
		cmocka_unit_test(number_of_a_new_session_takes_the_place_of_an_old_one),
		cmocka_unit_test(copies_of_a_nak_count_once),
		cmocka_unit_test(nak_names_only_what_was_sent),
		cmocka_unit_test(nak_of_what_then_arrives_is_false),
		cmocka_unit_test(outage_tells_when_data_went_in_last_and_came_back_first),
		cmocka_unit_test(probes_do_not_count_as_data_into_an_outage),
		cmocka_unit_test(bins_hold_what_happened_in_their_tenth_of_a_second),
		cmocka_unit_test(what_comes_before_the_beginning_is_in_no_bin),
		cmocka_unit_test(losses_and_resendings_are_marked_as_long_as_there_is_room),
		cmocka_unit_test(queue_is_known_at_any_time),
		cmocka_unit_test(shreds_and_strange_packets_are_counted_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
