/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/ledger.h"

/* A file in a directory of its own, which the test removes. */
struct place {
	char dir[32], path[48];
};

static struct place make_place(void)
{
	struct place p = {.dir = "/tmp/ledger-XXXXXX"};

	assert_non_null(mkdtemp(p.dir));
	for (size_t i = 0; i < sizeof(p.dir) && p.dir[i]; i++)
		p.path[i] = p.dir[i];
	p.path[18] = '/';
	p.path[19] = 'l';
	return p;
}

static void remove_place(const struct place *p)
{
	unlink(p->path);
	assert_int_equal(rmdir(p->dir), 0);
}

static void what_happened_first_stays(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_make(&l, 0, 1000);
	ledger_arrive(&l, 0, 2000);
	ledger_arrive(&l, 0, 2500);
	ledger_play(&l, 0, 3000);
	ledger_play(&l, 0, 3500);
	assert_int_equal(ledger_at(&l, 0)->made, 1000);
	assert_int_equal(ledger_at(&l, 0)->arrived, 2000);
	assert_int_equal(ledger_at(&l, 0)->played, 3000);
	ledger_finish(&l);
}

static void memory_grows_as_packets_are_made(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_made(&l), 0);
	assert_null(ledger_at(&l, 0));
	for (size_t i = 0; i < 100000; i++) {
		ledger_make(&l, i, (ustime)i + 1);
		if (i % 3)
			ledger_arrive(&l, i, (ustime)i + 7);
	}
	assert_int_equal(ledger_made(&l), 100000);
	for (size_t i = 0; i < 100000; i++) {
		assert_int_equal(ledger_at(&l, i)->made, i + 1);
		assert_int_equal(ledger_at(&l, i)->arrived, i % 3 ? i + 7 : 0);
		assert_int_equal(ledger_at(&l, i)->played, 0);
	}
	ledger_finish(&l);
}

static void numbers_that_nobody_made_are_passed_over(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_arrive(&l, 3, 10);
	ledger_play(&l, UINT64_MAX / 2, 10);
	assert_int_equal(ledger_made(&l), 0);
	ledger_finish(&l);
}

static void moment_of_nought_is_not_never(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_make(&l, 0, 0);
	ledger_arrive(&l, 0, 0);
	assert_int_equal(ledger_at(&l, 0)->arrived, 1);
	ledger_finish(&l);
}

static void finish_accepts_the_empty_ledger(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_finish(&l);
	ledger_finish(&l);
	assert_int_equal(ledger_made(&l), 0);
}

static void two_processes_write_one_ledger(void **state)
{
	struct place p = make_place();
	struct ledger l;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(ledger_map(&l, p.path, 1000), 0);
	child = fork();
	if (child == 0) {
		struct ledger other;

		if (ledger_map(&other, p.path, 1000) < 0)
			_exit(1);
		for (size_t i = 0; i < 700; i++)
			ledger_make(&other, i, (ustime)i + 5);
		ledger_finish(&other);
		_exit(0);
	}
	for (size_t i = 0; i < 600; i++)
		ledger_arrive(&l, i, (ustime)i + 50);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(ledger_made(&l), 700);
	for (size_t i = 0; i < 700; i++) {
		assert_int_equal(ledger_at(&l, i)->made, i + 5);
		assert_int_equal(ledger_at(&l, i)->arrived, i < 600 ? i + 50 : 0);
	}
	ledger_finish(&l);
	remove_place(&p);
}

static void file_outlives_who_wrote_it(void **state)
{
	struct place p = make_place();
	struct ledger l;

	(void)state;
	assert_int_equal(ledger_map(&l, p.path, 10), 0);
	ledger_make(&l, 4, 44);
	ledger_finish(&l);
	assert_int_equal(ledger_map(&l, p.path, 2000), 0);
	assert_int_equal(ledger_made(&l), 5);
	assert_int_equal(ledger_at(&l, 4)->made, 44);
	ledger_make(&l, 1999, 1);
	assert_int_equal(ledger_made(&l), 2000);
	ledger_finish(&l);
	remove_place(&p);
}

static void what_is_beyond_the_room_of_a_file_is_not_written(void **state)
{
	struct place p = make_place();
	struct ledger l, wide;

	(void)state;
	assert_int_equal(ledger_map(&l, p.path, 10), 0);
	ledger_make(&l, 9, 1);
	ledger_make(&l, 10, 1);
	ledger_arrive(&l, 10, 1);
	assert_int_equal(ledger_made(&l), 10);
	assert_null(ledger_at(&l, 10));

	assert_int_equal(ledger_map(&wide, p.path, 20), 0);
	ledger_make(&wide, 19, 1);
	assert_int_equal(ledger_made(&wide), 20);
	assert_int_equal(ledger_made(&l), 10);
	ledger_finish(&wide);
	ledger_finish(&l);
	remove_place(&p);
}

static void large_file_takes_no_disk_before_it_is_written(void **state)
{
	struct place p = make_place();
	struct ledger l;
	struct stat st;

	(void)state;
	assert_int_equal(ledger_map(&l, p.path, 10000000), 0);
	ledger_make(&l, 0, 1);
	assert_int_equal(stat(p.path, &st), 0);
	assert_true(st.st_size > 240000000);
	assert_true(st.st_blocks * 512 < 1000000);
	ledger_finish(&l);
	remove_place(&p);
}

static void strange_file_is_refused_and_left_as_it_was(void **state)
{
	struct place p = make_place();
	struct ledger l;
	struct stat st;
	int fd = open(p.path, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "nobody's ledger, to be kept", 27), 27);
	close(fd);
	assert_int_equal(ledger_map(&l, p.path, 100), -EINVAL);
	assert_int_equal(stat(p.path, &st), 0);
	assert_int_equal(st.st_size, 27);
	ledger_finish(&l);
	assert_int_equal(ledger_map(&l, "/nowhere/at/all", 100), -ENOENT);
	ledger_finish(&l);
	remove_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_happened_first_stays),
		cmocka_unit_test(memory_grows_as_packets_are_made),
		cmocka_unit_test(numbers_that_nobody_made_are_passed_over),
		cmocka_unit_test(moment_of_nought_is_not_never),
		cmocka_unit_test(finish_accepts_the_empty_ledger),
		cmocka_unit_test(two_processes_write_one_ledger),
		cmocka_unit_test(file_outlives_who_wrote_it),
		cmocka_unit_test(what_is_beyond_the_room_of_a_file_is_not_written),
		cmocka_unit_test(large_file_takes_no_disk_before_it_is_written),
		cmocka_unit_test(strange_file_is_refused_and_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
