/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "lab/emulator/nat.h"

enum { CAR = 0x0a090102, ROAD = 0x0a080001, HEADERS = 28 };

static uint32_t add_words(const uint8_t *at, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)at[i] << (i % 2 ? 0 : 8);
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Of a UDP packet with pseudo header, from nothing; 0 when the one that is there is right. */
static uint16_t udp_sum(const uint8_t *packet, size_t len)
{
	uint32_t sum = add_words(packet + 12, 8, IPV4_UDP + (uint32_t)(len - IPV4_HEADER));

	return fold(add_words(packet + IPV4_HEADER, len - IPV4_HEADER, sum));
}

static void put32(uint8_t *at, uint32_t v)
{
	ipv4_put16(at, (uint16_t)(v >> 16));
	ipv4_put16(at + 2, (uint16_t)v);
}

static void put_header(uint8_t *packet, size_t len, uint8_t protocol, uint32_t from, uint32_t to)
{
	memset(packet, 0, len);
	packet[0] = 0x45;
	ipv4_put16(packet + 2, (uint16_t)len);
	packet[8] = 64;
	packet[9] = protocol;
	put32(packet + 12, from);
	put32(packet + 16, to);
}

/* A UDP packet with a payload of 0 1 2 ... and its checksum. */
static struct ipv4 make(uint8_t *packet, size_t payload, uint32_t from, uint16_t port, uint32_t to,
			uint16_t to_port)
{
	size_t len = HEADERS + payload;
	struct ipv4 ip;

	put_header(packet, len, IPV4_UDP, from, to);
	ipv4_put16(packet + 20, port);
	ipv4_put16(packet + 22, to_port);
	ipv4_put16(packet + 24, (uint16_t)(IPV4_UDP_HEADER + payload));
	for (size_t i = 0; i < payload; i++)
		packet[HEADERS + i] = (uint8_t)i;
	ipv4_put16(packet + 26, udp_sum(packet, len));
	assert_true(ipv4_parse(packet, len, &ip));
	return ip;
}

static uint16_t leave(struct nat *n, uint32_t address, uint16_t port)
{
	uint8_t packet[HEADERS + 100];
	struct ipv4 ip = make(packet, 100, address, port, ROAD, 5000);

	nat_out(n, &ip, packet);
	assert_int_equal(udp_sum(packet, sizeof(packet)), 0);
	return ipv4_get16(packet + 20);
}

/* The port inside that an answer reaches; 0: none. */
static uint16_t answer(const struct nat *n, uint32_t address, uint16_t port)
{
	uint8_t packet[HEADERS + 33];
	struct ipv4 ip = make(packet, 33, ROAD, 5000, address, port);

	if (!nat_in(n, &ip, packet))
		return 0;
	assert_int_equal(udp_sum(packet, sizeof(packet)), 0);
	return ipv4_get16(packet + 22);
}

static void ports_stay_until_the_nat_forgets(void **state)
{
	struct nat n;

	(void)state;
	nat_init(&n);
	assert_int_equal(leave(&n, CAR, 40000), 40000);
	assert_int_equal(leave(&n, CAR, 40001), 40001);
	assert_int_equal(answer(&n, CAR, 40000), 40000);
	assert_int_equal(answer(&n, CAR, 40002), 0);
}

static void a_rebind_gives_another_port_and_answers_to_the_old_one_vanish(void **state)
{
	struct nat n;
	uint16_t second, third;

	(void)state;
	nat_init(&n);
	leave(&n, CAR, 40000);
	nat_rebind(&n);
	assert_int_equal(answer(&n, CAR, 40000), 0);
	second = leave(&n, CAR, 40000);
	assert_int_not_equal(second, 40000);
	assert_int_equal(leave(&n, CAR, 40000), second);
	assert_int_equal(answer(&n, CAR, second), 40000);
	assert_int_equal(answer(&n, CAR, 40000), 0);
	nat_rebind(&n);
	third = leave(&n, CAR, 40000);
	assert_int_not_equal(third, second);
	assert_int_not_equal(third, 40000);
	assert_int_equal(answer(&n, CAR, second), 0);
}

static void two_sockets_never_share_a_port(void **state)
{
	struct nat n;
	uint16_t a, b;

	(void)state;
	nat_init(&n);
	nat_rebind(&n);
	a = leave(&n, CAR, 40000);
	b = leave(&n, CAR, a); /* a socket whose own port is the other's */
	assert_int_not_equal(a, b);
	assert_int_equal(answer(&n, CAR, a), 40000);
	assert_int_equal(answer(&n, CAR, b), a);
	/* The same port at another address is somebody else. */
	assert_int_equal(answer(&n, CAR + 1, a), 0);
}

static void the_oldest_socket_gives_way(void **state)
{
	struct nat n;

	(void)state;
	nat_init(&n);
	for (uint16_t i = 0; i < NAT_SEATS; i++)
		leave(&n, CAR, (uint16_t)(40000 + i));
	assert_int_equal(leave(&n, CAR, 50000), 50000);
	assert_int_equal(answer(&n, CAR, 40000), 0);
	assert_int_equal(answer(&n, CAR, 40001), 40001);
	assert_int_equal(answer(&n, CAR, 50000), 50000);
}

static void a_packet_without_a_checksum_stays_without(void **state)
{
	uint8_t packet[HEADERS + 10];
	struct ipv4 ip = make(packet, 10, CAR, 40000, ROAD, 5000);
	struct nat n;

	(void)state;
	nat_init(&n);
	nat_rebind(&n);
	ipv4_put16(packet + 26, 0);
	nat_out(&n, &ip, packet);
	assert_int_not_equal(ipv4_get16(packet + 20), 40000);
	assert_int_equal(ipv4_get16(packet + 26), 0);
}

/* "port unreachable", with the beginning of the packet that it is about */
static struct ipv4 complain(uint8_t *error, uint32_t from, uint32_t to, const uint8_t *about)
{
	struct ipv4 ip;

	put_header(error, 56, IPV4_ICMP, from, to);
	error[20] = 3;
	error[21] = 3;
	memcpy(error + 28, about, 28);
	ipv4_put16(error + 22, fold(add_words(error + 20, 36, 0)));
	assert_true(ipv4_parse(error, 56, &ip));
	return ip;
}

static void an_icmp_error_finds_the_socket_that_it_is_about(void **state)
{
	uint8_t packet[HEADERS + 10], error[56];
	struct ipv4 ip = make(packet, 10, CAR, 40000, ROAD, 5000), complaint;
	struct nat n;

	(void)state;
	nat_init(&n);
	nat_rebind(&n);
	nat_out(&n, &ip, packet);
	complaint = complain(error, ROAD, CAR, packet);
	assert_true(nat_in(&n, &complaint, error));
	assert_int_equal(ipv4_get16(error + 28 + 20), 40000);
	assert_int_equal(fold(add_words(error + 20, 36, 0)), 0);

	complaint = complain(error, ROAD, CAR, packet);
	nat_rebind(&n);
	assert_false(nat_in(&n, &complaint, error));
}

static void an_icmp_error_on_its_way_out_names_the_outer_port(void **state)
{
	uint8_t packet[HEADERS + 10], error[56];
	struct ipv4 ip, complaint;
	struct nat n;
	uint16_t outer;

	(void)state;
	nat_init(&n);
	nat_rebind(&n);
	outer = leave(&n, CAR, 40000);
	ip = make(packet, 10, ROAD, 5000, CAR, outer);
	assert_true(nat_in(&n, &ip, packet));
	complaint = complain(error, CAR, ROAD, packet);
	nat_out(&n, &complaint, error);
	assert_int_equal(ipv4_get16(error + 28 + 22), outer);
	assert_int_equal(fold(add_words(error + 20, 36, 0)), 0);
}

static void pings_and_later_fragments_pass(void **state)
{
	uint8_t packet[HEADERS + 10];
	struct ipv4 ip = make(packet, 10, ROAD, 5000, CAR, 40000);
	struct nat n;

	(void)state;
	nat_init(&n);
	assert_false(nat_in(&n, &ip, packet));
	ipv4_put16(packet + 6, 100); /* a fragment from byte 800 on */
	assert_true(ipv4_parse(packet, sizeof(packet), &ip));
	assert_true(nat_in(&n, &ip, packet));
	put_header(packet, sizeof(packet), IPV4_ICMP, ROAD, CAR);
	packet[20] = 8;
	assert_true(ipv4_parse(packet, sizeof(packet), &ip));
	assert_true(nat_in(&n, &ip, packet));
}

static void what_is_not_a_whole_ipv4_packet_is_refused(void **state)
{
	uint8_t packet[HEADERS + 10];
	struct ipv4 ip;

	(void)state;
	make(packet, 10, CAR, 40000, ROAD, 5000);
	assert_false(ipv4_parse(packet, sizeof(packet) - 1, &ip));
	assert_false(ipv4_parse(packet, 19, &ip));
	packet[0] = 0x44; /* a header of 16 bytes */
	assert_false(ipv4_parse(packet, sizeof(packet), &ip));
	packet[0] = 0x65;
	assert_false(ipv4_parse(packet, sizeof(packet), &ip));
}

static void a_damaged_packet_differs_by_one_bit_and_still_arrives(void **state)
{
	enum { ODD = 33 };
	uint8_t packet[HEADERS + ODD], was[HEADERS + ODD];

	(void)state;
	for (uint32_t bit = 0; bit < 8 * ODD; bit++) {
		struct ipv4 ip = make(packet, ODD, CAR, 40000, ROAD, 5000);

		memcpy(was, packet, sizeof(was));
		ipv4_damage(&ip, packet, bit);
		assert_int_equal(udp_sum(packet, sizeof(packet)), 0);
		was[HEADERS + bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_memory_equal(was + HEADERS, packet + HEADERS, ODD);
	}
}

static void a_bit_beyond_the_payload_is_left_alone(void **state)
{
	uint8_t packet[HEADERS + 10], was[HEADERS + 10];
	struct ipv4 ip = make(packet, 10, CAR, 40000, ROAD, 5000);

	(void)state;
	memcpy(was, packet, sizeof(was));
	ipv4_damage(&ip, packet, 80);
	assert_memory_equal(was, packet, sizeof(was));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_stay_until_the_nat_forgets),
		cmocka_unit_test(a_rebind_gives_another_port_and_answers_to_the_old_one_vanish),
		cmocka_unit_test(two_sockets_never_share_a_port),
		cmocka_unit_test(the_oldest_socket_gives_way),
		cmocka_unit_test(a_packet_without_a_checksum_stays_without),
		cmocka_unit_test(an_icmp_error_finds_the_socket_that_it_is_about),
		cmocka_unit_test(an_icmp_error_on_its_way_out_names_the_outer_port),
		cmocka_unit_test(pings_and_later_fragments_pass),
		cmocka_unit_test(what_is_not_a_whole_ipv4_packet_is_refused),
		cmocka_unit_test(a_damaged_packet_differs_by_one_bit_and_still_arrives),
		cmocka_unit_test(a_bit_beyond_the_payload_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
