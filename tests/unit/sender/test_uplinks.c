/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sender/terms.h"
#include "sender/uplinks.h"

static struct uplinks up;

static void parse(const char *text)
{
	uplinks_parse(&up, text, strlen(text));
}

static void assert_link(unsigned i, const char *name)
{
	char text[UPLINK_NAME];

	assert_true(i < up.count);
	assert_string_equal(uplink_id_print(&up.id[i], text), name);
}

/* One line that is no uplink, for a reason that holds this word. */
static void assert_refused(const char *line, const char *word)
{
	char text[128];

	snprintf(text, sizeof(text), "192.0.2.1\n%s\n", line);
	parse(text);
	if (up.count != 1 || up.fault_count != 1)
		fail_msg("%s: %u links, %u faults", line, up.count, up.fault_count);
	assert_int_equal(up.fault[0].line, 2);
	if (!strstr(up.fault[0].why, word))
		fail_msg("%s: \"%s\" says nothing of %s", line, up.fault[0].why, word);
}

static void one_address_a_line_in_the_order_of_the_file(void **state)
{
	(void)state;
	parse("192.0.2.10\n198.51.100.7\n2001:db8::5\n");
	assert_int_equal(up.count, 3);
	assert_int_equal(up.fault_count, 0);
	assert_link(0, "192.0.2.10");
	assert_link(1, "198.51.100.7");
	assert_int_equal(up.id[2].local.family, FAMILY_V6);
	assert_int_equal(up.line[2], 3);
}

static void the_last_line_needs_no_end(void **state)
{
	(void)state;
	parse("192.0.2.10\n192.0.2.11");
	assert_int_equal(up.count, 2);
}

static void comments_blank_lines_and_blanks_are_nothing(void **state)
{
	(void)state;
	parse("# two modems\n\n  \t\n  192.0.2.10  # the left one\n#192.0.2.12\n\t192.0.2.11\t\n");
	assert_int_equal(up.count, 2);
	assert_int_equal(up.fault_count, 0);
	assert_int_equal(up.line[1], 6);
}

static void F40_carriage_returns_and_a_byte_order_mark_change_nothing(void **state)
{
	(void)state;
	parse("\xef\xbb\xbf"
	      "192.0.2.10\r\n192.0.2.11%usb1\r\n\r\n# end\r\n");
	assert_int_equal(up.count, 2);
	assert_int_equal(up.fault_count, 0);
	assert_link(0, "192.0.2.10");
	assert_link(1, "usb1/192.0.2.11");
}

static void F17_the_same_address_on_two_interfaces_is_two_links(void **state)
{
	(void)state;
	parse("192.168.8.100%usb0\n192.168.8.100%usb1\n192.168.8.100\n");
	assert_int_equal(up.count, 3);
	assert_int_equal(up.fault_count, 0);
	assert_link(0, "usb0/192.168.8.100");
	assert_link(1, "usb1/192.168.8.100");
}

static void assert_terms(unsigned i, enum sender_role role, unsigned weight, uint64_t cap)
{
	assert_true(i < up.count);
	assert_int_equal(up.terms[i].role, role);
	assert_int_equal(up.terms[i].weight, weight);
	assert_int_equal(up.terms[i].cap, cap);
}

static void an_address_alone_is_an_ordinary_link(void **state)
{
	(void)state;
	parse("192.0.2.10\n");
	assert_terms(0, SENDER_NORMAL, 0, 0);
}

static void a_bare_number_is_a_weight_within_bounds(void **state)
{
	(void)state;
	parse("192.0.2.10 5\n192.0.2.11%usb0\t10\n192.0.2.12 0\n192.0.2.13 4000000000\n");
	assert_int_equal(up.fault_count, 0);
	assert_terms(0, SENDER_NORMAL, 5, 0);
	assert_terms(1, SENDER_NORMAL, 10, 0);
	assert_terms(2, SENDER_NORMAL, 1, 0);
	assert_terms(3, SENDER_NORMAL, 100, 0);
	assert_refused("192.0.2.2 five", "more than");
	assert_refused("192.0.2.2 -5", "more than");
	assert_refused("192.0.2.2 5 6", "twice");
	assert_refused("192.0.2.2 192.0.2.3", "more than");
	assert_refused("192.0.2.2 4294967296", "weight");
}

static void terms_stand_behind_the_address_in_any_order(void **state)
{
	(void)state;
	parse("192.0.2.1 role=backup weight=5 cap=4M\n"
	      "192.0.2.2%usb0 cap=800k 7 role=overflow # the dear one\n"
	      "192.0.2.3 weight=200\trole=off\r\n"
	      "192.0.2.4 role=normal\n");
	assert_int_equal(up.fault_count, 0);
	assert_terms(0, SENDER_BACKUP, 5, 4000000);
	assert_terms(1, SENDER_OVERFLOW, 7, 800000);
	assert_terms(2, SENDER_OFF, 100, 0);
	assert_terms(3, SENDER_NORMAL, 0, 0);
	assert_link(1, "usb0/192.0.2.2");
}

static void a_cap_is_a_rate_in_bits_per_second(void **state)
{
	const struct {
		const char *text;
		uint64_t rate;
	} good[] = {
		{"16000", 16000},
		{"16k", 16000},
		{"20.050K", 20050},
		{"2.5M", 2500000},
		{"0.25m", 250000},
		{"1.125G", 1125000000},
		{"100G", UINT64_C(100000000000)},
	};
	const char *bad[] = {"", "k", "15k", "0", "4Mbit", "4 M", "-4M", "1.2345M", ".5M", "5.M",
			     "1.5", "4.0.0M", "101G", "18446744073709551616",
			     "99999999999999999999999999999G"};
	char line[96];

	(void)state;
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(line, sizeof(line), "192.0.2.1 cap=%s\n", good[i].text);
		parse(line);
		assert_terms(0, SENDER_NORMAL, 0, good[i].rate);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "192.0.2.2 cap=%s", bad[i]);
		assert_refused(line, "rate");
	}
}

static void F41_terms_that_make_no_sense_are_told_with_their_line(void **state)
{
	(void)state;
	assert_refused("192.0.2.2 role=main", "role");
	assert_refused("192.0.2.2 role=", "role");
	assert_refused("192.0.2.2 role=backup role=backup", "twice");
	assert_refused("192.0.2.2 weight=high", "weight");
	assert_refused("192.0.2.2 weight=2 3", "twice");
	assert_refused("192.0.2.2 cap=1M cap=2M", "twice");
	assert_refused("192.0.2.2 prio=3", "more than");
	assert_refused("192.0.2.2 Role=backup", "more than");
	assert_refused("192.0.2.2 role = backup", "more than");
}

static void terms_are_no_part_of_what_a_link_is(void **state)
{
	(void)state;
	parse("192.0.2.1 role=backup\n192.0.2.1 role=normal\n");
	assert_int_equal(up.count, 1);
	assert_int_equal(up.fault[0].other, 1);
	assert_terms(0, SENDER_BACKUP, 0, 0);
}

static void terms_are_equal_when_they_mean_the_same(void **state)
{
	struct sender_terms plain = {0}, said = {.weight = SENDER_WEIGHT};
	char text[TERMS_TEXT];

	(void)state;
	assert_true(terms_equal(&plain, &said));
	assert_string_equal(terms_print(&plain, text), "role=normal weight=10");
	said.cap = 4000000;
	assert_false(terms_equal(&plain, &said));
	said.role = SENDER_BACKUP;
	assert_string_equal(terms_print(&said, text), "role=backup weight=10 cap=4000000");
}

static void F41_what_names_no_uplink_is_told_with_its_line(void **state)
{
	(void)state;
	assert_refused("0.0.0.0", "unspecified");
	assert_refused("::", "unspecified");
	assert_refused("224.0.0.1", "multicast");
	assert_refused("ff02::1%eth0", "multicast");
	assert_refused("255.255.255.255", "broadcast");
	assert_refused("192.0.2.300", "not an IPv4 or IPv6");
	assert_refused("192.0.2.1/24", "not an IPv4 or IPv6");
	assert_refused("192.0.2.1:5000", "not an IPv4 or IPv6");
	assert_refused("modem", "not an IPv4 or IPv6");
	assert_refused("192.0.2.2%", "interface");
	assert_refused("192.0.2.2%a/b", "interface");
	assert_refused("192.0.2.2%..", "interface");
	assert_refused("192.0.2.2%abcdefghijklmnop", "interface");
	assert_refused("%eth0", "not an IPv4 or IPv6");
}

static void loopback_serves_for_tests(void **state)
{
	(void)state;
	parse("127.0.0.2\n::1\n");
	assert_int_equal(up.count, 2);
}

static void F41_a_repeated_uplink_counts_once_and_names_the_first(void **state)
{
	(void)state;
	parse("192.0.2.1\n\n192.0.2.2\n192.0.2.1\n");
	assert_int_equal(up.count, 2);
	assert_int_equal(up.fault_count, 1);
	assert_int_equal(up.fault[0].line, 4);
	assert_int_equal(up.fault[0].other, 1);
}

static void F42_a_link_local_address_needs_its_interface(void **state)
{
	(void)state;
	assert_refused("fe80::1", "interface");
	parse("fe80::1%wwan0\n169.254.7.7\n");
	assert_int_equal(up.count, 2);
	assert_string_equal(up.id[0].device, "wwan0");
	assert_int_equal(up.id[0].local.family, FAMILY_V6);
}

static void F42_a_mapped_address_is_the_ipv4_address(void **state)
{
	(void)state;
	parse("::ffff:192.0.2.1\n192.0.2.1\n");
	assert_int_equal(up.count, 1);
	assert_int_equal(up.id[0].local.family, FAMILY_V4);
	assert_int_equal(up.fault[0].other, 1);
}

static void F40_zero_bytes_spoil_their_line_alone(void **state)
{
	static const char text[] = "192.0.2.1\n192.0.2.2\0\n\0\0\0\n192.0.2.3\n";

	(void)state;
	uplinks_parse(&up, text, sizeof(text) - 1);
	assert_int_equal(up.count, 2);
	assert_int_equal(up.fault_count, 2);
	assert_int_equal(up.line[1], 4);
}

static void F40_a_line_of_a_megabyte_spoils_itself_alone(void **state)
{
	size_t size = 1024 * 1024;
	char *text = malloc(size + 16);

	(void)state;
	assert_non_null(text);
	memset(text, '1', size);
	memcpy(text + size, "\n192.0.2.3\n", 11);
	uplinks_parse(&up, text, size + 11);
	assert_int_equal(up.count, 1);
	assert_int_equal(up.fault_count, 1);
	assert_true(strlen(up.fault[0].text) < sizeof(up.fault[0].text));
	free(text);
}

static void F40_ten_thousand_lines_give_the_first_64_links_and_count_the_rest(void **state)
{
	char *text = malloc(10000 * 20);
	struct timespec a, b;
	size_t len = 0;
	long took;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < 10000; i++)
		len += (size_t)snprintf(text + len, 20, "10.1.%u.%u\n", i / 250, 1 + i % 250);
	clock_gettime(CLOCK_MONOTONIC, &a);
	uplinks_parse(&up, text, len);
	clock_gettime(CLOCK_MONOTONIC, &b);
	took = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
	free(text);
	assert_int_equal(up.count, UPLINKS_MOST);
	assert_link(0, "10.1.0.1");
	assert_link(63, "10.1.0.64");
	assert_int_equal(up.surplus, 10000 - 64);
	assert_int_equal(up.first_surplus, 65);
	assert_int_equal(up.fault_count, 0);
	assert_true(took < 500); /* 10 ms is meant; under a sanitizer, on a busy machine, more */
}

static void faults_beyond_the_room_for_them_are_counted(void **state)
{
	(void)state;
	parse("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\n192.0.2.1\n");
	assert_int_equal(up.count, 1);
	assert_int_equal(up.fault_count, 20);
	assert_int_equal(up.fault[15].line, 16);
}

static void what_a_fault_repeats_is_fit_for_a_log(void **state)
{
	(void)state;
	parse("\x1b[31m\"red\"\n");
	assert_int_equal(up.fault_count, 1);
	assert_null(strchr(up.fault[0].text, '\x1b'));
	assert_null(strchr(up.fault[0].text, '"'));
}

static void an_empty_file_has_no_links_and_no_faults(void **state)
{
	(void)state;
	parse("");
	assert_int_equal(up.count, 0);
	assert_int_equal(up.fault_count, 0);
	parse("\xef\xbb\xbf");
	assert_int_equal(up.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_a_line_in_the_order_of_the_file),
		cmocka_unit_test(the_last_line_needs_no_end),
		cmocka_unit_test(comments_blank_lines_and_blanks_are_nothing),
		cmocka_unit_test(F40_carriage_returns_and_a_byte_order_mark_change_nothing),
		cmocka_unit_test(F17_the_same_address_on_two_interfaces_is_two_links),
		cmocka_unit_test(an_address_alone_is_an_ordinary_link),
		cmocka_unit_test(a_bare_number_is_a_weight_within_bounds),
		cmocka_unit_test(terms_stand_behind_the_address_in_any_order),
		cmocka_unit_test(a_cap_is_a_rate_in_bits_per_second),
		cmocka_unit_test(F41_terms_that_make_no_sense_are_told_with_their_line),
		cmocka_unit_test(terms_are_no_part_of_what_a_link_is),
		cmocka_unit_test(terms_are_equal_when_they_mean_the_same),
		cmocka_unit_test(F41_what_names_no_uplink_is_told_with_its_line),
		cmocka_unit_test(loopback_serves_for_tests),
		cmocka_unit_test(F41_a_repeated_uplink_counts_once_and_names_the_first),
		cmocka_unit_test(F42_a_link_local_address_needs_its_interface),
		cmocka_unit_test(F42_a_mapped_address_is_the_ipv4_address),
		cmocka_unit_test(F40_zero_bytes_spoil_their_line_alone),
		cmocka_unit_test(F40_a_line_of_a_megabyte_spoils_itself_alone),
		cmocka_unit_test(F40_ten_thousand_lines_give_the_first_64_links_and_count_the_rest),
		cmocka_unit_test(faults_beyond_the_room_for_them_are_counted),
		cmocka_unit_test(what_a_fault_repeats_is_fit_for_a_log),
		cmocka_unit_test(an_empty_file_has_no_links_and_no_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
