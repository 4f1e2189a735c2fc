/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "shared/io/stateword.h"

static bool reads(const char *text, struct endpoint *ep)
{
	char copy[STATEWORD_ADDRESS];

	snprintf(copy, sizeof(copy), "%s", text);
	return stateword_read_address(copy, ep);
}

static void address_is_read_as_it_was_written(void **state)
{
	static const char *const texts[] = {"192.0.2.7/50001", "2001:db8::7/1", "fe80::7%2/50001",
					    "-"};
	char text[STATEWORD_ADDRESS];
	struct endpoint ep;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(reads(texts[i], &ep));
		assert_string_equal(stateword_address(&ep, text), texts[i]);
	}
}

static void malformed_addresses_are_none(void **state)
{
	static const char *const texts[] = {"", "192.0.2.7", "192.0.2.7/65536", "192.0.2.7/ 1",
					    "192.0.2.7%1/5", "fe80::1%0/5", "fe80::1/5%1", "/5"};
	struct endpoint ep;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(reads(texts[i], &ep));
}

static const uint8_t boot[BOOT_ID] = {1, 2, 3};

static enum stateword_verdict judge(const char *line, usspan now, usspan *age)
{
	return stateword_read_title(line, "a file 1", boot, now, age);
}

static void title_tells_file_boot_and_age(void **state)
{
	static const uint8_t other[BOOT_ID] = {4};
	char line[STATEWORD_TITLE];
	usspan age;

	(void)state;
	stateword_title("a file 1", boot, SEC(100), line);
	assert_string_equal(line, "a file 1 boot=01020300000000000000000000000000 at=100000000\n");
	line[strlen(line) - 1] = '\0';
	assert_int_equal(judge(line, SEC(130), &age), STATEWORD_GOOD);
	assert_int_equal(age, SEC(30));
	assert_int_equal(judge(line, SEC(99), &age), STATEWORD_OLD);
	assert_int_equal(stateword_read_title(line, "a file 1", other, SEC(130), &age),
			 STATEWORD_OLD);
	assert_int_equal(stateword_read_title(line, "a file", boot, SEC(130), &age),
			 STATEWORD_OLD); /* a later version of it, as far as we can tell */
	assert_int_equal(stateword_read_title(line, "b file 1", boot, SEC(130), &age),
			 STATEWORD_FOREIGN);
	assert_int_equal(judge("", SEC(130), &age), STATEWORD_FOREIGN);
	assert_int_equal(judge("a file 1", SEC(130), &age), STATEWORD_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_is_read_as_it_was_written),
		cmocka_unit_test(malformed_addresses_are_none),
		cmocka_unit_test(title_tells_file_boot_and_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
