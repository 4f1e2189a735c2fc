/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "receiver/notes.h"
#include "shared/io/log.h"

static char line[1024];

/* The line that a note becomes. */
static const char *logged(const struct note *n)
{
	int ends[2], before = dup(STDERR_FILENO);
	ssize_t len;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	note_log(n);
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[1]);
	len = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	assert_true(len > 0);
	line[len] = '\0';
	return line;
}

static int begin(void **state)
{
	(void)state;
	log_init(&(struct log_config){.program = "srtla_rec", .level = LOG_LEVEL_INFO});
	return 0;
}

static struct endpoint somebody(void)
{
	struct endpoint ep;

	endpoint_parse("2001:db8::1", &ep);
	ep.port = 4000;
	return ep;
}

static void a_new_group_is_named_with_its_maker(void **state)
{
	struct note n = {.kind = RECEIVER_GROUP_NEW, .port = 3, .who = somebody()};

	(void)state;
	assert_string_equal(logged(&n),
			    "srtla_rec: event=group_new group=3 from=[2001:db8::1]:4000\n");
}

static void a_member_leaves_with_its_reason(void **state)
{
	struct note n = {
		.kind = RECEIVER_MEMBER_GONE, .port = 1, .who = somebody(), .why = "silent"};

	(void)state;
	assert_string_equal(logged(&n), "srtla_rec: event=member_gone group=1 "
					"from=[2001:db8::1]:4000 why=\"silent\"\n");
}

static void a_number_says_what_it_counts(void **state)
{
	struct note n = {.kind = RECEIVER_SESSION_AGREED, .port = 2, .number = 2000};

	(void)state;
	assert_string_equal(logged(&n),
			    "srtla_rec: event=session_agreed group=2 latency_ms=2000\n");
}

static void an_error_of_the_server_is_a_warning_in_words(void **state)
{
	struct note n = {.kind = RECEIVER_SERVER_AWAY, .port = 2, .number = ECONNREFUSED};

	(void)state;
	assert_string_equal(logged(&n), "srtla_rec: warning: event=server_away group=2 "
					"why=\"Connection refused\"\n");
}

static void whoever_finds_no_room_has_no_group(void **state)
{
	struct note n = {.kind = RECEIVER_FULL, .who = somebody(), .why = "groups"};

	(void)state;
	assert_string_equal(logged(&n), "srtla_rec: warning: event=full "
					"from=[2001:db8::1]:4000 why=\"groups\"\n");
}

static void a_kind_that_nobody_knows_is_still_a_line(void **state)
{
	struct note n = {.kind = 4711};

	(void)state;
	assert_string_equal(logged(&n), "srtla_rec: event=note\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_group_is_named_with_its_maker),
		cmocka_unit_test(a_member_leaves_with_its_reason),
		cmocka_unit_test(a_number_says_what_it_counts),
		cmocka_unit_test(an_error_of_the_server_is_a_warning_in_words),
		cmocka_unit_test(whoever_finds_no_room_has_no_group),
		cmocka_unit_test(a_kind_that_nobody_knows_is_still_a_line),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
