/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/base/seq.h"
#include "shared/wire/srt.h"
#include "tests/sim/path.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/srt_caller.h"
#include "tests/sim/srt_listener.h"

/* The simulation's SRT: a caller and a listener with nothing but two paths between them. */
struct wire {
	struct world world;
	struct path up, down;
	struct srt_caller caller;
	struct srt_listener server;
	struct endpoint here;
	struct ledger ledger;
	ustime last_data;                  /* of a first copy, */
	unsigned at_once, most_at_once;    /* and how many left at one moment */
	uint32_t dropreq_from, dropreq_to; /* of the latest */
	unsigned take;                     /* so many copies of the packet below are lost */
	uint32_t taken;
};

/* What a test starts from and changes. */
static const struct wire_plan {
	struct road_config road;
	struct srt_caller_config caller;
	struct srt_listener_config server;
} stock = {
	.road = {.supply.rate = 20000000, .delay = MSEC(20)},
	.caller = {.media.rate = 8000000, .latency = 500, .stream_id = "x", .isn = SEQ_NONE},
	.server = {.latency = 120},
};

static struct wire wire;

static void watch_data(struct wire *w, const struct srt_head *head)
{
	if (head->resent)
		return;
	w->at_once = w->last_data == w->world.now ? w->at_once + 1 : 1;
	w->last_data = w->world.now;
	if (w->at_once > w->most_at_once)
		w->most_at_once = w->at_once;
}

static void wire_up(void *who, const uint8_t *data, size_t len)
{
	struct wire *w = who;
	struct srt_head head;

	if (srt_parse_head(data, len, &head) && !head.control)
		watch_data(w, &head);
	srt_parse_dropreq(data, len, &w->dropreq_from, &w->dropreq_to);
	path_send(&w->up, data, len, &w->here);
}

static void wire_down(void *who, const struct endpoint *to, const uint8_t *data, size_t len)
{
	struct wire *w = who;

	path_send(&w->down, data, len, to);
}

static void at_server(void *who, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct wire *w = who;

	srt_listener_input(&w->server, mark, data, len);
}

static void at_caller(void *who, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct wire *w = who;

	srt_caller_input(&w->caller, mark, data, len);
}

/* Loses the first copies of one packet. */
static bool take_copies(void *who, const uint8_t *data, size_t len)
{
	struct wire *w = who;
	struct srt_head head;

	if (w->take == 0 || !srt_parse_head(data, len, &head) || head.control ||
	    head.seq != w->taken)
		return false;
	w->take--;
	return true;
}

static void wire_begin(const struct wire_plan *plan)
{
	struct wire *w = &wire;

	memset(w, 0, sizeof(*w));
	world_init(&w->world, 3, SEC(1));
	ledger_init(&w->ledger);
	endpoint_parse("192.0.2.1", &w->here);
	w->here.port = 7000;
	path_init(&w->up, &w->world, &plan->road);
	path_init(&w->down, &w->world, &plan->road);
	w->up.arrive = at_server;
	w->down.arrive = at_caller;
	w->up.spoil = take_copies;
	w->up.spoiler = w;
	srt_caller_init(&w->caller, &w->world, &plan->caller, &w->here);
	srt_listener_init(&w->server, &w->world, &plan->server);
	w->caller.ledger = &w->ledger;
	srt_listener_ledger(&w->server, plan->caller.stream_id, &w->ledger);
	w->caller.send = wire_up;
	w->server.send = wire_down;
	w->up.who = w->down.who = w->caller.who = w->server.who = w;
	srt_listener_start(&w->server);
	srt_caller_start(&w->caller);
}

static void wire_end(void)
{
	path_finish(&wire.up);
	path_finish(&wire.down);
	srt_listener_finish(&wire.server);
	ledger_finish(&wire.ledger);
	world_finish(&wire.world);
}

static void run_until(ustime until)
{
	world_run(&wire.world, until);
}

static const struct srt_stream *stream(void)
{
	return srt_listener_stream(&wire.server, "x");
}

/* A packet that is about to be made loses so many of its copies. */
static void lose_next(unsigned copies)
{
	wire.taken = wire.caller.next;
	wire.take = copies;
}

/* A stream that had its first loss: only then the periodic NAKs find their pace. */
static void wire_begin_with_a_loss(const struct wire_plan *plan)
{
	wire_begin(plan);
	run_until(SEC(4));
	lose_next(1);
	run_until(SEC(5));
	wire.caller.tally.resent = wire.caller.tally.naks = wire.caller.tally.too_soon = 0;
}

static void model_peers_stream_what_the_encoder_makes_at_its_latency(void **state)
{
	const struct srt_stream *x;

	(void)state;
	wire_begin(&stock);
	run_until(SEC(31));
	srt_caller_stop(&wire.caller, false);
	run_until(SEC(33));
	x = stream();
	assert_int_equal(wire.caller.agreed, 500);
	assert_int_equal(wire.caller.tally.data + wire.caller.tally.unsent, 22797);
	assert_int_equal(x->delivered, wire.caller.tally.data);
	assert_int_equal(x->late + x->doubled + x->belated + x->damaged + x->naks, 0);
	assert_int_equal(wire.caller.rtt / 1000, 40);
	/* Play-out counts from the conclusion, which took as long as data does. */
	assert_in_range(x->first - wire.caller.tally.connected, MSEC(518), MSEC(522));
	wire_end();
}

static void lost_packets_are_asked_for_and_sent_again_in_time(void **state)
{
	struct wire_plan plan = stock;
	const struct srt_stream *x;

	(void)state;
	plan.road.loss = 50000;
	plan.caller.media.fps = 30;
	plan.caller.isn = 0x7ffffff0;
	wire_begin(&plan);
	run_until(SEC(31));
	srt_caller_stop(&wire.caller, false);
	run_until(SEC(33));
	x = stream();
	assert_true(wire.caller.tally.data > 22000);
	assert_true(x->naks > 1000);
	assert_in_range(wire.caller.tally.resent, wire.caller.tally.data * 5 / 100,
			wire.caller.tally.data * 9 / 100);
	assert_true(x->delivered + x->late + 3 > wire.caller.tally.data);
	assert_true(x->late <=
		    8); /* with 5 % lost each way, some NAKs and copies are lost thrice */
	wire_end();
}

static void silent_peer_is_given_up_and_called_again(void **state)
{
	(void)state;
	wire_begin(&stock);
	path_outage(&wire.up, SEC(5), SEC(15));
	path_outage(&wire.down, SEC(5), SEC(15));
	run_until(SEC(14));
	assert_int_equal(wire.caller.tally.broken, 1);
	assert_in_range(wire.caller.tally.broke, SEC(10), SEC(11));
	assert_int_equal(wire.server.open, 0);
	run_until(SEC(20));
	assert_int_equal(wire.caller.tally.sessions, 2);
	assert_int_equal(wire.server.open, 1);
	assert_int_equal(wire.server.most_open, 1);
	wire_end();
}

static void each_packet_is_in_the_ledger_from_one_session_to_the_next(void **state)
{
	size_t played = 0, made;

	(void)state;
	wire_begin(&stock);
	run_until(SEC(10));
	srt_caller_stop(&wire.caller, true);
	run_until(SEC(12));
	srt_caller_start(&wire.caller);
	run_until(SEC(20));
	srt_caller_hush(&wire.caller);
	run_until(SEC(22));
	made = ledger_made(&wire.ledger);
	assert_int_equal(made, wire.caller.tally.data + wire.caller.tally.unsent);
	assert_true(wire.caller.tally.unsent > 50); /* 80 ms of two connections */
	for (size_t i = 0; i < made; i++) {
		const struct ledger_entry *e = ledger_at(&wire.ledger, i);

		assert_true(e->made > 0);
		played += e->played != 0;
		if (e->played)
			assert_in_range(e->played - e->made, MSEC(519), MSEC(521));
		if (e->arrived)
			assert_in_range(e->arrived - e->made, MSEC(20), MSEC(21));
	}
	assert_int_equal(played, stream()->delivered);
	/* A SHUTDOWN ends the first session before its last half second is played. */
	assert_in_range(wire.caller.tally.data - played, 370, 390);
	wire_end();
}

static void packet_asked_for_again_too_soon_is_not_sent_again(void **state)
{
	(void)state;
	wire_begin_with_a_loss(&stock);
	lose_next(1);
	run_until(SEC(6));
	/* NAKs come each half of a round trip, and a copy takes a whole one. */
	assert_true(wire.caller.tally.naks >= 2);
	assert_int_equal(wire.caller.tally.resent, 1);
	assert_int_equal(wire.caller.tally.too_soon, wire.caller.tally.naks - 1);
	lose_next(2);
	run_until(SEC(7));
	assert_int_equal(wire.caller.tally.resent, 3);
	assert_int_equal(stream()->late, 0);
	wire_end();
}

static void all_in_flight_goes_again_when_a_server_without_reports_stops_its_acks(void **state)
{
	struct wire_plan plan = stock;

	(void)state;
	plan.server.silent_gaps = true;
	wire_begin(&plan);
	run_until(SEC(5));
	lose_next(1);
	run_until(SEC(6));
	assert_int_equal(wire.caller.tally.resent, 1);
	assert_int_equal(wire.caller.tally.blind, 0);
	lose_next(2);
	run_until(SEC(7));
	assert_in_range(wire.caller.tally.blind, 1, 2);
	assert_true(wire.caller.tally.resent > 30);
	assert_int_equal(stream()->late, 0);
	wire_end();
}

static void packets_that_nobody_acknowledges_leave_the_send_buffer(void **state)
{
	(void)state;
	wire_begin(&stock);
	path_outage(&wire.down, SEC(5), SEC(8));
	run_until(SEC(8));
	/* A second and two ticks, at 760 packets a second. */
	assert_in_range(seq_diff(wire.caller.next, wire.caller.acked), 770, 780);
	assert_true(wire.caller.tally.too_old > 1400);
	run_until(SEC(10));
	assert_true(seq_diff(wire.caller.next, wire.caller.acked) < 60);
	assert_int_equal(wire.caller.tally.broken, 0);
	assert_int_equal(stream()->late, 0);
	wire_end();
}

static void caller_says_so_when_asked_for_what_it_no_longer_has(void **state)
{
	uint32_t words[2], gone;
	uint8_t buf[64];

	(void)state;
	wire_begin(&stock);
	run_until(SEC(5));
	gone = seq_add(wire.caller.acked, SEQ_MASK - 9);
	words[0] = gone | UINT32_C(0x80000000);
	words[1] = seq_add(gone, 5);
	at_caller(&wire, buf, srt_build_nak(buf, words, 2, 0, wire.caller.id), &wire.here);
	assert_int_equal(wire.dropreq_from, gone);
	assert_int_equal(wire.dropreq_to, seq_add(gone, 5));
	assert_int_equal(wire.caller.tally.resent, 0);
	wire_end();
}

static void dropreq_ends_the_asking_and_nothing_else(void **state)
{
	uint64_t naks;
	uint8_t buf[64];

	(void)state;
	wire_begin_with_a_loss(&stock);
	lose_next(100);
	run_until(SEC(5) + MSEC(100));
	naks = stream()->naks;
	assert_in_range(naks, 4, 6);
	at_server(&wire, buf,
		  srt_build_dropreq(buf, wire.taken, wire.taken, 0, wire.caller.peer_id),
		  &wire.here);
	run_until(SEC(7));
	assert_int_equal(stream()->naks, naks);
	assert_int_equal(stream()->late, 1);
	wire_end();
}

static void caller_waits_when_the_servers_buffer_is_full(void **state)
{
	struct wire_plan plan = stock;

	(void)state;
	plan.caller.latency = 15000; /* of which the buffer holds 10.8 s */
	wire_begin(&plan);
	run_until(SEC(14));
	assert_int_equal(seq_diff(wire.server.session[0].top, wire.server.session[0].next),
			 LISTENER_ROOM);
	assert_in_range(seq_diff(wire.caller.next, wire.caller.sent), 1500, 1800);
	run_until(SEC(17));
	assert_true(stream()->delivered > 0);
	wire_end();
}

static void frames_leave_as_fast_as_maxbw_allows(void **state)
{
	struct wire_plan plan = stock;

	(void)state;
	plan.caller.media.fps = 10;
	wire_begin(&plan);
	run_until(SEC(5));
	assert_int_equal(wire.most_at_once, 76);
	wire_end();
	plan.caller.maxbw = 1250000; /* 10 Mbit/s: a frame of 8 takes 80 ms */
	wire_begin(&plan);
	run_until(SEC(5));
	assert_int_equal(wire.most_at_once, 2); /* a pair for the peer to measure */
	assert_int_equal(stream()->late, 0);
	wire_end();
}

static void adaptive_encoder_finds_what_the_road_carries(void **state)
{
	struct wire_plan plan = stock;

	(void)state;
	plan.road.supply.rate = 3000000;
	plan.road.queue = 375000;
	plan.caller.media.fps = 30;
	plan.caller.least = 500000;
	plan.caller.most = 8000000;
	plan.caller.latency = 2000;
	wire_begin(&plan);
	run_until(SEC(31));
	/* It falls to the least and then climbs by 30 kbit/s each half second. */
	assert_in_range(wire.caller.encoder.cfg.rate, 500000, 3000000);
	assert_in_range(wire.caller.tally.media_bytes * 8 / 30, 500000, 3000000);
	assert_int_equal(wire.caller.tally.sessions, 1);
	wire_end();
}

static usspan play_delay_at(ustime made)
{
	for (size_t i = 0; i < ledger_made(&wire.ledger); i++)
		if (ledger_at(&wire.ledger, i)->made >= made)
			return ledger_at(&wire.ledger, i)->played -
			       ledger_at(&wire.ledger, i)->made;
	return 0;
}

static void play_out_takes_half_of_a_longer_way_up_for_a_clock_that_drifts(void **state)
{
	(void)state;
	wire_begin(&stock);
	run_until(SEC(2));
	wire.up.road.cfg.delay = MSEC(60);
	run_until(SEC(30));
	assert_in_range(play_delay_at(SEC(3)), MSEC(519), MSEC(521));
	assert_in_range(play_delay_at(SEC(28)), MSEC(539), MSEC(541));
	assert_int_equal(stream()->late, 0);
	wire_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model_peers_stream_what_the_encoder_makes_at_its_latency),
		cmocka_unit_test(lost_packets_are_asked_for_and_sent_again_in_time),
		cmocka_unit_test(silent_peer_is_given_up_and_called_again),
		cmocka_unit_test(each_packet_is_in_the_ledger_from_one_session_to_the_next),
		cmocka_unit_test(packet_asked_for_again_too_soon_is_not_sent_again),
		cmocka_unit_test(
			all_in_flight_goes_again_when_a_server_without_reports_stops_its_acks),
		cmocka_unit_test(packets_that_nobody_acknowledges_leave_the_send_buffer),
		cmocka_unit_test(caller_says_so_when_asked_for_what_it_no_longer_has),
		cmocka_unit_test(dropreq_ends_the_asking_and_nothing_else),
		cmocka_unit_test(caller_waits_when_the_servers_buffer_is_full),
		cmocka_unit_test(frames_leave_as_fast_as_maxbw_allows),
		cmocka_unit_test(adaptive_encoder_finds_what_the_road_carries),
		cmocka_unit_test(play_out_takes_half_of_a_longer_way_up_for_a_clock_that_drifts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
