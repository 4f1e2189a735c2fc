/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <errno.h>

enum {
	CALLER = 0x77,
	SERVER = 0x51,
	LATENCY = 2000,
};

/* What came out toward the server and toward the caller, by kind. */
struct heard {
	unsigned media;
	unsigned inductions; /* to a listener */
	unsigned pings;      /* the same to the session's socket */
	unsigned goodbyes;   /* to the caller */
	unsigned other;
	uint32_t asker;      /* socket id of the latest induction */
	ustime asked;        /* when the latest was taken out */
};

static struct endpoint link_a(void)
{
	return at("192.0.2.1", 4000);
}

/* A session that the server has just acknowledged. */
static unsigned in_session(struct stage *s)
{
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	stage_up(s, NULL);
	port = join_group(s, link_a(), 7, id);
	agree(s, link_a(), port, CALLER, SERVER, LATENCY);
	discard(s);
	return port;
}

static void count_up(const struct stage *s, const struct seen *seen, struct heard *h)
{
	uint32_t dest = be32(seen->data + 12);

	if (srt_is_data(seen->data, seen->len)) {
		h->media++;
	} else if (be16(seen->data) == 0x8000 && be32(seen->data + 36) == SRT_HS_INDUCTION) {
		h->inductions += dest == 0;
		h->pings += dest == SERVER;
		if (dest == 0)
			h->asker = be32(seen->data + 40);
		h->asked = s->now;
	} else {
		h->other++;
	}
}

static void drain(struct stage *s, struct heard *h)
{
	struct seen seen;

	while (take(s, &seen)) {
		if (seen.port > 0) {
			count_up(s, &seen, h);
		} else if (be16(seen.data) == 0x8005) {
			assert_int_equal(seen.len, SRT_SHUTDOWN_LEN);
			assert_int_equal(be32(seen.data + 12), CALLER);
			h->goodbyes++;
		}
	}
}

/* Answers as a listener does: socket id 1, a cookie, for who asked. */
static void listener_answers(struct stage *s, unsigned port, uint32_t asker)
{
	uint8_t data[HANDSHAKE];

	send_server(s, port, data, handshake(data, SRT_HS_INDUCTION, 1, asker, 0, 0));
}

static void session_answers(struct stage *s, unsigned port)
{
	uint8_t data[HANDSHAKE];

	send_server(s, port, data, handshake(data, SRT_HS_CONCLUSION, SERVER, CALLER, 0, 0));
}

static void server_acks(struct stage *s, unsigned port)
{
	uint8_t data[44];

	control(data, sizeof(data), SRT_ACK, CALLER);
	send_server(s, port, data, sizeof(data));
}

/* The encoder speaks for so long, a packet each 5 ms; `refuse`: each is, by that errno. */
static void stream(struct stage *s, unsigned port, usspan span, int refuse, struct heard *h)
{
	static uint32_t seq;
	ustime end = s->now + span;

	while (s->now < end) {
		send_media(s, link_a(), ++seq);
		drain(s, h);
		if (refuse)
			receiver_server_error(s->r, port, NULL, refuse, s->now, &s->out);
		pass(s, MSEC(5));
		drain(s, h);
		assert_true(receiver_deadline(s->r) > s->now);
	}
}

static void healthy_session_is_asked_nothing(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		stream(&s, port, MSEC(10), 0, &h);
		server_acks(&s, port);
		drain(&s, &h);
	}
	assert_int_equal(h.media, 1000);
	assert_int_equal(h.inductions + h.pings + h.goodbyes + h.other, 0);
	stage_down(&s);
}

static void encoder_that_pauses_is_no_reason_to_ask(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	stream(&s, port, MSEC(100), 0, &h);
	server_acks(&s, port);
	pass(&s, SEC(10));
	drain(&s, &h);
	assert_int_equal(h.inductions + h.pings, 0);
	stage_down(&s);
}

static void f05_restarted_server_costs_the_session_and_its_caller_is_told(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);
	ustime back;

	(void)state;
	stream(&s, port, SEC(3), ECONNREFUSED, &h);
	/* It was not there: nobody is told anything. */
	assert_int_equal(h.goodbyes, 0);
	assert_int_equal(noted(&s, RECEIVER_SERVER_AWAY), 1);
	back = s.now;
	stream(&s, port, MSEC(60), 0, &h);
	assert_int_equal(h.inductions, 1);
	assert_int_equal(h.pings, 1);
	assert_int_not_equal(h.asker, CALLER);
	listener_answers(&s, port, h.asker);
	drain(&s, &h);
	assert_int_equal(noted(&s, RECEIVER_SERVER_BACK), 1);
	assert_int_equal(h.goodbyes, 0);
	stream(&s, port, MSEC(110), 0, &h);
	assert_int_equal(h.goodbyes, 1);
	assert_int_equal(noted(&s, RECEIVER_SESSION_LOST), 1);
	assert_true(s.now - back <= MSEC(170));
	assert_int_equal(view(&s).groups, 1);
	assert_int_equal(view(&s).drops.unasked, 1);
	stage_down(&s);
}

/* A session that is lost, and its caller told once. */
static unsigned lost_session(struct stage *s)
{
	struct heard h = {0};
	unsigned port = in_session(s);

	stream(s, port, MSEC(200), ECONNREFUSED, &h);
	stream(s, port, MSEC(60), 0, &h);
	listener_answers(s, port, h.asker);
	pass(s, MSEC(100));
	drain(s, &h);
	assert_int_equal(h.goodbyes, 1);
	outbox_clear_notes(&s->out);
	return port;
}

static void caller_that_speaks_on_is_told_again_and_not_for_ever(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = lost_session(&s);

	(void)state;
	stream(&s, port, MSEC(990), 0, &h);
	assert_int_equal(h.goodbyes, 4);
	stream(&s, port, SEC(20), 0, &h);
	assert_int_equal(h.goodbyes, 24);
	assert_int_equal(h.inductions + h.pings, 0);
	stage_down(&s);
}

static void loss_is_for_the_record(void **state)
{
	struct receiver_record rec;
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);
	uint64_t before;

	(void)state;
	stream(&s, port, MSEC(200), ECONNREFUSED, &h);
	stream(&s, port, MSEC(60), 0, &h);
	before = receiver_changes(s.r);
	listener_answers(&s, port, h.asker);
	stream(&s, port, MSEC(110), 0, &h);
	assert_int_equal(h.goodbyes, 1);
	assert_true(receiver_changes(s.r) > before);
	assert_true(receiver_record(s.r, port, &rec));
	assert_int_equal(rec.server_id, 0);
	stage_down(&s);
}

static void caller_that_says_goodbye_itself_is_told_no_more(void **state)
{
	uint8_t data[20];
	struct stage s;
	struct heard h = {0};
	unsigned port = lost_session(&s);

	(void)state;
	control(data, sizeof(data), SRT_SHUTDOWN, SERVER);
	for (unsigned i = 0; i < 10; i++) {
		s.now += MSEC(300);
		send_net(&s, link_a(), data, sizeof(data));
		drain(&s, &h);
	}
	assert_int_equal(port, 1);
	assert_int_equal(h.goodbyes, 0);
	stage_down(&s);
}

static void packet_that_is_not_refused_is_reason_to_ask_at_once(void **state)
{
	/* Although there was a question a moment ago: it was refused, and disturbed nobody. */
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	receiver_server_error(s.r, port, NULL, ECONNREFUSED, s.now, &s.out);
	while (h.inductions == 0) {
		pass(&s, MSEC(10));
		drain(&s, &h);
	}
	receiver_server_error(s.r, port, NULL, ECONNREFUSED, s.now, &s.out);
	pass(&s, MSEC(200));
	send_media(&s, link_a(), 7);
	pass(&s, MSEC(51));
	drain(&s, &h);
	assert_int_equal(h.inductions, 2);
	/* This one was not refused: the next comes a second later. */
	for (unsigned i = 0; i < 9; i++) {
		send_media(&s, link_a(), 8 + i);
		pass(&s, MSEC(100));
	}
	drain(&s, &h);
	assert_int_equal(h.inductions, 2);
	pass(&s, MSEC(110));
	drain(&s, &h);
	assert_int_equal(h.inductions, 3);
	stage_down(&s);
}

static void answer_to_an_old_question_is_none_to_a_new_one(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	stream(&s, port, MSEC(720), 0, &h);
	listener_answers(&s, port, h.asker);
	server_acks(&s, port);
	drain(&s, &h);
	/* Now it is gone for good: no answer, no verdict. */
	stream(&s, port, SEC(5), 0, &h);
	assert_in_range(h.inductions, 5, 6);
	assert_int_equal(h.goodbyes, 0);
	stage_down(&s);
}

static void next_session_begins_and_nobody_is_told_goodbye(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = lost_session(&s);

	(void)state;
	agree(&s, link_a(), port, CALLER, SERVER + 1, LATENCY);
	drain(&s, &h);
	assert_int_equal(noted(&s, RECEIVER_SESSION_NEW), 1);
	assert_int_equal(noted(&s, RECEIVER_SESSION_AGREED), 1);
	for (unsigned i = 0; i < 200; i++) {
		stream(&s, port, MSEC(10), 0, &h);
		server_acks(&s, port);
		drain(&s, &h);
	}
	assert_int_equal(h.goodbyes, 0);
	assert_int_equal(h.pings, 0);
	stage_down(&s);
}

static void session_that_lives_behind_a_refusal_is_kept(void **state)
{
	/* F25: a forged or passing refusal.  The socket of the session answers. */
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	stream(&s, port, MSEC(300), ECONNREFUSED, &h);
	stream(&s, port, MSEC(60), 0, &h);
	listener_answers(&s, port, h.asker);
	session_answers(&s, port);
	drain(&s, &h);
	stream(&s, port, MSEC(600), 0, &h);
	assert_int_equal(h.goodbyes, 0);
	assert_int_equal(noted(&s, RECEIVER_SESSION_LOST), 0);
	/* Its answer is not the caller's business. */
	assert_int_equal(view(&s).drops.unasked, 2);
	stage_down(&s);
}

static void quiet_encoder_is_asked_for_each_second(void **state)
{
	/* F06: nothing else is sent, and each question is refused. */
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	receiver_server_error(s.r, port, NULL, ECONNREFUSED, s.now, &s.out);
	for (unsigned i = 0; i < 100; i++) {
		unsigned before = h.inductions;

		pass(&s, MSEC(100));
		drain(&s, &h);
		if (h.inductions > before)
			receiver_server_error(s.r, port, NULL, ECONNREFUSED, s.now, &s.out);
	}
	assert_in_range(h.inductions, 9, 10);
	assert_int_equal(h.goodbyes, 0);
	stage_down(&s);
}

static void restart_that_refused_nothing_is_found_out_by_silence(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);
	ustime began = s.now;

	(void)state;
	stream(&s, port, MSEC(690), 0, &h);
	assert_int_equal(h.inductions, 0);
	stream(&s, port, MSEC(20), 0, &h);
	assert_int_equal(h.inductions, 1);
	listener_answers(&s, port, h.asker);
	/* A session with nothing to say sends a keepalive each second: it is waited for. */
	stream(&s, port, MSEC(420), 0, &h);
	assert_int_equal(h.goodbyes, 0);
	stream(&s, port, MSEC(30), 0, &h);
	assert_int_equal(h.goodbyes, 1);
	assert_in_range(s.now - began, MSEC(1150), MSEC(1170));
	stage_down(&s);
}

static void session_that_only_keeps_alive_is_kept(void **state)
{
	/* A gap that nobody fills and the server does not name: no ACK until it is given up. */
	uint8_t data[20];
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	control(data, sizeof(data), SRT_KEEPALIVE, CALLER);
	for (unsigned i = 0; i < 4; i++) {
		unsigned before = h.inductions;

		stream(&s, port, MSEC(720), 0, &h);
		assert_int_equal(h.inductions, before + 1);
		listener_answers(&s, port, h.asker);
		stream(&s, port, MSEC(300), 0, &h);
		send_server(&s, port, data, sizeof(data));
		drain(&s, &h);
	}
	assert_int_equal(h.goodbyes, 0);
	stage_down(&s);
}

static void server_that_stalls_and_goes_on_keeps_its_session(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	stream(&s, port, SEC(5), 0, &h);
	assert_in_range(h.inductions, 4, 5);
	assert_int_equal(h.pings, h.inductions);
	/* All that was asked is answered at once, the listener first. */
	for (unsigned i = 0; i < h.inductions; i++)
		listener_answers(&s, port, h.asker);
	stream(&s, port, MSEC(140), 0, &h);
	assert_int_equal(h.goodbyes, 0);
	session_answers(&s, port);
	server_acks(&s, port);
	drain(&s, &h);
	for (unsigned i = 0; i < 100; i++) {
		stream(&s, port, MSEC(10), 0, &h);
		server_acks(&s, port);
		drain(&s, &h);
	}
	assert_int_equal(h.goodbyes, 0);
	assert_int_equal(noted(&s, RECEIVER_SESSION_LOST), 0);
	stage_down(&s);
}

static void f07_blackhole_is_asked_once_a_second_and_that_is_all(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);

	(void)state;
	stream(&s, port, SEC(60), 0, &h);
	assert_in_range(h.inductions, 58, 60);
	assert_int_equal(h.goodbyes, 0);
	assert_int_equal(noted(&s, RECEIVER_SESSION_LOST), 0);
	stage_down(&s);
}

static void session_in_handshake_is_never_given_up(void **state)
{
	uint8_t id[SRTLA_ID_LEN], data[HANDSHAKE];
	struct stage s;
	struct heard h = {0};
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, link_a(), 7, id);
	for (unsigned i = 0; i < 40; i++) {
		send_net(&s, link_a(), data, handshake(data, SRT_HS_INDUCTION, CALLER, 0, 0, 0));
		receiver_server_error(s.r, port, NULL, ECONNREFUSED, s.now, &s.out);
		pass(&s, MSEC(250));
		drain(&s, &h);
	}
	assert_int_equal(h.inductions, 40); /* the caller's own, no more */
	assert_int_equal(h.pings + h.goodbyes, 0);
	stage_down(&s);
}

static void unreachable_is_not_closed_and_gets_the_longer_grace(void **state)
{
	struct stage s;
	struct heard h = {0};
	unsigned port = in_session(&s);
	ustime back;

	(void)state;
	stream(&s, port, MSEC(300), EHOSTUNREACH, &h);
	stream(&s, port, MSEC(60), 0, &h);
	assert_int_equal(h.inductions, 1);
	back = s.now;
	listener_answers(&s, port, h.asker);
	while (h.goodbyes == 0)
		stream(&s, port, MSEC(5), 0, &h);
	assert_true(s.now - back >= MSEC(700));
	stage_down(&s);
}

static void empty_pool_is_survived(void **state)
{
	struct stage s;
	struct pkt *taken[257]; /* the last is NULL */
	unsigned n = 0, port = in_session(&s);
	struct heard h = {0};

	(void)state;
	stream(&s, port, MSEC(100), ECONNREFUSED, &h);
	while ((taken[n] = pkt_get(&s.pool)))
		n++;
	pass(&s, SEC(5));
	assert_true(view(&s).drops.pool > 4);
	while (n > 0)
		pkt_free(taken[--n]);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_session_is_asked_nothing),
		cmocka_unit_test(encoder_that_pauses_is_no_reason_to_ask),
		cmocka_unit_test(f05_restarted_server_costs_the_session_and_its_caller_is_told),
		cmocka_unit_test(caller_that_speaks_on_is_told_again_and_not_for_ever),
		cmocka_unit_test(loss_is_for_the_record),
		cmocka_unit_test(caller_that_says_goodbye_itself_is_told_no_more),
		cmocka_unit_test(packet_that_is_not_refused_is_reason_to_ask_at_once),
		cmocka_unit_test(answer_to_an_old_question_is_none_to_a_new_one),
		cmocka_unit_test(next_session_begins_and_nobody_is_told_goodbye),
		cmocka_unit_test(session_that_lives_behind_a_refusal_is_kept),
		cmocka_unit_test(quiet_encoder_is_asked_for_each_second),
		cmocka_unit_test(restart_that_refused_nothing_is_found_out_by_silence),
		cmocka_unit_test(session_that_only_keeps_alive_is_kept),
		cmocka_unit_test(server_that_stalls_and_goes_on_keeps_its_session),
		cmocka_unit_test(f07_blackhole_is_asked_once_a_second_and_that_is_all),
		cmocka_unit_test(session_in_handshake_is_never_given_up),
		cmocka_unit_test(unreachable_is_not_closed_and_gets_the_longer_grace),
		cmocka_unit_test(empty_pool_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
