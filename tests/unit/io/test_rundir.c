/* SPDX-License-Identifier: MIT */
#include "shared/io/rundir.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name that no program has, so that /run/PROGRAM is nobody's. */
#define PROGRAM "waybond-test-rundir"

enum { ANYBODY = 65534 };

static char dir[] = "/tmp/rundir-XXXXXX";
static char path[PATH_MAX];

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int clear(void **state)
{
	(void)state;
	unsetenv("RUNTIME_DIRECTORY");
	unsetenv("XDG_RUNTIME_DIR");
	return 0;
}

/* For root, the directory below /run would be made. */
static int be_anybody(void **state)
{
	if (getuid() == 0 && (chown(dir, ANYBODY, ANYBODY) || seteuid(ANYBODY)))
		return -1;
	return clear(state);
}

static int be_whoever_we_are(void **state)
{
	(void)state;
	return seteuid(getuid());
}

static void the_service_managers_directory_comes_first(void **state)
{
	char want[64], list[64];

	(void)state;
	snprintf(list, sizeof(list), "%s:/run/other", dir);
	setenv("RUNTIME_DIRECTORY", list, 1);
	assert_true(rundir_choose(PROGRAM, path));
	assert_string_equal(path, dir);
	assert_true(rundir_file(PROGRAM, 9000, ".sock", path));
	snprintf(want, sizeof(want), "%s/9000.sock", dir);
	assert_string_equal(path, want);
}

static void one_that_is_not_there_or_not_absolute_is_passed_over(void **state)
{
	char want[64];

	(void)state;
	snprintf(want, sizeof(want), "%s/" PROGRAM, dir);
	setenv("RUNTIME_DIRECTORY", "/nowhere/at/all", 1);
	setenv("XDG_RUNTIME_DIR", dir, 1);
	assert_true(rundir_choose(PROGRAM, path));
	assert_string_equal(path, want);
	setenv("RUNTIME_DIRECTORY", "tmp", 1);
	assert_true(rundir_choose(PROGRAM, path));
	assert_string_equal(path, want);
	rmdir(want);
}

static void a_users_own_is_made_for_nobody_else(void **state)
{
	char want[64];
	struct stat st;

	(void)state;
	snprintf(want, sizeof(want), "%s/" PROGRAM, dir);
	setenv("XDG_RUNTIME_DIR", dir, 1);
	assert_true(rundir_choose(PROGRAM, path));
	assert_int_equal(stat(want, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(rundir_choose(PROGRAM, path)); /* and is good the next time */
	rmdir(want);
}

static void root_has_one_made_below_run(void **state)
{
	struct stat st;

	(void)state;
	if (geteuid() != 0 || access("/run", W_OK))
		skip();
	assert_true(rundir_choose(PROGRAM, path));
	assert_string_equal(path, "/run/" PROGRAM);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	rmdir(path);
}

static void without_any_there_is_none(void **state)
{
	(void)state;
	assert_false(rundir_choose(PROGRAM, path));
	assert_false(rundir_file(PROGRAM, 9000, ".sock", path));
	setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
	assert_false(rundir_choose(PROGRAM, path));
}

static void a_path_that_does_not_fit_is_none(void **state)
{
	static char longest[PATH_MAX];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = '/';
	setenv("XDG_RUNTIME_DIR", longest, 1);
	assert_false(rundir_place(PROGRAM, 1, path));
}

static void who_looks_for_others_knows_both_places(void **state)
{
	char want[64];

	(void)state;
	snprintf(want, sizeof(want), "%s/" PROGRAM, dir);
	assert_true(rundir_place(PROGRAM, 0, path));
	assert_string_equal(path, "/run/" PROGRAM);
	assert_false(rundir_place(PROGRAM, 1, path));
	setenv("XDG_RUNTIME_DIR", dir, 1);
	assert_true(rundir_place(PROGRAM, 1, path));
	assert_string_equal(path, want);
	assert_false(rundir_place(PROGRAM, RUNDIR_PLACES, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_service_managers_directory_comes_first, clear),
		cmocka_unit_test_setup_teardown(one_that_is_not_there_or_not_absolute_is_passed_over, be_anybody,
						be_whoever_we_are),
		cmocka_unit_test_setup_teardown(a_users_own_is_made_for_nobody_else, be_anybody,
						be_whoever_we_are),
		cmocka_unit_test_setup(root_has_one_made_below_run, clear),
		cmocka_unit_test_setup_teardown(without_any_there_is_none, be_anybody,
						be_whoever_we_are),
		cmocka_unit_test_setup(a_path_that_does_not_fit_is_none, clear),
		cmocka_unit_test_setup(who_looks_for_others_knows_both_places, clear),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
