/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "shared/wire/keepalive.h"

static struct endpoint link_a(void)
{
	return at("192.0.2.1", 4000);
}

static struct endpoint link_b(void)
{
	return at("198.51.100.1", 4000);
}

/* Two links in one group; returns its port. */
static unsigned two_links(struct stage *s)
{
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	stage_up(s, NULL);
	port = join_group(s, link_a(), 7, id);
	assert_int_equal(reg2(s, link_b(), id), SRTLA_REG3);
	discard(s);
	return port;
}

/* Takes everything; the SRTLA ACKs among it are counted, the last one kept. */
static unsigned take_acks(struct stage *s, struct seen *last)
{
	struct seen seen;
	unsigned count = 0;

	while (take(s, &seen)) {
		if (seen.port != 0)
			continue;
		assert_int_equal(srtla_type(seen.data, seen.len), SRTLA_ACK);
		*last = seen;
		count++;
	}
	return count;
}

static void r5_keepalive_of_any_length_comes_back_as_it_was(void **state)
{
	static const size_t lengths[] = {2,  3,  10, 16, 31,  32,   37,  38,
					 39, 49, 50, 51, 200, 1500, 2048};
	struct stage s;
	struct seen seen;
	uint8_t data[PKT_CAP];

	(void)state;
	two_links(&s);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memset(data, 0x5a, sizeof(data));
		put_be16(data, SRTLA_KEEPALIVE);
		send_net(&s, link_b(), data, lengths[i]);
		assert_true(take(&s, &seen));
		assert_int_equal(seen.port, 0);
		assert_int_equal(seen.len, lengths[i]);
		assert_memory_equal(seen.data, data, seen.len);
		assert_int_equal(seen.peer.port, link_b().port);
		assert_memory_equal(seen.peer.addr, link_b().addr, 16);
		assert_silence(&s);
	}
	assert_int_equal(noted(&s, RECEIVER_PEER_OWN), 0);
	stage_down(&s);
}

static void greeting_is_answered_in_place_and_noted_once(void **state)
{
	struct keepalive k = {.time = 99,
			      .greets = true,
			      .hello = {KEEPALIVE_ROLE_SENDER, KEEPALIVE_VERSION, 0}},
			 back;
	uint8_t data[KEEPALIVE_HELLO];
	struct stage s;
	struct seen seen;
	unsigned port;
	size_t len;

	(void)state;
	port = two_links(&s);
	len = keepalive_build(data, &k);
	for (int i = 0; i < 3; i++) {
		send_net(&s, link_a(), data, len);
		assert_true(take(&s, &seen));
		assert_int_equal(seen.len, len);
		assert_memory_equal(seen.data, data, KEEPALIVE_EXTENDED);
		assert_true(keepalive_parse(seen.data, seen.len, &back));
		assert_true(back.greets);
		assert_int_equal(back.hello.role, KEEPALIVE_ROLE_RECEIVER);
	}
	assert_int_equal(noted(&s, RECEIVER_PEER_OWN), 1);
	assert_int_equal(last_note(&s, RECEIVER_PEER_OWN)->port, port);
	assert_true(group_view(&s, port).own_peer);
	stage_down(&s);
}

static void r6_tenth_packet_is_acknowledged_at_once_on_its_own_link(void **state)
{
	struct stage s;
	struct seen ack;

	(void)state;
	two_links(&s);
	for (uint32_t i = 0; i < 9; i++) {
		send_media(&s, link_a(), 100 + i);
		send_media(&s, link_b(), 200 + i);
		assert_int_equal(take_acks(&s, &ack), 0);
	}
	send_media(&s, link_b(), 209);
	assert_int_equal(take_acks(&s, &ack), 1);
	assert_int_equal(ack.len, SRTLA_ACK_MAX);
	assert_int_equal(be32(ack.data), UINT32_C(0x91000000));
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(be32(ack.data + 4 + 4 * i), 200 + i);
	assert_memory_equal(ack.peer.addr, link_b().addr, 16);
	assert_memory_equal(ack.local.addr, at("203.0.113.1", 5000).addr, 16);
	assert_int_equal(ack.local.port, 5000);
	stage_down(&s);
}

static void r6_repeats_and_resent_packets_count_like_all_others(void **state)
{
	struct stage s;
	struct seen ack;
	uint8_t data[MEDIA];

	(void)state;
	two_links(&s);
	media(data, 55);
	srt_mark_resent(data);
	for (int i = 0; i < 10; i++)
		send_net(&s, link_a(), data, sizeof(data));
	assert_int_equal(take_acks(&s, &ack), 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(be32(ack.data + 4 + 4 * i), 55);
	stage_down(&s);
}

static void r6_rest_of_a_burst_is_acknowledged_after_fifty_milliseconds(void **state)
{
	struct stage s;
	struct seen ack;

	(void)state;
	two_links(&s);
	send_media(&s, link_a(), 1);
	s.now += MSEC(20);
	send_media(&s, link_a(), 2);
	send_media(&s, link_a(), 3);
	pass(&s, MSEC(50) - 1);
	assert_int_equal(take_acks(&s, &ack), 0);
	pass(&s, 1);
	assert_int_equal(take_acks(&s, &ack), 1);
	assert_int_equal(ack.len, 4 + 3 * 4);
	assert_int_equal(be32(ack.data + 12), 3);
	pass(&s, MSEC(500));
	assert_int_equal(take_acks(&s, &ack), 0);
	stage_down(&s);
}

static void r6_each_link_has_its_own_pause(void **state)
{
	struct stage s;
	struct seen ack;
	ustime start;

	(void)state;
	two_links(&s);
	start = s.now;
	send_media(&s, link_a(), 1);
	s.now += MSEC(10);
	send_media(&s, link_b(), 2);
	s.now += MSEC(10);
	send_media(&s, link_a(), 3);
	assert_int_equal(receiver_deadline(s.r), start + MSEC(60));
	pass(&s, MSEC(40));
	assert_int_equal(take_acks(&s, &ack), 1);
	assert_int_equal(be32(ack.data + 4), 2);
	assert_int_equal(receiver_deadline(s.r), start + MSEC(70));
	pass(&s, MSEC(10));
	assert_int_equal(take_acks(&s, &ack), 1);
	assert_int_equal(ack.len, 12);
	stage_down(&s);
}

static void r6_want_of_packets_costs_the_ack_and_is_counted(void **state)
{
	struct stage s;
	struct pkt_list hoard = {0};
	struct pkt *p;

	(void)state;
	two_links(&s);
	for (uint32_t i = 0; i < 9; i++)
		send_media(&s, link_a(), i);
	discard(&s);
	while (s.pool.in_use + 1 < s.pool.size)
		pkt_list_push(&hoard, pkt_get(&s.pool));
	send_media(&s, link_a(), 9);
	assert_int_equal(view(&s).drops.pool, 1);
	assert_int_equal(s.out.packets.count, 1);
	while ((p = pkt_list_pop(&hoard)))
		pkt_free(p);
	pass(&s, SEC(1));
	assert_int_equal(discard(&s), 1);
	stage_down(&s);
}

static void r13_telemetry_needs_magic_and_version(void **state)
{
	struct keepalive k = {.time = 5,
			      .conn_id = 3,
			      .window = 20000,
			      .in_flight = 12,
			      .srtt = 85,
			      .naks = 4,
			      .rate = 250000};
	uint8_t data[64] = {0};
	struct stage s;
	struct receiver_member_view *m;
	struct receiver_group_view v;
	unsigned port;

	(void)state;
	port = two_links(&s);
	keepalive_build(data, &k);
	data[11] ^= 1; /* the magic */
	send_net(&s, link_a(), data, KEEPALIVE_EXTENDED);
	data[11] ^= 1;
	data[13] ^= 2; /* the version */
	send_net(&s, link_a(), data, KEEPALIVE_EXTENDED);
	data[13] ^= 2;
	send_net(&s, link_a(), data, KEEPALIVE_EXTENDED - 1);
	assert_false(group_view(&s, port).member[0].reports);

	send_net(&s, link_a(), data, sizeof(data));
	v = group_view(&s, port);
	m = &v.member[0];
	assert_true(m->reports);
	assert_int_equal(m->window, 20000);
	assert_int_equal(m->in_flight, 12);
	assert_int_equal(m->srtt, 85);
	assert_int_equal(m->naks, 4);
	assert_int_equal(m->rate, 250000);
	assert_false(v.member[1].reports);
	assert_int_equal(discard(&s), 4);

	pass(&s, SEC(2) + 1);
	assert_false(group_view(&s, port).member[0].reports);
	stage_down(&s);
}

static void r13_round_trip_in_microseconds_is_read_as_milliseconds(void **state)
{
	struct keepalive k = {.time = 5, .srtt = 85000};
	uint8_t data[KEEPALIVE_HELLO];
	struct stage s;
	unsigned port;
	size_t len;

	(void)state;
	port = two_links(&s);
	len = keepalive_build(data, &k);
	send_net(&s, link_a(), data, len);
	assert_int_equal(group_view(&s, port).member[0].srtt, 85);
	discard(&s);
	stage_down(&s);
}

/* What passes on the wire, both ways, for a member with IPv4 or IPv6 addresses. */
struct scale {
	struct endpoint who;
	uint64_t in;
	uint64_t out;
};

static void weigh_out(struct stage *s, struct scale *w)
{
	struct seen seen;

	while (take(s, &seen)) {
		if (seen.port == 0 && endpoint_equal(&seen.peer, &w->who))
			w->out += seen.len + (w->who.family == FAMILY_V4 ? 28 : 48);
	}
}

/* F56: somebody else's address is registered, and hears of it no more than this. */
static void f56_at_most_three_times_what_came_from_an_address_goes_back(void **state)
{
	static const char *const addresses[] = {"198.51.100.1", "2001:db8::1"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		static const uint8_t bare[2] = {0x90, 0x00};
		struct stage s;
		struct scale w = {.who = at(addresses[i], 4000)};
		unsigned headers = i ? 48 : 28, port;
		uint8_t id[SRTLA_ID_LEN], ack[44], shake[HANDSHAKE];

		stage_up(&s, NULL);
		port = join_group(&s, link_a(), 7, id);
		send_reg2(&s, w.who, id);
		w.in = SRTLA_REG_LEN + headers;
		weigh_out(&s, &w);
		control(ack, sizeof(ack), SRT_ACK, 0xca11);
		for (unsigned turn = 0; turn < 2000; turn++) {
			s.now += MSEC(10);
			send_media(&s, link_a(), turn); /* who feeds the server */
			send_server(&s, port, ack, sizeof(ack));
			send_server(&s, port, shake, handshake(shake, 1, 0x5e, 0xca11, 0, 0));
			if (turn % 100 == 0) {
				send_net(&s, w.who, bare, sizeof(bare));
				w.in += sizeof(bare) + headers;
			}
			weigh_out(&s, &w);
			assert_true(w.out <= 3 * w.in);
		}
		assert_true(w.out > 2 * w.in);
		assert_true(view(&s).drops.budget > 1500);
		stage_down(&s);
	}
}

/* Also when copies of ACKs have used up all else. */
static void echo_of_a_keepalive_is_never_over_budget(void **state)
{
	static const uint8_t bare[2] = {0x90, 0x00};
	struct stage s;
	struct seen seen;
	uint8_t ack[44];
	unsigned port, echoes = 0;

	(void)state;
	port = two_links(&s);
	control(ack, sizeof(ack), SRT_ACK, 0xca11);
	for (unsigned turn = 0; turn < 300; turn++) {
		s.now += SEC(1);
		for (unsigned i = 0; i < 10; i++)
			send_server(&s, port, ack, sizeof(ack));
		while (take(&s, &seen))
			assert_true(seen.len == sizeof(ack));
		send_net(&s, link_a(), bare, sizeof(bare));
		send_net(&s, link_b(), bare, sizeof(bare));
		while (take(&s, &seen))
			echoes += seen.len == sizeof(bare);
	}
	assert_int_equal(echoes, 600);
	stage_down(&s);
}

static void proved_address_keeps_one_ack_a_second_and_another_one_does_not(void **state)
{
	static const uint8_t bare[2] = {0x90, 0x00};
	struct stage s;
	struct seen seen;
	uint8_t ack[44];
	unsigned port, proved = 0, other = 0;

	(void)state;
	port = two_links(&s); /* the cookie went to link_a() */
	control(ack, sizeof(ack), SRT_ACK, 0xca11);
	for (unsigned turn = 0; turn < 100; turn++) {
		send_net(&s, link_a(), bare, sizeof(bare));
		send_net(&s, link_b(), bare, sizeof(bare));
		discard(&s);
		for (unsigned i = 0; i < 20; i++) {
			send_server(&s, port, ack, sizeof(ack));
			while (take(&s, &seen)) {
				proved += seen.peer.addr[0] == 192;
				other += seen.peer.addr[0] == 198;
			}
			s.now += MSEC(50);
		}
	}
	assert_true(proved >= 100);
	assert_true(proved <= 115);
	assert_true(other >= 90);  /* what a keepalive each second pays for, and the credit, */
	assert_true(other < 100);  /* is less */
	stage_down(&s);
}

static void srtla_acks_count_as_bytes_out_too(void **state)
{
	struct stage s;
	struct receiver_group_view v;
	uint8_t runt[16] = {0}, ack[44];
	unsigned port;

	(void)state;
	port = two_links(&s);
	control(ack, sizeof(ack), SRT_ACK, 0xca11);
	for (unsigned i = 0; i < 1000; i++) {
		put_be32(runt, i);
		send_net(&s, link_b(), runt, sizeof(runt));
		send_server(&s, port, ack, sizeof(ack));
		send_server(&s, port, ack, sizeof(ack));
		discard(&s);
	}
	v = group_view(&s, port);
	assert_true(v.member[1].bytes_out + 28 * v.member[1].packets_out <=
		    3 * (v.member[1].bytes_in + 28 * v.member[1].packets_in));
	assert_true(view(&s).drops.budget > 0);
	stage_down(&s);
}

static void traffic_of_a_member_is_counted_both_ways(void **state)
{
	struct stage s;
	struct receiver_group_view v;
	unsigned port;

	(void)state;
	port = two_links(&s);
	for (uint32_t i = 0; i < 10; i++)
		send_media(&s, link_b(), i);
	discard(&s);
	v = group_view(&s, port);
	assert_int_equal(v.member[1].packets_in, 1 + 10);
	assert_int_equal(v.member[1].bytes_in, SRTLA_REG_LEN + 10 * MEDIA);
	assert_int_equal(v.member[1].data_in, 10);
	assert_int_equal(v.member[1].packets_out, 2);
	assert_int_equal(v.member[1].bytes_out, SRTLA_REPLY_LEN + SRTLA_ACK_MAX);
	assert_int_equal(v.up_packets, 10);
	assert_int_equal(v.up_bytes, 10 * MEDIA);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r5_keepalive_of_any_length_comes_back_as_it_was),
		cmocka_unit_test(greeting_is_answered_in_place_and_noted_once),
		cmocka_unit_test(r6_tenth_packet_is_acknowledged_at_once_on_its_own_link),
		cmocka_unit_test(r6_repeats_and_resent_packets_count_like_all_others),
		cmocka_unit_test(r6_rest_of_a_burst_is_acknowledged_after_fifty_milliseconds),
		cmocka_unit_test(r6_each_link_has_its_own_pause),
		cmocka_unit_test(r6_want_of_packets_costs_the_ack_and_is_counted),
		cmocka_unit_test(r13_telemetry_needs_magic_and_version),
		cmocka_unit_test(r13_round_trip_in_microseconds_is_read_as_milliseconds),
		cmocka_unit_test(f56_at_most_three_times_what_came_from_an_address_goes_back),
		cmocka_unit_test(echo_of_a_keepalive_is_never_over_budget),
		cmocka_unit_test(proved_address_keeps_one_ack_a_second_and_another_one_does_not),
		cmocka_unit_test(srtla_acks_count_as_bytes_out_too),
		cmocka_unit_test(traffic_of_a_member_is_counted_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
