/* SPDX-License-Identifier: MIT */
#include "tests/unit/receiver_core/stage.h"

enum { PLACES = 8 };

/* Every group of a receiver, in a file that is no file. */
struct file {
	unsigned count;
	struct receiver_record rec[PLACES];
};

static void write_file(struct stage *s, struct file *f)
{
	memset(f, 0, sizeof(*f));
	for (unsigned port = 1; port <= PLACES; port++)
		f->count += receiver_record(s->r, port, &f->rec[f->count]);
}

/* A process ends, and another begins after a while with what the first had written. */
static void restart(struct stage *s, struct file *f, usspan pause)
{
	struct receiver_config cfg = stage_config();

	memset(cfg.table_key.bytes, 9, sizeof(cfg.table_key.bytes)); /* of the process alone */
	write_file(s, f);
	discard(s);
	receiver_destroy(s->r);
	s->now += pause;
	s->r = receiver_create(&cfg, &s->pool, s->now);
	for (unsigned i = 0; i < f->count; i++)
		receiver_restore(s->r, &f->rec[i], s->now, &s->out);
}

static unsigned streaming(struct stage *s, uint8_t id[SRTLA_ID_LEN])
{
	unsigned port = join_group(s, at("198.51.100.1", 4001), 7, id);

	assert_int_equal(reg2(s, at("198.51.100.2", 4002), id), SRTLA_REG3);
	agree(s, at("198.51.100.1", 4001), port, 0x11, 0x22, 2000);
	discard(s);
	return port;
}

static void group_goes_on_with_the_next_packet_of_any_member(void **state)
{
	uint8_t id[SRTLA_ID_LEN];
	struct stage s;
	struct seen seen;
	struct file f;
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = streaming(&s, id);
	restart(&s, &f, MSEC(200));
	assert_int_equal(noted(&s, RECEIVER_GROUP_RESTORED), 1);
	assert_int_equal(last_note(&s, RECEIVER_GROUP_RESTORED)->port, port);
	assert_int_equal(last_note(&s, RECEIVER_GROUP_RESTORED)->number, 2);

	send_media(&s, at("198.51.100.2", 4002), 4242);
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, port);
	assert_int_equal(be32(seen.data), 4242);
	assert_int_equal(view(&s).members, 2);
	assert_int_equal(view(&s).drops.stranger, 0);
	stage_down(&s);
}

static void server_reaches_members_that_have_not_spoken_yet(void **state)
{
	uint8_t id[SRTLA_ID_LEN], data[64];
	struct stage s;
	struct seen seen;
	struct file f;
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = streaming(&s, id);
	restart(&s, &f, MSEC(200));
	control(data, sizeof(data), SRT_SHUTDOWN, 0x11);
	send_server(&s, port, data, 20);
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, 0);
	assert_int_equal(seen.peer.port / 10, 400);
	/* From the address of ours that they know. */
	assert_true(endpoint_equal(&seen.local, &(struct endpoint){
		.family = FAMILY_V4, .port = 5000, .addr = {203, 0, 113, 1}}));
	stage_down(&s);
}

static void old_cookie_finds_its_group_again_but_makes_no_new_one(void **state)
{
	uint8_t id[SRTLA_ID_LEN], gone[SRTLA_ID_LEN];
	struct stage s;
	struct file f;

	(void)state;
	stage_up(&s, NULL);
	streaming(&s, id);
	join_group(&s, at("192.0.2.9", 900), 9, gone);
	/* Ten minutes on, the second group is not in the file: it had ended. */
	s.now += SEC(600);
	write_file(&s, &f);
	assert_int_equal(f.count, 2);
	restart(&s, &f, 0);
	assert_int_equal(reg2(&s, at("198.51.100.3", 4003), id), SRTLA_REG3);
	assert_int_equal(view(&s).members, 4);

	discard(&s);
	receiver_destroy(s.r);
	{
		struct receiver_config cfg = stage_config();

		s.r = receiver_create(&cfg, &s.pool, s.now);
	}
	receiver_restore(s.r, &f.rec[0], s.now, &s.out);
	assert_int_equal(reg2(&s, at("198.51.100.3", 4003), id), SRTLA_REG3);
	assert_int_equal(reg2(&s, at("192.0.2.9", 900), gone), SRTLA_REG_NGP);
	assert_int_equal(view(&s).groups, 1);
	stage_down(&s);
}

static void member_that_registers_again_keeps_its_group(void **state)
{
	uint8_t id[SRTLA_ID_LEN];
	struct stage s;
	struct file f;

	(void)state;
	stage_up(&s, NULL);
	streaming(&s, id);
	restart(&s, &f, SEC(3));
	assert_int_equal(reg2(&s, at("198.51.100.1", 4001), id), SRTLA_REG3);
	assert_int_equal(view(&s).groups, 1);
	assert_int_equal(view(&s).members, 2);
	stage_down(&s);
}

static void record_says_again_what_it_was_made_of(void **state)
{
	uint8_t id[SRTLA_ID_LEN];
	struct file before, after;
	struct stage s;

	(void)state;
	stage_up(&s, NULL);
	receiver_set_boottime(s.r, SEC(77));
	streaming(&s, id);
	restart(&s, &before, 0);
	receiver_set_boottime(s.r, 0);
	write_file(&s, &after);
	assert_int_equal(before.count, 1);
	assert_true(before.rec[0].timed);
	assert_int_equal(before.rec[0].stamped, s.now + SEC(77));
	assert_int_equal(before.rec[0].latency, 2000);
	assert_int_equal(before.rec[0].caller_id, 0x11);
	assert_int_equal(before.rec[0].server_id, 0x22);
	assert_int_equal(after.count, 1);
	assert_memory_equal(&before.rec[0].member, &after.rec[0].member,
			    sizeof(after.rec[0].member));
	assert_memory_equal(&before.rec[0].local, &after.rec[0].local, sizeof(after.rec[0].local));
	assert_memory_equal(before.rec[0].mark, after.rec[0].mark, RECEIVER_MARK_LEN);
	assert_int_equal(after.rec[0].caller_id, 0x11);
	assert_int_equal(after.rec[0].server_id, 0x22);
	assert_int_equal(after.rec[0].latency, 2000);
	assert_true(endpoint_equal(&after.rec[0].origin, &before.rec[0].origin));
	stage_down(&s);
}

static void play_out_clock_runs_on_over_an_hour_and_the_wrap_of_timestamps(void **state)
{
	struct receiver_record rec = {.port = 3, .origin = at("192.0.2.1", 1), .latency = 500,
				      .timed = true, .timestamp = UINT32_C(4294000000)};
	struct receiver_record again;
	struct stage s;

	(void)state;
	stage_up(&s, NULL);
	rec.stamped = s.now - SEC(3600); /* boot_ahead is nought */
	assert_int_equal(receiver_restore(s.r, &rec, s.now, &s.out), 3);
	assert_true(receiver_record(s.r, 3, &again));
	assert_int_equal(again.stamped, s.now);
	assert_int_equal(again.timestamp, (uint32_t)(UINT64_C(4294000000) + SEC(3600)));
	stage_down(&s);
}

static void changes_move_with_everything_that_a_record_tells(void **state)
{
	uint8_t id[SRTLA_ID_LEN], data[64];
	struct stage s;
	uint64_t last;
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	last = receiver_changes(s.r);
	assert_int_equal(last, 0);
	reg1(&s, at("198.51.100.1", 4001), 7, id);
	assert_int_equal(receiver_changes(s.r), 0); /* nothing is remembered of that */
	port = join_group(&s, at("198.51.100.1", 4001), 7, id);
	assert_true(receiver_changes(s.r) > last);

	last = receiver_changes(s.r);
	reg2(&s, at("198.51.100.2", 4002), id);
	assert_true(receiver_changes(s.r) > last);

	last = receiver_changes(s.r);
	agree(&s, at("198.51.100.1", 4001), port, 0x11, 0x22, 2000);
	assert_true(receiver_changes(s.r) > last);

	last = receiver_changes(s.r);
	for (uint32_t seq = 4242; seq < 4262; seq++)
		send_media(&s, at("198.51.100.1", 4001), seq);
	assert_int_equal(receiver_changes(s.r), last); /* media is no change */

	control(data, 44, SRT_ACK, 0x11);
	put_be32(data + 4, 1);
	send_server(&s, port, data, 44);
	assert_int_equal(receiver_changes(s.r), last + 1); /* the server has acknowledged data */
	send_server(&s, port, data, 44);
	assert_int_equal(receiver_changes(s.r), last + 1);

	discard(&s);
	pass(&s, SEC(20));
	assert_true(receiver_changes(s.r) > last + 1); /* its members fell silent */
	discard(&s);
	stage_down(&s);
}

static void groups_have_their_ports_again_whatever_the_order(void **state)
{
	struct receiver_record rec = {.origin = at("192.0.2.1", 1)};
	const unsigned order[] = {5, 1, 1024, 2, 7};
	struct stage s;

	(void)state;
	stage_up(&s, NULL);
	for (unsigned i = 0; i < 5; i++) {
		rec.port = order[i];
		rec.mark[0] = (uint8_t)i;
		assert_int_equal(receiver_restore(s.r, &rec, s.now, &s.out), order[i]);
	}
	/* The same id a second time is refused; a port that is taken gives another. */
	assert_int_equal(receiver_restore(s.r, &rec, s.now, &s.out), 0);
	rec.mark[0] = 99;
	assert_int_equal(receiver_restore(s.r, &rec, s.now, &s.out), 3);
	rec.mark[0] = 100;
	rec.port = 5000;
	assert_int_equal(receiver_restore(s.r, &rec, s.now, &s.out), 4);
	assert_int_equal(view(&s).groups, 7);
	stage_down(&s);
}

static void records_of_more_than_there_is_room_for_give_what_fits(void **state)
{
	struct receiver_record rec = {.origin = at("192.0.2.1", 1), .count = RECEIVER_MEMBERS};
	struct receiver_config cfg = stage_config();
	struct stage s;

	(void)state;
	cfg.groups = 2;
	cfg.members = 4;
	for (unsigned i = 0; i < RECEIVER_MEMBERS; i++)
		rec.member[i] = at("192.0.2.1", (uint16_t)(1000 + i));
	stage_up(&s, &cfg);
	for (uint8_t i = 0; i < 3; i++) {
		rec.mark[0] = i;
		assert_int_equal(receiver_restore(s.r, &rec, s.now, &s.out) != 0, i < 2);
	}
	assert_int_equal(view(&s).groups, 2);
	/* An address is a member of one group: the second has only those that the first lacks. */
	assert_int_equal(view(&s).members, 8);
	stage_down(&s);
}

static void group_that_nobody_comes_back_to_ends(void **state)
{
	uint8_t id[SRTLA_ID_LEN];
	struct stage s;
	struct file f;

	(void)state;
	stage_up(&s, NULL);
	streaming(&s, id);
	restart(&s, &f, MSEC(200));
	pass(&s, SEC(14));
	assert_int_equal(view(&s).members, 2);
	pass(&s, SEC(3));
	assert_int_equal(view(&s).members, 0);
	assert_int_equal(view(&s).groups, 1);
	pass(&s, SEC(31));
	assert_int_equal(view(&s).groups, 0);
	discard(&s);
	stage_down(&s);
}

/* Once a second, so the news is a second old at most. */
static void the_least_latency_is_of_sessions_that_live(void **state)
{
	const struct endpoint who[3] = {
		at("198.51.100.1", 1), at("198.51.100.2", 2), at("198.51.100.3", 3)};
	uint8_t id[SRTLA_ID_LEN], shutdown[20];
	unsigned port[3];
	struct stage s;

	(void)state;
	stage_up(&s, NULL);
	for (unsigned i = 0; i < 3; i++)
		port[i] = join_group(&s, who[i], (uint8_t)(7 + i), id);
	pass(&s, SEC(1));
	assert_int_equal(receiver_least_latency(s.r), 0);

	agree(&s, who[0], port[0], 0x11, 0x22, 2000);
	agree(&s, who[1], port[1], 0x33, 0x44, 120);
	pass(&s, SEC(1));
	assert_int_equal(receiver_least_latency(s.r), MSEC(120));

	control(shutdown, sizeof(shutdown), SRT_SHUTDOWN, 0x44);
	send_net(&s, who[1], shutdown, sizeof(shutdown));
	pass(&s, SEC(1));
	assert_int_equal(receiver_least_latency(s.r), MSEC(2000));

	agree(&s, who[2], port[2], 0x55, 0x66, 0); /* it is not known of this one */
	pass(&s, SEC(1));
	assert_int_equal(receiver_least_latency(s.r), 0);
	pass(&s, SEC(60)); /* and all of them have gone */
	assert_int_equal(receiver_least_latency(s.r), 0);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(group_goes_on_with_the_next_packet_of_any_member),
		cmocka_unit_test(server_reaches_members_that_have_not_spoken_yet),
		cmocka_unit_test(old_cookie_finds_its_group_again_but_makes_no_new_one),
		cmocka_unit_test(member_that_registers_again_keeps_its_group),
		cmocka_unit_test(record_says_again_what_it_was_made_of),
		cmocka_unit_test(play_out_clock_runs_on_over_an_hour_and_the_wrap_of_timestamps),
		cmocka_unit_test(changes_move_with_everything_that_a_record_tells),
		cmocka_unit_test(groups_have_their_ports_again_whatever_the_order),
		cmocka_unit_test(records_of_more_than_there_is_room_for_give_what_fits),
		cmocka_unit_test(group_that_nobody_comes_back_to_ends),
		cmocka_unit_test(the_least_latency_is_of_sessions_that_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
