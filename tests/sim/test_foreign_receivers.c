/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/foreign_profiles.h"
#include "tests/sim/foreign_receiver.h"
#include "tests/sim/mischief.h"

/*
 * Our sender with models of the receivers in the field: three links of
 * 6 Mbit/s and 50 ms under a stream of 6 Mbit/s, for a minute, and one thing
 * that goes wrong.  Every pair is a test of its own.
 */

struct profile {
	const char *name;
	enum sender_peer peer; /* what our sender takes it for */
	bool idle_ends_group;  /* before an encoder connects, whatever the sender does */
};

/* What to expect of each of the models. */
static const struct profile profiles[] = {
	{"eight_links_and_short_answers", SENDER_PEER_CLASSIC, false},
	{"padding_and_broadcast_naks", SENDER_PEER_CLASSIC, false},
	{"throttled_acks_and_little_patience", SENDER_PEER_CLASSIC, false},
	{"no_acks_and_replies_that_follow_keepalives", SENDER_PEER_CLASSIC, false},
	{"little_patience_and_keepalives_of_its_own", SENDER_PEER_CLASSIC, false},
	{"malformed_acks_and_no_echoes", SENDER_PEER_UNKNOWN, true},
	{"no_limits_and_groups_that_end_with_their_links", SENDER_PEER_CLASSIC, false},
	{"echoes_of_38_bytes", SENDER_PEER_UNKNOWN, false},
};

static const struct foreign_receiver_traits *traits(const struct profile *profile)
{
	return foreign_receiver_named(profile->name);
}

static struct story *begin_links(const struct profile *profile, unsigned links, uint64_t rate)
{
	struct plan plan = plan_links(links, rate, MSEC(50));

	plan.bond[0].caller.media.rate = 6000000;
	plan.bond[0].caller.once = true;
	plan.site.foreign = traits(profile);
	return story_begin(&plan);
}

static struct story *begin(const struct profile *profile)
{
	return begin_links(profile, 3, 6000000);
}

static struct story *streaming(const struct profile *profile)
{
	struct story *s = begin(profile);

	story_start_encoders(s);
	story_run(s, SEC(15));
	assert_int_equal(s->bond[0].caller.state, CALLER_STREAMS);
	return s;
}

static const struct foreign_receiver *model(const struct story *s)
{
	return s->site.core;
}

static uint64_t noted(const struct story *s, enum sender_note kind)
{
	return story_noted(s, SIDE_SENDER, kind);
}

/* The encoder ends; what is on its way is played. */
static void finish(struct story *s)
{
	srt_caller_stop(&s->bond[0].caller, false);
	story_run(s, SEC(4));
}

/* However it went, these hold. */
static void assert_orderly(struct story *s, uint64_t sessions)
{
	const struct srt_caller_tally *c = &s->bond[0].caller.tally;
	const struct srt_stream *x = story_stream(s, 0);

	assert_int_equal(c->sessions, sessions);
	assert_int_equal(c->broken, sessions - 1);
	assert_int_equal(x->sessions, sessions);
	assert_int_equal(s->site.server.most_open, 1);
	assert_int_equal(x->damaged + x->outside, 0);
	assert_int_equal(c->odd + c->acks_again + s->bond[0].to_strangers, 0);
	assert_true(c->acks <= x->acks + x->light_acks);
	assert_true(c->naks <= x->naks);
	assert_true(model(s)->most_used <= 1);
	assert_int_equal(s->site.wrong_address, 0);
}

/* One session from beginning to end, and all of it was played: what a link lost came again. */
static void end_whole(struct story *s)
{
	const struct srt_stream *x = story_stream(s, 0);

	finish(s);
	assert_orderly(s, 1);
	assert_int_equal(x->delivered, s->bond[0].caller.tally.data);
	assert_int_equal(x->late, 0);
	story_end(s);
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

static void all_goes_well(void **state)
{
	const struct profile *profile = *state;
	struct thief handshakes = {.type = 0x8000};
	struct story *s = begin(profile);
	struct sender_view v;

	mischief_steal(s, &handshakes, true);
	story_start_encoders(s);
	story_run(s, SEC(60));
	assert_in_range(story_first(s, SIDE_SENDER, SENDER_LINK_UP), MSEC(150), MSEC(155));
	assert_int_equal(noted(s, SENDER_LINK_UP), 3);
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_MEMBER_GONE), 0);
	assert_int_equal(model(s)->errs, 0);
	assert_int_equal(handshakes.seen, 2);
	assert_int_equal(s->bond[0].caller.tally.tries, 1);
	story_view(s, &v);
	assert_int_equal(v.peer, profile->peer);
	if (profile->peer == SENDER_PEER_CLASSIC)
		assert_in_range(model(s)->long_keepalives, 1, 6);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(v.link[i].data_out > 5000);
		if (traits(profile)->forwards_keepalives)
			assert_int_equal(v.link[i].srtt, 0);
		else
			assert_in_range(v.link[i].srtt, MSEC(50), MSEC(60));
	}
	end_whole(s);
}

static void nobody_streams_for_a_while(void **state)
{
	const struct profile *profile = *state;
	struct story *s = begin(profile);

	story_run(s, SEC(40));
	if (!profile->idle_ends_group) {
		assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_MEMBER_GONE), 0);
	}
	story_start_encoders(s);
	assert_true(story_run_until_streams(s, SEC(10)) <=
		    (profile->idle_ends_group ? MSEC(360) : MSEC(110)));
	story_run(s, SEC(20));
	end_whole(s);
}

static void a_reg2_is_lost(void **state)
{
	/* The REG1 that follows from the same address is refused: another link asks. */
	struct thief thief = {.type = F_REG2, .takes = 1};
	struct story *s = begin(*state);

	mischief_steal(s, &thief, false);
	story_start_encoders(s);
	assert_true(story_run_until_streams(s, SEC(20)) <= MSEC(2500));
	story_run(s, SEC(60));
	assert_int_equal(thief.took, 1);
	assert_int_equal(noted(s, SENDER_LINK_UP), 3);
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
	end_whole(s);
}

static void a_reg2_is_lost_on_every_link(void **state)
{
	/* S3: when all have been refused, the last one asks from another port. */
	struct thief thief = {.type = F_REG2, .takes = 3};
	struct story *s = begin(*state);

	mischief_steal(s, &thief, false);
	story_start_encoders(s);
	assert_true(story_run_until_streams(s, SEC(20)) <= SEC(4));
	story_run(s, SEC(60));
	assert_int_equal(thief.took, 3);
	assert_int_equal(s->bond[0].reopened, 1);
	assert_int_equal(noted(s, SENDER_LINK_UP), 3);
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
	end_whole(s);
}

static void a_reg2_is_lost_on_the_only_link(void **state)
{
	/* S3: no other link can ask, but another port of this one can. */
	struct thief thief = {.type = F_REG2, .takes = 1};
	struct story *s = begin_links(*state, 1, 10000000);

	mischief_steal(s, &thief, false);
	story_start_encoders(s);
	assert_true(story_run_until_streams(s, SEC(20)) <= MSEC(1600));
	story_run(s, SEC(60));
	assert_int_equal(thief.took, 1);
	assert_int_equal(s->bond[0].reopened, 1);
	assert_int_equal(model(s)->errs, 1);
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
	end_whole(s);
}

static void a_reg3_is_lost(void **state)
{
	struct thief thief = {.type = F_REG3, .takes = 1};
	struct story *s = begin(*state);

	mischief_steal(s, &thief, false);
	story_start_encoders(s);
	assert_true(story_run_until_live(s, 3, SEC(20)) <= MSEC(1300));
	story_run(s, SEC(60));
	assert_int_equal(thief.took, 1);
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	end_whole(s);
}

static void a_link_dies_for_20_seconds(void **state)
{
	struct story *s = streaming(*state);
	struct sender_view v;

	bond_cut(&s->bond[0], 1, true);
	story_run(s, SEC(4) + MSEC(200));
	story_view(s, &v);
	assert_int_equal(v.live, 2);
	story_run(s, SEC(20) - SEC(4) - MSEC(200));
	bond_cut(&s->bond[0], 1, false);
	assert_true(story_run_until_live(s, 3, SEC(20)) <= MSEC(1100));
	story_run(s, SEC(25));
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	end_whole(s);
}

static void the_receiver_restarts(void **state)
{
	struct story *s = streaming(*state);

	site_stop_receiver(&s->site);
	site_start_receiver(&s->site, false);
	story_run(s, SEC(3));
	assert_int_equal(noted(s, SENDER_GROUP_LOST), 1);
	assert_int_equal(noted(s, SENDER_GROUP_JOINED), 2);
	assert_int_equal(model(s)->errs, 0);
	assert_true(story_run_until_live(s, 3, SEC(5)) <= MSEC(500));
	story_run(s, SEC(10));
	end_anew(s);
}

static void the_sender_is_killed_and_starts_again(void **state)
{
	/* F08: it knows its group, its ports and its encoder, so the session does not end. */
	struct story *s = streaming(*state);
	const struct srt_stream *x = story_stream(s, 0);
	uint64_t before, denied = model(s)->errs + model(s)->ngps;
	ustime began;

	bond_stop_sender(&s->bond[0]);
	story_run(s, MSEC(200));
	before = x->received;
	began = s->world.now;
	bond_resume_sender(&s->bond[0]);
	while (x->received == before && s->world.now - began < SEC(2))
		story_run(s, MSEC(1));
	assert_true(s->world.now - began <= MSEC(110)); /* REG2, REG3, and then a packet */
	story_run(s, SEC(40));
	assert_int_equal(noted(s, SENDER_GROUP_LOST), 0);
	assert_int_equal(noted(s, SENDER_GROUP_JOINED), 1);
	assert_int_equal(noted(s, SENDER_LINK_UP), 6);
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
	assert_int_equal(model(s)->errs + model(s)->ngps, denied);
	end_whole(s);
}

static void the_srt_server_restarts(void **state)
{
	struct story *s = streaming(*state);

	site_stop_server(&s->site);
	story_run(s, SEC(2));
	site_start_server(&s->site);
	story_run(s, MSEC(3600)); /* the encoder finds out five seconds after the last word */
	assert_int_equal(s->bond[0].caller.tally.broken, 1);
	assert_true(story_run_until_streams(s, SEC(20)) <= SEC(1));
	story_run(s, SEC(3));
	end_anew(s);
}

static void a_nat_moves_a_link(void **state)
{
	struct story *s = streaming(*state);
	struct sender_view v;

	bond_rebind(&s->bond[0], 0);
	story_run(s, SEC(4));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_MEMBER_NEW), 4);
	story_view(s, &v);
	assert_int_equal(v.live, 3);
	story_run(s, SEC(40));
	assert_int_equal(noted(s, SENDER_LINK_DOWN), 0);
	end_whole(s);
}

static void strangers_speak_at_the_encoders_door(void **state)
{
	struct story *s = streaming(*state);
	struct sender_view v;

	for (unsigned i = 0; i < 10; i++) {
		mischief_flood_encoder(s, 1000);
		story_run(s, MSEC(100));
	}
	story_run(s, SEC(30));
	story_view(s, &v);
	assert_int_equal(v.drops.stranger, 10000);
	end_whole(s);
}

static void sixteen_links_flap(void **state)
{
	const struct profile *profile = *state;
	struct story *s = begin_links(profile, 16, 3000000);

	story_start_encoders(s);
	story_run(s, SEC(10));
	mischief_flap(s, SEC(20), SEC(5), s->world.now + SEC(60));
	story_run(s, SEC(70));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	end_whole(s);
}

static const struct {
	const char *name;
	CMUnitTestFunction tell;
} stories[] = {
	{"all_goes_well", all_goes_well},
	{"nobody_streams_for_a_while", nobody_streams_for_a_while},
	{"a_reg2_is_lost", a_reg2_is_lost},
	{"a_reg2_is_lost_on_every_link", a_reg2_is_lost_on_every_link},
	{"a_reg2_is_lost_on_the_only_link", a_reg2_is_lost_on_the_only_link},
	{"a_reg3_is_lost", a_reg3_is_lost},
	{"a_link_dies_for_20_seconds", a_link_dies_for_20_seconds},
	{"the_receiver_restarts", the_receiver_restarts},
	{"the_sender_is_killed_and_starts_again", the_sender_is_killed_and_starts_again},
	{"the_srt_server_restarts", the_srt_server_restarts},
	{"a_nat_moves_a_link", a_nat_moves_a_link},
	{"strangers_speak_at_the_encoders_door", strangers_speak_at_the_encoders_door},
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
