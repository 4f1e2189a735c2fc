/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/dwell.h"
#include "tests/sim/path.h"
#include "tests/sim/srt_build.h"

/* The simulation's own parts: what a story rests on. */

struct diary {
	struct world *world;
	char text[32];
	size_t len;
	ustime last;
};

static void write_down(void *who, void *what)
{
	struct diary *d = who;

	d->text[d->len++] = *(const char *)what;
	d->last = d->world->now;
}

static void what_happens_at_one_time_happens_in_the_order_of_its_telling(void **state)
{
	static char letters[] = "abcdefg";
	struct world w;
	struct diary d = {.world = &w};

	(void)state;
	world_init(&w, 1, SEC(5));
	world_at(&w, SEC(7), write_down, &d, &letters[0]);
	world_at(&w, SEC(6), write_down, &d, &letters[1]);
	world_at(&w, SEC(7), write_down, &d, &letters[2]);
	world_at(&w, SEC(1), write_down, &d, &letters[3]); /* past: now */
	world_at(&w, SEC(7), write_down, &d, &letters[4]);
	world_at(&w, SEC(6), write_down, &d, &letters[5]);
	world_at(&w, SEC(9), write_down, &d, &letters[6]);
	world_run(&w, SEC(8));
	assert_string_equal(d.text, "dbface");
	assert_int_equal(d.last, SEC(7));
	assert_int_equal(w.now, SEC(8));
	world_finish(&w);
}

static void count_rings(void *who)
{
	struct diary *d = who;

	d->len++;
	d->last = d->world->now;
}

static void timer_rings_once_at_the_latest_time_it_was_set_to(void **state)
{
	struct world w;
	struct diary d = {.world = &w};
	struct timer t;

	(void)state;
	world_init(&w, 1, 0);
	timer_init(&t, &w, count_rings, &d);
	timer_set(&t, SEC(5));
	timer_set(&t, SEC(2));
	timer_set(&t, SEC(3));
	world_run(&w, SEC(4));
	assert_int_equal(d.len, 1);
	assert_int_equal(d.last, SEC(3));
	timer_set(&t, SEC(6));
	timer_set(&t, NEVER);
	world_run(&w, SEC(10));
	assert_int_equal(d.len, 1);
	timer_set(&t, SEC(1)); /* past */
	world_run(&w, SEC(10));
	assert_int_equal(d.len, 2);
	world_finish(&w);
}

/* The far end of a path under test. */
struct far_end {
	struct world *world;
	uint64_t packets, turned_bits, out_of_order;
	uint32_t last;
	ustime first_at, last_at;
};

static void arrive(void *who, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct far_end *f = who;

	(void)mark;
	if (f->packets++ == 0)
		f->first_at = f->world->now;
	f->last_at = f->world->now;
	f->turned_bits += !srt_data_is_whole(data, len);
	f->out_of_order += f->packets > 1 && data[3] < (f->last & 0xff);
	f->last = data[3];
}

static void send_many(struct world *w, struct path *p, unsigned count, usspan every)
{
	static const struct endpoint nobody;
	uint8_t buf[2048];

	for (uint32_t i = 0; i < count; i++) {
		struct srt_data d = {.seq = i, .payload = 1316};

		path_send(p, buf, srt_build_data(buf, &d), &nobody);
		world_run(w, w->now + every);
	}
	world_run(w, w->now + SEC(60));
}

static void try_path(const struct road_config *cfg, unsigned count, usspan every, struct far_end *f,
		     struct road_tally *tally)
{
	struct world w;
	struct path p;

	world_init(&w, 7, 0);
	*f = (struct far_end){.world = &w};
	path_init(&p, &w, cfg);
	p.arrive = arrive;
	p.who = f;
	send_many(&w, &p, count, every);
	*tally = p.road.tally;
	path_finish(&p);
	world_finish(&w);
}

static void path_delivers_at_its_rate_after_its_delay(void **state)
{
	/* 1332 + 28 bytes at 1.088 Mbit/s take 10 ms. */
	struct road_config cfg = {.supply.rate = 1088000, .delay = MSEC(30)};
	struct road_tally tally;
	struct far_end f;

	(void)state;
	try_path(&cfg, 100, 0, &f, &tally);
	assert_int_equal(f.packets, 100);
	assert_int_equal(f.first_at, MSEC(40));
	assert_int_equal(f.last_at, MSEC(1030));
	assert_int_equal(f.out_of_order, 0);
}

static void full_queue_drops_the_newest(void **state)
{
	struct road_config cfg = {.supply.rate = 1088000, .queue = 13600, .delay = MSEC(30)};
	struct road_tally tally;
	struct far_end f;

	(void)state;
	try_path(&cfg, 100, 0, &f, &tally);
	assert_int_equal(f.packets, 10);
	assert_int_equal(tally.overflow, 90);
	assert_int_equal(f.last_at, MSEC(130));
}

static void path_loses_doubles_damages_and_disorders_as_often_as_told(void **state)
{
	struct road_config cfg = {
		.delay = MSEC(10), .loss = 100000, .twice = 50000, .damage = 20000};
	struct road_config astray = {.delay = MSEC(10), .astray = 100000, .detour = MSEC(50)};
	struct road_config jitter = {.delay = MSEC(10), .jitter = MSEC(50)};
	struct road_tally tally;
	struct far_end f;

	(void)state;
	try_path(&cfg, 10000, MSEC(1), &f, &tally);
	assert_in_range(tally.lost, 900, 1100);
	assert_in_range(tally.doubled, 385, 515);
	assert_in_range(f.turned_bits, 150, 220); /* a turned bit of the header is not seen here */
	assert_int_equal(f.packets, 10000 - tally.lost + tally.doubled);
	try_path(&astray, 200, MSEC(1), &f, &tally);
	assert_int_equal(f.packets, 200);
	assert_true(f.out_of_order > 0);
	try_path(&jitter, 200, MSEC(1), &f, &tally);
	assert_int_equal(f.packets, 200);
	assert_int_equal(f.out_of_order, 0);
}

static void what_a_sender_keeps_counts_until_its_first_copy_leaves(void **state)
{
	static struct dwell d;
	uint8_t data[32] = {0}, again[32] = {0};

	(void)state;
	dwell_init(&d, SEC(1));
	dwell_enters(&d, MSEC(900), data, sizeof(data)); /* too early to count */
	dwell_leaves(&d, SEC(1), data, sizeof(data));
	assert_int_equal(dwell_percentile(&d, 990), 0);
	for (uint8_t i = 1; i <= 100; i++) {
		data[3] = again[3] = i;
		again[4] = 0x04; /* the R bit */
		dwell_enters(&d, SEC(2), data, sizeof(data));
		dwell_leaves(&d, SEC(2) + (i <= 90 ? 0 : MSEC(7)), data, sizeof(data));
		dwell_leaves(&d, SEC(3), data, sizeof(data)); /* a further copy */
		dwell_enters(&d, SEC(3), again, sizeof(again));
		dwell_leaves(&d, SEC(4), again, sizeof(again));
	}
	assert_int_equal(d.count, 100);
	assert_int_equal(dwell_percentile(&d, 500), 0);
	assert_int_equal(dwell_percentile(&d, 990), MSEC(7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_happens_at_one_time_happens_in_the_order_of_its_telling),
		cmocka_unit_test(timer_rings_once_at_the_latest_time_it_was_set_to),
		cmocka_unit_test(path_delivers_at_its_rate_after_its_delay),
		cmocka_unit_test(full_queue_drops_the_newest),
		cmocka_unit_test(path_loses_doubles_damages_and_disorders_as_often_as_told),
		cmocka_unit_test(what_a_sender_keeps_counts_until_its_first_copy_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
