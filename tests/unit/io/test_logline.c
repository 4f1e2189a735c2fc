/* SPDX-License-Identifier: MIT */
#include "shared/io/logline.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#define HEAD "{\"time\":\"T\",\"level\":\"info\",\"program\":\"srtla_send\""

static char line[LOGLINE_MOST + 1];

static const char *json(const char *says)
{
	struct logline l = {"srtla_send", "T", "", LOG_LEVEL_INFO, says};
	size_t len = logline_json(&l, line);

	assert_true(len <= LOGLINE_MOST);
	line[len] = '\0';
	return line;
}

static const char *text(const char *mark, const char *says)
{
	struct logline l = {"srtla_send", "T", mark, LOG_LEVEL_WARN, says};
	size_t len = logline_text(&l, line);

	assert_true(len <= LOGLINE_MOST);
	line[len] = '\0';
	return line;
}

static void text_line_names_program_and_gravity(void **state)
{
	(void)state;
	assert_string_equal(text("", "event=up link=usb0"), "srtla_send: event=up link=usb0\n");
	assert_string_equal(text("warning: ", "too late"), "srtla_send: warning: too late\n");
}

static void text_line_stays_one_line_and_leaves_the_terminal_alone(void **state)
{
	(void)state;
	assert_string_equal(text("", "a\nb\x1b[2Jc\x7f"), "srtla_send: a\\x0ab\\x1b[2Jc\\x7f\n");
	assert_string_equal(text("", "gr\xc3\xbc\xc3\x9f \xff"),
			    "srtla_send: gr\xc3\xbc\xc3\x9f \\xff\n");
}

static void sentence_becomes_a_message(void **state)
{
	(void)state;
	assert_string_equal(json("say \"hi\" to C:\\"),
			    HEAD ",\"message\":\"say \\\"hi\\\" to C:\\\\\"}\n");
	assert_string_equal(json(""), HEAD ",\"message\":\"\"}\n");
	assert_string_equal(json("link=usb0 is late"),
			    HEAD ",\"message\":\"link=usb0 is late\"}\n");
}

static void pairs_become_members(void **state)
{
	(void)state;
	assert_string_equal(json("event=link_up link=usb0 after_ms=61"),
			    HEAD ",\"event\":\"link_up\",\"link\":\"usb0\",\"after_ms\":61}\n");
	assert_string_equal(json("event=x  why=no reply yet n=1"),
			    HEAD ",\"event\":\"x\",\"why\":\"no reply yet\",\"n\":1}\n");
	assert_string_equal(json("event=x who=\"a b=c\" url=a=b"),
			    HEAD ",\"event\":\"x\",\"who\":\"a b=c\",\"url\":\"a=b\"}\n");
	assert_string_equal(json("event=x empty= open=\"a"),
			    HEAD ",\"event\":\"x\",\"empty\":\"\",\"open\":\"\\\"a\"}\n");
}

static void only_plain_numbers_become_numbers(void **state)
{
	(void)state;
	assert_string_equal(
		json("event=x a=0 b=-7 c=1.50 d=999999999999999"),
		HEAD ",\"event\":\"x\",\"a\":0,\"b\":-7,\"c\":1.50,\"d\":999999999999999}\n");
	assert_string_equal(
		json("event=x a=007 b=1e5 c=.5 d=1. e=- f=+1"),
		HEAD ",\"event\":\"x\",\"a\":\"007\",\"b\":\"1e5\",\"c\":\".5\",\"d\":\"1.\","
		     "\"e\":\"-\",\"f\":\"+1\"}\n");
	assert_string_equal(json("event=x a=1000000000000000 b=\"5\" c=5 6 d=1.2.3"), HEAD
			    ",\"event\":\"x\",\"a\":\"1000000000000000\",\"b\":\"5\",\"c\":\"5 6\","
			    "\"d\":\"1.2.3\"}\n");
}

static void bytes_that_are_no_utf8_are_escaped(void **state)
{
	(void)state;
	assert_string_equal(json("\xc3\xa9"), HEAD ",\"message\":\"\xc3\xa9\"}\n");
	assert_string_equal(json("\xf0\x9f\x93\xa1"), HEAD ",\"message\":\"\xf0\x9f\x93\xa1\"}\n");
	assert_string_equal(json("\xc3"), HEAD ",\"message\":\"\\\\xc3\"}\n");
	assert_string_equal(json("\xc0\xaf"), HEAD ",\"message\":\"\\\\xc0\\\\xaf\"}\n");
	assert_string_equal(json("\xed\xa0\x80"), HEAD ",\"message\":\"\\\\xed\\\\xa0\\\\x80\"}\n");
	assert_string_equal(json("\xf4\x90\x80\x80"),
			    HEAD ",\"message\":\"\\\\xf4\\\\x90\\\\x80\\\\x80\"}\n");
	assert_string_equal(json("a\tb\n"), HEAD ",\"message\":\"a\\\\x09b\\\\x0a\"}\n");
}

static void long_text_is_cut_and_the_json_stays_whole(void **state)
{
	static char says[3 * LOGLINE_MOST];

	(void)state;
	memset(says, '"', sizeof(says) - 1);
	json(says);
	assert_int_equal(strlen(line) % 2,
			 strlen(HEAD ",\"message\":\"\"}\n") % 2); /* no half escape */
	assert_string_equal(line + strlen(line) - 5, "\\\"\"}\n");

	memset(says, 'a', sizeof(says) - 1);
	memcpy(says, "event=", 6);
	json(says);
	assert_string_equal(line + strlen(line) - 4, "a\"}\n");

	memcpy(says + 3000, " key=", 5);
	json(says);
	assert_non_null(strstr(line, "\",\"key\":\"a"));
	assert_string_equal(line + strlen(line) - 4, "a\"}\n");
}

static void pair_that_does_not_fit_is_left_out_whole(void **state)
{
	static char says[LOGLINE_MOST + 100];

	(void)state;
	for (size_t len = LOGLINE_MOST - 150; len < LOGLINE_MOST + 50; len++) {
		size_t end;

		memset(says, 'a', len);
		memcpy(says, "event=", 6);
		strcpy(says + len, " n=123456789");
		json(says);
		end = strlen(line);
		assert_true(strcmp(line + end - 4, "a\"}\n") == 0 ||
			    strcmp(line + end - 16, "\"n\":123456789}\n") == 0 ||
			    strcmp(line + end - 15, "\"n\":123456789}\n") == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_line_names_program_and_gravity),
		cmocka_unit_test(text_line_stays_one_line_and_leaves_the_terminal_alone),
		cmocka_unit_test(sentence_becomes_a_message),
		cmocka_unit_test(pairs_become_members),
		cmocka_unit_test(only_plain_numbers_become_numbers),
		cmocka_unit_test(bytes_that_are_no_utf8_are_escaped),
		cmocka_unit_test(long_text_is_cut_and_the_json_stays_whole),
		cmocka_unit_test(pair_that_does_not_fit_is_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
