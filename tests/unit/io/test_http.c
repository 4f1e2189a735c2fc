/* SPDX-License-Identifier: MIT */
#include "shared/io/http.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/io/udp.h"

enum { GOT_MOST = 256 * 1024, LONG = 8 * 1024 * 1024 };

/* A server on loopback, and what it was asked for. */
struct rig {
	struct loop *loop;
	struct http *http;
	ustime until; /* when the loop is to come back */
	unsigned asked;
	char path[128], name[128];
	char *got; /* the latest answer, head and body */
};

static void due(void *arg, ustime now)
{
	struct rig *r = arg;

	http_run(r->http, now);
	if (now >= r->until)
		loop_stop(r->loop);
}

static void rest(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static ustime deadline(void *arg)
{
	struct rig *r = arg;

	return earlier(r->until, http_deadline(r->http));
}

static void answer(void *arg, const struct http_request *request, struct http_answer *a, ustime now)
{
	struct rig *r = arg;
	const char *name = request->query(request, "name");

	(void)now;
	r->asked++;
	snprintf(r->path, sizeof(r->path), "%s", request->path);
	snprintf(r->name, sizeof(r->name), "%s", name ? name : "(none)");
	if (strcmp(request->path, "/none") == 0) {
		a->status = 404;
	} else if (strcmp(request->path, "/long") == 0) {
		a->body = malloc(LONG);
		memset(a->body, 'x', LONG);
		a->len = LONG;
	} else {
		a->body = strdup("{\"a\":1}\n");
		a->len = strlen(a->body);
		a->fresh = strcmp(request->path, "/kept") == 0 ? MSEC(250) : 0;
	}
}

static int open_rig(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct loop_hooks hooks = {.due = due, .flush = rest, .deadline = deadline, .arg = r};
	struct endpoint at;

	r->got = malloc(GOT_MOST);
	r->loop = loop_create(&hooks);
	assert_true(endpoint_parse("127.0.0.1", &at));
	r->http = http_create(r->loop, &at, answer, r);
	assert_non_null(r->http);
	*state = r;
	return 0;
}

static int close_rig(void **state)
{
	struct rig *r = *state;

	http_destroy(r->http);
	loop_destroy(r->loop);
	free(r->got);
	free(r);
	return 0;
}

static void turn(struct rig *r, usspan span)
{
	r->until = loop_now(r->loop) + span;
	loop_run(r->loop);
}

static int call(struct rig *r)
{
	struct sockaddr_storage ss;
	socklen_t len = udp_to_sockaddr(http_local(r->http), &ss);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* True when the server has closed this connection. */
static bool ended(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);

	return n == 0 || (n < 0 && errno == ECONNRESET);
}

/* What is there of an answer after a moment, in r->got; its status, or 0. */
static unsigned hear(struct rig *r, int fd)
{
	unsigned status = 0;
	ssize_t n = 0, more;

	for (unsigned i = 0; i < 3; i++) {
		turn(r, MSEC(5));
		while ((more = recv(fd, r->got + n, (size_t)(GOT_MOST - 1 - n), MSG_DONTWAIT)) > 0)
			n += more;
	}
	r->got[n] = 0;
	sscanf(r->got, "HTTP/1.1 %u", &status);
	return status;
}

static unsigned ask(struct rig *r, int fd, const char *text)
{
	say(fd, text);
	return hear(r, fd);
}

static bool said(const struct rig *r, const char *text)
{
	return strstr(r->got, text);
}

static void get_is_answered_with_head_and_body(void **state)
{
	struct rig *r = *state;
	int fd = call(r);

	assert_int_equal(ask(r, fd, "GET /stats HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	assert_true(said(r, "\r\n\r\n{\"a\":1}\n"));
	assert_true(said(r, "Content-Type: application/json\r\n"));
	assert_true(said(r, "Cache-Control: no-store\r\n"));
	assert_true(said(r, "X-Content-Type-Options: nosniff\r\n"));
	assert_true(
		said(r, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
	assert_true(said(r, "Referrer-Policy: no-referrer\r\n"));
	close(fd);
}

static void head_is_answered_without_a_body(void **state)
{
	struct rig *r = *state;
	int fd = call(r);

	assert_int_equal(ask(r, fd, "HEAD /stats HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	assert_true(said(r, "Content-Length: 8\r\n"));
	assert_false(said(r, "{"));
	close(fd);
}

static void one_connection_serves_request_after_request(void **state)
{
	struct rig *r = *state;
	int fd = call(r);

	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(ask(r, fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	assert_int_equal(r->asked, 5);
	assert_false(ended(fd));
	close(fd);
}

static void what_is_not_there_is_404_with_a_word(void **state)
{
	struct rig *r = *state;
	int fd = call(r);

	assert_int_equal(ask(r, fd, "GET /none HTTP/1.1\r\nHost: a\r\n\r\n"), 404);
	assert_true(said(r, "\r\n\r\nNot Found"));
	close(fd);
}

static void other_methods_are_405_and_say_which_are_allowed(void **state)
{
	static const char *const wrong[] = {
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
		"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int fd = call(r);

		assert_int_equal(ask(r, fd, wrong[i]), 405);
		assert_true(said(r, "Allow: GET, HEAD\r\n"));
		close(fd);
	}
	assert_int_equal(r->asked, 0);
}

static void a_request_with_a_body_is_refused_before_the_body_comes(void **state)
{
	struct rig *r = *state;
	int fd = call(r);

	assert_int_equal(
		ask(r, fd, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\nab"), 413);
	close(fd);
	fd = call(r);
	assert_int_equal(
		ask(r, fd, "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 413);
	close(fd);
	assert_int_equal(r->asked, 0);
}

static void path_and_query_come_decoded(void **state)
{
	struct rig *r = *state;
	int fd = call(r);

	ask(r, fd, "GET /stats/live%2Ff%C3%BC?x=1&name=a%26b+c HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_string_equal(r->path, "/stats/live/f\xc3\xbc");
	assert_string_equal(r->name, "a&b c");
	ask(r, fd, "GET /a%zz?names=b HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_string_equal(r->path, "/a%zz");
	assert_string_equal(r->name, "(none)");
	close(fd);
}

static void endless_heads_are_refused(void **state)
{
	struct rig *r = *state;
	char line[1024] = "X-A: ";
	unsigned status = 0;
	int fd = call(r);

	memset(line + 5, 'a', sizeof(line) - 8);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	say(fd, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (unsigned i = 0; i < 32 && status == 0; i++)
		status = send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL) < 0 ? 1 : hear(r, fd);
	assert_true(status == 431 || ended(fd));
	assert_int_equal(r->asked, 0);
	close(fd);
}

static void an_answer_that_does_for_a_while_is_made_once(void **state)
{
	struct rig *r = *state;
	int fd = call(r);

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(ask(r, fd, "GET /kept HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	assert_int_equal(r->asked, 1);
	assert_int_equal(ask(r, fd, "GET /kept?name=x HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	assert_int_equal(r->asked, 2);
	turn(r, MSEC(260));
	assert_int_equal(ask(r, fd, "GET /kept HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	assert_int_equal(r->asked, 3);
	assert_true(said(r, "\r\n\r\n{\"a\":1}\n"));
	close(fd);
}

static void a_request_that_trickles_ends_after_five_seconds(void **state)
{
	struct rig *r = *state;
	int fd = call(r);
	ustime began;

	turn(r, MSEC(5));
	began = loop_now(r->loop);
	for (unsigned i = 1; i <= 4; i++) {
		say(fd, "G");
		http_run(r->http, began + SEC(i));
		turn(r, MSEC(2));
		assert_false(ended(fd));
	}
	say(fd, "G");
	assert_true(http_deadline(r->http) <= began + HTTP_PATIENCE);
	http_run(r->http, began + HTTP_PATIENCE);
	assert_true(ended(fd));
	close(fd);
}

static void an_answer_that_is_not_taken_ends_after_five_seconds(void **state)
{
	struct rig *r = *state;
	int fd = call(r), size = 4096;
	ustime began;
	char some[1000];

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	say(fd, "GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
	turn(r, MSEC(5));
	began = loop_now(r->loop);
	for (unsigned i = 1; i <= 4; i++) { /* never quite silent */
		assert_int_equal(recv(fd, some, sizeof(some), 0), sizeof(some));
		http_run(r->http, began + SEC(i));
		turn(r, MSEC(2));
	}
	http_run(r->http, began + HTTP_PATIENCE);
	assert_int_equal(http_deadline(r->http), NEVER); /* nobody is left */
	close(fd);
}

static void an_answer_has_five_seconds_of_its_own(void **state)
{
	struct rig *r = *state;
	int fd = call(r), size = 4096;
	ustime before;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	say(fd, "GET /lo");
	turn(r, MSEC(50));
	before = http_deadline(r->http);
	say(fd, "ng HTTP/1.1\r\nHost: a\r\n\r\n");
	turn(r, MSEC(5));
	assert_int_equal(r->asked, 1);
	assert_true(http_deadline(r->http) >= before + MSEC(45));
	close(fd);
}

static void an_idle_connection_ends_after_five_seconds(void **state)
{
	struct rig *r = *state;
	int fd = call(r);
	ustime began;

	ask(r, fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	began = loop_now(r->loop);
	http_run(r->http, began + SEC(4));
	assert_false(ended(fd));
	http_run(r->http, began + HTTP_PATIENCE);
	assert_true(ended(fd));
	close(fd);
}

static void the_one_at_its_request_for_longest_makes_room(void **state)
{
	struct rig *r = *state;
	int fd[HTTP_CLIENTS], one_more;

	for (unsigned i = 0; i < HTTP_CLIENTS; i++) {
		fd[i] = call(r);
		say(fd[i], "GET / HT");
		turn(r, MSEC(2));
	}
	assert_int_equal(ask(r, fd[0], "TP/1.1\r\nHost: a\r\n\r\n"), 200); /* now the youngest */
	one_more = call(r);
	assert_int_equal(ask(r, one_more, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	assert_true(ended(fd[1]));
	for (unsigned i = 0; i < HTTP_CLIENTS; i++) {
		assert_true(i == 1 || !ended(fd[i]));
		close(fd[i]);
	}
	close(one_more);
}

static void a_crowd_keeps_nobody_out(void **state)
{
	struct rig *r = *state;
	int fd[300], last;
	unsigned living = 0;

	for (unsigned i = 0; i < 300; i++) {
		fd[i] = call(r);
		say(fd[i], "G");
	}
	last = call(r);
	say(last, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	turn(r, MSEC(100));
	assert_int_equal(hear(r, last), 200);
	for (unsigned i = 0; i < 300; i++) {
		living += !ended(fd[i]);
		close(fd[i]);
	}
	assert_int_equal(living, HTTP_CLIENTS - 1);
	close(last);
}

static void a_place_that_is_taken_is_an_error(void **state)
{
	struct rig *r = *state;

	assert_null(http_create(r->loop, http_local(r->http), answer, r));
	assert_int_equal(errno, EADDRINUSE);
}

static void nobody_is_nobody(void **state)
{
	(void)state;
	http_run(NULL, SEC(1));
	assert_int_equal(http_deadline(NULL), NEVER);
	http_destroy(NULL);
	assert_int_equal(strncmp(http_version(), "libmicrohttpd ", 14), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(get_is_answered_with_head_and_body),
		TEST(head_is_answered_without_a_body),
		TEST(one_connection_serves_request_after_request),
		TEST(what_is_not_there_is_404_with_a_word),
		TEST(other_methods_are_405_and_say_which_are_allowed),
		TEST(a_request_with_a_body_is_refused_before_the_body_comes),
		TEST(path_and_query_come_decoded),
		TEST(endless_heads_are_refused),
		TEST(an_answer_that_does_for_a_while_is_made_once),
		TEST(a_request_that_trickles_ends_after_five_seconds),
		TEST(an_answer_that_is_not_taken_ends_after_five_seconds),
		TEST(an_answer_has_five_seconds_of_its_own),
		TEST(an_idle_connection_ends_after_five_seconds),
		TEST(the_one_at_its_request_for_longest_makes_room),
		TEST(a_crowd_keeps_nobody_out),
		TEST(a_place_that_is_taken_is_an_error),
		cmocka_unit_test(nobody_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
