/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sender/bundle.h"

static void assert_redacted(const char *text, bool words, const char *expected)
{
	char *got;
	size_t len;
	FILE *to = open_memstream(&got, &len);

	bundle_redact(text, words, to);
	fclose(to);
	assert_string_equal(got, expected);
	free(got);
}

static void keys_in_urls_are_left_out(void **state)
{
	(void)state;
	assert_redacted("srt://127.0.0.1:9000?streamid=#!::r=a,m=publish&latency=2000 end", true,
			"srt://127.0.0.1:9000?streamid=***&latency=2000 end");
	assert_redacted("a?passphrase=0123456789&StreamID=x\nb", true,
			"a?passphrase=***&StreamID=***\nb");
	assert_redacted("a?url=srt%3A%2F%2Fb%3Fstreamid%3Dlive", true,
			"a?url=srt%3A%2F%2Fb%3Fstreamid%3D***");
}

static void keys_in_json_and_in_quotes_are_left_out(void **state)
{
	(void)state;
	assert_redacted("{\"streamid\": \"live/7f\", \"rtt\":4}", true,
			"{\"streamid\": \"***\", \"rtt\":4}");
	assert_redacted("why='stream_id = live'", true, "why='stream_id = ***'");
}

static void a_word_of_a_command_line_is_left_out_to_its_end(void **state)
{
	(void)state;
	assert_redacted("streamid=live of today", false, "streamid=***");
	assert_redacted("streamid=live of today", true, "streamid=*** of today");
}

static void all_else_stays_as_it_is(void **state)
{
	static const char text[] = "the streamid was refused, streamids too: 5\n\tx=y&z \"q\"\n";

	(void)state;
	assert_redacted(text, true, text);
	assert_redacted("", true, "");
	assert_redacted("passphrase", true, "passphrase");
	assert_redacted("streamid=", true, "streamid=***");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_in_urls_are_left_out),
		cmocka_unit_test(keys_in_json_and_in_quotes_are_left_out),
		cmocka_unit_test(a_word_of_a_command_line_is_left_out_to_its_end),
		cmocka_unit_test(all_else_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
