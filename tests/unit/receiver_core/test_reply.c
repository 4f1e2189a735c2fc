/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "shared/wire/keepalive.h"

enum { LINKS = 3 };

static struct endpoint link_at(unsigned i)
{
	struct endpoint ep = at("192.0.2.0", 4000);

	ep.addr[3] = (uint8_t)(i + 1);
	return ep;
}

/* Three links in one group; returns its port. */
static unsigned three_links(struct stage *s)
{
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	stage_up(s, NULL);
	port = join_group(s, link_at(0), 7, id);
	for (unsigned i = 1; i < LINKS; i++)
		assert_int_equal(reg2(s, link_at(i), id), SRTLA_REG3);
	discard(s);
	return port;
}

/* Takes everything; says how many copies each link got. */
static void take_copies(struct stage *s, unsigned copies[LINKS], const void *data, size_t len)
{
	struct seen seen;

	memset(copies, 0, LINKS * sizeof(copies[0]));
	while (take(s, &seen)) {
		unsigned link = seen.peer.addr[3] - 1u;

		assert_int_equal(seen.port, 0);
		assert_int_equal(seen.len, len);
		assert_memory_equal(seen.data, data, len);
		assert_true(link < LINKS);
		copies[link]++;
	}
}

/* The one link that gets a packet which is sent once. */
static unsigned single_way(struct stage *s, unsigned port)
{
	uint8_t data[HANDSHAKE];
	size_t len = handshake(data, SRT_HS_INDUCTION, 0x5e, 0xca11, 0, 0);
	unsigned copies[LINKS], found = LINKS;

	send_server(s, port, data, len);
	take_copies(s, copies, data, len);
	for (unsigned i = 0; i < LINKS; i++) {
		if (copies[i] == 0)
			continue;
		assert_int_equal(copies[i], 1);
		assert_int_equal(found, LINKS);
		found = i;
	}
	return found;
}

static void keepalive_from(struct stage *s, unsigned link)
{
	static const uint8_t bare[2] = {0x90, 0x00};

	send_net(s, link_at(link), bare, sizeof(bare));
	discard(s);
}

static void media_from(struct stage *s, unsigned link)
{
	send_media(s, link_at(link), 1);
	discard(s);
}

static void r7_acks_and_naks_of_the_server_go_to_all_links(void **state)
{
	struct stage s;
	struct receiver_group_view v;
	uint8_t data[44];
	unsigned port, copies[LINKS];

	(void)state;
	port = three_links(&s);
	for (int i = 0; i < 2; i++) {
		control(data, sizeof(data), i ? SRT_NAK : SRT_ACK, 0xca11);
		send_server(&s, port, data, sizeof(data));
		take_copies(&s, copies, data, sizeof(data));
		for (unsigned l = 0; l < LINKS; l++)
			assert_int_equal(copies[l], 1);
	}
	v = group_view(&s, port);
	assert_int_equal(v.acks, 1);
	assert_int_equal(v.naks, 1);
	assert_int_equal(v.down_packets, 2);
	stage_down(&s);
}

static void r7_all_else_goes_home_exactly_once(void **state)
{
	static const enum srt_type once[] = {SRT_HANDSHAKE, SRT_KEEPALIVE, SRT_CONGESTION,
					     SRT_SHUTDOWN,  SRT_ACKACK,    SRT_DROPREQ,
					     SRT_PEERERROR, SRT_USER};
	struct stage s;
	uint8_t data[64];
	unsigned port, copies[LINKS];

	(void)state;
	port = three_links(&s);
	for (size_t i = 0; i <= 8; i++) {
		control(data, sizeof(data), i < 8 ? once[i] : SRT_USER, 0xca11);
		if (i == 8)
			put_be32(data, 0x00020001); /* data of a server that sends */
		send_server(&s, port, data, sizeof(data));
		take_copies(&s, copies, data, sizeof(data));
		assert_int_equal(copies[0] + copies[1] + copies[2], 1);
	}
	stage_down(&s);
}

static void r7_silent_links_get_no_copies(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	uint8_t data[44], id[SRTLA_ID_LEN];
	unsigned port, copies[LINKS];

	(void)state;
	cfg.member_timeout = MSEC(500); /* half a tick: silence shows before housekeeping comes */
	stage_up(&s, &cfg);
	s.now = SEC(1001) + 1;
	receiver_run(s.r, s.now, &s.out);
	port = join_group(&s, link_at(0), 7, id);
	reg2(&s, link_at(1), id);
	s.now += MSEC(500);
	keepalive_from(&s, 1);
	control(data, sizeof(data), SRT_ACK, 0xca11);
	send_server(&s, port, data, sizeof(data));
	take_copies(&s, copies, data, sizeof(data));
	assert_int_equal(copies[0], 0);
	assert_int_equal(copies[1], 1);
	stage_down(&s);
}

static void r7_link_that_is_silent_for_five_seconds_gets_no_copies(void **state)
{
	struct stage s;
	uint8_t data[44];
	unsigned port, copies[LINKS];

	(void)state;
	port = three_links(&s);
	control(data, sizeof(data), SRT_ACK, 0xca11);
	for (int i = 0; i < 2; i++) {
		pass(&s, i == 0 ? SEC(4) : SEC(1));
		keepalive_from(&s, 1);
		send_server(&s, port, data, sizeof(data));
		take_copies(&s, copies, data, sizeof(data));
		assert_int_equal(copies[0], i == 0);
		assert_int_equal(copies[1], 1);
		assert_int_equal(copies[2], i == 0);
	}
	keepalive_from(&s, 2); /* it is still a member */
	send_server(&s, port, data, sizeof(data));
	take_copies(&s, copies, data, sizeof(data));
	assert_int_equal(copies[2], 1);
	stage_down(&s);
}

static void r8_single_packets_follow_the_latest_srt_packet(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = three_links(&s);
	for (unsigned i = 0; i < 9; i++) {
		s.now += MSEC(10);
		media_from(&s, i % LINKS);
		assert_int_equal(single_way(&s, port), i % LINKS);
	}
	stage_down(&s);
}

static void r8_keepalives_do_not_move_the_way_home(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = three_links(&s);
	media_from(&s, 1);
	s.now += MSEC(250);
	keepalive_from(&s, 2);
	assert_int_equal(single_way(&s, port), 1);
	stage_down(&s);
}

static void r8_stale_choice_gives_way_to_the_link_heard_last(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = three_links(&s);
	media_from(&s, 1);
	s.now += MSEC(251);
	assert_int_equal(single_way(&s, port), 1); /* nobody was heard since */
	keepalive_from(&s, 0);
	s.now += 1;
	keepalive_from(&s, 2);
	assert_int_equal(single_way(&s, port), 2);
	media_from(&s, 0);
	assert_int_equal(single_way(&s, port), 0);
	stage_down(&s);
}

static void r8_way_home_survives_the_end_of_its_member(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = three_links(&s);
	media_from(&s, 1);
	for (int i = 0; i < 17; i++) {
		pass(&s, SEC(1));
		keepalive_from(&s, 2);
	}
	assert_int_equal(group_view(&s, port).count, 1);
	assert_int_equal(single_way(&s, port), 2);
	stage_down(&s);
}

/* A greeting of our own sender, with its figures of the link. */
static void report_from(struct stage *s, unsigned link, uint32_t srtt, uint32_t naks, bool own)
{
	struct keepalive k = {.time = 99,
			      .srtt = srtt,
			      .naks = naks,
			      .greets = own,
			      .hello = {KEEPALIVE_ROLE_SENDER, KEEPALIVE_VERSION, 0}};
	uint8_t data[KEEPALIVE_HELLO];

	send_net(s, link_at(link), data, keepalive_build(data, &k));
	discard(s);
}

static void r7_own_sender_gets_acks_and_naks_on_its_two_best_links(void **state)
{
	static const uint32_t srtt[LINKS] = {40, 200, 60};
	struct stage s;
	uint8_t data[44];
	unsigned port, copies[LINKS];

	(void)state;
	port = three_links(&s);
	for (unsigned i = 0; i < LINKS; i++) {
		report_from(&s, i, srtt[i], 0, true);
		media_from(&s, i);
	}
	for (int i = 0; i < 2; i++) {
		control(data, sizeof(data), i ? SRT_NAK : SRT_ACK, 0xca11);
		send_server(&s, port, data, sizeof(data));
		take_copies(&s, copies, data, sizeof(data));
		assert_int_equal(copies[0], 1);
		assert_int_equal(copies[1], 0);
		assert_int_equal(copies[2], 1);
	}
	/* The shortest has fallen silent: it is no longer among them. */
	s.now += MSEC(300);
	media_from(&s, 2);
	media_from(&s, 1);
	send_server(&s, port, data, sizeof(data));
	take_copies(&s, copies, data, sizeof(data));
	assert_int_equal(copies[0], 0);
	assert_int_equal(copies[1], 1);
	assert_int_equal(copies[2], 1);
	stage_down(&s);
}

static void r8_of_those_that_speak_the_shortest_reported_way_is_taken(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = three_links(&s);
	report_from(&s, 0, 90, 7, false);
	report_from(&s, 1, 40, 7, false);
	report_from(&s, 2, 60, 7, false);
	media_from(&s, 1);
	media_from(&s, 0);
	assert_int_equal(single_way(&s, port), 1); /* the third is shorter, but says nothing */
	media_from(&s, 2);
	assert_int_equal(single_way(&s, port), 1);
	report_from(&s, 1, 40, 17, false); /* it begins to lose */
	assert_int_equal(single_way(&s, port), 2);
	s.now += SEC(3); /* reports of the past tell nothing */
	media_from(&s, 2);
	media_from(&s, 0);
	assert_int_equal(single_way(&s, port), 0);
	stage_down(&s);
}

static void packet_over_one_links_budget_goes_to_the_next_best(void **state)
{
	struct stage s;
	uint8_t data[700];
	unsigned port, copies[LINKS];

	(void)state;
	port = three_links(&s);
	media_from(&s, 1);
	s.now += SEC(1);
	keepalive_from(&s, 0);
	s.now += 1;
	keepalive_from(&s, 2); /* the best, with 798 bytes of credit */
	control(data, sizeof(data), SRT_USER, 0xca11);
	for (unsigned i = 0; i < 2; i++) {
		send_server(&s, port, data, sizeof(data));
		take_copies(&s, copies, data, sizeof(data));
		assert_int_equal(copies[2], i == 0);
		assert_int_equal(copies[0], i == 1);
	}
	for (unsigned i = 0; i < 6; i++) { /* the third has sent media; then nobody affords it */
		send_server(&s, port, data, sizeof(data));
		take_copies(&s, copies, data, sizeof(data));
		assert_int_equal(copies[1], 1);
		assert_int_equal(copies[0] + copies[2], 0);
	}
	send_server(&s, port, data, sizeof(data));
	assert_silence(&s);
	assert_int_equal(view(&s).drops.budget, 1);
	stage_down(&s);
}

static void packet_for_nobody_is_dropped_and_counted(void **state)
{
	struct stage s;
	uint8_t data[44];
	unsigned port;

	(void)state;
	port = three_links(&s);
	media_from(&s, 1);
	pass(&s, SEC(17));
	discard(&s);
	assert_int_equal(group_view(&s, port).count, 0);
	assert_int_equal(single_way(&s, port), LINKS);
	control(data, sizeof(data), SRT_ACK, 0xca11);
	send_server(&s, port, data, sizeof(data));
	assert_silence(&s);
	assert_int_equal(view(&s).drops.no_member, 2);
	stage_down(&s);
}

static void servers_packets_in_the_srtla_range_are_dropped(void **state)
{
	struct stage s;
	uint8_t data[SRTLA_REG_LEN] = {0};
	unsigned port;

	(void)state;
	port = three_links(&s);
	for (unsigned type = 0x9000; type <= 0xafff; type++) {
		put_be16(data, (uint16_t)type);
		send_server(&s, port, data, sizeof(data));
		assert_silence(&s);
	}
	assert_int_equal(view(&s).drops.unknown, 0x2000);
	stage_down(&s);
}

static void want_of_packets_costs_copies_but_the_best_way_is_kept(void **state)
{
	struct stage s;
	struct pkt_list hoard = {0};
	uint8_t data[44];
	unsigned port, copies[LINKS];
	struct pkt *p;

	(void)state;
	port = three_links(&s);
	media_from(&s, 1);
	while (s.pool.in_use + 1 < s.pool.size)
		pkt_list_push(&hoard, pkt_get(&s.pool));
	control(data, sizeof(data), SRT_ACK, 0xca11);
	send_server(&s, port, data, sizeof(data));
	take_copies(&s, copies, data, sizeof(data));
	assert_int_equal(copies[0], 0);
	assert_int_equal(copies[1], 1);
	assert_int_equal(copies[2], 0);
	assert_int_equal(view(&s).drops.pool, 2);
	while ((p = pkt_list_pop(&hoard)))
		pkt_free(p);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r7_acks_and_naks_of_the_server_go_to_all_links),
		cmocka_unit_test(r7_all_else_goes_home_exactly_once),
		cmocka_unit_test(r7_silent_links_get_no_copies),
		cmocka_unit_test(r7_link_that_is_silent_for_five_seconds_gets_no_copies),
		cmocka_unit_test(r8_single_packets_follow_the_latest_srt_packet),
		cmocka_unit_test(r8_keepalives_do_not_move_the_way_home),
		cmocka_unit_test(r8_stale_choice_gives_way_to_the_link_heard_last),
		cmocka_unit_test(r8_way_home_survives_the_end_of_its_member),
		cmocka_unit_test(r7_own_sender_gets_acks_and_naks_on_its_two_best_links),
		cmocka_unit_test(r8_of_those_that_speak_the_shortest_reported_way_is_taken),
		cmocka_unit_test(packet_over_one_links_budget_goes_to_the_next_best),
		cmocka_unit_test(packet_for_nobody_is_dropped_and_counted),
		cmocka_unit_test(servers_packets_in_the_srtla_range_are_dropped),
		cmocka_unit_test(want_of_packets_costs_copies_but_the_best_way_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
