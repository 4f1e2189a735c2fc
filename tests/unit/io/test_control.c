/* SPDX-License-Identifier: MIT */
#include "shared/io/control.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BIG = 1024 * 1024 };

static char dir[] = "/tmp/control-XXXXXX";
static char path[64];
static struct loop *loop;
static struct control *control;
static ustime end; /* of the moment; NEVER: it has not begun */
static char big[BIG];

/* "big" is answered with a megabyte, "sub" subscribes, and all else comes back. */
static void answer(void *arg, struct control_client *from, const char *line, size_t len, ustime now)
{
	(void)arg;
	assert_int_equal(line[len], '\0');
	if (strcmp(line, "big") == 0)
		control_send(from, big, sizeof(big));
	else if (strcmp(line, "sub") == 0)
		control_send(from, control_subscribe(from, 1, MSEC(100), now) ? "ok" : "no", 2);
	else
		control_send(from, line, len);
}

static void due(void *arg, ustime now)
{
	(void)arg;
	control_run(control, now);
	if (now >= end)
		loop_stop(loop);
}

static void flush(void *arg, ustime now)
{
	(void)arg;
	(void)now;
}

static ustime deadline(void *arg)
{
	(void)arg;
	if (end == NEVER)
		end = loop_now(loop) + MSEC(20);
	return earlier(end, control_deadline(control));
}

static void run_a_moment(void)
{
	end = NEVER;
	loop_run(loop);
}

static int open_rig(void **state)
{
	const struct loop_hooks hooks = {.due = due, .flush = flush, .deadline = deadline};

	(void)state;
	strcpy(dir, "/tmp/control-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/9000.sock", dir);
	memset(big, 'x', sizeof(big));
	loop = loop_create(&hooks);
	return loop ? control_create(&control, loop, path, answer, NULL) : -1;
}

static int close_rig(void **state)
{
	(void)state;
	control_destroy(control);
	control = NULL;
	loop_destroy(loop);
	unlink(path);
	return rmdir(dir);
}

static int knock(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, strlen(path));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What has come by now; -1: nothing; 0: that was all there will ever be. */
static long heard(int fd, char *text, size_t room)
{
	ssize_t n = recv(fd, text, room - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return n;
}

static void assert_hears(int fd, const char *want)
{
	char text[512];

	run_a_moment();
	heard(fd, text, sizeof(text));
	assert_string_equal(text, want);
}

/* It was told why, if that is asked for here, and that was the last word. */
static void assert_cut_off(int fd, const char *why)
{
	char text[512];

	heard(fd, text, sizeof(text));
	assert_non_null(strstr(text, why));
	if (text[0])
		assert_true(heard(fd, text, sizeof(text)) == 0 || errno == ECONNRESET);
	close(fd);
}

static void a_line_is_answered_with_a_line(void **state)
{
	int fd = knock();

	(void)state;
	say(fd, "hello\n");
	assert_hears(fd, "hello\n");
	say(fd, "again\r\n");
	assert_hears(fd, "again\n");
	close(fd);
}

static void lines_that_come_together_are_answered_in_their_order(void **state)
{
	int fd = knock();

	(void)state;
	say(fd, "one\ntwo\n\nthree\nfo");
	assert_hears(fd, "one\ntwo\nthree\n");
	say(fd, "ur\n");
	assert_hears(fd, "four\n");
	close(fd);
}

static void who_says_his_last_line_and_listens_on_is_answered(void **state)
{
	char text[16];
	int fd = knock();

	(void)state;
	say(fd, "one\ntwo\n");
	shutdown(fd, SHUT_WR);
	assert_hears(fd, "one\ntwo\n");
	assert_int_equal(heard(fd, text, sizeof(text)), 0);
	close(fd);
}

static void a_line_of_4096_bytes_is_taken_and_a_longer_one_cut_off(void **state)
{
	static char line[CONTROL_LINE + 1];
	static char text[2 * CONTROL_LINE];
	int fd = knock(), other = knock();

	(void)state;
	memset(line, 'a', CONTROL_LINE);
	line[CONTROL_LINE - 1] = '\n';
	say(fd, line);
	run_a_moment();
	assert_int_equal(heard(fd, text, sizeof(text)), CONTROL_LINE);
	close(fd);

	line[CONTROL_LINE - 1] = 'a';
	say(other, line);
	run_a_moment();
	assert_cut_off(other, "at most 4096 bytes");
}

static void any_bytes_may_come(void **state)
{
	const char bytes[] = "\0\xff\x01\0\n{\n";
	char text[16];
	int fd = knock();

	(void)state;
	assert_int_equal(send(fd, bytes, sizeof(bytes) - 1, 0), sizeof(bytes) - 1);
	run_a_moment();
	assert_int_equal(heard(fd, text, sizeof(text)), 7);
	assert_memory_equal(text, bytes, 7);
	close(fd);
}

static void who_asks_nothing_for_five_seconds_is_cut_off(void **state)
{
	int silent = knock(), half = knock(), other = knock();
	char text[16];
	ustime now;

	(void)state;
	say(half, "{\"jsonrpc\"");
	say(other, "hello\n");
	assert_hears(other, "hello\n");
	now = loop_now(loop);
	control_run(control, now + MSEC(4900));
	assert_int_equal(heard(silent, text, sizeof(text)), -1);
	assert_int_equal(heard(half, text, sizeof(text)), -1);
	control_run(control, now + MSEC(5000));
	assert_cut_off(silent, "no whole line in time");
	assert_cut_off(half, "no whole line in time");
	assert_int_equal(heard(other, text, sizeof(text)), -1); /* it has asked, and may again */
	assert_int_equal(control_counts(control).cut, 2);
	close(other);
}

static void an_answer_of_a_megabyte_arrives_whole(void **state)
{
	static char text[BIG / 4];
	size_t all = 0;
	int fd = knock();

	(void)state;
	say(fd, "big\nafter\n");
	for (unsigned i = 0; i < 100 && all < BIG + 7; i++) {
		long n;

		run_a_moment();
		while ((n = heard(fd, text, sizeof(text))) > 0)
			all += (size_t)n;
	}
	assert_int_equal(all, BIG + 7); /* "after\n" too, which was only then read */
	close(fd);
}

static void a_reader_that_stands_still_is_cut_off(void **state)
{
	int fd = knock();

	(void)state;
	say(fd, "big\n");
	run_a_moment();
	assert_int_equal(control_counts(control).clients, 1);
	control_run(control, loop_now(loop) + SEC(4));
	assert_int_equal(control_counts(control).clients, 1);
	control_run(control, loop_now(loop) + SEC(5));
	assert_int_equal(control_counts(control).clients, 0);
	close(fd);
}

static void a_subscriber_that_does_not_read_holds_no_more_than_its_share(void **state)
{
	static const char line[16 * 1024];
	int fd = knock();
	unsigned n;

	(void)state;
	say(fd, "sub\n");
	assert_hears(fd, "ok\n");
	for (n = 1; n < 100 && control_subscribers(control); n++)
		control_publish(control, 1, line, sizeof(line), loop_now(loop) + SEC(n));
	assert_in_range(n, CONTROL_WAITING / sizeof(line), 60); /* with what the kernel holds */
	run_a_moment();
	assert_int_equal(control_counts(control).clients, 0);
	close(fd);
}

static void a_topic_comes_each_interval_to_those_who_asked_for_it(void **state)
{
	int fd = knock(), other = knock();
	char text[16];
	ustime now;

	(void)state;
	assert_true(control_wanted(control, 1) == NEVER);
	say(fd, "sub\n");
	say(other, "hello\n");
	assert_hears(fd, "ok\n");
	assert_hears(other, "hello\n");
	now = control_wanted(control, 1);
	assert_true(control_wanted(control, 0) == NEVER);
	control_publish(control, 0, "none", 4, now);
	control_publish(control, 1, "first", 5, now);
	control_publish(control, 1, "early", 5, now + MSEC(99));
	assert_true(control_wanted(control, 1) == now + MSEC(100));
	control_publish(control, 1, "next", 4, now + MSEC(100));
	assert_hears(fd, "first\nnext\n");
	assert_int_equal(heard(other, text, sizeof(text)), -1);
	close(fd);
	close(other);
}

static void the_place_of_who_was_silent_longest_goes_to_who_knocks(void **state)
{
	int fd[CONTROL_CLIENTS], late;

	(void)state;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		fd[i] = knock();
	run_a_moment();
	assert_int_equal(control_counts(control).clients, CONTROL_CLIENTS);
	say(fd[0], "hello\n");
	assert_hears(fd[0], "hello\n");
	late = knock();
	say(late, "late\n");
	assert_hears(late, "late\n");
	assert_cut_off(fd[1], "others want this place");
	say(fd[0], "still here\n");
	assert_hears(fd[0], "still here\n");
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		if (i != 1)
			close(fd[i]);
	}
	close(late);
}

static void subscribers_keep_their_places_and_leave_some_to_others(void **state)
{
	int fd[CONTROL_CLIENTS + 8], late;
	char text[16];

	(void)state;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		fd[i] = knock();
		say(fd[i], "sub\n");
		assert_hears(fd[i], i < CONTROL_SUBSCRIBERS ? "ok\n" : "no\n");
	}
	for (unsigned i = CONTROL_CLIENTS; i < CONTROL_CLIENTS + 8; i++) {
		fd[i] = knock();
		run_a_moment();
	}
	late = knock();
	say(late, "late\n");
	assert_hears(late, "late\n");
	assert_int_equal(control_subscribers(control), CONTROL_SUBSCRIBERS);
	for (unsigned i = 0; i < CONTROL_CLIENTS + 8; i++) {
		if (i < CONTROL_SUBSCRIBERS)
			assert_int_equal(heard(fd[i], text, sizeof(text)), -1);
		close(fd[i]);
	}
	close(late);
}

static void who_reads_nothing_loses_his_place_to_who_knocks(void **state)
{
	int fd[CONTROL_CLIENTS], late;

	(void)state;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		fd[i] = knock();
		say(fd[i], "big\n");
	}
	run_a_moment();
	late = knock();
	say(late, "late\n");
	for (unsigned i = 0; i < 15; i++)
		run_a_moment(); /* 300 ms */
	assert_hears(late, "late\n");
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		close(fd[i]);
	close(late);
}

/* Each of them has had an answer and wants more, without end. */
static void who_asks_without_end_loses_his_place_to_who_knocks(void **state)
{
	static char many[CONTROL_LINE];
	int fd[CONTROL_CLIENTS], late;
	unsigned i;

	(void)state;
	for (size_t at = 0; at < sizeof(many) - 2; at += 2)
		memcpy(many + at, "a\n", 3);
	for (i = 0; i < CONTROL_CLIENTS; i++) {
		fd[i] = knock();
		say(fd[i], many);
	}
	run_a_moment();
	run_a_moment();
	late = knock();
	say(late, "late\n");
	run_a_moment();
	assert_hears(late, "late\n");
	for (i = 0; i < CONTROL_CLIENTS; i++)
		close(fd[i]);
	close(late);
}

static void a_hundred_who_knock_are_let_in_in_turn_and_quickly(void **state)
{
	int fd[100], last;
	char text[16];
	ustime began;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		fd[i] = knock();
	last = knock();
	say(last, "last\n");
	run_a_moment();
	began = loop_now(loop);
	while (heard(last, text, sizeof(text)) < 0 && loop_now(loop) - began < SEC(1))
		run_a_moment();
	assert_string_equal(text, "last\n");
	close(last);
	for (unsigned i = 0; i < 100; i++)
		close(fd[i]);
}

/* One request is answered in a turn, and each client has its turn. */
static void who_asks_much_does_not_keep_others_waiting(void **state)
{
	static char many[CONTROL_LINE];
	static char text[2 * CONTROL_LINE];
	int greedy = knock(), modest = knock();

	(void)state;
	for (size_t i = 0; i < sizeof(many) - 2; i += 2)
		memcpy(many + i, "a\n", 3);
	say(greedy, many);
	say(modest, "me\n");
	assert_hears(modest, "me\n");
	assert_in_range(heard(greedy, text, sizeof(text)), 2, 1000); /* of 4094 */
	close(greedy);
	close(modest);
}

static void only_owner_and_group_may_speak_whatever_the_umask(void **state)
{
	struct stat st;
	mode_t old;

	(void)state;
	control_destroy(control);
	old = umask(0);
	assert_int_equal(control_create(&control, loop, path, answer, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	control_destroy(control);
	umask(0077);
	assert_int_equal(control_create(&control, loop, path, answer, NULL), 0);
	umask(old);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void a_living_socket_is_left_alone_and_a_dead_one_replaced(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct control *second;
	int dead, fd;

	(void)state;
	assert_int_equal(control_create(&second, loop, path, answer, NULL), -EADDRINUSE);
	assert_null(second);
	control_destroy(control);

	memcpy(at.sun_path, path, strlen(path));
	dead = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(dead, (struct sockaddr *)&at, sizeof(at)), 0);
	close(dead);
	assert_int_equal(control_create(&control, loop, path, answer, NULL), 0);
	fd = knock();
	say(fd, "hello\n");
	assert_hears(fd, "hello\n");
	close(fd);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct control *second;
	struct stat st;
	char other[80];
	int fd;

	(void)state;
	snprintf(other, sizeof(other), "%s/file", dir);
	fd = open(other, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(control_create(&second, loop, other, answer, NULL), -ENOTSOCK);
	assert_int_equal(stat(other, &st), 0);
	unlink(other);
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
	char other[200] = "/tmp/";
	struct control *second;

	(void)state;
	memset(other + 5, 'a', 110);
	assert_int_equal(control_create(&second, loop, other, answer, NULL), -ENAMETOOLONG);
	assert_int_equal(control_create(&second, loop, "/tmp/not/there.sock", answer, NULL), -ENOENT);
}

static void the_name_goes_with_the_socket_unless_it_is_anothers_now(void **state)
{
	struct control *second;
	struct stat st;

	(void)state;
	unlink(path);
	assert_int_equal(control_create(&second, loop, path, answer, NULL), 0);
	control_destroy(control);
	control = NULL;
	assert_int_equal(stat(path, &st), 0);
	control_destroy(second);
	assert_int_equal(stat(path, &st), -1);
}

#define RIG(test) cmocka_unit_test_setup_teardown(test, open_rig, close_rig)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(a_line_is_answered_with_a_line),
		RIG(lines_that_come_together_are_answered_in_their_order),
		RIG(who_says_his_last_line_and_listens_on_is_answered),
		RIG(a_line_of_4096_bytes_is_taken_and_a_longer_one_cut_off),
		RIG(any_bytes_may_come),
		RIG(who_asks_nothing_for_five_seconds_is_cut_off),
		RIG(an_answer_of_a_megabyte_arrives_whole),
		RIG(a_reader_that_stands_still_is_cut_off),
		RIG(a_subscriber_that_does_not_read_holds_no_more_than_its_share),
		RIG(a_topic_comes_each_interval_to_those_who_asked_for_it),
		RIG(the_place_of_who_was_silent_longest_goes_to_who_knocks),
		RIG(subscribers_keep_their_places_and_leave_some_to_others),
		RIG(who_reads_nothing_loses_his_place_to_who_knocks),
		RIG(who_asks_without_end_loses_his_place_to_who_knocks),
		RIG(a_hundred_who_knock_are_let_in_in_turn_and_quickly),
		RIG(who_asks_much_does_not_keep_others_waiting),
		RIG(only_owner_and_group_may_speak_whatever_the_umask),
		RIG(a_living_socket_is_left_alone_and_a_dead_one_replaced),
		RIG(a_file_that_is_no_socket_is_left_alone),
		RIG(a_path_too_long_for_a_socket_is_refused),
		RIG(the_name_goes_with_the_socket_unless_it_is_anothers_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
