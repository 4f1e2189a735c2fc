/* SPDX-License-Identifier: MIT */
#include "shared/io/statefile.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/statefile-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/stats.json", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static unsigned files(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void holds(const char *file, const char *want)
{
	char got[64] = "";
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(got, want);
}

static void file_is_made_and_replaced_whole(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(statefile_replace(path, "a longer first text", 19, 0644), 0);
	holds(path, "a longer first text");
	assert_int_equal(statefile_replace(path, "second", 6, 0644), 0);
	holds(path, "second");
	assert_int_equal(files(), 1);
}

static void reader_of_the_old_file_still_sees_it_whole(void **state)
{
	char got[16] = "";
	int fd;

	(void)state;
	assert_int_equal(statefile_replace(path, "old", 3, 0644), 0);
	fd = open(path, O_RDONLY);
	assert_int_equal(statefile_replace(path, "new", 3, 0644), 0);
	assert_int_equal(read(fd, got, sizeof(got)), 3);
	assert_string_equal(got, "old");
	close(fd);
}

static void mode_is_as_asked_within_the_umask(void **state)
{
	mode_t old = umask(027);
	struct stat st;

	(void)state;
	assert_int_equal(statefile_replace(path, "x", 1, 0644), 0);
	umask(old);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void symbolic_link_is_replaced_and_not_followed(void **state)
{
	char target[80];
	struct stat st;

	(void)state;
	snprintf(target, sizeof(target), "%s/target", dir);
	assert_int_equal(statefile_replace(target, "kept", 4, 0644), 0);
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(statefile_replace(path, "mine", 4, 0644), 0);
	holds(target, "kept");
	holds(path, "mine");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(target);
}

/* F48 */
static void full_disk_leaves_the_old_file_and_nothing_else(void **state)
{
	static char big[100000];
	struct rlimit old, low;

	(void)state;
	assert_int_equal(statefile_replace(path, "old", 3, 0644), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	low = old;
	low.rlim_cur = 8192;
	setrlimit(RLIMIT_FSIZE, &low);
	assert_int_equal(statefile_replace(path, big, sizeof(big), 0644), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	holds(path, "old");
	assert_int_equal(files(), 1);
}

static void what_cannot_be_written_says_why(void **state)
{
	static char endless[PATH_MAX + 16];

	(void)state;
	assert_int_equal(statefile_replace("/nosuchdir/stats", "x", 1, 0644), -ENOENT);
	memset(endless, 'a', sizeof(endless) - 1);
	assert_int_equal(statefile_replace(endless, "x", 1, 0644), -ENAMETOOLONG);
	assert_int_equal(statefile_replace(dir, "x", 1, 0644),
			 -EISDIR); /* and its like beside it */
}

static void nothing_is_left_beside_a_directory_that_would_not_go(void **state)
{
	char inner[80];

	(void)state;
	snprintf(inner, sizeof(inner), "%s/inner", dir);
	assert_int_equal(mkdir(inner, 0755), 0);
	assert_true(statefile_replace(inner, "x", 1, 0644) < 0);
	assert_int_equal(rmdir(inner), 0);
	unlink(path);
	assert_int_equal(files(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_made_and_replaced_whole),
		cmocka_unit_test(reader_of_the_old_file_still_sees_it_whole),
		cmocka_unit_test(mode_is_as_asked_within_the_umask),
		cmocka_unit_test(symbolic_link_is_replaced_and_not_followed),
		cmocka_unit_test(full_disk_leaves_the_old_file_and_nothing_else),
		cmocka_unit_test(what_cannot_be_written_says_why),
		cmocka_unit_test(nothing_is_left_beside_a_directory_that_would_not_go),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
