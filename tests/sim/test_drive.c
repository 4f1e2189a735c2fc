/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/drive.h"

/* Three links of 5 Mbit/s and 25 ms under 8 Mbit/s, for so long. */
static void links_of_5(struct scenario *s, usspan lasts)
{
	struct road_config up = {.supply.rate = 5000000, .queue = 375000, .delay = MSEC(25)};
	struct road_config down = {.delay = MSEC(25)};

	memset(s, 0, sizeof(*s));
	s->lasts = lasts;
	s->judged_from = SEC(5);
	s->vehicles = 1;
	s->latency = SEC(1);
	s->stream = (struct encoder_config){.rate = 8000000, .fps = 30, .gop = 60, .key = 500};
	s->server.loss_ttl = 40;
	s->links = 3;
	for (unsigned i = 0; i < s->links; i++)
		s->link[i] = (struct scenario_link){.up = up, .down = down};
}

static struct drive *drive(const struct scenario *s, uint64_t seed)
{
	struct drive_config cfg = {.scenario = s, .seed = seed};
	const char *why;
	struct drive *d = drive_run(&cfg, &why);

	assert_non_null(d);
	return d;
}

static void a_clean_link_delivers_everything_and_carries_little_more(void **state)
{
	static struct scenario s;
	struct drive *d;

	(void)state;
	links_of_5(&s, SEC(30));
	s.links = 1;
	s.link[0].up.supply.rate = 15000000;
	d = drive(&s, 1);
	assert_int_equal(d->vehicle[0].tally.late, 0);
	/* 8 Mbit/s for 25 s, in frames whose last packet is not full. */
	assert_in_range(d->vehicle[0].tally.made, 25 * 760, 25 * 790);
	assert_in_range(d->vehicle[0].tally.delay_p50, MSEC(26), MSEC(50));
	assert_in_range(census_wire(&d->vehicle[0].census), 1001, 1020);
	assert_int_equal(d->vehicle[0].sessions, 1);
	assert_int_equal(d->vehicle[0].census.false_naks, 0);
	drive_destroy(d);
}

static void three_links_deliver_everything_too(void **state)
{
	static struct scenario s;
	struct drive *d;

	(void)state;
	links_of_5(&s, SEC(30));
	d = drive(&s, 1);
	assert_int_equal(d->vehicle[0].tally.late, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(d->vehicle[0].census.link[i].arrived[CENSUS_FIRST].packets, 30 * 190,
				30 * 300);
	drive_destroy(d);
}

static void one_seed_is_one_drive_and_another_is_another(void **state)
{
	static struct scenario s;
	struct drive *a, *b, *c;

	(void)state;
	links_of_5(&s, SEC(20));
	s.link[1].up.loss = 20000;
	a = drive(&s, 1);
	b = drive(&s, 1);
	c = drive(&s, 2);
	assert_true(a->fingerprint == b->fingerprint);
	assert_true(a->fingerprint != c->fingerprint);
	drive_destroy(a);
	drive_destroy(b);
	drive_destroy(c);
}

static void an_outage_shows_when_the_sender_gave_the_link_up_and_took_it_back(void **state)
{
	static struct scenario s;
	struct scenario_turn dark = {.at = SEC(10), .lasts = SEC(8), .link = 1, .up = true,
				     .down = true, .dark = true};
	const struct census_outage *o;
	struct drive *d;

	(void)state;
	links_of_5(&s, SEC(30));
	s.turn = &dark;
	s.turns = 1;
	d = drive(&s, 1);
	o = &d->vehicle[0].census.outage[0];
	assert_int_equal(d->vehicle[0].census.outages, 1);
	assert_in_range(o->last_in, 1, SEC(5));
	assert_in_range(o->back, 1, SEC(2));
	assert_true(d->vehicle[0].census.link[1].dropped[ROAD_DARK] > 0);
	assert_int_equal(d->vehicle[0].census.link[0].dropped[ROAD_DARK], 0);
	drive_destroy(d);
}

static void five_vehicles_have_roads_and_streams_of_their_own(void **state)
{
	static struct scenario s;
	struct drive *d;

	(void)state;
	links_of_5(&s, SEC(20));
	s.vehicles = 5;
	d = drive(&s, 1);
	assert_int_equal(d->vehicles, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(d->vehicle[i].tally.late, 0);
		assert_int_equal(d->vehicle[i].sessions, 1);
		assert_true(d->vehicle[i].tally.made > 15 * 760);
	}
	drive_destroy(d);
}

/* One deed at 10 s: whether the last seconds of 40 s are whole again. */
static void survives(enum scenario_deed deed, usspan lasts, uint64_t sessions)
{
	static struct scenario s;
	struct scenario_event event = {.at = SEC(10), .deed = deed, .lasts = lasts};
	struct drive *d;

	links_of_5(&s, SEC(40));
	s.event = &event;
	s.events = 1;
	d = drive(&s, 1);
	assert_in_range(d->vehicle[0].sessions, 1, sessions);
	assert_true(d->vehicle[0].tally.late < d->vehicle[0].tally.made / 2);
	s.judged_from = SEC(30);
	drive_destroy(d);
	d = drive(&s, 1);
	assert_int_equal(d->vehicle[0].tally.late, 0);
	drive_destroy(d);
}

static void whatever_restarts_the_stream_comes_back(void **state)
{
	(void)state;
	survives(DEED_REC_RESTART, MSEC(200), 3);
	survives(DEED_SEND_RESTART, MSEC(200), 3);
	survives(DEED_SERVER_RESTART, SEC(1), 3);
	survives(DEED_ENCODER_RESTART, SEC(1), 2);
}

static void a_link_that_moves_keeps_the_session(void **state)
{
	static struct scenario s;
	struct scenario_event moves[] = {{.at = SEC(8), .deed = DEED_REBIND, .link = 1},
					 {.at = SEC(16), .deed = DEED_READDRESS, .link = 2}};
	struct drive *d;

	(void)state;
	links_of_5(&s, SEC(30));
	s.event = moves;
	s.events = 2;
	d = drive(&s, 1);
	assert_int_equal(d->vehicle[0].sessions, 1);
	assert_in_range(d->vehicle[0].census.link[2].arrived[CENSUS_FIRST].packets, 4000, 12000);
	drive_destroy(d);
}

static void sixty_four_links_carry_one_stream(void **state)
{
	static struct scenario s;
	struct drive *d;
	unsigned used = 0;

	(void)state;
	links_of_5(&s, SEC(15));
	s.links = 64;
	for (unsigned i = 3; i < s.links; i++)
		s.link[i] = s.link[0];
	d = drive(&s, 1);
	for (unsigned i = 0; i < s.links; i++)
		used += d->vehicle[0].census.link[i].arrived[CENSUS_FIRST].packets > 0;
	assert_int_equal(d->vehicle[0].tally.late, 0);
	assert_true(used >= 16);
	drive_destroy(d);
}

static void a_peer_that_nobody_knows_is_refused(void **state)
{
	static struct scenario s;
	struct drive_config cfg = {.scenario = &s, .seed = 1};
	const char *why;

	(void)state;
	links_of_5(&s, SEC(15));
	memcpy(s.receiver, "nobody", 7);
	assert_null(drive_run(&cfg, &why));
	assert_non_null(strstr(why, "receiver"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_link_delivers_everything_and_carries_little_more),
		cmocka_unit_test(three_links_deliver_everything_too),
		cmocka_unit_test(one_seed_is_one_drive_and_another_is_another),
		cmocka_unit_test(an_outage_shows_when_the_sender_gave_the_link_up_and_took_it_back),
		cmocka_unit_test(five_vehicles_have_roads_and_streams_of_their_own),
		cmocka_unit_test(whatever_restarts_the_stream_comes_back),
		cmocka_unit_test(a_link_that_moves_keeps_the_session),
		cmocka_unit_test(sixty_four_links_carry_one_stream),
		cmocka_unit_test(a_peer_that_nobody_knows_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
