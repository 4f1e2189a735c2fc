/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "sender/doctor_judge.h"
#include "sender/doctor_words.h"

static const struct doctor_case usual = {
	.program = "/usr/bin/srtla_send",
	.arguments = "rec.example.org 5000",
	.payload = 1316,
};

static struct endpoint address(const char *text)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	return ep;
}

/* usb1, of which nothing bad is to be said; usb0 has the better route. */
static struct doctor_link good_link(void)
{
	struct doctor_link l = {
		.id = {.device = "usb1", .local = address("192.168.9.100")},
		.peer = address("203.0.113.7"),
		.at = {.name = "usb1", .index = 4, .up = true, .carrier = true},
		.places = 1,
		.own = {.index = 4, .gateway = address("192.168.9.1")},
		.free = {.index = 3, .gateway = address("192.168.8.1")},
		.free_device = "usb0",
		.router = address("192.168.9.1"),
		.metric = 105,
		.receive_buffer = 1 << 20,
		.found =
			{.heard = true, .joined = true, .echoes = 5, .rtt = MSEC(43), .fits = 1472},
		.kernel_payload = 1472,
	};

	l.peer.port = 5000;
	return l;
}

static void silence(struct doctor_link *l)
{
	l->found = (struct probe){.fails = 1473};
}

/* The link cannot be used, for a reason of these words, and this is to be typed. */
static void assert_trouble(const struct doctor_link *l, const char *words, const char *type)
{
	struct doctor_finding f;

	assert_false(doctor_judge(l, &usual, &f));
	if (!strstr(f.what, words))
		fail_msg("\"%s\" does not say \"%s\"", f.what, words);
	assert_string_equal(f.type, type);
}

static void a_link_without_a_trouble_is_good(void **state)
{
	struct doctor_link l = good_link();
	struct doctor_finding f;

	(void)state;
	assert_true(doctor_judge(&l, &usual, &f));
}

static void a_missing_route_is_named_with_gateway_and_a_metric_of_its_own(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	l.own.err = ENETUNREACH;
	silence(&l);
	assert_trouble(&l, "no route leads out of usb1",
		       "ip route add default via 192.168.9.1 dev usb1 metric 105");
	l.router = (struct endpoint){0};
	l.at.direct = true;
	assert_trouble(&l, "no route leads out of usb1",
		       "ip route add default dev usb1 metric 105");
}

static void a_missing_route_of_ipv6_is_asked_for_as_such(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	l.id.local = address("2001:db8:9::100");
	l.peer = address("2001:db8::7");
	l.router = address("fe80::1");
	l.own.err = ENETUNREACH;
	assert_trouble(&l, "no route", "ip -6 route add default via fe80::1 dev usb1 metric 105");
}

static void strict_rp_filter_drops_answers_only_where_routes_point_elsewhere(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	l.rp_filter = 1;
	assert_true(doctor_link_filtered(&l));
	l.free.index = 4;
	assert_false(doctor_link_filtered(&l));
	l.free.index = 3;
	l.rp_filter = 2;
	assert_false(doctor_link_filtered(&l));
	l.rp_filter = 0;
	assert_false(doctor_link_filtered(&l));
	l.free.err = ENETUNREACH;
	assert_false(doctor_link_filtered(&l));
	l.rp_filter = 2; /* loose: some route must be there */
	assert_true(doctor_link_filtered(&l));
}

static void rp_filter_is_blamed_for_silence_and_not_for_what_answers(void **state)
{
	struct doctor_link l = good_link();
	struct doctor_finding f;

	(void)state;
	l.rp_filter = 1;
	assert_true(doctor_judge(&l, &usual, &f));
	silence(&l);
	assert_trouble(&l,
		       "rp_filter drops what comes back by usb1, as routes would answer by usb0",
		       "sysctl -w net.ipv4.conf.usb1.rp_filter=2");
	strcpy(l.at.name, "eth0.7");
	assert_trouble(&l, "rp_filter", "sysctl -w net/ipv4/conf/eth0.7/rp_filter=2");
}

static void a_line_whose_packets_leave_by_another_interface_gets_its_own(void **state)
{
	struct doctor_link l = good_link();
	struct doctor_case c = usual;
	struct doctor_finding f;

	(void)state;
	c.uplinks_path = "/tmp/srtla_ips";
	l.id.device[0] = '\0';
	l.own = l.free;
	assert_false(doctor_judge(&l, &c, &f));
	assert_non_null(strstr(f.what, "leave by usb0, as routes say, and not by usb1"));
	assert_string_equal(f.type, "sed -i 's/^192.168.9.100\\b/&%usb1/' /tmp/srtla_ips");
	l.own.index = 4;
	assert_true(doctor_judge(&l, &c, &f));
	l.places = 2;
	assert_false(doctor_judge(&l, &c, &f));
	assert_non_null(strstr(f.what, "2 interfaces have this address"));
}

static void interfaces_that_are_off_gone_or_unplugged_are_told_apart(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	l.at.carrier = false;
	assert_trouble(&l, "usb1 has no carrier", "");
	l.at.up = false;
	assert_trouble(&l, "usb1 is switched off", "ip link set dev usb1 up");
	l.places = 0;
	assert_trouble(&l, "does not have this address now", "ip -br addr show dev usb1");
	l.at.name[0] = '\0';
	assert_trouble(&l, "there is no interface usb1", "ip -br link");
}

static void a_socket_that_may_not_be_bound_is_given_the_right(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	silence(&l);
	l.open_error = EPERM;
	assert_trouble(&l, "may not bind to usb1", "setcap cap_net_raw+ep /usr/bin/srtla_send");
}

static void silence_refusal_and_a_closed_port_are_told_apart(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	silence(&l);
	assert_trouble(&l, "no answer: nothing on this machine stands in the way",
		       "ping -c 3 -I usb1 203.0.113.7");
	l.send_error = ECONNREFUSED;
	assert_trouble(&l, "nobody listens on port 5000 there", "");
	l.send_error = EPERM;
	assert_trouble(&l, "a firewall of this machine", "nft list ruleset");
	l.found.heard = true;
	assert_trouble(&l, "does not take the link", "");
	l.found.refused = true;
	assert_trouble(&l, "refuses", "");
}

static void a_narrow_path_is_answered_with_whole_ts_packets(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	l.found.fits = 1272;
	l.found.fails = 1273;
	assert_trouble(&l, "one with 1128 does: give the encoder pkt_size=1128",
		       "/usr/bin/srtla_send doctor --payload 1128 rec.example.org 5000");
}

static void a_path_that_takes_a_full_srt_packet_to_the_byte_is_wide_enough(void **state)
{
	struct doctor_link l = good_link();
	struct doctor_finding f;

	(void)state;
	l.found.fits = 1332;
	l.found.fails = 1333;
	assert_true(doctor_judge(&l, &usual, &f));
	l.found.fits = 1331;
	l.found.fails = 1332;
	assert_false(doctor_judge(&l, &usual, &f));
}

static void without_long_echoes_the_system_is_believed(void **state)
{
	struct doctor_link l = good_link();
	struct doctor_finding f;

	(void)state;
	l.found.fits = 32;
	l.found.fails = 48;
	assert_int_equal(doctor_path_payload(&l), 1472);
	assert_true(doctor_judge(&l, &usual, &f));
	l.kernel_payload = 1252;
	assert_false(doctor_judge(&l, &usual, &f));
	l.kernel_payload = 0;
	assert_true(doctor_judge(&l, &usual, &f));
}

static void the_first_cause_hides_what_follows_from_it(void **state)
{
	struct doctor_link l = good_link();

	(void)state;
	silence(&l);
	l.rp_filter = 1;
	l.own.err = ENETUNREACH;
	assert_trouble(&l, "no route", "ip route add default via 192.168.9.1 dev usb1 metric 105");
	l.unfit = "no carrier";
	assert_trouble(&l, "no carrier", "");
}

static void the_report_has_all_facts_and_the_advice_behind_its_sign(void **state)
{
	struct doctor_link l = good_link();
	char text[2048] = "";
	FILE *to = fmemopen(text, sizeof(text), "w");

	(void)state;
	l.found.fits = 1272;
	l.found.fails = 1273;
	l.rp_filter = 2;
	assert_false(doctor_print(&l, &usual, to));
	fclose(to);
	assert_string_equal(text,
		"\nlink usb1/192.168.9.100: not usable\n"
		"    interface  usb1\n"
		"    address    192.168.9.100\n"
		"    way        by usb1, gateway 192.168.9.1\n"
		"    unbound    by usb0\n"
		"    rp_filter  2, loose\n"
		"    socket     bound to the interface\n"
		"    receiver   registered, round trip 43.00 ms, 5 of 5 keepalives came back\n"
		"    path MTU   1300 bytes: 1272 of payload came back, 1273 did not\n"
		"  ! a packet with 1316 bytes of payload does not fit, one with 1128 does: give "
		"the encoder pkt_size=1128 (ffmpeg, OBS) or payloadsize=1128 (libsrt's tools), and "
		"look again\n"
		"        $ /usr/bin/srtla_send doctor --payload 1128 rec.example.org 5000\n");
}

static enum config_verdict read_words(struct doctor_words *w, char *why, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return doctor_words_read(w, argc, argv, why);
}

static void wrong_words_are_named(void **state)
{
	struct doctor_words w;
	char why[CONFIG_WHY];

	(void)state;
	assert_int_equal(read_words(&w, why, (char *[]){"doctor", "rec", NULL}), CONFIG_WRONG);
	assert_non_null(strstr(why, "two or three arguments"));
	assert_int_equal(read_words(&w, why, (char *[]){"doctor", "rec", "0", NULL}), CONFIG_WRONG);
	assert_non_null(strstr(why, "SRTLA_PORT \"0\""));
	assert_int_equal(read_words(&w, why, (char *[]){"doctor", "--iface", "a", "rec", "1", "ips",
			 NULL}), CONFIG_WRONG);
	assert_int_equal(
		read_words(&w, why,
			   (char *[]){"doctor", "--iface", "a", "--auto", "rec", "1", NULL}),
		CONFIG_WRONG);
	assert_int_equal(
		read_words(&w, why, (char *[]){"doctor", "--payload", "0", "rec", "1", NULL}),
		CONFIG_WRONG);
}

static void words_are_repeated_as_a_shell_takes_them(void **state)
{
	struct doctor_words w;
	char why[CONFIG_WHY], again[200];

	(void)state;
	assert_int_equal(read_words(&w, why, (char *[]){"doctor", "--payload", "1128", "--auto",
			 "--exclude", "docker*,eth0", "rec", "5000", NULL}), CONFIG_RUN);
	assert_string_equal(doctor_words_again(&w, again, sizeof(again)),
			    "--exclude 'docker*,eth0' rec 5000");
	assert_int_equal(w.payload, 1128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_without_a_trouble_is_good),
		cmocka_unit_test(a_missing_route_is_named_with_gateway_and_a_metric_of_its_own),
		cmocka_unit_test(a_missing_route_of_ipv6_is_asked_for_as_such),
		cmocka_unit_test(strict_rp_filter_drops_answers_only_where_routes_point_elsewhere),
		cmocka_unit_test(rp_filter_is_blamed_for_silence_and_not_for_what_answers),
		cmocka_unit_test(a_line_whose_packets_leave_by_another_interface_gets_its_own),
		cmocka_unit_test(interfaces_that_are_off_gone_or_unplugged_are_told_apart),
		cmocka_unit_test(a_socket_that_may_not_be_bound_is_given_the_right),
		cmocka_unit_test(silence_refusal_and_a_closed_port_are_told_apart),
		cmocka_unit_test(a_narrow_path_is_answered_with_whole_ts_packets),
		cmocka_unit_test(a_path_that_takes_a_full_srt_packet_to_the_byte_is_wide_enough),
		cmocka_unit_test(without_long_echoes_the_system_is_believed),
		cmocka_unit_test(the_first_cause_hides_what_follows_from_it),
		cmocka_unit_test(the_report_has_all_facts_and_the_advice_behind_its_sign),
		cmocka_unit_test(wrong_words_are_named),
		cmocka_unit_test(words_are_repeated_as_a_shell_takes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
