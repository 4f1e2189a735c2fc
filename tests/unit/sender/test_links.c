/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sender/links.h"

static struct uplinks before, after;
static struct links_plan plan;

static void change(const char *from, const char *to)
{
	uplinks_parse(&before, from, strlen(from));
	uplinks_parse(&after, to, strlen(to));
	links_plan(&plan, before.id, before.count, &after);
}

static void the_same_list_keeps_every_link(void **state)
{
	(void)state;
	change("192.0.2.1\n192.0.2.2\n", "192.0.2.1\n192.0.2.2\n");
	assert_int_equal(plan.kept, 2);
	assert_int_equal(plan.added, 0);
	assert_int_equal(plan.removed, 0);
	assert_int_equal(plan.running[0], 0);
	assert_int_equal(plan.running[1], 1);
}

static void another_order_keeps_every_link_and_says_its_new_place(void **state)
{
	(void)state;
	change("192.0.2.1\n192.0.2.2\n192.0.2.3\n", "192.0.2.3\n192.0.2.1\n192.0.2.2\n");
	assert_int_equal(plan.kept, 3);
	assert_int_equal(plan.running[0], 2);
	assert_int_equal(plan.running[1], 0);
	assert_int_equal(plan.running[2], 1);
}

static void a_new_line_adds_one_link_and_touches_no_other(void **state)
{
	(void)state;
	change("192.0.2.1\n192.0.2.2\n", "192.0.2.1\n192.0.2.9\n192.0.2.2\n");
	assert_int_equal(plan.kept, 2);
	assert_int_equal(plan.added, 1);
	assert_int_equal(plan.running[1], -1);
	assert_int_equal(plan.running[2], 1);
	assert_true(plan.keep[0]);
	assert_true(plan.keep[1]);
}

static void a_missing_line_removes_one_link_and_touches_no_other(void **state)
{
	(void)state;
	change("192.0.2.1\n192.0.2.2\n192.0.2.3\n", "192.0.2.1\n192.0.2.3\n");
	assert_int_equal(plan.removed, 1);
	assert_true(plan.keep[0]);
	assert_false(plan.keep[1]);
	assert_true(plan.keep[2]);
}

static void another_interface_makes_another_link(void **state)
{
	(void)state;
	change("192.168.8.100%usb0\n", "192.168.8.100%usb1\n");
	assert_int_equal(plan.kept, 0);
	assert_int_equal(plan.added, 1);
	assert_int_equal(plan.removed, 1);
}

static void everything_may_be_exchanged_at_once(void **state)
{
	char from[64 * 16] = "", to[64 * 16] = "";

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		sprintf(from + strlen(from), "10.0.0.%u\n", i + 1);
		sprintf(to + strlen(to), "10.0.1.%u\n", i + 1);
	}
	change(from, to);
	assert_int_equal(plan.removed, 64);
	assert_int_equal(plan.added, 64);
	change("", to);
	assert_int_equal(plan.removed, 0);
	assert_int_equal(plan.added, 64);
}

static char path[] = "/tmp/test_links.XXXXXX";

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void a_file_is_read_whole(void **state)
{
	(void)state;
	write_file("192.0.2.1\n192.0.2.2");
	assert_int_equal(links_read(path, &after), 0);
	assert_int_equal(after.count, 2);
}

static void F39_a_file_without_an_uplink_is_told_from_a_good_one(void **state)
{
	(void)state;
	write_file("");
	assert_int_equal(links_read(path, &after), -ENODATA);
	write_file("# nothing\nhello\n");
	assert_int_equal(links_read(path, &after), -ENODATA);
	assert_int_equal(after.fault_count, 1);
}

static void F38_what_is_no_readable_file_says_why(void **state)
{
	(void)state;
	assert_int_equal(links_read("/tmp/there/is/no/such/file", &after), -ENOENT);
	assert_int_equal(links_read("/", &after), -EISDIR);
	assert_int_equal(links_read("/dev/null", &after), -EINVAL);
}

static void F39_a_pipe_in_place_of_the_file_blocks_nobody(void **state)
{
	char fifo[] = "/tmp/test_links_fifo.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(fifo));
	assert_int_equal(rmdir(fifo), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(links_read(fifo, &after), -EINVAL);
	unlink(fifo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_list_keeps_every_link),
		cmocka_unit_test(another_order_keeps_every_link_and_says_its_new_place),
		cmocka_unit_test(a_new_line_adds_one_link_and_touches_no_other),
		cmocka_unit_test(a_missing_line_removes_one_link_and_touches_no_other),
		cmocka_unit_test(another_interface_makes_another_link),
		cmocka_unit_test(everything_may_be_exchanged_at_once),
		cmocka_unit_test(a_file_is_read_whole),
		cmocka_unit_test(F39_a_file_without_an_uplink_is_told_from_a_good_one),
		cmocka_unit_test(F38_what_is_no_readable_file_says_why),
		cmocka_unit_test(F39_a_pipe_in_place_of_the_file_blocks_nobody),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
