/* SPDX-License-Identifier: MIT */
#include "web/events.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/log.h"

static void before_anything_happened_the_list_is_empty(void **state)
{
	size_t len;
	char *text = events_json(&len);

	(void)state;
	assert_string_equal(text, "{\"schema_version\":1,\"events\":[]}\n");
	assert_int_equal(len, strlen(text));
	free(text);
}

static void a_line_is_told_with_level_and_time_and_stays_json(void **state)
{
	size_t len;
	char *text;
	long long wall_ms;
	int end = 0;

	(void)state;
	log_warn("event=a why=\"b\\\"");
	log_info("event=c");
	text = events_json(&len);
	sscanf(text,
	       "{\"schema_version\":1,\"events\":[{\"wall_ms\":%lld,\"level\":\"warn\","
	       "\"text\":\"event=a why=\\\"b\\\\\\\"\"},%n",
	       &wall_ms, &end);
	assert_true(end > 0 && wall_ms > 1600000000000);
	assert_non_null(strstr(text + end, "\"level\":\"info\",\"text\":\"event=c\"}]}\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_anything_happened_the_list_is_empty),
		cmocka_unit_test(a_line_is_told_with_level_and_time_and_stays_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
