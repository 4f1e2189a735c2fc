/* SPDX-License-Identifier: MIT */
#include "stage.h"

static void r1_repeated_reg1_gets_the_same_reg2(void **state)
{
	struct stage s;
	uint8_t first[SRTLA_ID_LEN], again[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	s.now = SEC(1200); /* the start of a period */
	reg1(&s, at("192.0.2.1", 4000), 7, first);
	for (int i = 0; i < 5; i++) {
		s.now += SEC(1);
		reg1(&s, at("192.0.2.1", 4000), 7, again);
		assert_memory_equal(first, again, sizeof(first));
	}
	stage_down(&s);
}

static void r1_reg1_keeps_the_senders_half_and_no_state(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	for (uint16_t port = 1; port <= 10; port++) {
		reg1(&s, at("192.0.2.1", port), port, id);
		for (size_t i = 0; i < SRTLA_HALF_LEN; i++)
			assert_int_equal(id[i], port);
	}
	assert_int_equal(view(&s).reg1, 10);
	assert_int_equal(view(&s).groups, 0);
	assert_int_equal(view(&s).members, 0);
	assert_int_equal(receiver_deadline(s.r), NEVER);
	stage_down(&s);
}

static void r1_reg1_of_a_member_is_answered_too(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN], again[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	join_group(&s, at("192.0.2.1", 4000), 7, id);
	reg1(&s, at("192.0.2.1", 4000), 7, again);
	assert_memory_equal(id, again, sizeof(id));
	assert_int_equal(view(&s).groups, 1);
	stage_down(&s);
}

static void r1_an_id_outlives_its_period_by_one_and_joins_for_ever(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN], late[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	s.now = SEC(1319); /* the last second of a period */
	reg1(&s, at("192.0.2.1", 4000), 7, id);
	reg1(&s, at("192.0.2.2", 4000), 8, late);
	s.now = SEC(1439);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), id), SRTLA_REG3);
	s.now = SEC(1440);
	assert_int_equal(reg2(&s, at("192.0.2.2", 4000), late), SRTLA_REG_NGP);
	assert_int_equal(reg2(&s, at("192.0.2.2", 4000), id), SRTLA_REG3);
	assert_int_equal(view(&s).groups, 1);
	stage_down(&s);
}

static void periods_follow_the_clock_that_runs_on_in_suspend(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	reg1(&s, at("192.0.2.1", 4000), 7, id);
	receiver_set_boottime(s.r, SEC(600));
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), id), SRTLA_REG_NGP);
	reg1(&s, at("192.0.2.1", 4000), 7, id);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), id), SRTLA_REG3);
	stage_down(&s);
}

static void r2_sender_that_restarts_on_its_port_gets_a_new_group(void **state)
{
	struct stage s;
	uint8_t old[SRTLA_ID_LEN], id[SRTLA_ID_LEN];
	unsigned before, after;

	(void)state;
	stage_up(&s, NULL);
	before = join_group(&s, at("192.0.2.1", 4000), 7, old);
	reg1(&s, at("192.0.2.1", 4000), 8, id);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), id), SRTLA_REG3);
	assert_string_equal(last_note(&s, RECEIVER_MEMBER_GONE)->why, "moved");
	after = last_note(&s, RECEIVER_MEMBER_NEW)->port;
	assert_int_not_equal(before, after);
	assert_int_equal(group_view(&s, before).count, 0);
	assert_int_equal(group_view(&s, after).count, 1);
	stage_down(&s);
}

/* What the former self still owed is not sent to anybody. */
static void r2_member_that_moved_leaves_no_ack_behind(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	join_group(&s, at("192.0.2.1", 4000), 7, id);
	send_media(&s, at("192.0.2.1", 4000), 1);
	discard(&s);
	join_group(&s, at("192.0.2.1", 4000), 8, id);
	pass(&s, SEC(1));
	assert_silence(&s);
	stage_down(&s);
}

/* The cookie went to another address: this source has shown nothing. */
static void r2_no_other_cookie_takes_a_member_from_its_group(void **state)
{
	struct stage s;
	uint8_t mine[SRTLA_ID_LEN], theirs[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, at("192.0.2.1", 4000), 7, mine);
	join_group(&s, at("198.51.100.9", 4000), 8, theirs);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), theirs), SRTLA_NOT_OURS);
	assert_int_equal(view(&s).drops.elsewhere, 1);
	assert_int_equal(group_view(&s, port).count, 1);

	reg1(&s, at("198.51.100.9", 4001), 9, theirs);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), theirs), SRTLA_NOT_OURS);
	assert_int_equal(view(&s).drops.elsewhere, 2);
	assert_int_equal(view(&s).groups, 2);
	stage_down(&s);
}

/* The second link of a restarted sender: its old self must be seen to age. */
static void r2_registrations_for_another_group_keep_no_member_alive(void **state)
{
	struct stage s;
	struct endpoint a = at("192.0.2.1", 4000), b = at("192.0.2.2", 4000);
	uint8_t old[SRTLA_ID_LEN], id[SRTLA_ID_LEN];
	unsigned seconds = 0;

	(void)state;
	stage_up(&s, NULL);
	join_group(&s, a, 7, old);
	assert_int_equal(reg2(&s, b, old), SRTLA_REG3);
	join_group(&s, a, 8, id);
	while (reg2(&s, b, id) != SRTLA_REG3) {
		pass(&s, SEC(1));
		assert_true(++seconds <= 16);
	}
	stage_down(&s);
}

static void r3_repeated_reg2_gets_reg3_each_time_and_one_member(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, at("192.0.2.1", 4000), 7, id);
	for (int i = 0; i < 5; i++)
		assert_int_equal(reg2(&s, at("192.0.2.1", 4000), id), SRTLA_REG3);
	assert_int_equal(group_view(&s, port).count, 1);
	assert_int_equal(noted(&s, RECEIVER_MEMBER_NEW), 0);
	assert_int_equal(view(&s).reg2, 6);
	stage_down(&s);
}

static void r3_reg2_from_a_new_port_joins_the_same_group(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, at("192.0.2.1", 4000), 7, id);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4001), id), SRTLA_REG3);
	assert_int_equal(reg2(&s, at("198.51.100.1", 9), id), SRTLA_REG3);
	assert_int_equal(group_view(&s, port).count, 3);
	assert_int_equal(view(&s).groups, 1);
	stage_down(&s);
}

static void r3_full_group_gives_up_the_stalest_of_the_same_host(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	struct receiver_group_view v;
	unsigned port;

	(void)state;
	cfg.members = 3;
	stage_up(&s, &cfg);
	port = join_group(&s, at("198.51.100.1", 1), 7, id); /* the stalest of all */
	s.now += SEC(5);
	reg2(&s, at("192.0.2.1", 4000), id);
	s.now += MSEC(10);
	reg2(&s, at("192.0.2.1", 4001), id);
	s.now += MSEC(10);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4002), id), SRTLA_REG3);
	v = group_view(&s, port);
	assert_int_equal(v.count, 3);
	for (unsigned i = 0; i < v.count; i++)
		assert_int_not_equal(v.member[i].who.port, 4000);
	assert_int_equal(last_note(&s, RECEIVER_MEMBER_GONE)->who.port, 4000);
	stage_down(&s);
}

static void r3_full_group_gives_up_who_was_silent_two_seconds_and_nobody_else(void **state)
{
	struct receiver_config cfg = stage_config();
	struct endpoint last = at("203.0.113.77", 1);
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	cfg.members = 2;
	stage_up(&s, &cfg);
	port = join_group(&s, at("198.51.100.1", 1), 7, id);
	reg2(&s, at("198.51.100.2", 1), id);
	s.now += SEC(2);
	assert_int_equal(reg2(&s, last, id), SRTLA_REG_ERR);
	assert_int_equal(view(&s).drops.full, 1);
	assert_int_equal(noted(&s, RECEIVER_FULL), 1);

	send_media(&s, at("198.51.100.1", 1), 1);
	discard(&s);
	s.now += 1;
	assert_int_equal(reg2(&s, last, id), SRTLA_REG3);
	assert_true(endpoint_equal(
		&last_note(&s, RECEIVER_MEMBER_GONE)->who,
		&(struct endpoint){.family = FAMILY_V4, .port = 1, .addr = {198, 51, 100, 2}}));
	assert_int_equal(group_view(&s, port).count, 2);
	stage_down(&s);
}

static void r4_only_a_reg2_with_an_unknown_id_draws_ngp(void **state)
{
	static const uint8_t junk[300] = {0x92, 0x01};
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	memset(id, 9, sizeof(id));
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), id), SRTLA_REG_NGP);
	assert_int_equal(view(&s).drops.forged, 1);

	for (size_t len = 0; len <= sizeof(junk); len++) {
		if (len == SRTLA_REG_LEN)
			continue;
		send_net(&s, at("192.0.2.2", 4000), junk, len);
		assert_silence(&s);
	}
	assert_int_equal(view(&s).groups, 0);
	stage_down(&s);
}

static void r4_strangers_hear_nothing_whatever_they_send(void **state)
{
	struct stage s;
	uint8_t data[MEDIA];
	uint64_t sent = 0;

	(void)state;
	stage_up(&s, NULL);
	for (unsigned type = 0; type <= 0xffff; type += type < 0x9000 || type > 0xa100 ? 257 : 1) {
		if (type == SRTLA_REG1 || type == SRTLA_REG2)
			continue;
		memset(data, 0, sizeof(data));
		put_be16(data, (uint16_t)type);
		send_net(&s, at("192.0.2.1", 4000), data, 2 + type % 60);
		assert_silence(&s);
		sent++;
	}
	assert_int_equal(view(&s).drops.stranger, sent);
	stage_down(&s);
}

static void wrong_lengths_and_the_receivers_own_packets_are_met_with_silence(void **state)
{
	static const uint16_t ours[] = {SRTLA_REG3, SRTLA_REG_ERR, SRTLA_REG_NGP, SRTLA_REG_NAK,
					SRTLA_ACK};
	struct stage s;
	uint8_t data[300] = {0}, id[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	for (size_t len = 2; len < sizeof(data); len++) {
		put_be16(data, SRTLA_REG1);
		if (len != SRTLA_REG_LEN)
			send_net(&s, at("192.0.2.1", 4000), data, len);
		assert_silence(&s);
	}
	assert_int_equal(view(&s).drops.malformed, 297);

	join_group(&s, at("192.0.2.1", 4000), 7, id);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		put_be16(data, ours[i]);
		send_net(&s, at("192.0.2.1", 4000), data, 32);
		assert_silence(&s);
	}
	assert_int_equal(view(&s).drops.unknown, 5);
	stage_down(&s);
}

static void reply_leaves_from_the_address_that_was_addressed(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t ask[SRTLA_REG_LEN], id[SRTLA_ID_LEN] = {1};
	struct pkt *p;

	(void)state;
	stage_up(&s, NULL);
	p = stage_packet(&s, ask, srtla_build_reg(ask, SRTLA_REG1, id));
	p->peer = at("2001:db8::5", 4000);
	p->local = at("2001:db8::1", 5000);
	receiver_from_net(s.r, p, s.now, &s.out);
	assert_true(take(&s, &seen));
	assert_true(endpoint_equal(&seen.local,
				   &(struct endpoint){.family = FAMILY_V6,
						      .port = 5000,
						      .addr = {0x20, 1, 0xd, 0xb8, [15] = 1}}));
	stage_down(&s);
}

static void r12_sixteen_links_of_both_families_share_a_group(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	struct endpoint who;
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, at("192.0.2.1", 4000), 7, id);
	for (uint8_t i = 1; i < 16; i++) {
		who = i % 2 ? at("2001:db8::", 4000) : at("192.0.2.0", 4000);
		who.addr[i % 2 ? 7 : 3] = (uint8_t)(i + 1);
		assert_int_equal(reg2(&s, who, id), SRTLA_REG3);
	}
	assert_int_equal(group_view(&s, port).count, 16);
	stage_down(&s);
}

static void r12_mapped_address_is_the_same_member(void **state)
{
	struct stage s;
	struct endpoint mapped = {
		.family = FAMILY_V6, .port = 4000, .addr = {[10] = 0xff, 0xff, 192, 0, 2, 1}};
	struct seen seen;
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, at("192.0.2.1", 4000), 7, id);
	send_reg2(&s, mapped, id);
	assert_true(take(&s, &seen));
	assert_int_equal(srtla_type(seen.data, seen.len), SRTLA_REG3);
	assert_int_equal(seen.peer.family, FAMILY_V4);
	assert_int_equal(group_view(&s, port).count, 1);
	stage_down(&s);
}

static void r15_hurried_registrations_are_silence_and_expire(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	stage_up(&s, NULL);
	memset(id, 9, sizeof(id));
	for (int i = 0; i < 20; i++)
		assert_int_equal(reg2(&s, at("192.0.2.1", (uint16_t)(1 + i)), id), SRTLA_REG_NGP);
	assert_int_equal(reg2(&s, at("192.0.2.1", 99), id), SRTLA_NOT_OURS);
	assert_int_equal(view(&s).drops.hurried, 1);
	s.now += MSEC(100);
	assert_int_equal(reg2(&s, at("192.0.2.1", 99), id), SRTLA_REG_NGP);
	stage_down(&s);
}

static void r15_reg1_has_its_rate_too(void **state)
{
	struct stage s;
	uint8_t ask[SRTLA_REG_LEN], id[SRTLA_ID_LEN] = {0};
	size_t len = srtla_build_reg(ask, SRTLA_REG1, id);

	(void)state;
	stage_up(&s, NULL);
	for (uint16_t i = 0; i < 100; i++)
		send_net(&s, at("2001:db8::1", i), ask, len);
	assert_int_equal(discard(&s), 20);
	assert_int_equal(view(&s).reg1, 20);
	assert_int_equal(view(&s).drops.hurried, 80);
	stage_down(&s);
}

static void r15_flood_in_the_name_of_an_address_leaves_its_owner_registered(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN], forged[SRTLA_ID_LEN] = {0};

	(void)state;
	stage_up(&s, NULL);
	reg1(&s, at("192.0.2.1", 4000), 7, id);
	for (uint16_t i = 0; i < 1000; i++)
		send_reg2(&s, at("192.0.2.1", i), forged);
	assert_int_equal(discard(&s), 19);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4000), id), SRTLA_REG3);
	stage_down(&s);
}

/* A stock of ids, put to use all at once in other people's names, is its owner's to pay. */
static void r15_new_groups_count_against_the_address_of_the_reg1(void **state)
{
	static uint8_t id[60][SRTLA_ID_LEN];
	struct stage s;
	unsigned made = 0;

	(void)state;
	stage_up(&s, NULL);
	for (int i = 0; i < 60; i++) {
		reg1(&s, at("192.0.2.1", 4000), i, id[i]);
		s.now += MSEC(100);
	}
	for (uint8_t i = 0; i < 60; i++) {
		struct endpoint who = at("198.51.100.0", 4000);

		who.addr[3] = i;
		made += reg2(&s, who, id[i]) == SRTLA_REG3;
	}
	assert_int_equal(made, 20);
	assert_int_equal(view(&s).groups, 20);
	assert_int_equal(view(&s).drops.hurried, 40);
	stage_down(&s);
}

static void r16_full_table_is_silence_never_an_error(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	cfg.groups = 2;
	stage_up(&s, &cfg);
	prove(&s, join_group(&s, at("192.0.2.1", 1), 1, id));
	prove(&s, join_group(&s, at("192.0.2.2", 1), 2, id));
	reg1(&s, at("192.0.2.3", 1), 3, id);
	assert_int_equal(reg2(&s, at("192.0.2.3", 1), id), SRTLA_NOT_OURS);
	assert_int_equal(view(&s).drops.full, 1);
	assert_int_equal(noted(&s, RECEIVER_FULL), 1);
	assert_int_equal(view(&s).groups, 2);
	stage_down(&s);
}

static void r16_full_table_gives_up_the_group_that_stood_empty_longest(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	uint8_t a[SRTLA_ID_LEN], b[SRTLA_ID_LEN], c[SRTLA_ID_LEN];
	unsigned port_a, port_b, port_c;

	(void)state;
	cfg.groups = 3;
	stage_up(&s, &cfg);
	port_b = join_group(&s, at("192.0.2.2", 1), 2, b);
	prove(&s, port_b);
	pass(&s, SEC(2));
	port_a = join_group(&s, at("192.0.2.1", 1), 1, a);
	prove(&s, port_a);
	pass(&s, SEC(14)); /* b is empty now, */
	pass(&s, SEC(2));  /* and a two seconds later */
	assert_int_equal(group_view(&s, port_a).count, 0);
	assert_int_equal(group_view(&s, port_b).count, 0);
	prove(&s, join_group(&s, at("192.0.2.3", 1), 3, c));

	port_c = join_group(&s, at("192.0.2.4", 1), 4, c);
	assert_int_equal(port_c, port_b);
	assert_int_equal(view(&s).groups, 3);
	assert_int_equal(reg2(&s, at("192.0.2.1", 1), a), SRTLA_REG3);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r1_repeated_reg1_gets_the_same_reg2),
		cmocka_unit_test(r1_reg1_keeps_the_senders_half_and_no_state),
		cmocka_unit_test(r1_reg1_of_a_member_is_answered_too),
		cmocka_unit_test(r1_an_id_outlives_its_period_by_one_and_joins_for_ever),
		cmocka_unit_test(periods_follow_the_clock_that_runs_on_in_suspend),
		cmocka_unit_test(r2_sender_that_restarts_on_its_port_gets_a_new_group),
		cmocka_unit_test(r2_member_that_moved_leaves_no_ack_behind),
		cmocka_unit_test(r2_no_other_cookie_takes_a_member_from_its_group),
		cmocka_unit_test(r2_registrations_for_another_group_keep_no_member_alive),
		cmocka_unit_test(r3_repeated_reg2_gets_reg3_each_time_and_one_member),
		cmocka_unit_test(r3_reg2_from_a_new_port_joins_the_same_group),
		cmocka_unit_test(r3_full_group_gives_up_the_stalest_of_the_same_host),
		cmocka_unit_test(r3_full_group_gives_up_who_was_silent_two_seconds_and_nobody_else),
		cmocka_unit_test(r4_only_a_reg2_with_an_unknown_id_draws_ngp),
		cmocka_unit_test(r4_strangers_hear_nothing_whatever_they_send),
		cmocka_unit_test(wrong_lengths_and_the_receivers_own_packets_are_met_with_silence),
		cmocka_unit_test(reply_leaves_from_the_address_that_was_addressed),
		cmocka_unit_test(r12_sixteen_links_of_both_families_share_a_group),
		cmocka_unit_test(r12_mapped_address_is_the_same_member),
		cmocka_unit_test(r15_hurried_registrations_are_silence_and_expire),
		cmocka_unit_test(r15_reg1_has_its_rate_too),
		cmocka_unit_test(r15_flood_in_the_name_of_an_address_leaves_its_owner_registered),
		cmocka_unit_test(r15_new_groups_count_against_the_address_of_the_reg1),
		cmocka_unit_test(r16_full_table_is_silence_never_an_error),
		cmocka_unit_test(r16_full_table_gives_up_the_group_that_stood_empty_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
