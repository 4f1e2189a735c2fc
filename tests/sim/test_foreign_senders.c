/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/foreign_profiles.h"
#include "tests/sim/foreign_sender.h"
#include "tests/sim/mischief.h"

/*
 * Our receiver with models of the senders in the field: three links of
 * 6 Mbit/s and 50 ms under a stream of 6 Mbit/s, for a minute, and one thing
 * that goes wrong.  Every pair is a test of its own.
 */

struct profile {
	const char *name;
	usspan up;      /* how long its first link takes when all goes well */
	usspan noticed; /* how long it may take to notice that its receiver has gone, and to join */
};

/* What to expect of each of the models. */
static const struct profile profiles[] = {
	{"probes_then_repeats_reg1_each_second", MSEC(155), SEC(7)},
	{"telemetry_and_new_ports_and_doubled_acks", MSEC(2055), SEC(11)},
	{"telemetry_and_each_ack_once", MSEC(2055), SEC(21)},
	{"ten_byte_keepalives_and_nothing_twice", MSEC(155), SEC(18)},
	{"asks_at_once_and_goes_round", MSEC(105), SEC(18)},
};

static const struct foreign_sender_traits *traits(const struct profile *profile)
{
	return foreign_sender_named(profile->name);
}

static struct story *begin_links(const struct profile *profile, unsigned links, uint64_t rate)
{
	struct plan plan = plan_links(links, rate, MSEC(50));

	plan.bond[0].caller.media.rate = 6000000;
	plan.bond[0].foreign = traits(profile);
	return story_begin(&plan);
}

static const struct foreign_sender *model(const struct story *s)
{
	return s->bond[0].core;
}

static unsigned live(const struct story *s)
{
	return foreign_live(model(s));
}

/* How long until so many of its links are up. */
static usspan until_live(struct story *s, unsigned links, usspan at_most)
{
	ustime began = s->world.now;

	while (live(s) < links && s->world.now - began < at_most)
		story_run(s, MSEC(1));
	return s->world.now - began;
}

/* An encoder that says each handshake once, when there is a link for it. */
static void start_encoder(struct story *s)
{
	s->bond[0].caller.cfg.once = true;
	story_start_encoders(s);
}

static struct story *streaming(const struct profile *profile)
{
	struct story *s = begin_links(profile, 3, 6000000);

	until_live(s, 3, SEC(10));
	start_encoder(s);
	story_run(s, SEC(15));
	assert_int_equal(s->bond[0].caller.state, CALLER_STREAMS);
	return s;
}

static uint64_t noted(const struct story *s, enum receiver_note kind)
{
	return story_noted(s, SIDE_RECEIVER, kind);
}

/* However it went, these hold. */
static void assert_orderly(struct story *s, uint64_t sessions)
{
	const struct srt_caller_tally *c = &s->bond[0].caller.tally;
	const struct srt_stream *x = story_stream(s, 0);
	struct receiver_view v;

	receiver_view(s->site.core, s->world.now, &v);
	assert_int_equal(v.groups, 1);
	assert_int_equal(c->sessions, sessions);
	assert_int_equal(c->broken, sessions - 1);
	assert_int_equal(x->sessions, sessions);
	assert_int_equal(s->site.server.most_open, 1);
	assert_int_equal(x->damaged + x->outside + c->odd, 0);
	/* No answer but to what was asked, and no REG_ERR whatever is repeated. */
	assert_int_equal(model(s)->errs, 0);
	assert_int_equal(model(s)->bad_echoes, 0);
	assert_int_equal(s->site.wrong_address, 0);
	assert_int_equal(noted(s, RECEIVER_PEER_OWN), 0);
}

/* One session from beginning to end, and all but so many packets of it were played. */
static void end_but_for(struct story *s, uint64_t late)
{
	const struct srt_stream *x = story_stream(s, 0);

	srt_caller_stop(&s->bond[0].caller, false);
	story_run(s, SEC(4));
	assert_orderly(s, 1);
	assert_int_equal(noted(s, RECEIVER_GROUP_NEW), 1);
	/* The server misses none that is lost behind all others, so the encoder's count decides. */
	assert_in_range(s->bond[0].caller.tally.data - x->delivered, 0, late);
	story_end(s);
}

/* What a link lost came again in time. */
static void end_whole(struct story *s)
{
	end_but_for(s, 0);
}

/* The encoder had to begin anew, once, and streams. */
static void end_anew(struct story *s)
{
	const struct srt_stream *x = story_stream(s, 0);
	uint64_t late = x->late, before = x->delivered;

	story_run(s, SEC(20));
	assert_in_range(x->delivered - before, 20 * 565, 20 * 575);
	assert_int_equal(x->late, late);
	assert_orderly(s, 2);
	story_end(s);
}

static void assert_reports(struct story *s, bool any)
{
	struct receiver_group_view g;

	assert_true(receiver_group_view(s->site.core, 1, s->world.now, &g));
	assert_int_equal(g.count, 3);
	assert_false(g.own_peer);
	assert_int_equal(g.reports, 0);
	for (unsigned i = 0; i < g.count; i++) {
		assert_true(g.member[i].data_in > 5000);
		assert_int_equal(g.member[i].reports, any);
		if (!any)
			continue;
		assert_int_equal(g.member[i].srtt, 50);
		assert_int_equal(g.member[i].naks, 7);
		assert_int_equal(g.member[i].rate, 250000);
		assert_in_range(g.member[i].window, 1000, 60000);
	}
}

static void all_goes_well(void **state)
{
	const struct profile *profile = *state;
	struct thief handshakes = {.type = 0x8000}, answers = handshakes;
	struct story *s = begin_links(profile, 3, 6000000);

	mischief_steal(s, &handshakes, true);
	mischief_steal(s, &answers, false);
	assert_true(until_live(s, 1, SEC(10)) <= profile->up);
	assert_true(until_live(s, 3, SEC(10)) <= MSEC(55));
	start_encoder(s);
	story_run(s, SEC(60));
	assert_int_equal(noted(s, RECEIVER_MEMBER_NEW), 3);
	assert_int_equal(noted(s, RECEIVER_MEMBER_GONE), 0);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_DOWN), 0);
	assert_int_equal(model(s)->reg1s, 1);
	/* Copies of an answer would be answered by some callers, each. */
	assert_int_equal(handshakes.seen, 2);
	assert_int_equal(answers.seen, 2);
	assert_int_equal(s->bond[0].caller.tally.tries, 1);
	if (!traits(profile)->keepalive_idle)
		assert_in_range(model(s)->echoes, 3 * 58, 3 * 63);
	assert_reports(s, traits(profile)->keepalive_len == 38);
	end_whole(s);
}

static void nobody_streams_for_a_while(void **state)
{
	struct story *s = begin_links(*state, 3, 6000000);

	story_run(s, SEC(40));
	assert_int_equal(noted(s, RECEIVER_MEMBER_GONE), 0);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_DOWN), 0);
	start_encoder(s);
	assert_true(story_run_until_streams(s, SEC(10)) <= MSEC(110));
	story_run(s, SEC(20));
	end_whole(s);
}

static void a_reg2_is_lost(void **state)
{
	/* R1: a REG1 said again from the same address is answered again, each time. */
	const struct profile *profile = *state;
	bool repeats = traits(profile)->repeats_reg1;
	struct thief thief = {.type = F_REG2, .takes = repeats ? 3 : 1};
	struct story *s = begin_links(profile, 3, 6000000);

	mischief_steal(s, &thief, false);
	/* Whoever does not repeat itself takes a new socket, or waits, for five seconds. */
	assert_true(until_live(s, 3, SEC(30)) <= profile->up + (repeats ? SEC(3) : SEC(6)));
	assert_int_equal(thief.took, thief.takes);
	assert_int_equal(model(s)->reg1s, 1 + thief.takes);
	start_encoder(s);
	story_run(s, SEC(60));
	end_whole(s);
}

static void a_reg3_is_lost(void **state)
{
	const struct profile *profile = *state;
	struct thief thief = {.type = F_REG3, .takes = 1};
	struct story *s = begin_links(profile, 3, 6000000);

	mischief_steal(s, &thief, false);
	assert_true(until_live(s, 3, SEC(30)) <=
		    profile->up + (traits(profile)->repeats_reg2 ? SEC(1) : SEC(5)) + MSEC(55));
	assert_int_equal(thief.took, 1);
	start_encoder(s);
	story_run(s, SEC(60));
	end_whole(s);
}

static void a_link_dies_for_20_seconds(void **state)
{
	const struct profile *profile = *state;
	struct story *s = streaming(profile);

	bond_cut(&s->bond[0], 1, true);
	story_run(s, SEC(20));
	assert_int_equal(live(s), 2);
	bond_cut(&s->bond[0], 1, false);
	assert_true(until_live(s, 3, SEC(20)) <= later(traits(profile)->reopen, SEC(1)) + SEC(1));
	story_run(s, SEC(25));
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_DOWN), 1);
	assert_int_equal(live(s), 3);
	end_whole(s);
}

static void the_receiver_restarts(void **state)
{
	struct story *s = streaming(*state);
	uint64_t before;

	site_stop_receiver(&s->site);
	story_run(s, MSEC(200));
	before = story_stream(s, 0)->received;
	site_start_receiver(&s->site, true);
	story_run(s, MSEC(30));
	assert_true(story_stream(s, 0)->received > before);
	story_run(s, SEC(30));
	assert_int_equal(live(s), 3);
	assert_int_equal(noted(s, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(noted(s, RECEIVER_GROUP_RESTORED), 1);
	assert_int_equal(noted(s, RECEIVER_MEMBER_NEW), 3);
	end_whole(s);
}

static void the_receiver_forgets_everything(void **state)
{
	const struct profile *profile = *state;
	struct story *s = streaming(profile);

	site_stop_receiver(&s->site);
	site_start_receiver(&s->site, false);
	story_run(s, profile->noticed);
	assert_int_equal(live(s), 3);
	assert_int_equal(noted(s, RECEIVER_GROUP_NEW), 2);
	assert_true(story_run_until_streams(s, SEC(20)) <= SEC(4));
	story_run(s, SEC(4));
	end_anew(s);
}

static void the_srt_server_restarts(void **state)
{
	struct story *s = streaming(*state);

	site_stop_server(&s->site);
	story_run(s, SEC(2));
	site_start_server(&s->site);
	story_run(s, MSEC(300)); /* the receiver tells the encoder, which would wait for five seconds */
	assert_int_equal(s->bond[0].caller.tally.broken, 1);
	assert_true(story_run_until_streams(s, SEC(20)) <= MSEC(700));
	assert_int_equal(noted(s, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(noted(s, RECEIVER_MEMBER_GONE), 0);
	story_run(s, SEC(3));
	end_anew(s);
}

static void a_nat_moves_a_link(void **state)
{
	const struct profile *profile = *state;
	struct story *s = streaming(profile);

	bond_rebind(&s->bond[0], 0);
	story_run(s, traits(profile)->link_timeout + SEC(2));
	assert_int_equal(noted(s, RECEIVER_MEMBER_NEW), 4);
	assert_int_equal(live(s), 3);
	story_run(s, SEC(40));
	assert_int_equal(noted(s, RECEIVER_MEMBER_GONE), 1);
	end_whole(s);
}

static void ten_thousand_strangers_call(void **state)
{
	struct story *s = streaming(*state);
	struct receiver_view v;

	for (unsigned i = 0; i < 10; i++) {
		mischief_flood_site(s, 1000);
		story_run(s, MSEC(100));
	}
	story_run(s, SEC(30));
	receiver_view(s->site.core, s->world.now, &v);
	assert_int_equal(v.members, 3);
	/*
	 * Five of seven kinds are met with silence, REG1 and REG2 by the rate of their network:
	 * 640 at once, and 320 a second for nine tenths of one.
	 */
	assert_int_equal(v.drops.stranger, 10 * 714);
	assert_in_range(s->site.to_nobody, 900, 960);
	end_whole(s);
}

static void sixteen_links_flap(void **state)
{
	struct story *s = begin_links(*state, 16, 3000000);
	struct receiver_view v;

	until_live(s, 16, SEC(10));
	start_encoder(s);
	story_run(s, SEC(10));
	mischief_flap(s, SEC(20), SEC(8), s->world.now + SEC(60));
	for (unsigned i = 0; i < 80; i++) {
		story_run(s, SEC(1));
		receiver_view(s->site.core, s->world.now, &v);
		assert_true(v.members <= 16);
	}
	assert_int_equal(live(s), 16);
	/* A sender that feeds each dead link for four seconds resends more than it sends. */
	end_but_for(s, s->bond[0].caller.tally.data / 200);
}

static const struct {
	const char *name;
	CMUnitTestFunction tell;
} stories[] = {
	{"all_goes_well", all_goes_well},
	{"nobody_streams_for_a_while", nobody_streams_for_a_while},
	{"a_reg2_is_lost", a_reg2_is_lost},
	{"a_reg3_is_lost", a_reg3_is_lost},
	{"a_link_dies_for_20_seconds", a_link_dies_for_20_seconds},
	{"the_receiver_restarts", the_receiver_restarts},
	{"the_receiver_forgets_everything", the_receiver_forgets_everything},
	{"the_srt_server_restarts", the_srt_server_restarts},
	{"a_nat_moves_a_link", a_nat_moves_a_link},
	{"ten_thousand_strangers_call", ten_thousand_strangers_call},
	{"sixteen_links_flap", sixteen_links_flap},
};

enum {
	PROFILES = sizeof(profiles) / sizeof(profiles[0]),
	STORIES = sizeof(stories) / sizeof(stories[0]),
};

int main(void)
{
	static char name[PROFILES * STORIES][128];
	static struct CMUnitTest tests[PROFILES * STORIES];

	for (size_t i = 0; i < PROFILES * STORIES; i++) {
		const struct profile *profile = &profiles[i / STORIES];

		snprintf(name[i], sizeof(name[i]), "%s: %s", profile->name,
			 stories[i % STORIES].name);
		tests[i] = (struct CMUnitTest){
			.name = name[i],
			.test_func = stories[i % STORIES].tell,
			.teardown_func = story_teardown,
			.initial_state = (void *)(uintptr_t)profile,
		};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
