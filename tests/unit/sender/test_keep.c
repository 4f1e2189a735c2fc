/* SPDX-License-Identifier: MIT */
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

#include "sender/keep.h"
#include "shared/io/statefile.h"

/* A directory of this test's own, and what a sender would have around its keep. */
static char dir[] = "/tmp/waybond-session-XXXXXX";
static char path[64];
static struct config cfg;
static char why[CONFIG_WHY];
static struct keep keep;

static struct endpoint at(const char *text, uint16_t port)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	ep.port = port;
	return ep;
}

static struct sessionfile session(void)
{
	struct sessionfile f = {.host_port = 5000, .host = "rec.example.org", .count = 2};

	memset(f.record.id, 0xab, sizeof(f.record.id));
	f.record.whole = true;
	f.record.encoder = at("127.0.0.1", 40123);
	f.record.caller_id = 1234;
	f.record.server_id = 4294967295;
	f.record.latency = 2000;
	f.address[FAMILY_V4] = at("203.0.113.5", 5000);
	f.address[FAMILY_V6] = at("2001:db8::5", 5000);
	f.link[0].id.local = f.link[1].id.local = at("192.168.8.100", 0);
	memcpy(f.link[0].id.device, "usb0", 5);
	f.link[0].port = 50001;
	f.link[1].port = 50002;
	return f;
}

static void file_says_all_that_a_session_does(void **state)
{
	static char text[SESSIONFILE];
	struct sessionfile f = session(), again;
	struct uplink_id none = {.local = at("192.168.8.101", 0)};

	(void)state;
	sessionfile_print(&f, text);
	assert_true(sessionfile_read(text, &again));
	assert_memory_equal(&f, &again, sizeof(f));
	assert_int_equal(sessionfile_port(&again, &f.link[0].id), 50001);
	assert_int_equal(sessionfile_port(&again, &f.link[1].id), 50002);
	assert_int_equal(sessionfile_port(&again, &none), 0);
}

static void longest_session_fits(void **state)
{
	static char text[SESSIONFILE];
	struct sessionfile f = session(), again;

	(void)state;
	memset(f.host, 'h', sizeof(f.host) - 1);
	f.record.encoder = at("1111:2222:3333:4444:5555:6666:7777:8888", 65535);
	f.record.encoder.scope = UINT32_MAX;
	f.count = UPLINKS_MOST;
	for (unsigned i = 0; i < UPLINKS_MOST; i++) {
		f.link[i].id.local = at("1111:2222:3333:4444:5555:6666:7777:8888", 0);
		f.link[i].id.local.addr[15] = (uint8_t)i;
		memcpy(f.link[i].id.device, "abcdefghijklmno", UPLINK_DEVICE);
		f.link[i].port = 65535;
	}
	assert_true(sessionfile_print(&f, text) < SESSIONFILE - 256);
	assert_true(sessionfile_read(text, &again));
	assert_memory_equal(&f, &again, sizeof(f));
}

static bool reads(const char *head, const char *rest)
{
	static char text[2 * SESSIONFILE];
	static struct sessionfile f;

	assert_true(strlen(head) + strlen(rest) < sizeof(text));
	strcpy(text, head);
	strcat(text, rest);
	return sessionfile_read(text, &f);
}

static void malformed_sessions_are_none(void **state)
{
	static const char *const bad[] = {
		"link 5 10.0.0.1", "link 5\n", "link 5 nowhere\n", "link x 10.0.0.1\n", "link\n",
		"address -\n", "address 10.0.0.1\n", "encoder 127.0.0.1/5 caller=-1\n",
		"encoder -\n", "group 00\n", "host 5000 \n", "host 5000\n",
	};
	static char good[SESSIONFILE];
	struct sessionfile f = session();

	(void)state;
	f.count = 0;
	sessionfile_print(&f, good);
	assert_true(reads(good, ""));
	assert_true(reads(good, "weather fine\n\n"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(reads(good, bad[i]));
	assert_false(reads("", ""));
	assert_false(reads("host 5000 h\n", ""));
}

/* The file, written so long ago. */
static void put_file(const char *title, usspan ago, unsigned mode)
{
	static char text[STATEWORD_TITLE + SESSIONFILE];
	struct sessionfile f = session();
	uint8_t boot[BOOT_ID];
	size_t len;

	boot_id(boot);
	len = stateword_title(title, boot, boot_now() - ago, text);
	len += sessionfile_print(&f, text + len);
	assert_int_equal(statefile_replace(path, text, len, mode), 0);
}

static bool found(void)
{
	memset(&cfg, 0, sizeof(cfg));
	cfg.state_dir = dir;
	cfg.listen_port = 9000;
	cfg.host = "rec.example.org";
	cfg.host_port = 5000;
	assert_int_equal(keep_open(&keep, &cfg, why), 0);
	return keep_record(&keep) != NULL;
}

static void session_of_a_moment_ago_is_found(void **state)
{
	(void)state;
	assert_false(found());
	put_file(SESSIONFILE_TITLE, SEC(1), 0600);
	assert_true(found());
	assert_int_equal(keep_record(&keep)->caller_id, 1234);
	assert_int_equal(keep.before.count, 2);
}

static void session_that_is_old_or_not_ours_alone_or_no_session_is_left_alone(void **state)
{
	(void)state;
	if (boot_now() > SEC(1000)) {
		put_file(SESSIONFILE_TITLE, SEC(900), 0600);
		assert_false(found());
	}
	put_file(SESSIONFILE_TITLE, SEC(1), 0640);
	assert_false(found());
	put_file("srtla_rec groups 1", SEC(1), 0600);
	assert_false(found());
	assert_int_equal(statefile_replace(path, "\0\n", 2, 0600), 0);
	assert_false(found());
	assert_int_equal(statefile_replace(path, "", 0, 0600), 0);
	assert_false(found());
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_false(found());
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(found());
	unlink(path);
}

static void session_with_another_receiver_is_left_alone(void **state)
{
	(void)state;
	put_file(SESSIONFILE_TITLE, SEC(1), 0600);
	assert_true(found());
	cfg.host = "other.example.org";
	assert_int_equal(keep_open(&keep, &cfg, why), 0);
	assert_null(keep_record(&keep));
}

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/session-9000", dir);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_says_all_that_a_session_does),
		cmocka_unit_test(longest_session_fits),
		cmocka_unit_test(malformed_sessions_are_none),
		cmocka_unit_test(session_of_a_moment_ago_is_found),
		cmocka_unit_test(session_that_is_old_or_not_ours_alone_or_no_session_is_left_alone),
		cmocka_unit_test(session_with_another_receiver_is_left_alone),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
