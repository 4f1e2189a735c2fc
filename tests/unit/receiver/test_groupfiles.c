/* SPDX-License-Identifier: MIT */
#include "report_rig.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "receiver/groupfiles.h"

static struct groupfiles files;
static char dir[64];

static int set_up_dir(void **state)
{
	set_up(state);
	snprintf(dir, sizeof(dir), "/tmp/test_groupfiles.XXXXXX");
	assert_non_null(mkdtemp(dir));
	return 0;
}

/* Nothing may be left in the directory, so no file outlives its receiver. */
static int finish_dir(void **state)
{
	groupfiles_close(&files);
	if (dir[0] && rmdir(dir) != 0)
		fail_msg("something is left in %s", dir);
	return finish(state);
}

static void open_files(void)
{
	groupfiles_open(&files, &shell.scene, dir);
}

/* As the loop does, at the ends of turns. */
static void turn(usspan span)
{
	for (usspan step = 0; step < span; step += MSEC(1)) {
		clock_now += MSEC(1);
		groupfiles_look(&files, clock_now);
		groupfiles_run(&files, clock_now);
	}
}

static void path_of(unsigned local, char path[128])
{
	snprintf(path, 128, "%s/srtla-group-%u", dir, local);
}

/* NULL: there is none. */
static const char *content(unsigned local)
{
	static char text[4096];
	char path[128];
	ssize_t len;
	int fd;

	path_of(local, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(len >= 0);
	text[len] = '\0';
	return text;
}

static unsigned local_port(unsigned port)
{
	return servers_local_port(&shell.servers, port);
}

static void put_file(unsigned local, const char *text)
{
	char path[128];
	FILE *f;

	path_of(local, path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void end_groups(void)
{
	for (int i = 0; i < 60; i++)
		receiver_run(shell.door.receiver, clock_now += SEC(1), &shell.door.out);
}

static void a_file_names_who_is_behind_the_port(void **state)
{
	char path[128];
	struct stat st;

	(void)state;
	open_files();
	restore(1, 1);
	turn(MSEC(200));
	assert_int_equal(local_port(1), 0); /* it has no socket, and so no file */
	feed(1, 0, 1, 100);
	restore(2, 1); /* something has changed */
	turn(MSEC(200));
	assert_true(local_port(1) != 0);
	assert_string_equal(content(local_port(1)), "192.0.0.1\n");
	path_of(local_port(1), path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644 & ~umask(umask(0)));
}

/* A group of these, with a socket. */
static void restore_hosts(unsigned port, const char *const host[], unsigned count)
{
	struct receiver_record rec = {.port = port, .mark = {99}, .count = count};

	for (unsigned i = 0; i < count; i++) {
		assert_true(endpoint_parse(host[i], &rec.member[i]));
		rec.member[i].port = (uint16_t)(2000 + i);
	}
	rec.origin = rec.member[0];
	assert_int_equal(receiver_restore(shell.door.receiver, &rec, clock_now, &shell.door.out),
			 port);
	servers_expect(&shell.servers, port, 0);
	outbox_clear_notes(&shell.door.out);
}

static void each_address_stands_there_once_on_a_line(void **state)
{
	static const char *const hosts[] = {
		"203.0.113.7", "2001:db8::1", "203.0.113.7", "203.0.113.8"};
	struct pkt *p = pkt_get(&shell.door.pool);

	(void)state;
	open_files();
	restore_hosts(1, hosts, 4);
	p->len = 100;
	memset(p->data, 0, 100);
	p->peer = view(1).member[0].who;
	receiver_from_net(shell.door.receiver, p, clock_now, &shell.door.out);
	outlet_drain(&shell.outlet, clock_now);
	turn(MSEC(200));
	assert_string_equal(content(local_port(1)), "203.0.113.7\n2001:db8::1\n203.0.113.8\n");
}

static void it_is_there_in_the_turn_in_which_something_changes(void **state)
{
	(void)state;
	open_files();
	turn(MSEC(1));
	restore(1, 1);
	feed(1, 0, 1, 100);
	clock_now += MSEC(200);
	groupfiles_look(&files, clock_now);
	assert_true(groupfiles_deadline(&files) <= clock_now);
	groupfiles_run(&files, clock_now);
	assert_non_null(content(local_port(1)));
	assert_true(groupfiles_deadline(&files) == NEVER);
}

static void it_goes_with_its_group(void **state)
{
	unsigned local;

	(void)state;
	open_files();
	restore(1, 1);
	feed(1, 0, 1, 100);
	turn(MSEC(200));
	local = local_port(1);
	assert_non_null(content(local));
	end_groups();
	turn(MSEC(200));
	assert_null(content(local));
}

static void it_goes_with_the_receiver(void **state)
{
	unsigned local;

	(void)state;
	open_files();
	restore(1, 1);
	feed(1, 0, 1, 100);
	turn(MSEC(200));
	local = local_port(1);
	groupfiles_close(&files);
	assert_null(content(local));
}

static void a_silent_member_leaves_the_file(void **state)
{
	static const char *const hosts[] = {"203.0.113.7", "203.0.113.8"};
	unsigned local;

	(void)state;
	open_files();
	restore_hosts(1, hosts, 2);
	for (uint32_t i = 0; i < 20; i++) {
		struct pkt *p = pkt_get(&shell.door.pool);

		p->len = 100;
		memset(p->data, 0, 100);
		put_be32(p->data, 1 + i);
		assert_true(endpoint_parse("203.0.113.8", &p->peer));
		p->peer.port = 2001;
		receiver_from_net(shell.door.receiver, p, clock_now, &shell.door.out);
		clock_now += SEC(1);
		receiver_run(shell.door.receiver, clock_now, &shell.door.out);
		outlet_drain(&shell.outlet, clock_now);
		if (i == 0) {
			turn(MSEC(200));
			assert_string_equal(content(local_port(1)), "203.0.113.7\n203.0.113.8\n");
		}
	}
	local = local_port(1);
	turn(MSEC(200));
	assert_string_equal(content(local), "203.0.113.8\n");
}

static void files_of_an_earlier_life_are_gone_at_the_start(void **state)
{
	char path[128];
	int fd = open_end("127.0.0.1", 0);
	unsigned used = port_of(fd), gone;

	(void)state;
	gone = port_of(server);
	close(server);
	server = open_end("127.0.0.1", 0);
	put_file(gone, "192.0.2.9\n");
	put_file(used, "192.0.2.8\n"); /* another receiver's */
	snprintf(path, sizeof(path), "%s/srtla-group-x", dir);
	close(open(path, O_CREAT | O_CLOEXEC | O_WRONLY, 0600));
	open_files();
	assert_null(content(gone));
	assert_string_equal(content(used), "192.0.2.8\n");
	assert_int_equal(unlink(path), 0);
	path_of(used, path);
	assert_int_equal(unlink(path), 0);
	close(fd);
}

static void a_link_that_lies_in_wait_is_not_followed(void **state)
{
	char path[128], trap[128];
	struct stat st;

	(void)state;
	open_files();
	restore(1, 1);
	feed(1, 0, 1, 100);
	snprintf(trap, sizeof(trap), "%s/trap", dir);
	path_of(local_port(1), path);
	assert_int_equal(symlink(trap, path), 0);
	turn(MSEC(200));
	assert_int_not_equal(stat(trap, &st), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void trouble_passes(void **state)
{
	(void)state;
	assert_int_equal(rmdir(dir), 0);
	open_files();
	assert_true(files.failing);
	restore(1, 1);
	feed(1, 0, 1, 100);
	turn(MSEC(200));
	assert_true(files.failing);
	assert_true(groupfiles_deadline(&files) - clock_now > MSEC(500)); /* not at once again */
	assert_int_equal(mkdir(dir, 0700), 0);
	turn(MSEC(1500));
	assert_false(files.failing);
	assert_non_null(content(local_port(1)));
}

static void many_are_written_a_few_in_a_turn(void **state)
{
	unsigned turns = 0;

	(void)state;
	open_files();
	turn(MSEC(1));
	clock_now += MSEC(200);
	for (unsigned mark = 1; mark <= 100; mark++) {
		restore(mark, 1);
		feed(mark, 0, 1, 100);
	}
	groupfiles_look(&files, clock_now);
	for (; groupfiles_deadline(&files) != NEVER; turns++) {
		clock_now = later(clock_now, groupfiles_deadline(&files));
		groupfiles_run(&files, clock_now);
	}
	assert_int_equal(turns, 13);
	for (unsigned port = 1; port <= 100; port++)
		assert_non_null(content(local_port(port)));
}

static void off_is_off(void **state)
{
	(void)state;
	groupfiles_open(&files, &shell.scene, "off");
	restore(1, 1);
	feed(1, 0, 1, 100);
	turn(MSEC(200));
	assert_true(groupfiles_deadline(&files) == NEVER);
	assert_null(content(local_port(1)));
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, set_up_dir, finish_dir)
	const struct CMUnitTest tests[] = {
		RUNS(a_file_names_who_is_behind_the_port),
		RUNS(each_address_stands_there_once_on_a_line),
		RUNS(it_is_there_in_the_turn_in_which_something_changes),
		RUNS(it_goes_with_its_group),
		RUNS(it_goes_with_the_receiver),
		RUNS(a_silent_member_leaves_the_file),
		RUNS(files_of_an_earlier_life_are_gone_at_the_start),
		RUNS(a_link_that_lies_in_wait_is_not_followed),
		RUNS(trouble_passes),
		RUNS(many_are_written_a_few_in_a_turn),
		RUNS(off_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
