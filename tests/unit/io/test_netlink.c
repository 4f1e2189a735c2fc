/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "shared/io/netlink.h"

enum { MOST = 16 };

static struct netlink_news heard[MOST];
static unsigned count;

static void hear(void *arg, const struct netlink_news *news)
{
	(void)arg;
	assert_true(count < MOST);
	heard[count++] = *news;
}

/* A message of this type and body: the bytes of a little-endian kernel, as digits. */
static void parse(uint16_t type, const char *hex)
{
	static union {
		struct nlmsghdr head;
		uint8_t bytes[512];
	} m;
	size_t len = strlen(hex) / 2;

	m.head = (struct nlmsghdr){.nlmsg_type = type, .nlmsg_len = (uint32_t)(NLMSG_HDRLEN + len)};
	assert_true(text_unhex(hex, m.bytes + NLMSG_HDRLEN, len));
	count = 0;
	netlink_parse(m.bytes, NLMSG_HDRLEN + len, hear, NULL);
}

/* ifinfomsg of interface 7 with these flags, and IFLA_IFNAME "m2". */
#define INTERFACE(flags) "00000100" "07000000" flags "ffffffff" "07000300" "6d320000"

static void interface_tells_its_name_and_whether_something_is_at_its_other_end(void **state)
{
	(void)state;
	parse(RTM_NEWLINK, INTERFACE("43100100"));
	assert_int_equal(count, 1);
	assert_int_equal(heard[0].what, NETLINK_INTERFACE);
	assert_int_equal(heard[0].index, 7);
	assert_string_equal(heard[0].device, "m2");
	assert_true(heard[0].carrier);
	assert_true(heard[0].up);
	assert_false(heard[0].loopback);
	assert_false(heard[0].gone);
	parse(RTM_NEWLINK, INTERFACE("03100000")); /* switched on, and the cable is out */
	assert_false(heard[0].carrier);
	assert_true(heard[0].up);
	parse(RTM_NEWLINK, INTERFACE("02100000"));
	assert_false(heard[0].up);
	parse(RTM_NEWLINK, INTERFACE("49000100"));
	assert_true(heard[0].loopback);
	parse(RTM_DELLINK, INTERFACE("02100000"));
	assert_true(heard[0].gone);
}

static void port_of_a_bridge_that_is_no_port_any_more_is_still_an_interface(void **state)
{
	(void)state;
	parse(RTM_DELLINK, "07000100" "07000000" "43100100" "ffffffff" "07000300" "6d320000");
	assert_int_equal(count, 0);
}

static void address_is_told_with_its_interface(void **state)
{
	struct endpoint want;

	(void)state;
	/* IFA_ADDRESS 10.9.2.1 is the other end's, IFA_LOCAL 10.9.2.2 ours. */
	parse(RTM_NEWADDR, "02180000" "07000000" "08000100" "0a090201" "08000200" "0a090202");
	assert_true(endpoint_parse("10.9.2.2", &want));
	assert_int_equal(count, 1);
	assert_int_equal(heard[0].what, NETLINK_ADDRESS);
	assert_int_equal(heard[0].index, 7);
	assert_true(endpoint_equal(&heard[0].address, &want));
	parse(RTM_DELADDR, "0a400000" "07000000" "14000100" "fd090002000000000000000000000002");
	assert_true(endpoint_parse("fd09:2::2", &want));
	assert_true(heard[0].gone);
	assert_true(endpoint_equal(&heard[0].address, &want));
}

/* ifaddrmsg of interface 7 with these eight flags, 2001:db8::2, and IFA_FLAGS if given. */
#define ADDRESS(few, flags) \
	"0a40" few "00" "07000000" "14000100" "20010db8000000000000000000000002" flags

static void address_tells_what_it_is_good_for(void **state)
{
	(void)state;
	parse(RTM_NEWADDR, ADDRESS("80", ""));
	assert_int_equal(count, 1);
	assert_false(heard[0].tentative || heard[0].duplicate || heard[0].deprecated ||
		     heard[0].temporary);
	parse(RTM_NEWADDR, ADDRESS("40", ""));
	assert_true(heard[0].tentative);
	parse(RTM_NEWADDR, ADDRESS("44", "")); /* optimistic, RFC 4429: good at once */
	assert_false(heard[0].tentative);
	parse(RTM_NEWADDR, ADDRESS("48", ""));
	assert_true(heard[0].duplicate);
	parse(RTM_NEWADDR, ADDRESS("21", ""));
	assert_true(heard[0].deprecated);
	assert_true(heard[0].temporary);
	/* A stable private address, IFA_F_STABLE_PRIVACY, deprecated: more than eight bits. */
	parse(RTM_NEWADDR, ADDRESS("00", "08000800" "20080000"));
	assert_true(heard[0].deprecated);
	assert_false(heard[0].temporary);
	/* The second IPv4 address of a network has the bit of a temporary one. */
	parse(RTM_NEWADDR, "02188100" "07000000" "08000200" "0a090203");
	assert_false(heard[0].temporary);
}

static void routes_and_rules_are_told_as_one(void **state)
{
	static const uint16_t types[] = {RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE, RTM_DELRULE};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		parse(types[i], "020000000000000000000000");
		assert_int_equal(count, 1);
		assert_int_equal(heard[0].what, NETLINK_ROUTES);
	}
	parse(RTM_NEWNEIGH, "020000000700000002000000");
	assert_int_equal(count, 0);
}

static void what_is_cut_short_or_too_long_tells_nothing(void **state)
{
	(void)state;
	parse(RTM_NEWLINK, "00000100" "07000000");
	assert_int_equal(count, 0);
	parse(RTM_NEWADDR, "02180000");
	assert_int_equal(count, 0);
	parse(RTM_NEWADDR, "02180000" "07000000" "06000200" "0a090000");
	assert_int_equal(count, 0);
	parse(RTM_NEWADDR, "02180000" "07000000" "40000200" "0a090202"); /* beyond the message */
	assert_int_equal(count, 0);
	/* A name that fills its place, and one that does not fit. */
	parse(RTM_NEWLINK, "00000100" "07000000" "43100100" "ffffffff" "14000300"
			   "61626364656667686162636465666768");
	assert_string_equal(heard[0].device, "abcdefghabcdefg");
	parse(RTM_NEWLINK, "00000100" "07000000" "43100100" "ffffffff" "18000300"
			   "6162636465666768616263646566676861626364");
	assert_string_equal(heard[0].device, "");
}

static struct loop *loop;

static void note(void *arg, const struct netlink_news *news, ustime now)
{
	(void)now;
	hear(arg, news);
	loop_stop(loop);
}

static void flush(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static ustime until; /* when it has waited long enough */

static ustime soon(void *arg)
{
	(void)arg;
	return until;
}

static void give_up(void *arg, ustime now)
{
	(void)arg, (void)now;
	until = NEVER;
	loop_stop(loop);
}

static bool heard_of(const struct endpoint *address)
{
	for (unsigned i = 0; i < count; i++) {
		if (heard[i].what == NETLINK_ADDRESS &&
		    endpoint_equal(&heard[i].address, address))
			return true;
	}
	return false;
}

static bool here(const char *command)
{
	return system(command) == 0;
}

/* In a network of its own. */
static void kernel_tells_and_answers(void **state)
{
	const struct loop_hooks hooks = {.due = give_up, .flush = flush, .deadline = soon};
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct endpoint from, near, far;
	struct netlink *nl;

	(void)state;
	if (home < 0 || unshare(CLONE_NEWNET))
		skip();
	loop = loop_create(&hooks);
	assert_non_null(loop);
	nl = netlink_create(loop, note, NULL);
	assert_non_null(nl);
	assert_true(endpoint_parse("10.9.2.2", &from));
	assert_true(endpoint_parse("10.9.2.1", &near));
	assert_true(endpoint_parse("192.0.2.1", &far));
	if (!here("ip link set lo up && ip addr add 10.9.2.2/24 dev lo"))
		skip();
	count = 0;
	until = loop_now(loop) + SEC(2);
	while (until != NEVER && !heard_of(&from))
		loop_run(loop);
	assert_true(heard_of(&from));
	assert_int_equal(netlink_way(nl, &near, &from, 0), 0);
	assert_int_equal(netlink_way(nl, &near, &from, 1), 0);
	assert_true(netlink_way(nl, &far, &from, 0) < 0);
	assert_true(netlink_way(nl, &far, &from, 1) < 0);
	assert_true(here("ip route add default via 10.9.2.1 dev lo"));
	assert_int_equal(netlink_way(nl, &far, &from, 1), 0);
	assert_true(here("ip route replace unreachable default"));
	assert_true(netlink_way(nl, &far, &from, 0) < 0);
	netlink_destroy(nl);
	loop_destroy(loop);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
}

static void note_all(void *arg, const struct netlink_news *news, ustime now)
{
	(void)now;
	hear(arg, news);
}

static void all_that_is_there_is_told_at_once_and_by_whoever_asks(void **state)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct endpoint one;
	struct netlink *nl;

	(void)state;
	if (home < 0 || unshare(CLONE_NEWNET))
		skip();
	nl = netlink_create(NULL, note_all, NULL);
	assert_non_null(nl);
	if (!here("ip link set lo up && ip addr add 10.9.2.2/24 dev lo"))
		skip();
	for (unsigned again = 0; again < 2; again++) {
		count = 0;
		assert_int_equal(netlink_list(nl, 0), 0);
		assert_int_equal(count, 4); /* lo, 127.0.0.1, 10.9.2.2 and ::1 */
		assert_int_equal(heard[0].what, NETLINK_INTERFACE);
		assert_string_equal(heard[0].device, "lo");
		assert_true(heard[0].loopback && heard[0].up && heard[0].carrier);
		assert_true(endpoint_parse("10.9.2.2", &one));
		assert_true(heard_of(&one));
		assert_true(endpoint_parse("::1", &one));
		assert_true(heard_of(&one));
	}
	netlink_destroy(nl);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
}

/*
 * A network that is known to ours, as each is that a cable leads to, could be heard as well; its
 * interfaces have numbers that ours have too.
 */
static void another_network_is_not_heard(void **state)
{
	const struct loop_hooks hooks = {.due = give_up, .flush = flush, .deadline = soon};
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), ours, others;
	char command[256];
	struct endpoint near, far;
	struct netlink *nl;

	(void)state;
	if (home < 0 || unshare(CLONE_NEWNET))
		skip();
	ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(ours >= 0);
	loop = loop_create(&hooks);
	assert_non_null(loop);
	nl = netlink_create(loop, note, NULL);
	assert_non_null(nl);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	others = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(command, sizeof(command), "ip link add v1 type veth peer name v2 netns /proc/%d/fd/%d",
		 getpid(), ours);
	if (!here(command))
		skip();
	assert_int_equal(setns(ours, CLONE_NEWNET), 0);
	assert_true(here("ip -o link show v2 >/dev/null")); /* which makes the other one known */
	assert_int_equal(setns(others, CLONE_NEWNET), 0);
	assert_true(here("ip addr add 10.9.7.7/24 dev v1"));
	assert_int_equal(setns(ours, CLONE_NEWNET), 0);
	assert_true(here("ip addr add 10.9.8.8/24 dev v2"));
	assert_true(endpoint_parse("10.9.7.7", &far));
	assert_true(endpoint_parse("10.9.8.8", &near));
	count = 0;
	until = loop_now(loop) + SEC(2);
	while (until != NEVER && !heard_of(&near))
		loop_run(loop);
	assert_true(heard_of(&near));
	assert_false(heard_of(&far));
	netlink_destroy(nl);
	loop_destroy(loop);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(others);
	close(ours);
	close(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interface_tells_its_name_and_whether_something_is_at_its_other_end),
		cmocka_unit_test(port_of_a_bridge_that_is_no_port_any_more_is_still_an_interface),
		cmocka_unit_test(address_is_told_with_its_interface),
		cmocka_unit_test(routes_and_rules_are_told_as_one),
		cmocka_unit_test(what_is_cut_short_or_too_long_tells_nothing),
		cmocka_unit_test(address_tells_what_it_is_good_for),
		cmocka_unit_test(kernel_tells_and_answers),
		cmocka_unit_test(all_that_is_there_is_told_at_once_and_by_whoever_asks),
		cmocka_unit_test(another_network_is_not_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
