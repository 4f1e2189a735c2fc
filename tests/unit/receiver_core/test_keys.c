/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "receiver/core/keys.h"

static const struct siphash_key key = {{1, 2, 3}};

static void what_is_listed_is_found_with_its_server(void **state)
{
	struct keys *k = keys_create(&key);
	unsigned server = 99;

	(void)state;
	assert_true(keys_add(k, "live/one", 0));
	assert_true(keys_add(k, "#!::r=live/two,m=publish", 7));
	assert_int_equal(keys_count(k), 2);
	assert_true(keys_find(k, "live/one", &server));
	assert_int_equal(server, 0);
	assert_true(keys_find(k, "#!::r=live/two,m=publish", &server));
	assert_int_equal(server, 7);
	keys_destroy(k);
}

static void nothing_near_a_key_is_one(void **state)
{
	static const char *const near[] = {"",          "l",         "live/on",
					   "live/one ", "live/ones", "Live/one"};
	struct keys *k = keys_create(&key);
	unsigned server = 99;

	(void)state;
	assert_false(keys_find(k, "live/one", &server)); /* nor is anything where none is listed */
	assert_true(keys_add(k, "live/one", 3));
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		assert_false(keys_find(k, near[i], &server));
	assert_int_equal(server, 99);
	keys_destroy(k);
}

static void key_that_is_there_stays_as_it_is(void **state)
{
	struct keys *k = keys_create(&key);
	unsigned server;

	(void)state;
	assert_true(keys_add(k, "live/one", 3));
	assert_false(keys_add(k, "live/one", 4));
	assert_int_equal(keys_count(k), 1);
	assert_true(keys_find(k, "live/one", &server));
	assert_int_equal(server, 3);
	keys_destroy(k);
}

static void ten_thousand_are_all_found_and_no_other(void **state)
{
	struct keys *k = keys_create(&key);
	unsigned server;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "live/%u", i);
		assert_true(keys_add(k, text, i));
	}
	assert_int_equal(keys_count(k), 10000);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "live/%u", i);
		assert_int_equal(keys_find(k, text, &server), i < 10000);
		if (i < 10000)
			assert_int_equal(server, i);
	}
	keys_destroy(k);
	keys_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_listed_is_found_with_its_server),
		cmocka_unit_test(nothing_near_a_key_is_one),
		cmocka_unit_test(key_that_is_there_stays_as_it_is),
		cmocka_unit_test(ten_thousand_are_all_found_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
