/* SPDX-License-Identifier: MIT */
#include "shared/io/buffers.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 64 * 1024 };

static int fd;

/* A socket that has been given ROOM in both directions. */
static int open_socket(void **state)
{
	int room = ROOM;

	(void)state;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) ||
	       setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static int close_socket(void **state)
{
	(void)state;
	return close(fd);
}

/* What a program says that asks for these, so often; a process of its own each time. */
static const char *said(int receive, int send, unsigned times)
{
	static char text[2048];
	int ends[2], status;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		for (unsigned i = 0; i < times; i++)
			buffers_check(fd, receive, send);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static unsigned lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void who_has_what_he_asked_for_hears_nothing(void **state)
{
	(void)state;
	assert_string_equal(said(ROOM, ROOM, 1), "");
	assert_string_equal(said(0, 0, 1), "");
}

static void each_direction_names_the_limit_that_did_it(void **state)
{
	const char *text;

	(void)state;
	text = said(ROOM + 1, 0, 1);
	assert_int_equal(lines(text), 1);
	assert_non_null(strstr(text, "event=small_buffer direction=receive bytes=65536 "
				     "wanted=65537 why=\"sysctl net.core.rmem_max\"\n"));
	text = said(ROOM, ROOM + 1, 1);
	assert_int_equal(lines(text), 1);
	assert_non_null(strstr(text, "event=small_buffer direction=send bytes=65536 "
				     "wanted=65537 why=\"sysctl net.core.wmem_max\"\n"));
}

static void a_hundred_small_sockets_are_one_line_for_each_direction(void **state)
{
	(void)state;
	assert_int_equal(lines(said(ROOM + 1, ROOM + 1, 100)), 2);
}

static void what_is_no_socket_has_no_buffers(void **state)
{
	int socket_fd = fd;

	(void)state;
	fd = -1;
	assert_string_equal(said(ROOM, ROOM, 1), "");
	fd = socket_fd;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_what_he_asked_for_hears_nothing),
		cmocka_unit_test(each_direction_names_the_limit_that_did_it),
		cmocka_unit_test(a_hundred_small_sockets_are_one_line_for_each_direction),
		cmocka_unit_test(what_is_no_socket_has_no_buffers),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
