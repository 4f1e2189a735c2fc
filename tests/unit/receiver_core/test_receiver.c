/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <errno.h>

#include "shared/wire/keepalive.h"

/*
 * All memory of the core comes through here: how much, and, for the one test
 * that asks, none any more after so many.
 */
static size_t allocations;
static size_t allocated;
static size_t fail_from = SIZE_MAX;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
	if (allocations++ >= fail_from)
		return NULL;
	allocated += size;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	if (allocations++ >= fail_from)
		return NULL;
	allocated += count * size;
	return __real_calloc(count, size);
}

static struct endpoint link_a(void)
{
	return at("192.0.2.1", 4000);
}

static struct endpoint link_b(void)
{
	return at("198.51.100.1", 4000);
}

static unsigned two_links_of(struct stage *s, const struct receiver_config *cfg)
{
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	stage_up(s, cfg);
	port = join_group(s, link_a(), 7, id);
	assert_int_equal(reg2(s, link_b(), id), SRTLA_REG3);
	discard(s);
	return port;
}

static unsigned two_links(struct stage *s)
{
	return two_links_of(s, NULL);
}

/* Nothing waits, so that what comes out is what went in last. */
static unsigned two_impatient_links(struct stage *s)
{
	struct receiver_config cfg = stage_config();

	cfg.hold = -1;
	return two_links_of(s, &cfg);
}

/* Host i of a large network, all behind prefixes of their own. */
static struct endpoint host(uint32_t i)
{
	struct endpoint ep = at("10.0.0.0", 4000);

	put_be32(ep.addr, UINT32_C(0x0a000000) + i);
	return ep;
}

static void f34_flipped_bits_pass_or_vanish_and_nothing_else(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t data[MEDIA];
	unsigned port;

	(void)state;
	port = two_impatient_links(&s);
	media(data, 9);
	for (size_t bit = 0; bit < sizeof(data) * 8; bit++) {
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		send_net(&s, link_a(), data, sizeof(data));
		while (take(&s, &seen)) {
			if (seen.port == 0)
				continue;
			assert_int_equal(seen.port, port);
			assert_memory_equal(seen.data, data, sizeof(data));
		}
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(view(&s).groups, 1);
	stage_down(&s);
}

static void f35_every_type_cut_to_every_length_is_harmless(void **state)
{
	static const uint16_t types[] = {
		0x0000, 0x8000, 0x8001, 0x8002, 0x8003, 0x8004, 0x8005,
		0x8006, 0x8007, 0x8008, 0xffff, 0x9000, 0x9100, 0x9200,
		0x9201, 0x9202, 0x9210, 0x9211, 0x9212, 0x9f00, 0xa000,
	};
	struct stage s;
	uint8_t data[1501];
	unsigned port;

	(void)state;
	port = two_links(&s);
	memset(data, 0x80, sizeof(data));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		put_be16(data, types[i]);
		for (size_t len = 0; len < sizeof(data); len++) {
			send_net(&s, link_a(), data, len);
			send_net(&s, at("192.0.2.99", 1), data, len);
			send_server(&s, port, data, len);
			assert_true(discard(&s) <= 6);
		}
	}
	assert_int_equal(view(&s).members, 2);
	stage_down(&s);
}

/* What the socket read whole is carried whole: never the first 1500 bytes of more. */
static void f36_oversized_packet_is_carried_whole(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t data[PKT_CAP];
	unsigned port;

	(void)state;
	port = two_impatient_links(&s);
	for (size_t len = 1499; len <= PKT_CAP; len++) {
		memset(data, 0x33, len);
		put_be32(data, (uint32_t)len);
		send_net(&s, link_a(), data, len);
		assert_true(take(&s, &seen));
		while (seen.port == 0)
			assert_true(take(&s, &seen));
		assert_int_equal(seen.port, port);
		assert_int_equal(seen.len, len);
		assert_memory_equal(seen.data, data, len);
		discard(&s);
	}
	stage_down(&s);
}

static void f58_absurd_naks_cost_no_more_than_their_copies(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t nak[16 + 4 * 300];
	unsigned port, copies = 0;

	(void)state;
	port = two_links(&s);
	send_media(&s, link_a(), 1);
	send_media(&s, link_b(), 2);
	discard(&s);
	control(nak, sizeof(nak), SRT_NAK, 0xca11);
	for (size_t i = 16; i < sizeof(nak); i += 8) {
		put_be32(nak + i, UINT32_C(0x80000000));     /* from nought */
		put_be32(nak + i + 4, UINT32_C(0x7fffffff)); /* to the end of numbers */
	}
	put_be32(nak + sizeof(nak) - 4, UINT32_C(0x80000005)); /* and one that dangles */
	send_server(&s, port, nak, sizeof(nak));
	while (take(&s, &seen)) {
		assert_int_equal(seen.len, sizeof(nak));
		assert_memory_equal(seen.data, nak, sizeof(nak));
		copies++;
	}
	assert_int_equal(copies, 2);

	/* Toward the server it ends at the gate. */
	send_net(&s, link_a(), nak, sizeof(nak));
	assert_silence(&s);
	assert_int_equal(view(&s).drops.gate_nak, 1);
	stage_down(&s);
}

static void f59_ten_thousand_distinct_naks_leave_no_trace_in_memory(void **state)
{
	struct stage s;
	uint8_t nak[20];
	size_t before;
	unsigned port;

	(void)state;
	port = two_links(&s);
	before = allocations;
	for (uint32_t i = 0; i < 10000; i++) {
		control(nak, sizeof(nak), SRT_NAK, 0xca11);
		put_be32(nak + 16, i);
		send_server(&s, port, nak, sizeof(nak));
		send_net(&s, link_a(), nak, sizeof(nak));
		send_net(&s, link_b(), nak, sizeof(nak));
		assert_int_equal(discard(&s), 4);
		assert_int_equal(s.pool.in_use, 0);
		pass(&s, 100);
	}
	assert_int_equal(allocations, before);
	assert_int_equal(group_view(&s, port).naks, 10000);
	stage_down(&s);
}

/* Greeted by a sender that wants reports. */
static void greet(struct stage *s)
{
	const struct keepalive k = {
		.greets = true,
		.hello = {KEEPALIVE_ROLE_SENDER, KEEPALIVE_VERSION, KEEPALIVE_REPORTS}};
	uint8_t data[KEEPALIVE_HELLO];

	send_net(s, link_a(), data, keepalive_build(data, &k));
	send_net(s, link_b(), data, keepalive_build(data, &k));
}

static void no_packet_path_allocates(void **state)
{
	static const uint8_t bare[2] = {0x90, 0x00};
	struct stage s;
	uint8_t ack[44];
	size_t before;
	unsigned port;

	(void)state;
	port = two_links(&s);
	fail_from = allocations;
	greet(&s); /* and has to do without */
	assert_int_equal(discard(&s), 2);
	fail_from = SIZE_MAX;
	greet(&s);
	control(ack, sizeof(ack), SRT_ACK, 0xca11);
	before = allocations;
	for (uint32_t i = 0; i < 3000; i++) {
		send_media(&s, i % 3 ? link_a() : link_b(), i);
		if (i % 10 == 0)
			send_server(&s, port, ack, sizeof(ack));
		if (i % 100 == 0)
			send_net(&s, link_b(), bare, sizeof(bare));
		discard(&s);
		pass(&s, MSEC(1));
	}
	assert_int_equal(allocations, before);
	assert_true(group_view(&s, port).reports > 200);
	stage_down(&s);
}

static void f60_strangers_move_nothing_with_forged_control_packets(void **state)
{
	struct stage s;
	uint8_t data[HANDSHAKE];
	unsigned port;

	(void)state;
	port = two_links(&s);
	agree(&s, link_a(), port, 0xca11, 0x5e, 2000);
	discard(&s);
	for (unsigned i = 0; i < 3; i++) {
		control(data, 44, i == 0 ? SRT_SHUTDOWN : SRT_ACK, 0x5e);
		put_be32(data + 16, i == 1 ? UINT32_C(0x3fffffff) : SEQ_MASK);
		send_net(&s, at("192.0.2.66", 4000), data, 44);
		send_net(&s, at("192.0.2.1", 4001), data, 44);
		assert_silence(&s);
	}
	send_net(&s, at("192.0.2.66", 4000), data,
		 handshake(data, SRT_HS_INDUCTION, 0xbad, 0, 0, 0));
	assert_silence(&s);
	assert_int_equal(s.out.note_count, 0);
	assert_int_equal(group_view(&s, port).up_packets, 2);
	assert_int_equal(view(&s).drops.stranger, 7);
	stage_down(&s);
}

static void f60_shutdown_of_a_session_leaves_the_group_standing(void **state)
{
	struct stage s;
	uint8_t data[SRT_SHUTDOWN_LEN];
	unsigned port;

	(void)state;
	port = two_links(&s);
	agree(&s, link_a(), port, 0xca11, 0x5e, 2000);
	control(data, sizeof(data), SRT_SHUTDOWN, 0x5e);
	send_net(&s, link_a(), data, sizeof(data));
	control(data, sizeof(data), SRT_SHUTDOWN, 0xca11);
	send_server(&s, port, data, sizeof(data));
	discard(&s);
	send_media(&s, link_a(), 1);
	assert_int_equal(s.out.packets.count, 1);
	assert_int_equal(group_view(&s, port).count, 2);
	stage_down(&s);
}

static void f61_a_group_that_takes_anothers_port_has_another_serial(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	uint8_t id[SRTLA_ID_LEN], data[44];
	uint32_t old;
	unsigned port;

	(void)state;
	cfg.groups = 1;
	stage_up(&s, &cfg);
	port = join_group(&s, link_a(), 1, id);
	old = receiver_group_serial(s.r, port);
	assert_int_not_equal(old, 0);
	send_media(&s, link_a(), 1); /* a number is owed when the group ends */
	discard(&s);
	pass(&s, SEC(46));
	assert_int_equal(receiver_group_serial(s.r, port), 0);

	discard(&s);
	control(data, sizeof(data), SRT_ACK, 0xca11);
	send_server(&s, port, data, sizeof(data));
	receiver_server_error(s.r, port, stage_packet(&s, data, sizeof(data)), ECONNREFUSED, s.now,
			      &s.out);
	receiver_server_error(s.r, port, NULL, ECONNREFUSED, s.now, &s.out);
	assert_silence(&s);
	assert_int_equal(s.out.note_count, 0);
	assert_int_equal(view(&s).drops.stale, 2);

	assert_int_equal(join_group(&s, link_b(), 2, id), port);
	assert_int_not_equal(receiver_group_serial(s.r, port), old);
	assert_int_equal(group_view(&s, port).up_packets, 0);
	assert_int_equal(group_view(&s, port).server_refused, 0);
	stage_down(&s);
}

static void f61_one_input_may_end_a_group_and_begin_another(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	uint32_t old;
	unsigned port;

	(void)state;
	cfg.groups = 1;
	stage_up(&s, &cfg);
	port = join_group(&s, link_a(), 1, id);
	old = receiver_group_serial(s.r, port);
	pass(&s, SEC(20)); /* it stands empty now */
	reg1(&s, link_b(), 2, id);
	outbox_clear_notes(&s.out);
	assert_int_equal(reg2(&s, link_b(), id), SRTLA_REG3);
	assert_int_equal(noted(&s, RECEIVER_GROUP_GONE), 1);
	assert_int_equal(noted(&s, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(last_note(&s, RECEIVER_GROUP_NEW)->port, port);
	assert_int_not_equal(receiver_group_serial(s.r, port), old);
	stage_down(&s);
}

static void ports_without_a_group_are_nobodys(void **state)
{
	struct receiver_group_view v;
	struct stage s;
	uint8_t data[44];

	(void)state;
	stage_up(&s, NULL);
	control(data, sizeof(data), SRT_ACK, 0xca11);
	for (unsigned i = 0; i < 3; i++) {
		unsigned port = i == 0 ? 0 : i == 1 ? 1024 : UINT32_MAX;

		send_server(&s, port, data, sizeof(data));
		assert_int_equal(receiver_group_serial(s.r, port), 0);
		assert_false(receiver_group_view(s.r, port, s.now, &v));
	}
	assert_silence(&s);
	assert_int_equal(view(&s).drops.stale, 3);
	stage_down(&s);
}

/* 1024 groups of 16 links register, through the door, in virtual seconds. */
static void f53_full_house_registers_and_stays_small(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	struct receiver_view v;
	size_t before;

	(void)state;
	stage_up(&s, NULL);
	before = allocated;
	for (uint32_t g = 0; g < 1024; g++) {
		join_group(&s, host(g * 16), (int)(g % 251), id);
		for (uint32_t m = 1; m < 16; m++)
			assert_int_equal(reg2(&s, host(g * 16 + m), id), SRTLA_REG3);
		prove(&s, g + 1);
		s.now += MSEC(1);
	}
	v = view(&s);
	assert_int_equal(v.groups, 1024);
	assert_int_equal(v.members, 16384);
	assert_int_equal(v.drops.full + v.drops.hurried + v.drops.elsewhere, 0);
	assert_true(allocated - before <= (size_t)16 << 20);

	pass(&s, SEC(50));
	v = view(&s);
	assert_int_equal(v.groups + v.members, 0);
	assert_int_equal(receiver_deadline(s.r), NEVER);
	stage_down(&s);
}

static void want_of_memory_costs_a_registration_and_nothing_else(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	size_t refused = 0;

	(void)state;
	stage_up(&s, NULL);
	reg1(&s, link_a(), 7, id);
	for (size_t spare = 0;; spare++) {
		enum srtla_type answer;

		fail_from = allocations + spare;
		answer = reg2(&s, link_a(), id);
		fail_from = SIZE_MAX;
		if (answer == SRTLA_REG3)
			break;
		assert_int_equal(answer, SRTLA_NOT_OURS);
		assert_int_equal(view(&s).members, 0);
		refused++;
		s.now += SEC(1);
	}
	assert_true(refused >= 3); /* the members, a table of groups, a table of members */
	assert_int_equal(view(&s).drops.full, refused);
	assert_int_equal(view(&s).members, 1);
	assert_int_equal(view(&s).groups, 1);
	stage_down(&s);
}

static void creation_without_memory_fails_cleanly(void **state)
{
	struct receiver_config cfg = stage_config();
	struct pkt_pool pool = {0};

	(void)state;
	for (size_t spare = 0; spare < 2; spare++) {
		fail_from = allocations + spare;
		assert_null(receiver_create(&cfg, &pool, 0));
		fail_from = SIZE_MAX;
	}
	receiver_destroy(NULL);
}

static void every_note_has_its_word(void **state)
{
	(void)state;
	for (unsigned a = RECEIVER_GROUP_NEW; a <= RECEIVER_PENALTY; a++) {
		assert_string_not_equal(receiver_note_name(a), "note");
		for (unsigned b = RECEIVER_GROUP_NEW; b < a; b++)
			assert_string_not_equal(receiver_note_name(a), receiver_note_name(b));
	}
	assert_string_equal(receiver_note_name(RECEIVER_GROUP_NEW), "group_new");
	assert_string_equal(receiver_note_name(0), "note");
	assert_string_equal(receiver_note_name(RECEIVER_PENALTY + 1), "note");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f34_flipped_bits_pass_or_vanish_and_nothing_else),
		cmocka_unit_test(f35_every_type_cut_to_every_length_is_harmless),
		cmocka_unit_test(f36_oversized_packet_is_carried_whole),
		cmocka_unit_test(f58_absurd_naks_cost_no_more_than_their_copies),
		cmocka_unit_test(f59_ten_thousand_distinct_naks_leave_no_trace_in_memory),
		cmocka_unit_test(no_packet_path_allocates),
		cmocka_unit_test(f60_strangers_move_nothing_with_forged_control_packets),
		cmocka_unit_test(f60_shutdown_of_a_session_leaves_the_group_standing),
		cmocka_unit_test(f61_a_group_that_takes_anothers_port_has_another_serial),
		cmocka_unit_test(f61_one_input_may_end_a_group_and_begin_another),
		cmocka_unit_test(ports_without_a_group_are_nobodys),
		cmocka_unit_test(f53_full_house_registers_and_stays_small),
		cmocka_unit_test(want_of_memory_costs_a_registration_and_nothing_else),
		cmocka_unit_test(creation_without_memory_fails_cleanly),
		cmocka_unit_test(every_note_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
