/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"
#include "tests/sim/witness.h"

/*
 * V-01: a car passes a hundred roadside stations, each with a prefix of its
 * own, above one cellular link that alone could not carry the stream.
 */
enum {
	CELLULAR,
	RADIO, /* one of two that take turns */
	LINKS = 3,
	PASSES = 100,
};

#define PASS    SEC(20) /* 600 m at 30 m/s */
#define OVERLAP SEC(2)
#define GAP     SEC(1)
#define USED_BY MSEC(300) /* after the address is usable */

static struct story *set_off(struct witness **w)
{
	struct plan plan = plan_links(LINKS, 20000000, MSEC(20));
	struct bond_config *b = &plan.bond[0];
	struct story *s;

	plan.site.ipv6 = b->ipv6 = true;
	b->mode = SENDER_BALANCE;
	b->up[CELLULAR].supply.rate = 5000000;
	b->up[CELLULAR].delay = b->down[CELLULAR].delay = MSEC(35);
	b->caller.latency = 2000;
	b->caller.media =
		(struct encoder_config){.rate = 8000000, .fps = 30, .gop = 60, .key = 300};
	s = story_begin(&plan);
	*w = witness_begin(s);
	witness_let(*w, RADIO + 1, TAKES_ALL);
	story_start_encoders(s);
	story_run(s, PASS);
	return s;
}

/* The station of this pass comes within reach; how long until its link is one of the bond's. */
static usspan meet(struct story *s, struct witness *w, unsigned pass, unsigned link)
{
	struct sender_view v;
	ustime since = s->world.now;
	char address[ENDPOINT_TEXT];

	snprintf(address, sizeof(address), "2001:db8:%x::7", 0x1000 + pass);
	witness_let(w, link, TAKES_NOTHING);
	bond_readdress(&s->bond[0], link, address);
	do {
		story_run(s, MSEC(1));
		story_view(s, &v);
	} while (v.link[link].state != LINK_UP && s->world.now - since < SEC(1));
	return s->world.now - since;
}

static void assert_one_session(struct story *s)
{
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(s->bond[0].caller.tally.broken, 0);
	assert_int_equal(story_stream(s, 0)->sessions, 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
}

static void a_hundred_stations_that_overlap_cost_no_packet(void **state)
{
	struct witness *w;
	struct story *s = set_off(&w);

	(void)state;
	for (unsigned pass = 1; pass <= PASSES; pass++) {
		unsigned next = RADIO + pass % 2, last = RADIO + (pass + 1) % 2;
		usspan took = meet(s, w, pass, next);

		assert_true(took <= USED_BY);
		story_run(s, OVERLAP - took);
		witness_let(w, last, TAKES_ALL);
		story_run(s, PASS - OVERLAP);
		assert_int_equal(story_stream(s, 0)->late, 0);
	}
	assert_one_session(s);
	assert_true(story_stream(s, 0)->delivered > PASSES * 20 * PER_SECOND * 99 / 100);
	story_end(s);
}

static void a_hundred_gaps_between_stations_end_no_session(void **state)
{
	struct witness *w;
	struct story *s = set_off(&w);
	uint64_t first;

	(void)state;
	for (unsigned pass = 1; pass <= PASSES; pass++) {
		witness_let(w, RADIO, TAKES_ALL);
		story_run(s, GAP);
		first = w->link[RADIO].first;
		assert_true(meet(s, w, pass, RADIO) <= USED_BY);
		story_run(s, PASS - GAP);
		assert_true(w->link[RADIO].first > first + 19 * PER_SECOND / 3);
	}
	assert_one_session(s);
	/* No freeze is longer than the latency, and what is cut off is little. */
	assert_true(story_stream(s, 0)->gap <= SEC(2));
	assert_true(story_stream(s, 0)->late * 1000 <= story_stream(s, 0)->delivered);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_hundred_stations_that_overlap_cost_no_packet,
					  story_teardown),
		cmocka_unit_test_teardown(a_hundred_gaps_between_stations_end_no_session,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
