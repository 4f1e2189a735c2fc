/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "receiver/turnstile.h"
#include "shared/base/rng.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"

enum {
	GROUPS = 200,
	MEDIA = 1332, /* a usual SRT packet: 7 of MPEG-TS and the header */
	MARK = 4,     /* where these control packets carry their number */
};

static struct pkt_pool pool;
static struct turnstile ts;

static int begin(void **state)
{
	(void)state;
	return pkt_pool_init(&pool, 8192) && turnstile_init(&ts, GROUPS) ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	turnstile_finish(&ts);
	assert_int_equal(pool.in_use, 0);
	pkt_pool_finish(&pool);
	return 0;
}

static struct pkt *packet(unsigned port, uint16_t len, uint16_t type, uint32_t number)
{
	struct pkt *p = pkt_get(&pool);

	assert_non_null(p);
	p->port = port;
	p->len = len;
	p->data[0] = p->data[1] = p->data[2] = p->data[3] = 0;
	if (type) {
		put_be16(p->data, type);
		put_be32(p->data + MARK, number);
	} else {
		put_be32(p->data, number);
	}
	return p;
}

static struct pkt *put(struct pkt *p)
{
	return turnstile_put(&ts, 1, p);
}

static void put_media(unsigned port, uint32_t number)
{
	assert_null(put(packet(port, MEDIA, 0, number)));
}

static void put_control(unsigned port, uint16_t type, uint32_t number)
{
	assert_null(put(packet(port, 44, (uint16_t)(0x8000 | type), number)));
}

/* Frees p and tells its number; a control packet's is 10000 more. */
static uint32_t number_of(struct pkt *p)
{
	uint32_t number;

	assert_non_null(p);
	number = srt_is_data(p->data, p->len) ? be32(p->data) : 10000 + be32(p->data + MARK);
	pkt_free(p);
	return number;
}

static struct pkt *take(void)
{
	uint32_t serial;

	return turnstile_take(&ts, &serial);
}

static void media_keeps_its_order_and_control_goes_first(void **state)
{
	const uint32_t order[] = {10001, 10002, 1, 2, 3};

	(void)state;
	put_media(1, 1);
	put_media(1, 2);
	put_control(1, SRT_ACKACK, 1);
	put_media(1, 3);
	put_control(1, SRT_NAK, 2);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(number_of(take()), order[i]);
	assert_null(take());
	assert_int_equal(ts.count, 0);
}

static void nothing_overtakes_a_shutdown_and_it_overtakes_nothing(void **state)
{
	const uint32_t order[] = {10001, 1, 2, 10002, 10003, 3, 10004};

	(void)state;
	put_media(1, 1);
	put_media(1, 2);
	put_control(1, SRT_ACKACK, 1);
	put_control(1, SRT_SHUTDOWN, 2);
	put_control(1, SRT_HANDSHAKE, 3); /* of the next session */
	put_media(1, 3);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(number_of(take()), order[i]);
	put_media(1, 4);
	put_control(1, SRT_ACKACK, 4);
	assert_int_equal(number_of(take()), order[6]);
	assert_int_equal(number_of(take()), 4);
}

static void a_group_with_a_long_queue_delays_the_others_by_one_round(void **state)
{
	unsigned own = 0;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++)
		put_media(1, i);
	for (unsigned port = 2; port <= GROUPS; port++)
		put_media(port, port);
	for (unsigned other = 2; other <= GROUPS;) {
		struct pkt *p = take();

		own += p->port == 1;
		other += p->port != 1;
		pkt_free(p);
	}
	assert_in_range(own, 1, 2);
}

static void a_newcomer_waits_one_round_at_most_in_the_midst_of_the_rush(void **state)
{
	unsigned turns = 0;
	struct pkt *p;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		for (unsigned port = 1; port < GROUPS; port++)
			put_media(port, i);
	}
	for (unsigned i = 0; i < 1111; i++)
		pkt_free(take());
	put_media(GROUPS, 7);
	do {
		p = take();
		turns++;
		pkt_free(p);
	} while (p->port != GROUPS);
	assert_in_range(turns, 1, 2 * GROUPS); /* a quantum may be two packets */
}

static void groups_share_bytes_and_not_packets(void **state)
{
	uint32_t bytes[3] = {0};

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		assert_null(put(packet(1, 1500, 0, i)));
		assert_null(put(packet(2, 200, 0, i)));
		assert_null(put(packet(3, 700, 0, i)));
	}
	for (unsigned i = 0; i < 1500; i++) {
		struct pkt *p = take();

		bytes[p->port - 1] += p->len;
		pkt_free(p);
	}
	for (unsigned i = 0; i < 2; i++)
		assert_in_range(bytes[i], bytes[2] - 2 * TURNSTILE_QUANTUM,
				bytes[2] + 2 * TURNSTILE_QUANTUM);
}

static void a_full_queue_gives_its_oldest_media_back_and_no_control(void **state)
{
	(void)state;
	put_control(1, SRT_ACKACK, 1);
	for (uint32_t i = 1; i < TURNSTILE_QUEUE; i++)
		put_media(1, i);
	assert_int_equal(number_of(put(packet(1, MEDIA, 0, 5000))), 1);
	assert_int_equal(number_of(put(packet(1, 44, 0x8002, 2))), 2);
	assert_int_equal(ts.overflowed, 2);
	assert_int_equal(ts.count, TURNSTILE_QUEUE);
	assert_null(put(packet(2, MEDIA, 0, 1))); /* the neighbour has room */
	assert_int_equal(number_of(take()), 10001);
	assert_int_equal(number_of(take()), 10002);
	assert_int_equal(number_of(take()), 3);
	assert_int_equal(number_of(take()), 1); /* of the neighbour: the quantum was spent */
	assert_int_equal(number_of(take()), 4);
}

static void control_alone_is_bounded_too(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < TURNSTILE_QUEUE; i++)
		put_control(1, SRT_NAK, i);
	assert_int_equal(number_of(put(packet(1, 44, 0x8003, 9999))), 10000);
	assert_int_equal(ts.count, TURNSTILE_QUEUE);
}

static void a_shutdown_in_a_full_queue_outlives_the_media_around_it(void **state)
{
	(void)state;
	put_control(1, SRT_SHUTDOWN, 1);
	for (uint32_t i = 1; i < TURNSTILE_QUEUE; i++)
		put_media(1, i);
	assert_int_equal(number_of(put(packet(1, MEDIA, 0, 5000))), 1);
	assert_int_equal(number_of(take()), 10001);
	put_control(1, SRT_HANDSHAKE, 2); /* it no longer holds anybody up */
	assert_int_equal(number_of(take()), 10002);
}

static void shedding_takes_half_of_the_longest_queue_and_a_handful_at_most(void **state)
{
	struct pkt_list shed = {0};

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		put_media(5, i);
	for (uint32_t i = 0; i < 100; i++)
		put_media(7, i);
	put_media(9, 0);
	turnstile_shed(&ts, 64, &shed);
	assert_int_equal(shed.count, 50);
	for (uint32_t i = 0; i < 50; i++) {
		assert_int_equal(shed.head->port, 7);
		assert_int_equal(number_of(pkt_list_pop(&shed)), i);
	}
	turnstile_shed(&ts, 20, &shed);
	assert_int_equal(shed.count, 20);
	pkt_list_clear(&shed);
	assert_int_equal(ts.count, 41);
	while (ts.count > 0)
		turnstile_shed(&ts, 64, &shed);
	assert_null(take());
	turnstile_shed(&ts, 64, &shed);
	assert_int_equal(shed.count, 41);
	pkt_list_clear(&shed);
}

static void F61_what_waited_for_a_group_that_ended_reaches_no_other(void **state)
{
	uint32_t serial;

	(void)state;
	put_media(1, 1);
	put_media(2, 2);
	put_media(3, 3);
	assert_int_equal(turnstile_forget(&ts, 2), 1);
	assert_int_equal(turnstile_forget(&ts, 2), 0);
	assert_int_equal(turnstile_forget(&ts, 0), 0);
	assert_int_equal(turnstile_forget(&ts, GROUPS + 1), 0);

	/* Or the next group on the port speaks before anybody noticed. */
	assert_null(turnstile_put(&ts, 2, packet(3, MEDIA, 0, 4)));
	assert_int_equal(number_of(turnstile_take(&ts, &serial)), 1);
	assert_int_equal(serial, 1);
	assert_int_equal(number_of(turnstile_take(&ts, &serial)), 4);
	assert_int_equal(serial, 2);
	assert_null(take());
}

/* Any mix of puts and takes: nothing is lost, and each kind of a group keeps its order. */
static void without_pressure_nothing_is_lost_and_nothing_reordered(void **state)
{
	static uint32_t sent[GROUPS + 1][2], seen[GROUPS + 1][2];
	size_t in = 0, out = 0;
	struct rng rng;

	(void)state;
	rng_init(&rng, 20);
	while (in < 100000 || ts.count > 0) {
		if (in < 100000 && pool.in_use < 4000 && rng_below(&rng, 100) < 52) {
			unsigned port = 1 + (unsigned)rng_below(&rng, rng_below(&rng, 2) ? 3 : GROUPS);
			unsigned kind = rng_below(&rng, 10) == 0;
			uint16_t len = (uint16_t)(16 + rng_below(&rng, PKT_CAP - 15));

			assert_null(put(packet(port, len, kind ? 0x8002 : 0, sent[port][kind]++)));
			in++;
		} else if (ts.count > 0) {
			struct pkt *p = take();
			unsigned kind = !srt_is_data(p->data, p->len);
			unsigned port = p->port;

			assert_int_equal(number_of(p) - (kind ? 10000 : 0), seen[port][kind]++);
			out++;
		}
	}
	assert_int_equal(in, out);
	assert_int_equal(ts.overflowed, 0);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, begin, finish)
	const struct CMUnitTest tests[] = {
		EACH(media_keeps_its_order_and_control_goes_first),
		EACH(nothing_overtakes_a_shutdown_and_it_overtakes_nothing),
		EACH(a_group_with_a_long_queue_delays_the_others_by_one_round),
		EACH(a_newcomer_waits_one_round_at_most_in_the_midst_of_the_rush),
		EACH(groups_share_bytes_and_not_packets),
		EACH(a_full_queue_gives_its_oldest_media_back_and_no_control),
		EACH(control_alone_is_bounded_too),
		EACH(a_shutdown_in_a_full_queue_outlives_the_media_around_it),
		EACH(shedding_takes_half_of_the_longest_queue_and_a_handful_at_most),
		EACH(F61_what_waited_for_a_group_that_ended_reaches_no_other),
		EACH(without_pressure_nothing_is_lost_and_nothing_reordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
