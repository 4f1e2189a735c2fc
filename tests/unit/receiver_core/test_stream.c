/* SPDX-License-Identifier: MIT */
#include "scene.h"

/* How a stream stands, and who finds it. */

enum { NAMED = HANDSHAKE + 64 };

static size_t add_stream_id(uint8_t *at, const char *id)
{
	size_t len = strlen(id), words = (len + 3) / 4;

	put_be16(at, 5);
	put_be16(at + 2, (uint16_t)words);
	memset(at + 4, 0, 4 * words);
	for (size_t i = 0; i < len; i++)
		at[4 + (i ^ 3)] = (uint8_t)id[i];
	return 4 + 4 * words;
}

/* The link's caller, of that stream id, is let in. */
static void call(struct scene *x, unsigned group, unsigned port, uint32_t caller, const char *id)
{
	struct endpoint who = link_of(group, 0);
	uint8_t data[NAMED];
	size_t len;

	send_net(&x->s, who, data, handshake(data, SRT_HS_INDUCTION, caller, 0, 0, 0));
	len = handshake(data, SRT_HS_CONCLUSION, caller, 0, 1, 2000);
	put_be32(data + 24, x->first);
	put_be16(data + 22, 5);
	send_net(&x->s, who, data, len + add_stream_id(data + len, id));
	len = handshake(data, SRT_HS_CONCLUSION, SERVER, caller, 2, 2000);
	send_server(&x->s, port, data, len);
	discard(&x->s);
}

static enum receiver_stream stream(struct scene *x)
{
	return group_view(&x->s, x->port).stream;
}

static void stream_goes_from_offline_by_starting_to_live(void **state)
{
	struct scene x;

	(void)state;
	begin_with(&x, NULL, 1);
	assert_int_equal(stream(&x), RECEIVER_OFFLINE);
	assert_int_equal(group_view(&x.s, x.port).session_age, 0);
	shake(&x, CALLER, 1000, 2000);
	assert_int_equal(stream(&x), RECEIVER_STARTING);
	bring(&x, 0, 0);
	assert_int_equal(stream(&x), RECEIVER_STARTING);
	assert_int_equal(group_view(&x.s, x.port).srt_rtt, 0); /* not measured yet */
	measured_rtt(&x, 30000);
	assert_int_equal(stream(&x), RECEIVER_LIVE);
	assert_int_equal(group_view(&x.s, x.port).srt_rtt, 30000);
	x.s.now += SEC(1);
	assert_int_equal(group_view(&x.s, x.port).session_age, SEC(1));
	assert_int_equal(group_view(&x.s, x.port).quiet, SEC(1));
	end(&x);
}

static void live_stream_without_media_for_two_seconds_is_stalled(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 1, 2000);
	measured_rtt(&x, 30000);
	bring(&x, 0, 0);
	x.s.now += SEC(2) - 1;
	assert_int_equal(stream(&x), RECEIVER_LIVE);
	x.s.now += 1;
	assert_int_equal(stream(&x), RECEIVER_STALLED);
	bring(&x, 0, 1);
	assert_int_equal(stream(&x), RECEIVER_LIVE);
	end(&x);
}

static void goodbye_ends_a_stream_and_another_call_starts_it(void **state)
{
	struct scene x;
	uint8_t data[SRT_SHUTDOWN_LEN];

	(void)state;
	begin(&x, 1, 2000);
	measured_rtt(&x, 30000);
	bring(&x, 0, 0);
	control(data, sizeof(data), SRT_SHUTDOWN, SERVER);
	send_net(&x.s, link_of(1, 0), data, sizeof(data));
	assert_int_equal(stream(&x), RECEIVER_ENDED);
	x.s.now += SEC(1);
	shake(&x, CALLER + 1, 5000, 2000);
	assert_int_equal(stream(&x), RECEIVER_STARTING); /* the media before it was another session's */
	assert_int_equal(group_view(&x.s, x.port).quiet, NEVER);
	bring(&x, 0, 0);
	assert_int_equal(stream(&x), RECEIVER_LIVE);
	end(&x);
}

static void stream_is_found_by_its_whole_stream_id_alone(void **state)
{
	struct scene x;

	(void)state;
	begin_with(&x, NULL, 1);
	call(&x, 1, x.port, CALLER, "live/one");
	assert_int_equal(receiver_find_stream(x.s.r, "live/one"), x.port);
	assert_int_equal(receiver_find_stream(x.s.r, "live/on"), 0);
	assert_int_equal(receiver_find_stream(x.s.r, "live/one2"), 0);
	assert_int_equal(receiver_find_stream(x.s.r, ""), 0);
	end(&x);
}

static void of_two_of_one_name_the_younger_session_is_found(void **state)
{
	struct scene x;
	unsigned second;

	(void)state;
	begin_with(&x, NULL, 1);
	second = gather(&x, 2, 1);
	call(&x, 2, second, CALLER, "live/one");
	x.s.now += SEC(1);
	call(&x, 1, x.port, CALLER + 1, "live/one");
	assert_int_equal(receiver_find_stream(x.s.r, "live/one"), x.port);
	x.s.now += SEC(1);
	call(&x, 2, second, CALLER + 2, "live/one");
	assert_int_equal(receiver_find_stream(x.s.r, "live/one"), second);
	end(&x);
}

static void nobody_is_found_without_a_stream_id(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 1, 2000);
	assert_int_equal(receiver_find_stream(x.s.r, ""), 0);
	end(&x);
}

static void stream_is_found_again_after_a_restart(void **state)
{
	struct receiver_config cfg = stage_config();
	struct receiver_record rec;
	struct scene x;

	(void)state;
	begin_with(&x, NULL, 1);
	call(&x, 1, x.port, CALLER, "live/one");
	assert_true(receiver_record(x.s.r, x.port, &rec));
	discard(&x.s);
	receiver_destroy(x.s.r);
	memset(cfg.table_key.bytes, 9, sizeof(cfg.table_key.bytes)); /* of the process alone */
	x.s.r = receiver_create(&cfg, &x.s.pool, x.s.now);
	x.port = receiver_restore(x.s.r, &rec, x.s.now, &x.s.out);
	assert_int_equal(receiver_find_stream(x.s.r, "live/one"), x.port);
	assert_int_equal(receiver_find_stream(x.s.r, "live/two"), 0);
	assert_true(receiver_record(x.s.r, x.port, &rec)); /* and after the next one */
	assert_true(rec.stream_mark != 0);
	call(&x, 1, x.port, CALLER + 1, "live/two");
	assert_int_equal(receiver_find_stream(x.s.r, "live/one"), 0);
	assert_int_equal(receiver_find_stream(x.s.r, "live/two"), x.port);
	end(&x);
}

static void numbers_that_were_given_up_are_missing_until_they_come_after_all(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 5);
	bring(&x, 1, 6); /* both have delivered newer ones: 2 to 4 are lost */
	assert_string_equal(got(&x), "5-6");
	assert_int_equal(group_view(&x.s, x.port).missing, 3);
	bring_again(&x, 0, 3);
	assert_int_equal(group_view(&x.s, x.port).missing, 2);
	shake(&x, CALLER + 1, 9000, 2000);
	bring(&x, 0, 0);
	assert_int_equal(group_view(&x.s, x.port).missing, 0);
	end(&x);
}

static void waiting_for_a_turn_is_counted_by_how_long_each_waited(void **state)
{
	struct scene x;
	struct receiver_view v;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	pass(&x.s, MSEC(2));
	bring(&x, 0, 4);
	pass(&x.s, MSEC(3));
	bring(&x, 1, 2);
	assert_string_equal(got(&x), "2-4");
	v = view(&x.s);
	assert_int_equal(v.hold.count, 2);
	assert_int_equal(v.hold.sum, MSEC(5) + MSEC(3));
	assert_int_equal(v.forward[FLOW_DATA].count, 5);
	assert_int_equal(v.forward[FLOW_DATA].sum, MSEC(8));
	assert_int_equal(v.held, 0);
	assert_true(v.held_room > 0);
	end(&x);
}

static void way_of_media_is_counted_beyond_that_of_the_call(void **state)
{
	struct scene x;
	struct receiver_view before;

	(void)state;
	begin(&x, 1, 2000);
	bring(&x, 0, 0);
	before = view(&x.s);
	pass(&x.s, MSEC(31));
	bring(&x, 0, 1); /* made 1 ms after the first, and 31 ms later here */
	assert_int_equal(view(&x.s).path.count, before.path.count + 1);
	assert_int_equal(view(&x.s).path.sum - before.path.sum, MSEC(30));
	bring_again(&x, 0, 2);
	assert_int_equal(view(&x.s).path.count, before.path.count + 1);
	assert_int_equal(view(&x.s).forward[FLOW_RETRANSMISSION].count, 1);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_goes_from_offline_by_starting_to_live),
		cmocka_unit_test(live_stream_without_media_for_two_seconds_is_stalled),
		cmocka_unit_test(goodbye_ends_a_stream_and_another_call_starts_it),
		cmocka_unit_test(stream_is_found_by_its_whole_stream_id_alone),
		cmocka_unit_test(of_two_of_one_name_the_younger_session_is_found),
		cmocka_unit_test(nobody_is_found_without_a_stream_id),
		cmocka_unit_test(stream_is_found_again_after_a_restart),
		cmocka_unit_test(numbers_that_were_given_up_are_missing_until_they_come_after_all),
		cmocka_unit_test(waiting_for_a_turn_is_counted_by_how_long_each_waited),
		cmocka_unit_test(way_of_media_is_counted_beyond_that_of_the_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
