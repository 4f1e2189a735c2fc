/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <errno.h>

/* Host n of a /24 of its own. */
static struct endpoint apart(unsigned n)
{
	struct endpoint ep = at("10.0.0.1", 4000);

	ep.addr[1] = (uint8_t)(n / 256);
	ep.addr[2] = (uint8_t)n;
	return ep;
}

/* Host n of one /24. */
static struct endpoint together(unsigned n)
{
	struct endpoint ep = at("192.0.2.0", 4000);

	ep.addr[3] = (uint8_t)(n + 1);
	return ep;
}

static unsigned newcomer(struct stage *s, struct endpoint who)
{
	uint8_t id[SRTLA_ID_LEN];
	unsigned port = join_group(s, who, 7, id);

	s->now += MSEC(10);
	return port;
}

static void calls(struct stage *s, struct endpoint who)
{
	uint8_t data[HANDSHAKE];

	send_net(s, who, data, handshake(data, SRT_HS_INDUCTION, 0xca11, 0, 0, 0));
	discard(s);
}

static void answers(struct stage *s, unsigned port)
{
	uint8_t data[HANDSHAKE];

	send_server(s, port, data, handshake(data, SRT_HS_INDUCTION, 0x5e, 0xca11, 0, 0));
	discard(s);
}

/* Second by second; the links of the groups stay alive, and the server speaks to `served`. */
static void live(struct stage *s, unsigned seconds, const struct endpoint *who, size_t count,
		 unsigned served)
{
	static const uint8_t bare[2] = {0x90, 0x00};

	while (seconds-- > 0) {
		for (size_t i = 0; i < count; i++)
			send_net(s, who[i], bare, sizeof(bare));
		if (served)
			answers(s, served);
		pass(s, SEC(1));
		discard(s);
	}
}

static bool there(struct stage *s, unsigned port)
{
	return receiver_group_serial(s->r, port) != 0;
}

static void groups_on_trial_have_a_quarter_of_the_places(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;

	(void)state;
	cfg.groups = 64;
	stage_up(&s, &cfg);
	for (unsigned i = 0; i < 40; i++)
		newcomer(&s, apart(i));
	assert_int_equal(view(&s).groups, 16);
	assert_int_equal(view(&s).unproved, 16);
	assert_int_equal(view(&s).drops.full, 0);
	stage_down(&s);
}

static void proved_groups_fill_all_places(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;

	(void)state;
	cfg.groups = 64;
	stage_up(&s, &cfg);
	for (unsigned i = 0; i < 64; i++)
		prove(&s, newcomer(&s, together(i)));
	assert_int_equal(view(&s).groups, 64);
	assert_int_equal(view(&s).unproved, 0);
	stage_down(&s);
}

/* F55: whoever fills the quarter from one network pushes out his own. */
static void f55_newcomer_takes_the_place_of_the_oldest_of_the_largest_crowd(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	unsigned lone, oldest, last;

	(void)state;
	cfg.groups = 64;
	stage_up(&s, &cfg);
	lone = newcomer(&s, apart(1)); /* the oldest of all */
	oldest = newcomer(&s, together(0));
	for (unsigned i = 1; i < 15; i++)
		newcomer(&s, together(i));
	outbox_clear_notes(&s.out);
	last = newcomer(&s, apart(2));
	assert_true(there(&s, lone));
	assert_false(there(&s, oldest));
	for (unsigned i = 20; i < 200; i++)
		newcomer(&s, together(i));
	assert_true(there(&s, lone));
	assert_true(there(&s, last));
	assert_int_equal(view(&s).unproved, 16);
	stage_down(&s);
}

/* Many networks at once, each with one group: nobody's crowd is larger. */
static void among_equal_crowds_those_that_the_server_answered_stay(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	unsigned port;

	(void)state;
	cfg.groups = 64;
	stage_up(&s, &cfg);
	port = newcomer(&s, apart(0));
	calls(&s, apart(0));
	answers(&s, port);
	for (unsigned i = 1; i < 200; i++)
		newcomer(&s, apart(i));
	assert_true(there(&s, port));
	assert_int_equal(view(&s).unproved, 16);
	stage_down(&s);
}

static void f55_same_holds_for_a_slash_48_of_ipv6(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	struct endpoint flood = at("2001:db8:7::1", 4000), lone = at("2001:db8:8::1", 4000);
	unsigned port;

	(void)state;
	cfg.groups = 64;
	stage_up(&s, &cfg);
	port = newcomer(&s, lone);
	for (unsigned i = 0; i < 60; i++) {
		flood.addr[7] = (uint8_t)i;
		newcomer(&s, flood);
		s.now += MSEC(50);
	}
	assert_true(there(&s, port));
	assert_int_equal(view(&s).unproved, 16);
	stage_down(&s);
}

static void proved_group_with_members_never_gives_way(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	unsigned proved[6];

	(void)state;
	cfg.groups = 8;
	stage_up(&s, &cfg);
	for (unsigned i = 0; i < 6; i++) {
		proved[i] = newcomer(&s, together(i));
		prove(&s, proved[i]);
	}
	for (unsigned i = 10; i < 250; i++)
		newcomer(&s, together(i));
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(group_view(&s, proved[i]).count, 1);
	assert_int_equal(view(&s).groups, 8);
	stage_down(&s);
}

static void proved_group_without_members_gives_way_after_all_on_trial(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	struct endpoint who = together(1);
	unsigned empty, full, trial;

	(void)state;
	cfg.groups = 3;
	stage_up(&s, &cfg);
	empty = newcomer(&s, together(0));
	full = newcomer(&s, who);
	prove(&s, empty);
	prove(&s, full);
	live(&s, 17, &who, 1, 0);
	assert_int_equal(group_view(&s, empty).count, 0);
	trial = newcomer(&s, together(2));
	assert_int_equal(newcomer(&s, apart(3)), trial);
	prove(&s, trial);
	assert_int_equal(newcomer(&s, apart(4)), empty);
	assert_true(there(&s, full));
	stage_down(&s);
}

static void group_without_an_answer_of_the_server_ends_five_seconds_after_its_call(void **state)
{
	struct stage s;
	struct endpoint who[2] = {apart(1), apart(2)};
	unsigned served, silent;

	(void)state;
	stage_up(&s, NULL);
	served = newcomer(&s, who[0]);
	silent = newcomer(&s, who[1]);
	prove(&s, served);
	live(&s, 10, who, 2, served);
	assert_true(there(&s, silent)); /* it has asked for nothing yet */
	calls(&s, who[1]);
	live(&s, 4, who, 2, served);
	assert_true(there(&s, silent));
	outbox_clear_notes(&s.out);
	answers(&s, served);
	pass(&s, SEC(2));
	assert_false(there(&s, silent));
	assert_true(there(&s, served));
	assert_string_equal(last_note(&s, RECEIVER_GROUP_GONE)->why, "unproved");
	discard(&s);
	stage_down(&s);
}

static void group_without_acknowledged_data_ends_fifteen_seconds_after_its_call(void **state)
{
	struct stage s;
	struct endpoint who[2] = {apart(1), apart(2)};
	unsigned served, port;

	(void)state;
	stage_up(&s, NULL);
	served = newcomer(&s, who[0]);
	prove(&s, served);
	port = newcomer(&s, who[1]);
	calls(&s, who[1]);
	answers(&s, port);
	live(&s, 14, who, 2, served);
	assert_true(there(&s, port));
	live(&s, 2, who, 2, served);
	assert_false(there(&s, port));
	stage_down(&s);
}

static void proof_ends_the_trial_for_good(void **state)
{
	struct stage s;
	struct endpoint who = apart(1);
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = newcomer(&s, who);
	calls(&s, who);
	prove(&s, port);
	assert_true(group_view(&s, port).proved);
	live(&s, 60, &who, 1, port);
	assert_true(there(&s, port));
	stage_down(&s);
}

/* While the server is away nobody can prove anything; once it is back, all have their time. */
static void trials_stand_still_while_the_server_answers_nobody(void **state)
{
	struct stage s;
	struct endpoint who[2] = {apart(1), apart(2)};
	unsigned a, b;

	(void)state;
	stage_up(&s, NULL);
	a = newcomer(&s, who[0]);
	b = newcomer(&s, who[1]);
	calls(&s, who[0]);
	calls(&s, who[1]);
	live(&s, 60, who, 2, 0);
	assert_true(there(&s, a));
	assert_true(there(&s, b));
	live(&s, 4, who, 2, a);
	assert_true(there(&s, b));
	live(&s, 3, who, 2, a);
	assert_false(there(&s, b));
	stage_down(&s);
}

static void trial_stands_still_while_the_groups_own_socket_is_refused(void **state)
{
	struct stage s;
	struct endpoint who[2] = {apart(1), apart(2)};
	unsigned served, away;

	(void)state;
	stage_up(&s, NULL);
	served = newcomer(&s, who[0]);
	prove(&s, served);
	away = newcomer(&s, who[1]);
	calls(&s, who[1]);
	receiver_server_error(s.r, away, NULL, ECONNREFUSED, s.now, &s.out);
	live(&s, 60, who, 2, served);
	assert_true(there(&s, away));
	stage_down(&s);
}

/* Proof outlives a restart; and a member has the credit of one REG2, which is eleven ACKs. */
static void restored_groups_keep_their_proof_and_their_members_some_credit(void **state)
{
	struct stage before, after;
	struct receiver_record rec[2];
	uint8_t ack[44];
	unsigned port[2];

	(void)state;
	stage_up(&before, NULL);
	for (unsigned i = 0; i < 2; i++)
		port[i] = newcomer(&before, apart(i));
	prove(&before, port[0]);
	for (unsigned i = 0; i < 2; i++)
		assert_true(receiver_record(before.r, port[i], &rec[i]));
	stage_down(&before);

	stage_up(&after, NULL);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(receiver_restore(after.r, &rec[i], after.now, &after.out), port[i]);
	assert_int_equal(view(&after).groups, 2);
	assert_int_equal(view(&after).unproved, 1);
	assert_true(group_view(&after, port[0]).proved);
	discard(&after);
	control(ack, sizeof(ack), SRT_ACK, 0xca11);
	for (unsigned i = 0; i < 30; i++)
		send_server(&after, port[0], ack, sizeof(ack));
	assert_int_equal(discard(&after), 11);
	stage_down(&after);
}

static void refuse_login(struct stage *s, struct endpoint who, unsigned port, uint32_t caller,
			 uint32_t reason)
{
	uint8_t data[HANDSHAKE];

	send_net(s, who, data, handshake(data, SRT_HS_INDUCTION, caller, 0, 0, 0));
	send_net(s, who, data, handshake(data, SRT_HS_CONCLUSION, caller, 0, 1, 120));
	send_server(s, port, data, handshake(data, 1000 + reason, 0x5e, caller, 0, 0));
	while (s->out.packets.count > 0)
		pkt_free(outbox_take(&s->out));
}

static void refused_logins_keep_their_host_from_new_groups_for_a_while(void **state)
{
	struct stage s;
	struct endpoint who = at("192.0.2.1", 4000), again = at("192.0.2.1", 4001);
	uint8_t id[SRTLA_ID_LEN], other[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, who, 7, id);
	for (uint32_t i = 0; i < 5; i++) {
		refuse_login(&s, who, port, 0xca11 + i, 10);
		assert_int_equal(noted(&s, RECEIVER_PENALTY), i >= 3);
		s.now += MSEC(1100);
	}
	assert_int_equal(last_note(&s, RECEIVER_PENALTY)->number, 16);
	assert_memory_equal(last_note(&s, RECEIVER_PENALTY)->who.addr, who.addr, 16);
	outbox_clear_notes(&s.out);

	reg1(&s, again, 8, other);
	assert_int_equal(reg2(&s, again, other), SRTLA_NOT_OURS);
	assert_int_equal(view(&s).drops.penalised, 1);
	assert_int_equal(s.out.note_count, 0);
	assert_int_equal(reg2(&s, again, id), SRTLA_REG3); /* what is there goes on */
	assert_int_equal(group_view(&s, port).count, 2);
	reg1(&s, at("192.0.2.2", 4000), 9, id);
	assert_int_equal(reg2(&s, at("192.0.2.2", 4000), id), SRTLA_REG3);

	s.now += SEC(20);
	reg1(&s, at("192.0.2.1", 4005), 8, other);
	assert_int_equal(reg2(&s, at("192.0.2.1", 4005), other), SRTLA_REG3);
	stage_down(&s);
}

/* The bill goes to whoever the cookie was given to, not to whose name is on a packet. */
static void nobody_can_fail_in_somebody_elses_name(void **state)
{
	struct stage s;
	struct endpoint who = at("192.0.2.1", 4000), victim = at("198.51.100.1", 4000);
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, who, 7, id);
	assert_int_equal(reg2(&s, victim, id), SRTLA_REG3);
	for (uint32_t i = 0; i < 5; i++) {
		refuse_login(&s, victim, port, 0xca11 + i, 10);
		s.now += MSEC(1100);
	}
	reg1(&s, victim, 8, id);
	assert_int_equal(reg2(&s, victim, id), SRTLA_REG3);
	reg1(&s, who, 8, id);
	assert_int_equal(reg2(&s, who, id), SRTLA_NOT_OURS);
	stage_down(&s);
}

static void copies_of_a_refusal_and_troubles_of_the_server_are_not_booked(void **state)
{
	static const uint32_t troubles[] = {3, 5, 6, 7, 16, 1402, 1409, 1423, 1500, 1503};
	struct stage s;
	struct endpoint who = at("192.0.2.1", 4000);
	uint8_t id[SRTLA_ID_LEN], data[HANDSHAKE];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, who, 7, id);
	for (uint32_t i = 0; i < 20; i++) {
		refuse_login(&s, who, port, 0xca11 + i, troubles[i % 10]);
		s.now += MSEC(1100);
	}
	refuse_login(&s, who, port, 0xbad, 10);
	for (uint32_t i = 0; i < 20; i++)
		send_server(&s, port, data, handshake(data, 1010, 0x5e, 0xbad, 0, 0));
	discard(&s);
	reg1(&s, who, 8, id);
	assert_int_equal(reg2(&s, who, id), SRTLA_REG3);
	assert_int_equal(view(&s).drops.penalised, 0);
	stage_down(&s);
}

/* As servers do that look at the stream id after they have taken the call. */
static void goodbye_before_any_acknowledgement_is_a_failed_login(void **state)
{
	struct stage s;
	struct endpoint who = at("192.0.2.1", 4000);
	uint8_t id[SRTLA_ID_LEN], data[SRT_SHUTDOWN_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, who, 7, id);
	for (uint32_t i = 0; i < 4; i++) {
		agree(&s, who, port, 0xca11 + i, 0x5e + i, 120);
		control(data, sizeof(data), SRT_SHUTDOWN, 0xca11 + i);
		send_server(&s, port, data, sizeof(data));
		s.now += MSEC(1100);
	}
	assert_int_equal(noted(&s, RECEIVER_PENALTY), 1);
	discard(&s);
	prove(&s, port);
	agree(&s, who, port, 0xca99, 0x99, 120);
	control(data, sizeof(data), SRT_SHUTDOWN, 0xca99);
	s.now += SEC(30);
	for (uint32_t i = 0; i < 4; i++)
		send_server(&s, port, data, sizeof(data));
	discard(&s);
	reg1(&s, who, 9, id);
	assert_int_equal(reg2(&s, who, id), SRTLA_REG3);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_on_trial_have_a_quarter_of_the_places),
		cmocka_unit_test(proved_groups_fill_all_places),
		cmocka_unit_test(f55_newcomer_takes_the_place_of_the_oldest_of_the_largest_crowd),
		cmocka_unit_test(among_equal_crowds_those_that_the_server_answered_stay),
		cmocka_unit_test(f55_same_holds_for_a_slash_48_of_ipv6),
		cmocka_unit_test(proved_group_with_members_never_gives_way),
		cmocka_unit_test(proved_group_without_members_gives_way_after_all_on_trial),
		cmocka_unit_test(
			group_without_an_answer_of_the_server_ends_five_seconds_after_its_call),
		cmocka_unit_test(
			group_without_acknowledged_data_ends_fifteen_seconds_after_its_call),
		cmocka_unit_test(proof_ends_the_trial_for_good),
		cmocka_unit_test(trials_stand_still_while_the_server_answers_nobody),
		cmocka_unit_test(trial_stands_still_while_the_groups_own_socket_is_refused),
		cmocka_unit_test(restored_groups_keep_their_proof_and_their_members_some_credit),
		cmocka_unit_test(refused_logins_keep_their_host_from_new_groups_for_a_while),
		cmocka_unit_test(nobody_can_fail_in_somebody_elses_name),
		cmocka_unit_test(copies_of_a_refusal_and_troubles_of_the_server_are_not_booked),
		cmocka_unit_test(goodbye_before_any_acknowledgement_is_a_failed_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
