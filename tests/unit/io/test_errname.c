/* SPDX-License-Identifier: MIT */
#include "shared/io/errname.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>

static void what_sockets_say_has_the_name_of_the_manuals(void **state)
{
	(void)state;
	assert_string_equal(errname(EAGAIN), "EAGAIN");
	assert_string_equal(errname(ENOBUFS), "ENOBUFS");
	assert_string_equal(errname(ENETUNREACH), "ENETUNREACH");
	assert_string_equal(errname(EMSGSIZE), "EMSGSIZE");
	assert_string_equal(errname(EOPNOTSUPP), "EOPNOTSUPP");
}

static void what_they_never_say_has_none(void **state)
{
	(void)state;
	assert_null(errname(0));
	assert_null(errname(-EAGAIN));
	assert_null(errname(EISDIR));
	assert_null(errname(100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_sockets_say_has_the_name_of_the_manuals),
		cmocka_unit_test(what_they_never_say_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
