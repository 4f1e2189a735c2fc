/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "shared/base/endpoint.h"
#include "shared/base/rng.h"

static struct endpoint at(const char *text)
{
	struct endpoint ep;

	if (!endpoint_parse(text, &ep))
		fail_msg("not read: %s", text);
	return ep;
}

static void assert_refused(const char *const *texts, size_t count)
{
	struct endpoint ep, before;

	memset(&ep, 0x5a, sizeof(ep));
	before = ep;
	for (size_t i = 0; i < count; i++) {
		if (endpoint_parse(texts[i], &ep))
			fail_msg("read: \"%s\"", texts[i]);
		assert_memory_equal(&ep, &before, sizeof(ep));
	}
}

static void dotted_quad_is_read(void **state)
{
	struct endpoint ep = at("192.0.2.254");
	const uint8_t addr[16] = {192, 0, 2, 254};

	(void)state;
	assert_int_equal(ep.family, FAMILY_V4);
	assert_int_equal(ep.port, 0);
	assert_int_equal(ep.scope, 0);
	assert_memory_equal(ep.addr, addr, 16);
	assert_int_equal(at("0.0.0.0").family, FAMILY_V4);
	assert_int_equal(at("255.255.255.255").addr[3], 255);
}

static void anything_but_four_plain_numbers_is_no_ipv4_address(void **state)
{
	static const char *const texts[] = {
		"",
		"1",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.",
		".1.2.3",
		"1..2.3",
		"256.1.1.1",
		"1.1.1.256",
		"1.1.1.1000",
		"01.2.3.4",
		"1.2.3.00",
		"0x1.2.3.4",
		"1.2.3.4 ",
		" 1.2.3.4",
		"1.2.3.4\n",
		"-1.2.3.4",
		"+1.2.3.4",
		"1.2.3.4:5000",
		"1.2.3.4/24",
		"1.2.3.4%lo",
		"1.2.3.a",
		"1,2,3,4",
		"3232235777",
		"localhost",
		"1.2.3.4.",
		"99999999999.1.1.1",
	};

	(void)state;
	assert_refused(texts, sizeof(texts) / sizeof(texts[0]));
}

static void every_form_of_ipv6_is_read(void **state)
{
	static const struct {
		const char *text;
		uint16_t words[8];
	} rows[] = {
		{"::", {0}},
		{"::1", {[7] = 1}},
		{"1::", {1}},
		{"2001:db8:0:1:2:3:4:5", {0x2001, 0xdb8, 0, 1, 2, 3, 4, 5}},
		{"2001:DB8::FfFf", {0x2001, 0xdb8, [7] = 0xffff}},
		{"1:2:3:4:5:6:7::", {1, 2, 3, 4, 5, 6, 7, 0}},
		{"::2:3:4:5:6:7:8", {0, 2, 3, 4, 5, 6, 7, 8}},
		{"1::3:4:5:6:7:8", {1, 0, 3, 4, 5, 6, 7, 8}},
		{"0001:0:0:0:0:0:0:0001", {1, [7] = 1}},
		{"::ffff:192.0.2.1", {[5] = 0xffff, 0xc000, 0x0201}},
		{"::1.2.3.4", {[6] = 0x0102, 0x0304}},
		{"64:ff9b::203.0.113.9", {0x64, 0xff9b, [6] = 0xcb00, 0x7109}},
		{"1:2:3:4:5:6:1.2.3.4", {1, 2, 3, 4, 5, 6, 0x0102, 0x0304}},
		{"fe80::1", {0xfe80, [7] = 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint ep = at(rows[i].text);

		assert_int_equal(ep.family, FAMILY_V6);
		assert_int_equal(ep.port, 0);
		for (size_t w = 0; w < 8; w++)
			assert_int_equal(ep.addr[2 * w] << 8 | ep.addr[2 * w + 1],
					 rows[i].words[w]);
	}
}

static void anything_else_with_colons_is_no_ipv6_address(void **state)
{
	static const char *const texts[] = {
		":",
		":::",
		":1",
		"1:",
		"::1:",
		":1::",
		"1::2::3",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8:",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"1:2:3:4::5:6:7:8",
		"12345::",
		"00001::",
		"g::",
		"::1%lo",
		"::1%1",
		"[::1]",
		"::1/64",
		"::1 ",
		" ::1",
		"::1.2.3",
		"::1.2.3.4.5",
		"::1.2.3.4:5",
		"::01.2.3.4",
		"::256.1.1.1",
		"1.2.3.4::",
		"1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:1.2.3.4",
		"1:2:3:4:5:6:7:8:1.2.3.4",
		"2001:db8::1::",
	};

	(void)state;
	assert_refused(texts, sizeof(texts) / sizeof(texts[0]));
}

/* The C library reads the same language; a million strings from its alphabet say so. */
static void parser_agrees_with_the_c_library_on_random_text(void **state)
{
	static const char letters[] = "0123456789abF::::....";
	struct rng r;
	unsigned read = 0;

	(void)state;
	rng_init(&r, 2024);
	for (int i = 0; i < 1000000; i++) {
		char text[24];
		uint8_t v4[4], v6[16];
		size_t len = rng_below(&r, 16);
		struct endpoint ep;
		bool ok, is4, is6;

		for (size_t k = 0; k < len; k++)
			text[k] = letters[rng_below(&r, sizeof(letters) - 1)];
		text[len] = '\0';
		ok = endpoint_parse(text, &ep);
		is4 = inet_pton(AF_INET, text, v4) == 1;
		is6 = inet_pton(AF_INET6, text, v6) == 1;
		if (ok != (is4 || is6))
			fail_msg("\"%s\": %d here, %d there", text, ok, is4 || is6);
		if (is4)
			assert_memory_equal(ep.addr, v4, 4);
		if (is6)
			assert_memory_equal(ep.addr, v6, 16);
		read += ok;
	}
	assert_in_range(read, 1000, 1000000);
}

static void what_is_printed_follows_rfc_5952(void **state)
{
	static const char *const rows[][2] = {
		{"192.0.2.1", "192.0.2.1"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"2001:0DB8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
		{"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
		{"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
		{"0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
		{"FE80::ABCD", "fe80::abcd"},
	};
	char buf[ENDPOINT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint ep = at(rows[i][0]);

		assert_string_equal(endpoint_print(&ep, buf), rows[i][1]);
	}
}

static void port_follows_behind_brackets_where_needed(void **state)
{
	struct endpoint v4 = at("192.0.2.1"), v6 = at("2001:db8::1");
	struct endpoint none = {0};
	char buf[ENDPOINT_TEXT];

	(void)state;
	v4.port = 5000;
	v6.port = 65535;
	assert_string_equal(endpoint_print(&v4, buf), "192.0.2.1:5000");
	assert_string_equal(endpoint_print(&v6, buf), "[2001:db8::1]:65535");
	assert_string_equal(endpoint_print(&none, buf), "none");
}

static void longest_texts_fit_the_buffer(void **state)
{
	struct endpoint long6 = at("1111:2222:3333:4444:5555:6666:7777:8888");
	struct endpoint mapped = at("::ffff:255.255.255.255");
	char buf[ENDPOINT_TEXT];

	(void)state;
	long6.port = mapped.port = 65535;
	assert_string_equal(endpoint_print(&long6, buf),
			    "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
	assert_string_equal(endpoint_print(&mapped, buf), "[::ffff:255.255.255.255]:65535");
}

static void printed_address_reads_back_as_itself(void **state)
{
	struct rng r;

	(void)state;
	rng_init(&r, 5);
	for (int i = 0; i < 100000; i++) {
		struct endpoint ep = {.family = FAMILY_V6}, back;
		char buf[ENDPOINT_TEXT];

		/* Mostly zero words, so that runs of every kind come up. */
		for (size_t k = 0; k < 16; k++)
			ep.addr[k] = rng_below(&r, 3) ? 0 : (uint8_t)rng_next(&r);
		assert_true(endpoint_parse(endpoint_print(&ep, buf), &back));
		assert_true(endpoint_equal(&ep, &back));
	}
}

static void v4_mapped_address_becomes_the_ipv4_address_it_is(void **state)
{
	struct endpoint mapped = at("::ffff:192.0.2.1"), plain = at("192.0.2.1");

	(void)state;
	mapped.port = plain.port = 5000;
	mapped.scope = 3;
	assert_false(endpoint_equal(&mapped, &plain));
	endpoint_normalise(&mapped);
	assert_true(endpoint_equal(&mapped, &plain));
	endpoint_normalise(&mapped);
	assert_true(endpoint_equal(&mapped, &plain));
}

static void scope_stays_with_link_local_addresses_only(void **state)
{
	struct endpoint local = at("fe80::1"), global = at("2001:db8::1");

	(void)state;
	local.scope = global.scope = 3;
	endpoint_normalise(&local);
	endpoint_normalise(&global);
	assert_int_equal(local.scope, 3);
	assert_int_equal(global.scope, 0);
}

static void host_is_the_same_whatever_the_port(void **state)
{
	struct endpoint a = at("192.0.2.1"), b = a, other = at("192.0.2.2");
	struct endpoint here = at("fe80::1"), there = here;

	(void)state;
	b.port = 9;
	assert_true(endpoint_same_host(&a, &b));
	assert_false(endpoint_equal(&a, &b));
	assert_false(endpoint_same_host(&a, &other));
	here.scope = 1;
	there.scope = 2;
	assert_false(endpoint_same_host(&here, &there));
}

static void hash_depends_on_address_port_and_key(void **state)
{
	struct siphash_key key = {{1}}, other = {{2}};
	struct endpoint a = at("192.0.2.1"), b = a;

	(void)state;
	assert_true(endpoint_hash(&a, &key) == endpoint_hash(&b, &key));
	assert_true(endpoint_hash(&a, &key) != endpoint_hash(&a, &other));
	b.port = 1;
	assert_true(endpoint_hash(&a, &key) != endpoint_hash(&b, &key));
}

static void address_is_classed_by_what_it_is_good_for(void **state)
{
	static const struct {
		const char *text;
		enum endpoint_class class;
	} rows[] = {
		{"0.0.0.0", ENDPOINT_UNSPECIFIED},   {"::", ENDPOINT_UNSPECIFIED},
		{"127.0.0.1", ENDPOINT_LOOPBACK},    {"127.255.255.254", ENDPOINT_LOOPBACK},
		{"::1", ENDPOINT_LOOPBACK},          {"::ffff:127.0.0.1", ENDPOINT_LOOPBACK},
		{"224.0.0.1", ENDPOINT_MULTICAST},   {"239.255.255.255", ENDPOINT_MULTICAST},
		{"ff02::1", ENDPOINT_MULTICAST},     {"255.255.255.255", ENDPOINT_BROADCAST},
		{"240.0.0.1", ENDPOINT_UNICAST},     {"169.254.0.1", ENDPOINT_LINK_LOCAL},
		{"169.253.0.1", ENDPOINT_UNICAST},   {"fe80::1", ENDPOINT_LINK_LOCAL},
		{"febf::1", ENDPOINT_LINK_LOCAL},    {"fec0::1", ENDPOINT_UNICAST},
		{"192.168.8.100", ENDPOINT_UNICAST}, {"2001:db8::1", ENDPOINT_UNICAST},
		{"::2", ENDPOINT_UNICAST},
	};
	struct endpoint none = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint ep = at(rows[i].text);

		assert_int_equal(endpoint_class(&ep), rows[i].class);
	}
	assert_int_equal(endpoint_class(&none), ENDPOINT_UNSPECIFIED);
}

static void prefix_is_the_first_bits_and_nothing_else(void **state)
{
	static const uint8_t v4[] = {198, 51, 0x60, 0, 0, 0, 0, 0};
	static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0xff, 0};
	uint8_t prefix[ENDPOINT_PREFIX];
	struct endpoint ep;

	(void)state;
	assert_true(endpoint_parse("198.51.100.7", &ep));
	endpoint_cut(&ep, 20, prefix);
	assert_memory_equal(prefix, v4, sizeof(prefix));
	assert_true(endpoint_parse("2001:db8:ffff:ffff:ffff::1", &ep));
	endpoint_cut(&ep, 56, prefix);
	assert_memory_equal(prefix, v6, sizeof(prefix));
	endpoint_cut(&ep, 64, prefix);
	assert_memory_equal(prefix, ep.addr, sizeof(prefix));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefix_is_the_first_bits_and_nothing_else),
		cmocka_unit_test(dotted_quad_is_read),
		cmocka_unit_test(anything_but_four_plain_numbers_is_no_ipv4_address),
		cmocka_unit_test(every_form_of_ipv6_is_read),
		cmocka_unit_test(anything_else_with_colons_is_no_ipv6_address),
		cmocka_unit_test(parser_agrees_with_the_c_library_on_random_text),
		cmocka_unit_test(what_is_printed_follows_rfc_5952),
		cmocka_unit_test(port_follows_behind_brackets_where_needed),
		cmocka_unit_test(longest_texts_fit_the_buffer),
		cmocka_unit_test(printed_address_reads_back_as_itself),
		cmocka_unit_test(v4_mapped_address_becomes_the_ipv4_address_it_is),
		cmocka_unit_test(scope_stays_with_link_local_addresses_only),
		cmocka_unit_test(host_is_the_same_whatever_the_port),
		cmocka_unit_test(hash_depends_on_address_port_and_key),
		cmocka_unit_test(address_is_classed_by_what_it_is_good_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
