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
#include <sysexits.h>
#include <unistd.h>

#include "receiver/groupline.h"
#include "shared/base/text.h"
#include "receiver/keep.h"

/* A directory of this test's own, and what a receiver would have around its keep. */
static char dir[] = "/tmp/waybond-keep-XXXXXX";
static struct config cfg;
static char why[CONFIG_WHY];
static struct keep keep;
static struct door door;
static struct servers servers;
static struct handover handover;

enum { GROUPS = 8 };

static unsigned limit = GROUPS; /* of groups */

static struct endpoint at(const char *text, uint16_t port)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	ep.port = port;
	return ep;
}

static struct receiver_record record(void)
{
	struct receiver_record rec = {
		.port = 3,
		.origin = at("192.0.2.7", 50001),
		.proved = true,
		.own_peer = true,
		.server = 2,
		.caller_id = 123456789,
		.server_id = 4294967295,
		.latency = 2000,
		.timed = true,
		.timestamp = 4000000000,
		.stamped = SEC(86400),
		.count = 3,
	};

	for (unsigned i = 0; i < RECEIVER_MARK_LEN; i++)
		rec.mark[i] = (uint8_t)(i * 17);
	rec.member[0] = at("192.0.2.7", 50001);
	rec.local[0] = at("203.0.113.5", 0);
	rec.member[1] = at("2001:db8::7", 50002);
	rec.local[1] = at("2001:db8:1::5", 0);
	rec.member[2] = at("fe80::7", 50003);
	rec.member[2].scope = 3;
	return rec;
}

static void line_says_all_that_a_record_does(void **state)
{
	struct receiver_record rec = record(), again;
	static char line[GROUPLINE];
	uint16_t local;

	(void)state;
	groupline_print(&rec, 40123, line);
	assert_string_equal(line,
			    "group port=3 local=40123 mark=00112233445566778899aabbccddeeff "
			    "origin=192.0.2.7/50001 server=2 caller=123456789 callee=4294967295 "
			    "latency=2000 clock=4000000000@86400000000 is=proved,own "
			    "member=192.0.2.7/50001,203.0.113.5/0 "
			    "member=2001:db8::7/50002,2001:db8:1::5/0 member=fe80::7%3/50003,-");
	assert_true(groupline_read(line, &again, &local));
	assert_int_equal(local, 40123);
	assert_memory_equal(&rec, &again, sizeof(rec));
}

static void longest_record_fits_a_line(void **state)
{
	struct receiver_record rec = record(), again;
	static char line[GROUPLINE];
	struct endpoint longest = at("1111:2222:3333:4444:5555:6666:7777:8888", 65535);
	uint16_t local;

	(void)state;
	longest.scope = UINT32_MAX;
	rec.plain = true;
	rec.port = rec.server = 1 << 20;
	rec.stamped = INT64_MAX;
	rec.origin = longest;
	rec.count = RECEIVER_MEMBERS;
	for (unsigned i = 0; i < RECEIVER_MEMBERS; i++)
		rec.member[i] = rec.local[i] = longest;
	assert_true(groupline_print(&rec, 65535, line) < GROUPLINE - 1);
	assert_true(groupline_read(line, &again, &local));
	assert_memory_equal(&rec, &again, sizeof(rec));
}

#define START "group port=1 local=2 mark=00112233445566778899aabbccddeeff origin=192.0.2.7/5"

static bool reads(const char *text)
{
	static char line[GROUPLINE];
	struct receiver_record rec;
	uint16_t local;

	snprintf(line, sizeof(line), "%s", text);
	return groupline_read(line, &rec, &local);
}

static void line_of_another_version_is_read_for_what_is_known(void **state)
{
	(void)state;
	assert_true(reads(START));
	assert_true(reads(START " weather=fine is=own,tired member=192.0.2.7/5,-"));
}

static void malformed_lines_give_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"group",
		"grouq port=1",
		"group port=1 local=2 mark=00112233445566778899aabbccddeeff",
		"group port=0 local=2 mark=00112233445566778899aabbccddeeff origin=192.0.2.7/5",
		"group port=1 local=2 mark=00112233445566778899aabbccddeef origin=192.0.2.7/5",
		"group port=1 local=2 mark=00112233445566778899aabbccddeefg origin=192.0.2.7/5",
		"group port=1 local=2 mark=00112233445566778899aabbccddeeff0 origin=192.0.2.7/5",
		"group port=1 local=65536 mark=00112233445566778899aabbccddeeff origin=192.0.2.7/5",
		"group port=1 local=2 mark=00112233445566778899aabbccddeeff origin=-",
		START "/6",
		START " port=1",
		START " ",
		START " member",
		START " member=192.0.2.7/5",
		START " member=-,-",
		START " member=192.0.2.7,-",
		START " member=192.0.2.7%1/5,-",
		START " member=fe80::1%0/5,-",
		START " member=fe80::1/5%1,-",
		START " member=name/5,-",
		START " latency=65536",
		START " latency=-1",
		START " caller=4294967296",
		START " clock=5",
		START " clock=5@",
		START " clock=5@-1",
		START " clock=5@9223372036854775808",
		START " clock=1@1 clock=1@1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(reads(bad[i]));
}

static void line_of_more_members_than_may_be_gives_nothing(void **state)
{
	static char line[GROUPLINE];
	size_t len = (size_t)snprintf(line, sizeof(line), "%s", START);

	(void)state;
	for (unsigned i = 0; i < RECEIVER_MEMBERS; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " member=192.0.2.7/%u,-", i);
	assert_true(reads(line));
	snprintf(line + len, sizeof(line) - len, " member=192.0.2.8/1,-");
	assert_false(reads(line));
}

/* What the directory is called. */

static void environment(const char *state_directory, const char *xdg)
{
	unsetenv("STATE_DIRECTORY");
	unsetenv("XDG_STATE_HOME");
	if (state_directory)
		setenv("STATE_DIRECTORY", state_directory, 1);
	if (xdg)
		setenv("XDG_STATE_HOME", xdg, 1);
}

static void directory_is_the_one_asked_for_or_the_manager_s_or_the_usual(void **state)
{
	struct statedir d;

	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	cfg.listen_port = 5000;
	environment("/var/lib/a:/var/lib/b", "/home/x/.state");
	statedir_choose(&d, "srtla_rec", cfg.state_dir, &cfg.bind, cfg.listen_port);
	assert_string_equal(d.path, "/var/lib/a");
	assert_false(d.asked);
	cfg.state_dir = "here";
	statedir_choose(&d, "srtla_rec", cfg.state_dir, &cfg.bind, cfg.listen_port);
	assert_string_equal(d.path, "here");
	assert_true(d.asked);
	cfg.state_dir = NULL;
	environment(NULL, "/home/x/.state");
	statedir_choose(&d, "srtla_rec", cfg.state_dir, &cfg.bind, cfg.listen_port);
	assert_string_equal(d.path, geteuid() == 0 ? "/var/lib/srtla_rec"
						   : "/home/x/.state/srtla_rec");
}

static void files_are_called_after_port_and_address(void **state)
{
	char path[PATH_MAX];
	struct statedir d;

	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	cfg.state_dir = "/s";
	cfg.listen_port = 5000;
	statedir_choose(&d, "srtla_rec", cfg.state_dir, &cfg.bind, cfg.listen_port);
	assert_true(statedir_file(&d, "cookie", ".key", path));
	assert_string_equal(path, "/s/cookie-5000.key");
	cfg.bind = at("2001:db8::5", 0);
	statedir_choose(&d, "srtla_rec", cfg.state_dir, &cfg.bind, cfg.listen_port);
	assert_true(statedir_file(&d, "groups", "", path));
	assert_string_equal(path, "/s/groups-2001:db8::5_5000");
}

/* Whole lives of a keep. */

static void begin(void)
{
	memset(&cfg, 0, sizeof(cfg));
	cfg.state_dir = dir;
	cfg.listen_port = 5000;
	cfg.group_timeout = SEC(30);
	assert_int_equal(keep_open(&keep, &cfg, why), 0);
}

/* With a core and sockets; SRT servers there are none, so no socket is ever opened. */
static void live(ustime now)
{
	struct receiver_config core = {.groups = limit};

	begin();
	memcpy(core.boot_id, keep.keys.boot_id, sizeof(core.boot_id));
	core.create_key = keep.keys.create;
	core.readopt_key = keep.keys.readopt;
	memset(&door, 0, sizeof(door));
	assert_true(pkt_pool_init(&door.pool, 64));
	outbox_init(&door.out);
	door.receiver = receiver_create(&core, &door.pool, now);
	assert_non_null(door.receiver);
	assert_true(servers_init(&servers, &door, NULL, 0, limit));
	assert_true(handover_init(&handover, limit));
	assert_true(keep_restore(&keep, door.receiver, &servers, &handover, 0, now, &door.out));
}

static void die(void)
{
	servers_finish(&servers);
	handover_finish(&handover);
	outbox_finish(&door.out);
	receiver_destroy(door.receiver);
	pkt_pool_finish(&door.pool);
	keep_close(&keep);
}

static void add_group(uint8_t number, ustime now)
{
	struct receiver_record rec = record();

	rec.port = number;
	rec.mark[0] = number;
	for (unsigned i = 0; i < rec.count; i++)
		rec.member[i].port = (uint16_t)(number * 100 + i);
	assert_int_equal(receiver_restore(door.receiver, &rec, now, &door.out), number);
}

static unsigned groups(void)
{
	struct receiver_view v;

	receiver_view(door.receiver, 0, &v);
	return v.groups;
}

static const char *file(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *to = fopen(file(name), "w");

	assert_non_null(to);
	fputs(text, to);
	fclose(to);
}

static const char *content(const char *name)
{
	static char text[8192];
	FILE *from = fopen(file(name), "r");
	size_t len;

	if (!from)
		return NULL;
	len = fread(text, 1, sizeof(text) - 1, from);
	fclose(from);
	text[len] = '\0';
	return text;
}

static int clean(void **state)
{
	(void)state;
	unlink(file("cookie-5000.key"));
	unlink(file("groups-5000"));
	return 0;
}

static void keys_are_the_same_for_the_next_process_and_nobody_else_s_to_read(void **state)
{
	struct cookiekeys first;
	struct stat st;

	(void)state;
	begin();
	first = keep.keys;
	assert_int_equal(stat(file("cookie-5000.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	keep_close(&keep);
	begin();
	assert_memory_equal(&keep.keys, &first, sizeof(first));
	keep_close(&keep);

	chmod(file("cookie-5000.key"), 0644);
	begin();
	assert_memory_not_equal(&keep.keys.readopt, &first.readopt, sizeof(first.readopt));
	keep_close(&keep);
	assert_int_equal(stat(file("cookie-5000.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void keys_of_another_boot_or_of_no_sense_are_drawn_anew(void **state)
{
	const char *zeros = "00000000000000000000000000000000";
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), "srtla_rec keys 1\nboot %s\ncreate %s\nreadopt %s\n", zeros,
		 zeros, zeros);
	for (int i = 0; i < 3; i++) {
		struct siphash_key nought = {{0}};

		put("cookie-5000.key", i == 0 ? text : i == 1 ? "srtla_rec keys 1\nboot 00\n" : "");
		chmod(file("cookie-5000.key"), 0600);
		begin();
		assert_memory_not_equal(&keep.keys.create, &nought, sizeof(nought));
		assert_memory_not_equal(&keep.keys.readopt, &nought, sizeof(nought));
		assert_true(keep.keys.written);
		keep_close(&keep);
	}
}

static void groups_are_there_again_in_the_next_process(void **state)
{
	ustime now = SEC(1000);
	struct receiver_record rec;
	struct stat st;

	(void)state;
	live(now);
	assert_int_equal(keep_deadline(&keep), NEVER);
	add_group(2, now);
	add_group(5, now);
	keep_look(&keep, now);
	assert_true(keep_deadline(&keep) <= now + MSEC(100));
	keep_run(&keep, now = keep_deadline(&keep));
	assert_int_equal(stat(file("groups-5000"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	die(); /* without a further word, as after a SIGKILL */

	live(now += MSEC(200));
	assert_int_equal(groups(), 2);
	assert_true(receiver_record(door.receiver, 5, &rec));
	assert_int_equal(rec.count, 3);
	assert_int_equal(rec.mark[0], 5);
	assert_int_equal(servers_local_port(&servers, 5), 0);
	die();
}

static void port_toward_the_server_is_asked_for_again(void **state)
{
	ustime now = SEC(1000);

	(void)state;
	live(now);
	add_group(2, now);
	servers_expect(&servers, 2, 40123);
	keep_end(&keep, now);
	die();
	live(now);
	assert_int_equal(servers_local_port(&servers, 2), 40123);
	die();
}

static void nothing_is_written_while_nothing_changes_but_for_the_clock_each_minute(void **state)
{
	ustime now = SEC(1000), began;

	(void)state;
	live(now);
	add_group(2, now);
	keep_look(&keep, now);
	keep_run(&keep, began = now = keep_deadline(&keep));
	unlink(file("groups-5000"));
	while (now < began + SEC(60) - MSEC(1)) {
		keep_look(&keep, now);
		keep_tick(&keep, 0, now);
		keep_run(&keep, now);
		now += MSEC(500);
	}
	assert_null(content("groups-5000"));
	keep_run(&keep, began + SEC(60));
	assert_non_null(content("groups-5000"));
	die();
}

static void writes_are_a_tenth_of_a_second_apart_whatever_changes(void **state)
{
	ustime now = SEC(1000), last = 0;
	unsigned writes = 0;

	(void)state;
	live(now);
	add_group(2, now);
	for (unsigned i = 0; i < 1000; i++) {
		struct receiver_record rec = record();

		rec.mark[0] = 100;
		rec.mark[1] = (uint8_t)i;
		rec.mark[2] = (uint8_t)(i / 256);
		rec.count = 0;
		rec.port = 7;
		if (i < GROUPS - 1)
			receiver_restore(door.receiver, &rec, now, &door.out);
		outbox_clear_notes(&door.out);
		keep_look(&keep, now);
		if (keep_deadline(&keep) <= now) {
			assert_true(now - last >= MSEC(100));
			last = now;
			keep_run(&keep, now);
			writes++;
		}
		now += MSEC(1);
	}
	assert_in_range(writes, 1, 2);
	die();
}

static void change_while_many_groups_are_composed_is_written_too(void **state)
{
	enum { MANY = 100 };
	ustime now = SEC(1000);
	unsigned turns = 0;

	(void)state;
	limit = MANY;
	live(now);
	for (uint8_t i = 1; i < MANY; i++)
		add_group(i, now);
	keep_look(&keep, now);
	do {
		keep_run(&keep, now = keep_deadline(&keep));
		if (++turns == 2)
			add_group(MANY, now); /* ports 1 to 64 are composed by then */
		keep_look(&keep, now);
	} while (keep_deadline(&keep) < now + SEC(30));
	assert_in_range(turns, 8, 9); /* four parts each time */
	die();
	live(now);
	assert_int_equal(groups(), MANY);
	die();
	limit = GROUPS;
}

static void file_of_another_boot_or_too_old_or_of_the_future_is_left_alone(void **state)
{
	static const struct {
		const char *title;
		ustime at;
		unsigned groups;
	} files[] = {
		{"srtla_rec groups 1 boot=%s at=%lld\n%s\n", SEC(1000), 1},
		{"srtla_rec groups 1 boot=%s at=%lld\n%s\n", SEC(911), 1},
		{"srtla_rec groups 1 boot=%s at=%lld\n%s\n", SEC(909), 0},
		{"srtla_rec groups 1 boot=%s at=%lld\n%s\n", SEC(1001), 0},
		{"srtla_rec groups 1 boot=0%s at=%lld\n%s\n", SEC(1000), 0},
		{"srtla_rec groups 2 boot=%s at=%lld\n%s\n", SEC(1000), 0},
		{"%s %lld %s", 0, 0},
	};
	char boot[33], text[1024];

	(void)state;
	begin();
	text_hex(keep.keys.boot_id, 16, boot);
	keep_close(&keep);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), files[i].title, boot, (long long)files[i].at, START);
#pragma GCC diagnostic pop
		put("groups-5000", text);
		live(SEC(1000));
		assert_int_equal(groups(), files[i].groups);
		die();
	}
}

static void malformed_line_costs_its_own_group(void **state)
{
	char boot[33], text[1024];

	(void)state;
	begin();
	text_hex(keep.keys.boot_id, 16, boot);
	keep_close(&keep);
	snprintf(text, sizeof(text),
		 "srtla_rec groups 1 boot=%s at=999000000\ngroup port=2\n%s\n"
		 "group port=4 local=0 mark=ff112233445566778899aabbccddeeff origin=192.0.2.8/5",
		 boot, START); /* the last one is cut off */
	put("groups-5000", text);
	live(SEC(1000));
	assert_int_equal(groups(), 1);
	assert_int_equal(receiver_group_serial(door.receiver, 1), 1);
	die();
}

static void directory_that_cannot_be_used_ends_the_start_only_when_asked_for(void **state)
{
	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	cfg.state_dir = "/dev/null/state";
	assert_int_equal(keep_open(&keep, &cfg, why), EX_CANTCREAT);
	assert_string_equal(why, "--state-dir /dev/null/state: Not a directory");
	keep_close(&keep);

	cfg.state_dir = NULL;
	environment("/dev/null/state", NULL);
	assert_int_equal(keep_open(&keep, &cfg, why), 0);
	assert_string_equal(keep.dir.path, "");
	keep_close(&keep);
}

static void directory_is_made_with_those_above_it(void **state)
{
	char path[PATH_MAX];
	struct statedir d;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b", dir);
	memset(&cfg, 0, sizeof(cfg));
	cfg.state_dir = path;
	umask(0);
	statedir_choose(&d, "srtla_rec", cfg.state_dir, &cfg.bind, cfg.listen_port);
	assert_int_equal(statedir_open(&d, why), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(file("a")), 0);
}

static void directory_that_vanishes_is_waited_for(void **state)
{
	ustime now = SEC(1000);

	(void)state;
	live(now);
	add_group(2, now);
	keep_look(&keep, now);
	clean(NULL);
	assert_int_equal(rmdir(dir), 0);
	for (unsigned i = 0; i < 5; i++) {
		keep_run(&keep, now = keep_deadline(&keep));
		assert_true(keep.failing);
		assert_true(keep_deadline(&keep) >= now + SEC(1));
	}
	assert_int_equal(mkdir(dir, 0700), 0);
	keep_run(&keep, keep_deadline(&keep));
	assert_false(keep.failing);
	assert_non_null(content("groups-5000"));
	die();
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	clean(state);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_says_all_that_a_record_does),
		cmocka_unit_test(longest_record_fits_a_line),
		cmocka_unit_test(line_of_another_version_is_read_for_what_is_known),
		cmocka_unit_test(malformed_lines_give_nothing),
		cmocka_unit_test(line_of_more_members_than_may_be_gives_nothing),
		cmocka_unit_test(directory_is_the_one_asked_for_or_the_manager_s_or_the_usual),
		cmocka_unit_test(files_are_called_after_port_and_address),
		cmocka_unit_test_setup(
			keys_are_the_same_for_the_next_process_and_nobody_else_s_to_read, clean),
		cmocka_unit_test_setup(keys_of_another_boot_or_of_no_sense_are_drawn_anew, clean),
		cmocka_unit_test_setup(groups_are_there_again_in_the_next_process, clean),
		cmocka_unit_test_setup(port_toward_the_server_is_asked_for_again, clean),
		cmocka_unit_test_setup(
			nothing_is_written_while_nothing_changes_but_for_the_clock_each_minute,
			clean),
		cmocka_unit_test_setup(writes_are_a_tenth_of_a_second_apart_whatever_changes, clean),
		cmocka_unit_test_setup(change_while_many_groups_are_composed_is_written_too, clean),
		cmocka_unit_test_setup(
			file_of_another_boot_or_too_old_or_of_the_future_is_left_alone, clean),
		cmocka_unit_test_setup(malformed_line_costs_its_own_group, clean),
		cmocka_unit_test_setup(
			directory_that_cannot_be_used_ends_the_start_only_when_asked_for, clean),
		cmocka_unit_test_setup(directory_is_made_with_those_above_it, clean),
		cmocka_unit_test_setup(directory_that_vanishes_is_waited_for, clean),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
