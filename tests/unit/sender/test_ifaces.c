/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sender/ifaces.h"

static struct ifaces *f;
static struct uplinks up;
static unsigned dead_end; /* the interface that leads nowhere */

static bool leads(void *arg, const struct endpoint *to, const struct endpoint *from, unsigned index)
{
	(void)arg;
	assert_int_equal(to->family, from->family);
	return index != dead_end;
}

static void head_for(const char *v4, const char *v6)
{
	struct endpoint ep;

	ifaces_head_for(f, FAMILY_V4, v4 && endpoint_parse(v4, &ep) ? &ep : NULL);
	ifaces_head_for(f, FAMILY_V6, v6 && endpoint_parse(v6, &ep) ? &ep : NULL);
}

/* Toward a receiver with a global address of each family. */
static void want(const char *names, const char *exclude)
{
	const struct ifaces_choice choice = {.names = names, .exclude = exclude, .leads = leads};

	ifaces_destroy(f);
	dead_end = 0;
	f = ifaces_create(&choice);
	assert_non_null(f);
	head_for("203.0.113.5", "2001:db8:5::5");
}

static int finish(void **state)
{
	(void)state;
	ifaces_destroy(f);
	f = NULL;
	return 0;
}

static bool interface(unsigned index, const char *device, const char *how)
{
	struct netlink_news news = {.what = NETLINK_INTERFACE,
				    .index = index,
				    .loopback = strstr(how, "loopback") != NULL,
				    .up = !strstr(how, "off"),
				    .carrier = !strstr(how, "off") && !strstr(how, "no carrier"),
				    .gone = strstr(how, "gone") != NULL};

	snprintf(news.device, sizeof(news.device), "%s", device);
	return ifaces_hear(f, &news);
}

static bool address(unsigned index, const char *text, const char *how)
{
	struct netlink_news news = {.what = NETLINK_ADDRESS,
				    .index = index,
				    .tentative = strstr(how, "tentative") != NULL,
				    .duplicate = strstr(how, "duplicate") != NULL,
				    .deprecated = strstr(how, "deprecated") != NULL,
				    .temporary = strstr(how, "temporary") != NULL,
				    .gone = strstr(how, "gone") != NULL};

	assert_true(endpoint_parse(text, &news.address));
	return ifaces_hear(f, &news);
}

/* The uplinks, as they are printed, with blanks between them. */
static const char *chosen(void)
{
	static char all[UPLINKS_MOST * UPLINK_NAME];
	char name[UPLINK_NAME];

	all[0] = '\0';
	ifaces_uplinks(f, &up);
	for (unsigned i = 0; i < up.count; i++)
		sprintf(all + strlen(all), "%s%s", i ? " " : "", uplink_id_print(&up.id[i], name));
	return all;
}

static const char *why_not(unsigned index, const char *text)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	return ifaces_unfit(f, index, &ep);
}

static void a_machine_with_two_modems(void)
{
	interface(1, "lo", "loopback");
	address(1, "127.0.0.1", "");
	address(1, "::1", "");
	interface(2, "eth0", "");
	address(2, "192.168.1.7", "");
	address(2, "fe80::2", "");
	interface(3, "usb0", "");
	address(3, "192.168.8.100", "");
	interface(4, "usb1", "");
	address(4, "192.168.8.100", "");
	interface(9, "docker0", "no carrier");
	address(9, "172.17.0.1", "");
}

static void two_modems_with_one_address_are_two_uplinks(void **state)
{
	(void)state;
	want("usb*", NULL);
	a_machine_with_two_modems();
	assert_string_equal(chosen(), "usb0/192.168.8.100 usb1/192.168.8.100");
}

static void names_are_patterns_and_what_they_leave_out_says_so(void **state)
{
	(void)state;
	want("usb1, eth[0-3]", NULL);
	a_machine_with_two_modems();
	assert_string_equal(chosen(), "eth0/192.168.1.7 usb1/192.168.8.100");
	assert_string_equal(why_not(3, "192.168.8.100"), "not named");
	assert_string_equal(why_not(1, "127.0.0.1"), "the loopback interface");
	want(NULL, "eth0,usb?");
	a_machine_with_two_modems();
	assert_string_equal(chosen(), "");
	assert_string_equal(why_not(3, "192.168.8.100"), "excluded");
	want("lo", NULL);
	a_machine_with_two_modems();
	assert_string_equal(chosen(), "");
}

static void auto_takes_what_leads_to_the_receiver(void **state)
{
	(void)state;
	want(NULL, NULL);
	dead_end = 2;
	a_machine_with_two_modems();
	assert_string_equal(chosen(), "usb0/192.168.8.100 usb1/192.168.8.100");
	assert_string_equal(why_not(2, "192.168.1.7"), "no route to the receiver");
	assert_string_equal(why_not(9, "172.17.0.1"), "no carrier");
	dead_end = 0;
	assert_string_equal(chosen(), "eth0/192.168.1.7 usb0/192.168.8.100 usb1/192.168.8.100");
}

static void auto_keeps_what_it_chose_while_its_address_is_there(void **state)
{
	(void)state;
	want(NULL, NULL);
	a_machine_with_two_modems();
	chosen();
	assert_true(interface(3, "usb0", "no carrier"));
	assert_false(interface(3, "usb0", "no carrier"));
	dead_end = 4;
	assert_string_equal(chosen(), "eth0/192.168.1.7 usb0/192.168.8.100 usb1/192.168.8.100");
	assert_true(address(3, "192.168.8.100", "gone"));
	assert_false(address(3, "192.168.8.100", "gone"));
	assert_string_equal(chosen(), "eth0/192.168.1.7 usb1/192.168.8.100");
	assert_true(address(3, "192.168.8.100", ""));
	assert_string_equal(chosen(), "eth0/192.168.1.7 usb1/192.168.8.100");
	assert_string_equal(why_not(3, "192.168.8.100"), "no carrier");
}

static void named_interface_is_an_uplink_even_before_it_leads_anywhere(void **state)
{
	(void)state;
	want("docker0", NULL);
	a_machine_with_two_modems();
	assert_string_equal(chosen(), "docker0/172.17.0.1");
}

static void auto_waits_for_the_receiver_and_for_its_families(void **state)
{
	(void)state;
	want(NULL, NULL);
	head_for(NULL, NULL);
	interface(3, "usb0", "");
	address(3, "10.0.0.2", "");
	address(3, "2001:db8:1::2", "");
	assert_string_equal(chosen(), "");
	assert_false(ifaces_waits_for(f, FAMILY_V6));
	head_for("203.0.113.5", NULL);
	assert_string_equal(chosen(), "usb0/10.0.0.2");
	assert_true(ifaces_waits_for(f, FAMILY_V6));
	assert_false(ifaces_waits_for(f, FAMILY_V4));
	head_for("203.0.113.5", "2001:db8:5::5");
	assert_string_equal(chosen(), "usb0/10.0.0.2 usb0/2001:db8:1::2");
}

/* What addresses of one interface make, by --auto and by --iface. */
static const struct {
	const char *what;
	const char *addresses[4][2];
	const char *by_auto, *by_name;
} cases[] = {
	{"F42 an IPv6 link-local address leads nowhere", {{"fe80::1", ""}}, "", ""},
	{"a link-local IPv4 address is the last resort of a named interface",
	 {{"169.254.7.7", ""}}, "", "m/169.254.7.7"},
	{"a link-local IPv4 address gives way to any other",
	 {{"169.254.7.7", ""}, {"10.0.0.2", ""}}, "m/10.0.0.2", "m/10.0.0.2"},
	{"a unique local address serves where there is no global one",
	 {{"fd00::2", ""}, {"fe80::1", ""}}, "m/fd00::2", "m/fd00::2"},
	{"a global address is better than a unique local one",
	 {{"fd00::2", ""}, {"2001:db8::2", ""}}, "m/2001:db8::2", "m/2001:db8::2"},
	{"a deprecated global address reaches what a unique local one does not",
	 {{"fd00::2", ""}, {"2001:db8::2", "deprecated"}}, "m/2001:db8::2", "m/2001:db8::2"},
	{"a deprecated address is not chosen beside another",
	 {{"2001:db8::2", "deprecated"}, {"2001:db8::3", ""}}, "m/2001:db8::3", "m/2001:db8::3"},
	{"a deprecated address is better than none",
	 {{"2001:db8::2", "deprecated"}}, "m/2001:db8::2", "m/2001:db8::2"},
	{"a deprecated IPv4 address is not chosen beside another",
	 {{"10.0.0.2", "deprecated"}, {"10.0.0.3", ""}}, "m/10.0.0.3", "m/10.0.0.3"},
	{"a tentative address is none yet", {{"2001:db8::2", "tentative"}}, "", ""},
	{"an address that somebody else has is none", {{"2001:db8::2", "duplicate"}}, "", ""},
	{"of two IPv6 addresses the temporary one is taken",
	 {{"2001:db8::2", ""}, {"2001:db8::a1", "temporary"}}, "m/2001:db8::a1", "m/2001:db8::a1"},
	{"a deprecated temporary address gives way to the stable one",
	 {{"2001:db8::a1", "temporary deprecated"}, {"2001:db8::2", ""}}, "m/2001:db8::2",
	 "m/2001:db8::2"},
	{"of several IPv4 addresses all are taken by name, and the first by itself",
	 {{"10.0.0.2", ""}, {"10.0.0.3", ""}}, "m/10.0.0.2", "m/10.0.0.2 m/10.0.0.3"},
	{"IPv4 inside IPv6 is an uplink where there is no other", {{"192.0.0.4", ""}},
	 "m/192.0.0.4", "m/192.0.0.4"},
	{"IPv4 inside IPv6 is none beside it, but by name",
	 {{"192.0.0.4", ""}, {"2001:db8::2", ""}}, "m/2001:db8::2", "m/192.0.0.4 m/2001:db8::2"},
	{"192.0.0.8 and on are addresses like any other",
	 {{"192.0.0.8", ""}, {"2001:db8::2", ""}}, "m/192.0.0.8 m/2001:db8::2",
	 "m/192.0.0.8 m/2001:db8::2"},
	{"an interface serves with both families, IPv4 first",
	 {{"2001:db8::2", ""}, {"10.0.0.2", ""}}, "m/10.0.0.2 m/2001:db8::2",
	 "m/10.0.0.2 m/2001:db8::2"},
	{"multicast, broadcast and loopback are no addresses of an uplink",
	 {{"224.0.0.1", ""}, {"255.255.255.255", ""}, {"127.0.0.2", ""}, {"ff02::1", ""}}, "", ""},
};

static void addresses_are_judged_by_what_they_are_good_for(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (unsigned named = 0; named < 2; named++) {
			const char *should = named ? cases[i].by_name : cases[i].by_auto;

			want(named ? "m" : NULL, NULL);
			interface(7, "m", "");
			for (unsigned n = 0; n < 4 && cases[i].addresses[n][0]; n++)
				address(7, cases[i].addresses[n][0], cases[i].addresses[n][1]);
			if (strcmp(chosen(), should) != 0)
				fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, chosen(), should);
		}
	}
}

static void receiver_with_a_unique_local_address_is_reached_from_one(void **state)
{
	(void)state;
	want(NULL, NULL);
	head_for(NULL, "fd09::1");
	interface(7, "m", "");
	address(7, "2001:db8::2", "");
	address(7, "fd09:1::2", "");
	assert_string_equal(chosen(), "m/fd09:1::2");
}

static void receiver_on_the_link_is_reached_from_a_link_local_address(void **state)
{
	(void)state;
	want("m", NULL);
	head_for(NULL, "fe80::99");
	interface(7, "m", "");
	address(7, "fe80::1", "");
	assert_string_equal(chosen(), "m/fe80::1");
}

static void IPv4_inside_any_IPv6_uplink_is_no_second_way(void **state)
{
	(void)state;
	want(NULL, NULL);
	interface(5, "clat", "");
	address(5, "192.0.0.4", "");
	assert_string_equal(chosen(), "clat/192.0.0.4");
	interface(7, "wwan0", "");
	address(7, "2001:db8::2", "");
	assert_string_equal(chosen(), "wwan0/2001:db8::2");
	assert_string_equal(why_not(5, "192.0.0.4"), "IPv4 that an IPv6 uplink carries");
	head_for("203.0.113.5", NULL);
	assert_string_equal(chosen(), "clat/192.0.0.4");
}

static void U22_rotation_of_a_temporary_address_changes_the_uplink(void **state)
{
	(void)state;
	want(NULL, NULL);
	interface(7, "m", "");
	address(7, "2001:db8::a1", "temporary");
	assert_string_equal(chosen(), "m/2001:db8::a1");
	address(7, "2001:db8::a2", "temporary"); /* the old one is good for a little longer */
	assert_string_equal(chosen(), "m/2001:db8::a1");
	assert_true(address(7, "2001:db8::a1", "temporary deprecated"));
	assert_string_equal(chosen(), "m/2001:db8::a2");
}

static void deprecated_IPv4_address_stays_an_uplink_of_a_named_interface(void **state)
{
	(void)state;
	want("m", NULL);
	interface(7, "m", "");
	address(7, "10.0.0.2", "");
	address(7, "10.0.0.3", "");
	chosen();
	address(7, "10.0.0.2", "deprecated");
	assert_string_equal(chosen(), "m/10.0.0.2 m/10.0.0.3");
}

static void F14_interface_may_come_back_under_another_index_or_name(void **state)
{
	(void)state;
	want("usb*", NULL);
	a_machine_with_two_modems();
	assert_true(interface(3, "usb0", "gone"));
	assert_false(interface(3, "usb0", "gone"));
	assert_string_equal(chosen(), "usb1/192.168.8.100");
	interface(12, "usb0", "");
	address(12, "192.168.8.100", "");
	assert_string_equal(chosen(), "usb1/192.168.8.100 usb0/192.168.8.100");
	assert_true(interface(12, "usb7", ""));
	assert_string_equal(chosen(), "usb1/192.168.8.100 usb7/192.168.8.100");
}

static void what_is_not_told_again_is_no_more(void **state)
{
	(void)state;
	want("usb*", NULL);
	a_machine_with_two_modems();
	chosen();
	ifaces_doubt(f);
	interface(1, "lo", "loopback");
	interface(4, "usb1", "");
	address(4, "192.168.8.100", "");
	interface(3, "usb0", "");
	ifaces_forget_doubtful(f);
	assert_string_equal(chosen(), "usb1/192.168.8.100");
}

static void an_uplink_is_there_while_its_address_can_be_used(void **state)
{
	struct uplink_id id;

	(void)state;
	want("usb*", NULL);
	a_machine_with_two_modems();
	assert_null(uplink_id_read((char[]){"192.168.8.100%usb1"}, &id));
	assert_true(ifaces_has(f, &id));
	address(4, "192.168.8.100", "duplicate");
	assert_false(ifaces_has(f, &id));
	address(4, "192.168.8.100", "gone");
	assert_false(ifaces_has(f, &id));
}

static void only_auto_asks_again_when_routes_change(void **state)
{
	const struct netlink_news routes = {.what = NETLINK_ROUTES};

	(void)state;
	want("usb*", NULL);
	assert_false(ifaces_hear(f, &routes));
	want(NULL, NULL);
	assert_true(ifaces_hear(f, &routes));
}

static void hundreds_of_interfaces_come_and_go(void **state)
{
	char name[16];

	(void)state;
	want("m*", NULL);
	for (unsigned i = 300; i > 0; i--) {
		snprintf(name, sizeof(name), "m%u", i);
		interface(i, name, "");
		address(i, "10.0.0.2", "");
		address(i, "2001:db8::2", "");
	}
	ifaces_uplinks(f, &up);
	assert_int_equal(up.count, UPLINKS_MOST);
	assert_int_equal(up.surplus, 600 - UPLINKS_MOST);
	assert_string_equal(up.id[0].device, "m1");
	assert_string_equal(up.id[63].device, "m32");
	for (unsigned i = 1; i < 300; i++)
		assert_true(interface(i, "", "gone"));
	assert_string_equal(chosen(), "m300/10.0.0.2 m300/2001:db8::2");
}

static void lists_of_names_are_checked(void **state)
{
	(void)state;
	assert_null(ifaces_names_wrong("usb0"));
	assert_null(ifaces_names_wrong(" usb*, wwan[0-9] ,"));
	assert_string_equal(ifaces_names_wrong(""), "names no interface");
	assert_string_equal(ifaces_names_wrong(" ,"), "names no interface");
	assert_string_equal(ifaces_names_wrong("usb0,/tmp/ips"), "not names of interfaces");
	assert_string_equal(ifaces_names_wrong("0123456789012345678901234567890123456789"
					       "012345678901234567890123456789"),
			    "not names of interfaces");
}

#define OWN(test) cmocka_unit_test_teardown(test, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN(two_modems_with_one_address_are_two_uplinks),
		OWN(names_are_patterns_and_what_they_leave_out_says_so),
		OWN(auto_takes_what_leads_to_the_receiver),
		OWN(auto_keeps_what_it_chose_while_its_address_is_there),
		OWN(named_interface_is_an_uplink_even_before_it_leads_anywhere),
		OWN(auto_waits_for_the_receiver_and_for_its_families),
		OWN(addresses_are_judged_by_what_they_are_good_for),
		OWN(receiver_with_a_unique_local_address_is_reached_from_one),
		OWN(receiver_on_the_link_is_reached_from_a_link_local_address),
		OWN(IPv4_inside_any_IPv6_uplink_is_no_second_way),
		OWN(U22_rotation_of_a_temporary_address_changes_the_uplink),
		OWN(deprecated_IPv4_address_stays_an_uplink_of_a_named_interface),
		OWN(F14_interface_may_come_back_under_another_index_or_name),
		OWN(what_is_not_told_again_is_no_more),
		OWN(an_uplink_is_there_while_its_address_can_be_used),
		OWN(only_auto_asks_again_when_routes_change),
		OWN(hundreds_of_interfaces_come_and_go),
		OWN(lists_of_names_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
