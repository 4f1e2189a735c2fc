/* SPDX-License-Identifier: MIT */
#include "report_rig.h"

#include "receiver/metrics.h"
#include "tests/unit/manual.h"

static char *text;

static const char *scrape(void)
{
	size_t len = 0;

	free(text);
	text = metrics_text(&shell.scene, shell.history, clock_now, &len);
	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	return text;
}

static int finish_scrape(void **state)
{
	free(text);
	text = NULL;
	return finish(state);
}

/* On a line of its own. */
static void assert_line(const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *at = strstr(text, wanted); at; at = strstr(at + 1, wanted)) {
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return;
	}
	fail_msg("there is no line %s", wanted);
}

static unsigned count(const char *what)
{
	unsigned n = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		n++;
	return n;
}

/* The group's name is put in for %s. */
static void assert_group_line(unsigned port, const char *form)
{
	char name[SCENE_NAME], wanted[256];
	const char *at = strstr(form, "%s");

	assert_non_null(at);
	scene_group_name(view(port).serial, port, name);
	snprintf(wanted, sizeof(wanted), "%.*s%s%s", (int)(at - form), form, name, at + 2);
	assert_line(wanted);
}

static void a_receiver_at_rest_counts_from_zero(void **state)
{
	(void)state;
	scrape();
	assert_line("srtla_rec_build_info{version=\"" VERSION "\"} 1");
	assert_line("srtla_rec_groups 0");
	assert_line("srtla_rec_members 0");
	assert_line("srtla_rec_drops_total{cause=\"gate_nak\"} 0");
	assert_line("srtla_rec_queue_capacity{queue=\"groups\"} 1024");
	assert_line("srtla_rec_kernel_drops_total{socket=\"media\"} 0");
	assert_line("srtla_rec_forward_seconds_bucket{class=\"data\",le=\"+Inf\"} 0");
	assert_int_equal(count("{group="), 0);
}

static void a_group_has_lines_of_its_own(void **state)
{
	(void)state;
	restore(1, 2);
	look(shell.history);
	for (uint32_t i = 0; i < 40; i++)
		feed(1, i % 4 == 0, 1 + i, 1000);
	feed(1, 0, 40, 1000); /* again */
	look(shell.history);
	scrape();
	assert_line("srtla_rec_groups 1");
	assert_line("srtla_rec_members 2");
	assert_line("srtla_rec_forwarded_bytes_per_second 40000");
	assert_group_line(1, "srtla_rec_group_members{group=\"%s\"} 2");
	assert_group_line(1, "srtla_rec_group_forwarded_bytes_total{group=\"%s\"} 40000");
	assert_group_line(1, "srtla_rec_group_received_bytes_total{group=\"%s\"} 41516");
	assert_group_line(1, "srtla_rec_group_duplicate_packets_total{group=\"%s\"} 1");
	assert_group_line(1, "srtla_rec_group_latency_seconds{group=\"%s\"} 2");
	assert_group_line(1, "srtla_rec_group_state{group=\"%s\",state=\"live\"} 1");
	assert_group_line(1, "srtla_rec_group_state{group=\"%s\",state=\"stalled\"} 0");
	assert_group_line(1, "srtla_rec_member_received_bytes_total{group=\"%s\","
			     "member=\"192.0.0.1:1001\"} 10258");
	assert_int_equal(count("srtla_rec_group_rtt_seconds"), 0); /* nobody has told */
}

static void what_has_left_still_counts(void **state)
{
	(void)state;
	restore(1, 2);
	look(shell.history);
	feed(1, 0, 1, 1000);
	for (uint32_t i = 0; i < 20; i++) { /* the first falls silent */
		feed(1, 1, 2 + i, 500);
		clock_now += SEC(1);
		receiver_run(shell.door.receiver, clock_now, &shell.door.out);
		look(shell.history);
	}
	scrape();
	assert_group_line(1, "srtla_rec_group_members{group=\"%s\"} 1");
	assert_group_line(1, "srtla_rec_group_received_bytes_total{group=\"%s\"} 11516");
}

static void lines_are_bounded(void **state)
{
	(void)state;
	for (unsigned mark = 1; mark <= 300; mark++)
		restore(mark, 8);
	scrape();
	assert_line("srtla_rec_groups 300");
	assert_line("srtla_rec_members 2400");
	assert_int_equal(count("srtla_rec_group_members{"), METRICS_GROUPS);
	assert_int_equal(count("srtla_rec_member_sent_bytes_total{"), METRICS_MEMBERS);
}

static void the_manual_knows_every_family(void **state)
{
	char *manual = manual_read(MANUAL);
	unsigned families = 0;

	(void)state;
	restore(1, 1);
	feed(1, 0, 1, 100);
	scrape();
	for (const char *at = strstr(text, "# TYPE "); at; at = strstr(at + 1, "# TYPE ")) {
		char name[128];

		assert_int_equal(sscanf(at, "# TYPE %127s", name), 1);
		if (!manual_has(manual, name))
			fail_msg("%s is not in the manual", name);
		families++;
	}
	assert_true(families > 30);
	free(manual);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, set_up, finish_scrape)
	const struct CMUnitTest tests[] = {
		RUNS(a_receiver_at_rest_counts_from_zero),
		RUNS(a_group_has_lines_of_its_own),
		RUNS(what_has_left_still_counts),
		RUNS(lines_are_bounded),
		RUNS(the_manual_knows_every_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
