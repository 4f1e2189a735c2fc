/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "shared/wire/handshake.h"

enum { CALLER = 0x11, OTHER = 0x22, SERVER = 0x5e, COOKIE = 0x0badcafe, SHAKE = 256 };

static struct endpoint link_a(void)
{
	return at("192.0.2.1", 4000);
}

static struct endpoint link_b(void)
{
	return at("198.51.100.1", 4000);
}

static struct endpoint encoder(void)
{
	return at("203.0.113.77", 7000);
}

static struct keys *list(struct stage *s)
{
	const struct siphash_key key = {{9}};
	struct keys *k = keys_create(&key);

	assert_non_null(k);
	assert_true(keys_add(k, "live/one", 0));
	assert_true(keys_add(k, "live/two", 2));
	receiver_set_keys(s->r, k);
	return k;
}

static size_t induction(uint8_t data[SHAKE], uint32_t caller)
{
	return handshake(data, SRT_HS_INDUCTION, caller, 0, 0, 0);
}

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

/* NULL: with no stream id. */
static size_t conclusion(uint8_t data[SHAKE], uint32_t caller, uint32_t cookie, const char *id)
{
	size_t len = handshake(data, SRT_HS_CONCLUSION, caller, 0, 1, 500);

	put_be32(data + 44, cookie);
	if (!id)
		return len;
	put_be16(data + 22, 5);
	return len + add_stream_id(data + len, id);
}

/* What the caller asks first, and the cookie of the answer. */
static uint32_t ask(struct stage *s, struct endpoint who, uint32_t caller)
{
	uint8_t data[SHAKE];
	struct seen seen = {0};

	send_net(s, who, data, induction(data, caller));
	assert_true(take(s, &seen));
	assert_silence(s);
	assert_int_equal(seen.port, 0);
	assert_true(endpoint_equal(&seen.peer, &who));
	assert_int_equal(seen.len, SRT_HANDSHAKE_LEN);
	assert_int_equal(be32(seen.data + 12), caller);
	assert_int_equal(be32(seen.data + 16), 5);
	assert_int_equal(be16(seen.data + 22), 0x4a17);
	assert_int_equal(be32(seen.data + 36), SRT_HS_INDUCTION);
	return be32(seen.data + 44);
}

static void conclude(struct stage *s, struct endpoint who, uint32_t caller, uint32_t cookie,
		     const char *id)
{
	uint8_t data[SHAKE];

	send_net(s, who, data, conclusion(data, caller, cookie, id));
}

/* The server's answer to an induction. */
static void server_answers(struct stage *s, unsigned port, uint32_t caller, uint32_t cookie)
{
	uint8_t data[SHAKE];
	size_t len = handshake(data, SRT_HS_INDUCTION, SERVER, caller, 0, 0);

	put_be32(data + 44, cookie);
	send_server(s, port, data, len);
}

static void assert_induction_goes_up(struct stage *s, unsigned port, uint32_t caller)
{
	uint8_t data[SHAKE];
	struct seen seen = {0};

	assert_true(take(s, &seen));
	assert_int_equal(seen.port, port);
	assert_int_equal(seen.len, induction(data, caller));
	assert_memory_equal(seen.data, data, seen.len);
}

/* The conclusion as the caller would have said it to the server. */
static void assert_conclusion_goes_up(struct stage *s, unsigned port, uint32_t caller,
				      uint32_t cookie, const char *id)
{
	uint8_t data[SHAKE];
	struct seen seen = {0};

	assert_true(take(s, &seen));
	assert_int_equal(seen.port, port);
	assert_int_equal(seen.len, conclusion(data, caller, cookie, id));
	assert_memory_equal(seen.data, data, seen.len);
}

static void assert_refused(struct stage *s, struct endpoint who, uint32_t caller)
{
	struct seen seen = {0};

	assert_true(take(s, &seen));
	assert_int_equal(seen.port, 0);
	assert_true(endpoint_equal(&seen.peer, &who));
	assert_int_equal(seen.len, SRT_HANDSHAKE_LEN);
	assert_int_equal(be32(seen.data + 12), caller);
	assert_int_equal(be32(seen.data + 36), SRT_HS_REFUSAL + HANDSHAKE_FORBIDDEN);
	assert_silence(s);
}

/* A stream of this key from a member of group `port`, up to the server's yes. */
static void log_in(struct stage *s, struct endpoint who, unsigned port, uint32_t caller,
		   const char *id)
{
	uint8_t data[SHAKE];

	conclude(s, who, caller, ask(s, who, caller), id);
	server_answers(s, port, caller, COOKIE);
	send_server(s, port, data, handshake(data, SRT_HS_CONCLUSION, SERVER, caller, 2, 500));
	discard(s);
}

static struct keys *guarded(struct stage *s, unsigned *port)
{
	uint8_t id[SRTLA_ID_LEN];
	struct keys *k;

	stage_up(s, NULL);
	k = list(s);
	*port = join_group(s, link_a(), 7, id);
	assert_int_equal(reg2(s, link_b(), id), SRTLA_REG3);
	discard(s);
	return k;
}

static void without_a_list_handshakes_pass_untouched(void **state)
{
	struct stage s;
	struct seen seen = {0};
	uint8_t id[SRTLA_ID_LEN], data[SHAKE];
	unsigned port;
	size_t len;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, link_a(), 7, id);
	len = induction(data, CALLER);
	send_net(&s, link_a(), data, len);
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, port);
	assert_memory_equal(seen.data, data, len);
	server_answers(&s, port, CALLER, COOKIE);
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, 0);
	stage_down(&s);
}

static void question_is_answered_here_and_the_server_hears_nothing(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);
	uint32_t cookie = ask(&s, link_a(), CALLER);

	(void)state;
	assert_int_equal(ask(&s, link_b(), CALLER), cookie); /* the same over each link */
	assert_int_not_equal(ask(&s, link_a(), OTHER), cookie);
	assert_int_equal(group_view(&s, port).up_packets, 0);
	assert_int_equal(noted(&s, RECEIVER_SESSION_NEW), 0);
	stage_down(&s);
	keys_destroy(k);
}

static void listed_key_opens_the_server_it_is_for(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);
	uint32_t cookie = ask(&s, link_a(), CALLER);

	(void)state;
	conclude(&s, link_b(), CALLER, cookie, "live/two");
	assert_induction_goes_up(&s, port, CALLER);
	assert_silence(&s);
	assert_int_equal(receiver_group_server(s.r, port), 2);
	assert_int_equal(noted(&s, RECEIVER_SESSION_NEW), 1);

	server_answers(&s, port, CALLER, COOKIE);
	assert_conclusion_goes_up(&s, port, CALLER, COOKIE, "live/two");
	assert_silence(&s);
	assert_int_equal(view(&s).drops.unasked, 1);
	assert_int_equal(noted(&s, RECEIVER_LOGIN_REFUSED), 0);
	stage_down(&s);
	keys_destroy(k);
}

static void repeats_of_the_conclusion_carry_the_servers_cookie_too(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);
	uint32_t cookie = ask(&s, link_a(), CALLER);

	(void)state;
	/* While the server has not answered, each asks it again; the latest waits. */
	for (int i = 0; i < 3; i++) {
		conclude(&s, link_a(), CALLER, cookie, "live/one");
		assert_induction_goes_up(&s, port, CALLER);
	}
	server_answers(&s, port, CALLER, COOKIE);
	assert_conclusion_goes_up(&s, port, CALLER, COOKIE, "live/one");
	for (int i = 0; i < 3; i++) {
		conclude(&s, link_b(), CALLER, cookie, "live/one");
		assert_conclusion_goes_up(&s, port, CALLER, COOKIE, "live/one");
	}
	/* The other answers come to nothing: the caller would take them for its own. */
	server_answers(&s, port, CALLER, COOKIE + 1);
	assert_silence(&s);
	assert_int_equal(noted(&s, RECEIVER_SESSION_NEW), 1);
	stage_down(&s);
	keys_destroy(k);
}

static void no_other_key_follows_under_the_first_ones_name(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);
	uint32_t cookie = ask(&s, link_a(), CALLER);

	(void)state;
	log_in(&s, link_a(), port, CALLER, "live/one");
	conclude(&s, link_a(), CALLER, cookie, "live/other");
	assert_refused(&s, link_a(), CALLER);
	stage_down(&s);
	keys_destroy(k);
}

static void key_that_is_not_listed_is_refused_and_never_named(void **state)
{
	static const char *const wrong[] = {"live/three", "live/on", NULL};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct stage s;
		unsigned port;
		struct keys *k = guarded(&s, &port);
		const struct note *n;
		struct endpoint a = link_a();

		conclude(&s, link_b(), CALLER, ask(&s, link_b(), CALLER), wrong[i]);
		assert_refused(&s, link_b(), CALLER);
		assert_int_equal(group_view(&s, port).up_packets, 0);
		n = last_note(&s, RECEIVER_LOGIN_REFUSED);
		assert_non_null(n);
		assert_int_equal(n->port, port);
		assert_true(endpoint_equal(&n->who, &a)); /* who has shown that it is there */
		assert_null(strstr(n->why, "live"));
		assert_int_equal(view(&s).drops.unkeyed, 1);
		stage_down(&s);
		keys_destroy(k);
	}
}

static void whatever_a_refused_caller_says_ends_here(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);
	uint32_t cookie = ask(&s, link_a(), CALLER);
	uint8_t data[SHAKE];

	(void)state;
	conclude(&s, link_a(), CALLER, cookie, "live/three");
	assert_refused(&s, link_a(), CALLER);

	/* It may not have heard; but it is told no more than that, and booked once. */
	conclude(&s, link_b(), CALLER, cookie, "live/three");
	assert_refused(&s, link_b(), CALLER);
	conclude(&s, link_b(), CALLER, cookie, "live/one");
	assert_refused(&s, link_b(), CALLER);
	assert_int_equal(noted(&s, RECEIVER_LOGIN_REFUSED), 1);

	send_net(&s, link_a(), data, induction(data, CALLER));
	assert_silence(&s);
	for (uint32_t seq = 0; seq < 9; seq++)
		send_media(&s, link_a(), seq);
	control(data, 20, SRT_SHUTDOWN, SERVER);
	send_net(&s, link_a(), data, 20);
	assert_silence(&s);
	assert_int_equal(group_view(&s, port).up_packets, 0);
	assert_int_equal(view(&s).drops.unkeyed, 3 + 1 + 9 + 1);
	stage_down(&s);
	keys_destroy(k);
}

static void another_key_has_its_chance_after_a_second(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);

	(void)state;
	conclude(&s, link_a(), CALLER, ask(&s, link_a(), CALLER), "live/three");
	discard(&s);
	pass(&s, MSEC(900));
	conclude(&s, link_a(), OTHER, ask(&s, link_a(), OTHER), "live/one");
	assert_refused(&s, link_a(), OTHER);
	pass(&s, MSEC(200));
	conclude(&s, link_a(), OTHER, ask(&s, link_a(), OTHER), "live/one");
	assert_induction_goes_up(&s, port, OTHER);
	stage_down(&s);
	keys_destroy(k);
}

static void cookie_that_is_not_ours_is_met_with_silence(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);
	uint32_t cookie = ask(&s, link_a(), CALLER);

	(void)state;
	for (unsigned bit = 0; bit < 32; bit++)
		conclude(&s, link_a(), CALLER, cookie ^ UINT32_C(1) << bit, "live/one");
	conclude(&s, link_a(), OTHER, cookie, "live/one");
	assert_silence(&s);
	assert_int_equal(view(&s).drops.unkeyed, 33);
	assert_int_equal(noted(&s, RECEIVER_LOGIN_REFUSED), 0);
	stage_down(&s);
	keys_destroy(k);
}

static void media_before_the_login_goes_nowhere(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);

	(void)state;
	send_media(&s, link_a(), 1);
	ask(&s, link_a(), CALLER);
	send_media(&s, link_a(), 2);
	assert_silence(&s);
	assert_int_equal(view(&s).drops.unkeyed, 2);
	assert_int_equal(group_view(&s, port).up_packets, 0);
	stage_down(&s);
	keys_destroy(k);
}

static void stream_runs_on_whoever_else_knocks(void **state)
{
	struct stage s;
	struct seen seen = {0};
	unsigned port;
	struct keys *k = guarded(&s, &port);

	(void)state;
	log_in(&s, link_a(), port, CALLER, "live/one");
	send_media(&s, link_a(), 4242);
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, port);

	conclude(&s, link_b(), OTHER, ask(&s, link_b(), OTHER), "live/three");
	assert_refused(&s, link_b(), OTHER);
	send_media(&s, link_a(), 4243);
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, port);
	assert_int_equal(be32(seen.data), 4243);
	stage_down(&s);
	keys_destroy(k);
}

static void stream_runs_on_when_its_key_is_struck_off(void **state)
{
	const struct siphash_key key = {{9}};
	struct stage s;
	struct seen seen = {0};
	unsigned port;
	struct keys *k = guarded(&s, &port), *none = keys_create(&key);

	(void)state;
	log_in(&s, link_a(), port, CALLER, "live/one");
	receiver_set_keys(s.r, none);
	keys_destroy(k);
	send_media(&s, link_a(), 4242);
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, port);

	conclude(&s, link_a(), OTHER, ask(&s, link_a(), OTHER), "live/one");
	assert_refused(&s, link_a(), OTHER);
	stage_down(&s);
	keys_destroy(none);
}

static void next_caller_takes_the_former_ones_leave(void **state)
{
	struct stage s;
	struct seen seen = {0};
	unsigned port;
	struct keys *k = guarded(&s, &port);

	(void)state;
	log_in(&s, link_a(), port, CALLER, "live/one");
	conclude(&s, link_a(), OTHER, ask(&s, link_a(), OTHER), "live/one");
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, port);
	assert_int_equal(be16(seen.data), 0x8000 | SRT_SHUTDOWN);
	assert_int_equal(be32(seen.data + 12), SERVER);
	assert_induction_goes_up(&s, port, OTHER);
	server_answers(&s, port, OTHER, COOKIE);
	assert_conclusion_goes_up(&s, port, OTHER, COOKIE, "live/one");
	send_media(&s, link_a(), 4243); /* of the former */
	assert_silence(&s);
	stage_down(&s);
	keys_destroy(k);
}

static void one_announced_stream_id_counts_and_no_mixture(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);
	uint8_t data[2 * SHAKE];
	size_t len;

	(void)state;
	len = conclusion(data, CALLER, ask(&s, link_a(), CALLER), "live/secret");
	len += add_stream_id(data + len, "live/one");
	send_net(&s, link_a(), data, len);
	assert_refused(&s, link_a(), CALLER);
	pass(&s, SEC(1));
	len = conclusion(data, OTHER, ask(&s, link_a(), OTHER), "live/one");
	put_be16(data + 22, 1);
	send_net(&s, link_a(), data, len);
	assert_refused(&s, link_a(), OTHER);
	stage_down(&s);
	keys_destroy(k);
}

static void group_that_ends_takes_its_waiting_conclusion_along(void **state)
{
	struct stage s;
	unsigned port;
	struct keys *k = guarded(&s, &port);

	(void)state;
	conclude(&s, link_a(), CALLER, ask(&s, link_a(), CALLER), "live/one");
	discard(&s);
	assert_int_equal(s.pool.in_use, 1);
	pass(&s, SEC(60));
	discard(&s);
	assert_int_equal(view(&s).groups, 0);
	assert_int_equal(s.pool.in_use, 0);
	stage_down(&s);
	keys_destroy(k);
}

static void plain_stage(struct stage *s)
{
	struct receiver_config cfg = stage_config();

	cfg.plain_srt = true;
	stage_up(s, &cfg);
}

static void plain_caller_streams_like_a_group_of_one(void **state)
{
	struct stage s;
	struct seen seen = {0};
	struct receiver_group_view g;
	uint8_t data[SHAKE];
	uint32_t cookie;

	(void)state;
	plain_stage(&s);
	cookie = ask(&s, encoder(), CALLER);
	assert_int_equal(view(&s).groups, 0);
	conclude(&s, encoder(), CALLER, cookie, NULL);
	assert_int_equal(view(&s).groups, 1);
	assert_int_equal(noted(&s, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(noted(&s, RECEIVER_MEMBER_NEW), 1);
	assert_induction_goes_up(&s, 1, CALLER);
	server_answers(&s, 1, CALLER, COOKIE);
	assert_conclusion_goes_up(&s, 1, CALLER, COOKIE, NULL);
	conclude(&s, encoder(), CALLER, cookie, NULL);
	assert_conclusion_goes_up(&s, 1, CALLER, COOKIE, NULL);
	send_server(&s, 1, data, handshake(data, SRT_HS_CONCLUSION, SERVER, CALLER, 2, 500));
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, 0);
	discard(&s);

	/* Not one SRTLA packet comes of a hundred media packets, or of a life sign of that sort. */
	for (uint32_t i = 0; i < 100; i++) {
		send_media(&s, encoder(), 4242 + i);
		assert_true(take(&s, &seen));
		assert_int_equal(seen.port, 1);
		assert_silence(&s);
	}
	put_be16(data, SRTLA_KEEPALIVE);
	send_net(&s, encoder(), data, 10);
	pass(&s, SEC(1));
	while (take(&s, &seen))
		assert_int_equal(seen.port, 1); /* the server is asked whether it is there */
	g = group_view(&s, 1);
	assert_int_equal(g.count, 1);
	assert_int_equal(g.member[0].data_in, 100);
	stage_down(&s);
}

static void stranger_without_the_cookie_is_nobody(void **state)
{
	struct stage s;
	uint8_t data[SHAKE];
	uint32_t cookie;

	(void)state;
	plain_stage(&s);
	cookie = ask(&s, encoder(), CALLER);
	conclude(&s, encoder(), CALLER, cookie + 1, NULL);
	conclude(&s, encoder(), OTHER, cookie, NULL);
	conclude(&s, at("203.0.113.77", 7001), CALLER, cookie, NULL);
	send_media(&s, encoder(), 1);
	control(data, 20, SRT_KEEPALIVE, 0);
	send_net(&s, encoder(), data, 20);
	assert_silence(&s);
	assert_int_equal(view(&s).drops.stranger, 5);
	assert_int_equal(view(&s).groups, 0);
	assert_int_equal(s.pool.in_use, 0);
	stage_down(&s);
}

static void cookie_is_good_for_two_minutes_and_not_for_four(void **state)
{
	struct stage s;
	uint32_t cookie;

	(void)state;
	plain_stage(&s);
	cookie = ask(&s, encoder(), CALLER);
	pass(&s, SEC(240));
	conclude(&s, encoder(), CALLER, cookie, NULL);
	assert_int_equal(view(&s).groups, 0);
	cookie = ask(&s, encoder(), CALLER);
	pass(&s, SEC(120));
	conclude(&s, encoder(), CALLER, cookie, NULL);
	assert_int_equal(view(&s).groups, 1);
	discard(&s);
	stage_down(&s);
}

static void plain_callers_are_nobody_unless_they_are_asked_for(void **state)
{
	struct stage s;
	uint8_t data[SHAKE];

	(void)state;
	stage_up(&s, NULL);
	send_net(&s, encoder(), data, induction(data, CALLER));
	assert_silence(&s);
	assert_int_equal(view(&s).drops.stranger, 1);
	stage_down(&s);
}

static void flood_of_questions_is_answered_in_moderation(void **state)
{
	struct stage s;
	uint8_t data[SHAKE];
	size_t answers;

	(void)state;
	plain_stage(&s);
	for (uint32_t i = 1; i <= 1000; i++)
		send_net(&s, encoder(), data, induction(data, i));
	answers = discard(&s);
	assert_in_range(answers, 1, 100);
	assert_int_equal(view(&s).drops.hurried, 1000 - answers);
	assert_int_equal(s.pool.in_use, 0);
	stage_down(&s);
}

static void plain_callers_need_a_key_where_there_are_keys(void **state)
{
	struct stage s;
	struct keys *k;

	(void)state;
	plain_stage(&s);
	k = list(&s);
	conclude(&s, encoder(), CALLER, ask(&s, encoder(), CALLER), "live/three");
	assert_refused(&s, encoder(), CALLER);
	assert_int_equal(view(&s).groups, 0);
	assert_int_equal(noted(&s, RECEIVER_LOGIN_REFUSED), 1);
	conclude(&s, encoder(), OTHER, ask(&s, encoder(), OTHER), "live/two");
	assert_induction_goes_up(&s, 1, OTHER);
	assert_int_equal(receiver_group_server(s.r, 1), 2);
	stage_down(&s);
	keys_destroy(k);
}

static void plain_caller_that_comes_again_finds_its_group(void **state)
{
	struct stage s;

	(void)state;
	plain_stage(&s);
	log_in(&s, encoder(), 1, CALLER, NULL);
	pass(&s, SEC(20));
	discard(&s);
	assert_int_equal(view(&s).members, 0);
	assert_int_equal(view(&s).groups, 1);
	conclude(&s, encoder(), OTHER, ask(&s, encoder(), OTHER), NULL);
	assert_int_equal(view(&s).groups, 1);
	assert_int_equal(view(&s).members, 1);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_list_handshakes_pass_untouched),
		cmocka_unit_test(question_is_answered_here_and_the_server_hears_nothing),
		cmocka_unit_test(listed_key_opens_the_server_it_is_for),
		cmocka_unit_test(repeats_of_the_conclusion_carry_the_servers_cookie_too),
		cmocka_unit_test(no_other_key_follows_under_the_first_ones_name),
		cmocka_unit_test(key_that_is_not_listed_is_refused_and_never_named),
		cmocka_unit_test(whatever_a_refused_caller_says_ends_here),
		cmocka_unit_test(another_key_has_its_chance_after_a_second),
		cmocka_unit_test(cookie_that_is_not_ours_is_met_with_silence),
		cmocka_unit_test(media_before_the_login_goes_nowhere),
		cmocka_unit_test(stream_runs_on_whoever_else_knocks),
		cmocka_unit_test(stream_runs_on_when_its_key_is_struck_off),
		cmocka_unit_test(next_caller_takes_the_former_ones_leave),
		cmocka_unit_test(one_announced_stream_id_counts_and_no_mixture),
		cmocka_unit_test(group_that_ends_takes_its_waiting_conclusion_along),
		cmocka_unit_test(plain_caller_streams_like_a_group_of_one),
		cmocka_unit_test(stranger_without_the_cookie_is_nobody),
		cmocka_unit_test(cookie_is_good_for_two_minutes_and_not_for_four),
		cmocka_unit_test(plain_callers_are_nobody_unless_they_are_asked_for),
		cmocka_unit_test(flood_of_questions_is_answered_in_moderation),
		cmocka_unit_test(plain_callers_need_a_key_where_there_are_keys),
		cmocka_unit_test(plain_caller_that_comes_again_finds_its_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
