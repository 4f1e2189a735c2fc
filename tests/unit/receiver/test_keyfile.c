/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "receiver/keyfile.h"
#include "shared/io/log.h"

static const struct siphash_key key = {{5}};
static char top[64]; /* a directory of this test's own */
static char why[CONFIG_WHY];

static int make_top(void **state)
{
	(void)state;
	log_init(&(struct log_config){.program = "srtla_rec", .level = LOG_LEVEL_INFO});
	snprintf(top, sizeof(top), "/tmp/keyfile-test-XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int remove_top(void **state)
{
	(void)state;
	return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in_top(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static const char *put(const char *name, const char *text)
{
	const char *path = in_top(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return path;
}

static struct keyfile parsed(const char *text, size_t len)
{
	struct keyfile kf = {.keys = keys_create(&key)};

	keyfile_parse(&kf, "keys", text, len);
	return kf;
}

static void assert_key(const struct keyfile *kf, const char *text, unsigned number)
{
	unsigned server = 99;

	if (!keys_find(kf->keys, text, &server))
		fail_msg("%s is not listed", text);
	assert_int_equal(server, number);
}

static void assert_server(const struct keyfile *kf, unsigned number, const char *host,
			  uint16_t port)
{
	assert_string_equal(kf->server[number - 1].host, host);
	assert_int_equal(kf->server[number - 1].port, port);
}

static void keys_and_their_servers_are_read(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# who may come\r\n"
		"live/one\r\n"
		"  live/two\t two.example.org:9000   # the second server\n"
		"live/three [2001:db8::1]:4001\n"
		"\n"
		"live/four two.example.org:9000\n"
		"#!::r=live/five,m=publish\n"
		"  #!::r=live/six two.example.org:9001\n"
		"live#seven";
	struct keyfile kf = parsed(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(kf.bad, 0);
	assert_int_equal(keys_count(kf.keys), 7);
	assert_key(&kf, "live/one", 0);
	assert_key(&kf, "live/two", 1);
	assert_key(&kf, "live/three", 2);
	assert_key(&kf, "live/four", 1);
	assert_key(&kf, "#!::r=live/five,m=publish", 0);
	assert_key(&kf, "#!::r=live/six", 3);
	assert_key(&kf, "live#seven", 0);
	assert_server(&kf, 1, "two.example.org", 9000);
	assert_server(&kf, 2, "2001:db8::1", 4001);
	assert_server(&kf, 3, "two.example.org", 9001);
	assert_int_equal(keyfile_servers(&kf), 3);
	keyfile_finish(&kf);
}

static void bad_line_costs_itself_alone(void **state)
{
	static const char *const bad[] = {
		"live/bad host",          "live/bad host:",         "live/bad host:0",
		"live/bad host:65536",    "live/bad :4001",         "live/bad ho/st:4001",
		"live/bad 2001:db8::1:1", "live/bad [192.0.2.1]:1", "live/bad [::1:4001",
		"live/bad host:1 more",   "live/good",              "live/bad ]:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[128];
		struct keyfile kf;
		unsigned server;

		snprintf(text, sizeof(text), "live/good\n%s\nlive/last\n", bad[i]);
		kf = parsed(text, strlen(text));
		if (kf.bad != 1)
			fail_msg("%s: %u bad lines", bad[i], kf.bad);
		assert_int_equal(keys_count(kf.keys), 2);
		assert_false(keys_find(kf.keys, "live/bad", &server));
		assert_key(&kf, "live/last", 0);
		assert_int_equal(keyfile_servers(&kf), 0);
		keyfile_finish(&kf);
	}
}

static void stream_id_is_as_long_as_srt_allows(void **state)
{
	char text[4000], longest[513];
	struct keyfile kf;

	(void)state;
	memset(longest, 'k', 512);
	longest[512] = '\0';
	memset(text, 'k', sizeof(text));
	text[512] = text[1026] = '\n'; /* 512, 513, and a line too long for anything */
	text[3990] = '\n';
	kf = parsed(text, sizeof(text));
	assert_int_equal(kf.bad, 2);
	assert_int_equal(keys_count(kf.keys), 2);
	assert_key(&kf, longest, 0);
	assert_key(&kf, "kkkkkkkkk", 0);
	keyfile_finish(&kf);
	kf = parsed("live\0/one\nlive/two", 18);
	assert_int_equal(kf.bad, 1);
	assert_int_equal(keys_count(kf.keys), 1);
	keyfile_finish(&kf);
}

static void log_names_the_line_and_never_the_key(void **state)
{
	char line[512];
	int ends[2], before = dup(STDERR_FILENO);
	struct keyfile kf;
	ssize_t len;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	kf = parsed("one\nlive/secret nowhere\n", 24);
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[1]);
	len = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	assert_true(len > 0);
	line[len] = '\0';
	assert_string_equal(line, "srtla_rec: warning: event=stream_keys_line file=\"keys\" line=2 "
				  "why=\"the server is not of the form HOST:PORT\"\n");
	keyfile_finish(&kf);
}

static void there_are_at_most_sixty_four_servers(void **state)
{
	struct keyfile kf = {.keys = keys_create(&key)};
	char text[64];

	(void)state;
	for (unsigned i = 1; i <= 65; i++) {
		snprintf(text, sizeof(text), "live/%u server%u:4001\n", i, i);
		keyfile_parse(&kf, "keys", text, strlen(text));
		assert_int_equal(kf.bad, i > 64);
	}
	assert_int_equal(keyfile_servers(&kf), 64);
	keyfile_parse(&kf, "keys", "live/again server64:4001", 24);
	assert_key(&kf, "live/again", 64);
	keyfile_finish(&kf);
}

static void servers_keep_their_numbers_over_a_reload(void **state)
{
	const char *path = put("keys", "one a:1\ntwo b:1\nthree c:1\n");
	struct keyfile before, kf;

	(void)state;
	assert_int_equal(keyfile_read(&before, NULL, path, &key, why), 0);
	put("keys", "four d:1\nthree c:1\none a:1\n");
	assert_int_equal(keyfile_read(&kf, &before, path, &key, why), 0);
	assert_key(&kf, "one", 1);
	assert_key(&kf, "three", 3);
	assert_key(&kf, "four", 4);
	assert_server(&kf, 2, "b", 1); /* there may be streams to it */
	assert_false(kf.server[1].listed);
	keyfile_finish(&before);
	keyfile_finish(&kf);
}

static void directory_is_read_file_by_file_without_leftovers(void **state)
{
	static const char *const left[] = {".hidden",  "a~",          "a.bak",      "#a#",
					   "a.swp",    "a.dpkg-dist", "a.dpkg-new", "a.rpmnew",
					   "a.rpmsave"};
	struct keyfile kf;

	(void)state;
	put("20-second", "two b:1\n");
	put("10-first", "one a:1");
	put("30-third.conf", "three\nbad host\n");
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		put(left[i], "leftover\n");
	assert_int_equal(mkdir(in_top("directory"), 0700), 0);
	assert_int_equal(mkfifo(in_top("pipe"), 0600), 0);
	assert_int_equal(symlink("nowhere", in_top("dangling")), 0);
	assert_int_equal(keyfile_read(&kf, NULL, top, &key, why), 0);
	assert_int_equal(kf.bad, 1);
	assert_int_equal(keys_count(kf.keys), 3);
	assert_key(&kf, "one", 1);
	assert_key(&kf, "two", 2);
	assert_key(&kf, "three", 0);
	keyfile_finish(&kf);
}

static void what_cannot_be_read_is_said_in_one_sentence(void **state)
{
	struct keyfile kf;
	char said[256];

	(void)state;
	assert_int_equal(keyfile_read(&kf, NULL, in_top("none"), &key, why), EX_NOINPUT);
	snprintf(said, sizeof(said), "stream keys %s/none: No such file or directory", top);
	assert_string_equal(why, said);
	assert_null(kf.keys);

	assert_int_equal(mkfifo(in_top("pipe"), 0600), 0);
	assert_int_equal(keyfile_read(&kf, NULL, in_top("pipe"), &key, why), EX_NOINPUT);
	assert_non_null(strstr(why, "neither a file nor a directory"));

	if (geteuid() == 0)
		return; /* who may read all */
	assert_int_equal(chmod(put("keys", "one\n"), 0), 0);
	assert_int_equal(keyfile_read(&kf, NULL, in_top("keys"), &key, why), EX_NOPERM);
}

static void file_without_a_key_lets_nobody_in(void **state)
{
	struct keyfile kf;

	(void)state;
	assert_int_equal(keyfile_read(&kf, NULL, put("keys", "# none\n"), &key, why), 0);
	assert_int_equal(keys_count(kf.keys), 0);
	keyfile_finish(&kf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys_and_their_servers_are_read, make_top,
						remove_top),
		cmocka_unit_test_setup_teardown(bad_line_costs_itself_alone, make_top, remove_top),
		cmocka_unit_test_setup_teardown(stream_id_is_as_long_as_srt_allows, make_top,
						remove_top),
		cmocka_unit_test_setup_teardown(log_names_the_line_and_never_the_key, make_top,
						remove_top),
		cmocka_unit_test_setup_teardown(there_are_at_most_sixty_four_servers, make_top,
						remove_top),
		cmocka_unit_test_setup_teardown(servers_keep_their_numbers_over_a_reload, make_top,
						remove_top),
		cmocka_unit_test_setup_teardown(directory_is_read_file_by_file_without_leftovers,
						make_top, remove_top),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said_in_one_sentence,
						make_top, remove_top),
		cmocka_unit_test_setup_teardown(file_without_a_key_lets_nobody_in, make_top,
						remove_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
