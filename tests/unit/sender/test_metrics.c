/* SPDX-License-Identifier: MIT */
#include "sender/metrics.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 256, NAME = 80 };

static struct snapshot s;

/* A link with something of everything. */
static void make_link(unsigned place, const char *device)
{
	struct snapshot_link *l = &s.link[place];

	snprintf(l->name, sizeof(l->name), "%s/192.168.8.100", device);
	snprintf(l->device, sizeof(l->device), "%s", device);
	endpoint_parse("192.168.8.100", &l->local);
	l->terms = (struct sender_terms){.weight = 30, .cap = 4000000};
	l->unsent = 1234;
	l->mtu = 1372;
	l->bytes_today = 99;
	l->view = (struct sender_link_view){
		.port = place + 1,
		.state = LINK_UP,
		.role = SENDER_BACKUP,
		.since = SEC(61) + MSEC(500),
		.capacity = 8000000,
		.queue = 12600,
		.window = 20250,
		.in_flight = 7,
		.landed = 21,
		.lost = 22,
		.srtt = MSEC(42) + 600,
		.rtt_least = MSEC(30),
		.rttvar = MSEC(3),
		.resent = 23,
		.packets_out = 24,
		.bytes_out = 25,
		.data_out = 26,
		.packets_in = 27,
		.bytes_in = 28,
		.acked = 29,
		.naks = 30,
		.refused = 31,
		.rate = 312500,
	};
	histogram_add(&l->view.path, MSEC(40));
}

static int two_links(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	s.uptime = SEC(10);
	s.began_ms = INT64_C(1700000000500);
	s.count = 2;
	make_link(0, "usb0");
	make_link(1, "usb1");
	s.view.joined = true;
	s.view.peer = SENDER_PEER_OWN;
	s.view.mode = SENDER_AUTO;
	s.view.live = 2;
	s.view.latency = 2000;
	s.view.capacity = 16000000;
	s.view.safe_rate = 12000000;
	s.view.held = 100;
	s.view.held_room = 8192;
	s.view.drops.no_link = 9;
	s.traffic.io = BATCH_GSO;
	s.traffic.kernel_drops = 32;
	s.traffic.count.refusal[0] = (struct batch_refusal){ENOBUFS, 6};
	histogram_add(&s.view.forward[FLOW_DATA], 6);
	return 0;
}

static char *text(void)
{
	size_t len;
	char *t = metrics_text(&s, &len);

	assert_non_null(t);
	assert_int_equal(strlen(t), len);
	return t;
}

/* Fails unless this is a line of it. */
static void assert_line(const char *t, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = strstr(t, line); at; at = strstr(at + 1, line)) {
		if ((at == t || at[-1] == '\n') && at[len] == '\n')
			return;
	}
	fail_msg("there is no line \"%s\"", line);
}

static void figures_of_a_link_come_in_base_units(void **state)
{
	char *t = text();

	(void)state;
#define LINK "{link=\"usb0/192.168.8.100\"} "
	assert_line(t, "srtla_send_link_up" LINK "1");
	assert_line(t, "srtla_send_link_shy" LINK "0");
	assert_line(t, "srtla_send_link_state_seconds" LINK "61.5");
	assert_line(t, "srtla_send_link_rtt_seconds" LINK "0.0426");
	assert_line(t, "srtla_send_link_rtt_least_seconds" LINK "0.03");
	assert_line(t, "srtla_send_link_jitter_seconds" LINK "0.003");
	assert_line(t, "srtla_send_link_queue_seconds" LINK "0.0126");
	assert_line(t, "srtla_send_link_window_packets" LINK "20.25");
	assert_line(t, "srtla_send_link_in_flight_packets" LINK "7");
	assert_line(t, "srtla_send_link_rate_bytes_per_second" LINK "312500");
	assert_line(t, "srtla_send_link_capacity_bytes_per_second" LINK "1000000");
	assert_line(t, "srtla_send_link_cap_bytes_per_second" LINK "500000");
	assert_line(t, "srtla_send_link_weight" LINK "30");
	assert_line(t, "srtla_send_link_sent_today_bytes" LINK "99");
	assert_line(t, "srtla_send_link_unsent_bytes" LINK "1234");
	assert_line(t, "srtla_send_link_mtu_bytes" LINK "1372");
	assert_line(t, "srtla_send_link_delivered_packets_total" LINK "21");
	assert_line(t, "srtla_send_link_lost_packets_total" LINK "22");
	assert_line(t, "srtla_send_link_resent_packets_total" LINK "23");
	assert_line(t, "srtla_send_link_sent_packets_total" LINK "24");
	assert_line(t, "srtla_send_link_sent_bytes_total" LINK "25");
	assert_line(t, "srtla_send_link_sent_data_packets_total" LINK "26");
	assert_line(t, "srtla_send_link_received_packets_total" LINK "27");
	assert_line(t, "srtla_send_link_received_bytes_total" LINK "28");
	assert_line(t, "srtla_send_link_acks_total" LINK "29");
	assert_line(t, "srtla_send_link_naks_total" LINK "30");
	assert_line(t, "srtla_send_link_refused_packets_total" LINK "31");
	assert_line(t, "srtla_send_link_info{link=\"usb0/192.168.8.100\",device=\"usb0\","
		       "address=\"192.168.8.100\",role=\"backup\"} 1");
#define PATH "srtla_send_path_seconds_bucket{link=\"usb0/192.168.8.100\",le="
	assert_line(t, PATH "\"0.001024\"} 0");
	assert_line(t, PATH "\"16.777216\"} 1");
	assert_line(t, PATH "\"0.032768\"} 0");
	assert_line(t, PATH "\"0.065536\"} 1");
	free(t);
}

static void the_stream_and_the_program_are_told(void **state)
{
	char *t = text();

	(void)state;
	assert_line(t, "srtla_send_build_info{version=\"" VERSION "\"} 1");
	assert_line(t, "srtla_send_start_time_seconds 1700000000.5");
	assert_line(t, "srtla_send_mode_info{mode=\"auto\"} 1");
	assert_line(t, "srtla_send_peer_info{peer=\"own\"} 1");
	assert_line(t, "srtla_send_io_info{way=\"gso\"} 1");
	assert_line(t, "srtla_send_joined 1");
	assert_line(t, "srtla_send_links 2");
	assert_line(t, "srtla_send_live_links 2");
	assert_line(t, "srtla_send_latency_seconds 2");
	assert_line(t, "srtla_send_capacity_bytes_per_second 2000000");
	assert_line(t, "srtla_send_safe_bytes_per_second 1500000");
	assert_line(t, "srtla_send_kernel_drops_total 32");
	assert_line(t, "srtla_send_drops_total{cause=\"no_link\"} 9");
	assert_line(t, "srtla_send_drops_total{cause=\"runt\"} 0");
	assert_line(t, "srtla_send_refusals_total{errno=\"ENOBUFS\"} 6");
	assert_line(t, "srtla_send_queue_packets{queue=\"held\"} 100");
	assert_line(t, "srtla_send_queue_capacity_packets{queue=\"held\"} 8192");
	assert_line(t, "srtla_send_forward_seconds_bucket{class=\"data\",le=\"0.000008\"} 1");
	assert_line(t, "srtla_send_forward_seconds_count{class=\"control\"} 0");
	free(t);
}

static void what_is_not_known_does_not_show(void **state)
{
	char *t;

	(void)state;
	s.link[0].mtu = 0;
	s.link[0].terms.cap = 0;
	s.link[0].view.srtt = 0;
	t = text();
	assert_null(strstr(t, "srtla_send_link_mtu_bytes{link=\"usb0"));
	assert_null(strstr(t, "srtla_send_link_cap_bytes_per_second{link=\"usb0"));
	assert_null(strstr(t, "srtla_send_link_rtt_seconds{link=\"usb0"));
	assert_null(strstr(t, "srtla_send_link_jitter_seconds{link=\"usb0"));
	assert_line(t, "srtla_send_link_mtu_bytes{link=\"usb1/192.168.8.100\"} 1372");
	free(t);
}

static void without_links_the_rest_is_there(void **state)
{
	char *t;

	(void)state;
	s.count = 0;
	t = text();
	assert_line(t, "srtla_send_links 0");
	assert_null(strstr(t, "link=\""));
	free(t);
}

/* The families of it; a type must follow from the name, as the manual says. */
static unsigned families(const char *t, char name[NAMES][NAME])
{
	unsigned n = 0;

	for (const char *at = strstr(t, "# TYPE "); at; at = strstr(at + 1, "# TYPE ")) {
		char type[NAME];
		size_t len;

		assert_true(n < NAMES);
		assert_int_equal(sscanf(at, "# TYPE %79s %79s", name[n], type), 2);
		len = strlen(name[n]);
		if (strcmp(name[n] + len - strlen("_total"), "_total") == 0)
			assert_string_equal(type, "counter");
		else if (strcmp(name[n], "srtla_send_forward_seconds") == 0 ||
			 strcmp(name[n], "srtla_send_path_seconds") == 0)
			assert_string_equal(type, "histogram");
		else
			assert_string_equal(type, "gauge");
		n++;
	}
	return n;
}

/* The names in the manual's list of metrics. */
static unsigned explained(char name[NAMES][NAME])
{
	FILE *f = fopen(MANUAL, "r");
	bool inside = false;
	char line[256];
	unsigned n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, ".Sh ", 4) == 0)
			inside = strcmp(line, ".Sh METRICS\n") == 0;
		if (!inside || strncmp(line, ".It Va ", 7) != 0)
			continue;
		for (char *w = strtok(line + 7, " ,\n"); w; w = strtok(NULL, " ,\n")) {
			assert_true(n < NAMES);
			snprintf(name[n++], NAME, "%s", w);
		}
	}
	fclose(f);
	return n;
}

static void assert_all_in(char one[NAMES][NAME], unsigned ones, char other[NAMES][NAME],
			  unsigned others, const char *where)
{
	for (unsigned i = 0; i < ones; i++) {
		unsigned k = 0;

		while (k < others && strcmp(one[i], other[k]) != 0)
			k++;
		if (k == others)
			fail_msg("%s is not %s", one[i], where);
	}
}

static void the_manual_has_each_family_and_no_other(void **state)
{
	static char told[NAMES][NAME], manual[NAMES][NAME];
	char *t = text();
	unsigned n = families(t, told), m = explained(manual);

	(void)state;
	free(t);
	assert_true(n > 50);
	assert_all_in(told, n, manual, m, "in the manual");
	assert_all_in(manual, m, told, n, "among the metrics");
	for (unsigned i = 0; i < n; i++) { /* each once */
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(told[i], told[k]);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, two_links)

/* With any argument it prints what it would check, for promtool(1). */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(figures_of_a_link_come_in_base_units),
		TEST(the_stream_and_the_program_are_told),
		TEST(what_is_not_known_does_not_show),
		TEST(without_links_the_rest_is_there),
		TEST(the_manual_has_each_family_and_no_other),
	};

	(void)argv;
	if (argc > 1) {
		char *t;

		two_links(NULL);
		t = text();
		fputs(t, stdout);
		free(t);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
