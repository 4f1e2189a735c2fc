/* SPDX-License-Identifier: MIT */
#include "shared/io/resolve.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/udp.h"

/* A loop, a resolver in it, and a name server of ours on loopback. */
static struct {
	struct loop *loop;
	struct resolver *resolver;
	int server;
	struct loop_watch *watch;
	unsigned questions;
	unsigned turns;
} its;

/* What came back. */
static struct answer {
	unsigned times;
	size_t count;
	struct endpoint found[RESOLVE_MOST];
	char why[80];
} got;

static void due(void *arg, ustime now)
{
	(void)arg;
	resolver_run(its.resolver, now);
}

static void flush(void *arg, ustime now)
{
	(void)arg;
	(void)now;
	its.turns++;
}

static ustime deadline(void *arg)
{
	(void)arg;
	return its.resolver ? resolver_deadline(its.resolver, loop_now(its.loop)) : NEVER;
}

static void answered(void *arg, const struct endpoint *found, size_t count, const char *why,
		     ustime now)
{
	struct answer *a = arg;

	(void)now;
	assert_true(count > 0 || why);
	a->times++;
	a->count = count;
	for (size_t i = 0; i < count; i++)
		a->found[i] = found[i];
	snprintf(a->why, sizeof(a->why), "%s", count ? "" : why);
	loop_stop(its.loop);
}

static void found(size_t i, const char *text)
{
	struct endpoint want;

	assert_true(endpoint_parse(text, &want));
	assert_true(i < got.count);
	assert_true(endpoint_equal(&got.found[i], &want));
}

static void literal_address_answers_in_the_call(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	resolver_ask(its.resolver, "192.0.2.1", answered, &got, 0);
	assert_int_equal(got.times, 1);
	assert_int_equal(got.count, 1);
	found(0, "192.0.2.1");
	assert_int_equal(got.found[0].port, 0);
	resolver_ask(its.resolver, "[2001:db8::1]", answered, &got, 0);
	found(0, "2001:db8::1");
	resolver_ask(its.resolver, "2001:db8::2", answered, &got, 0);
	found(0, "2001:db8::2");
	assert_int_equal(got.times, 3);
	assert_int_equal(resolver_deadline(its.resolver, 0), NEVER);
}

static void localhost_needs_no_network(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	resolver_ask(its.resolver, "LocalHost", answered, &got, 0);
	assert_int_equal(got.times, 1);
	assert_int_equal(got.count, 2);
	found(0, "127.0.0.1");
	found(1, "::1");
}

static int start(void **state)
{
	struct loop_hooks hooks = {.due = due, .flush = flush, .deadline = deadline};

	(void)state;
	its.loop = loop_create(&hooks);
	its.resolver = its.loop ? resolver_create(its.loop) : NULL;
	return its.resolver ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	resolver_destroy(its.resolver);
	its.resolver = NULL;
	loop_destroy(its.loop);
	return 0;
}

#ifdef HAVE_CARES

enum { TYPE_A = 1, TYPE_AAAA = 28, NXDOMAIN = 3, HEADER = 12 };

static bool has(const char *text)
{
	struct endpoint want;

	assert_true(endpoint_parse(text, &want));
	for (size_t i = 0; i < got.count; i++) {
		if (endpoint_equal(&got.found[i], &want))
			return true;
	}
	return false;
}

static void put_record(struct pkt *p, unsigned type, const struct endpoint *ep)
{
	uint8_t size = type == TYPE_A ? 4 : 16;
	/* the name of the question, type, class IN, 60 s, length (RFC 1035, 4.1.3) */
	const uint8_t head[] = {0xc0, HEADER, 0, (uint8_t)type, 0, 1, 0, 0, 0, 60, 0, size};

	memcpy(p->data + p->len, head, sizeof(head));
	memcpy(p->data + p->len + sizeof(head), ep->addr, size);
	p->len = (uint16_t)(p->len + sizeof(head) + size);
	p->data[7]++;
}

/* Answers with each of the addresses that is of the type asked for. */
static void reply(struct pkt *p, unsigned type, const char *const *texts, unsigned code)
{
	struct endpoint ep;

	p->data[2] = 0x81; /* a response, recursion was desired */
	p->data[3] = (uint8_t)(0x80 | code);
	memset(p->data + 6, 0, 6);
	for (; texts && *texts; texts++) {
		assert_true(endpoint_parse(*texts, &ep));
		if ((ep.family == FAMILY_V4) == (type == TYPE_A))
			put_record(p, type, &ep);
	}
	assert_int_equal(udp_send(its.server, p, true), 0);
}

/* What the first label of the name asks for. */
static void serve(void *arg, int events, ustime now)
{
	static const char *const both[] = {"192.0.2.7",   "192.0.2.5",   "192.0.2.7", "192.0.2.6",
					   "2001:db8::7", "2001:db8::5", NULL};
	static const char *const six[] = {"2001:db8::6", NULL};
	static struct pkt p;

	(void)arg;
	(void)events;
	(void)now;
	while (udp_recv(its.server, &p) == 0) {
		const char *name = (const char *)p.data + HEADER;
		size_t end = HEADER + strlen(name) + 1;
		unsigned type = (unsigned)p.data[end] << 8 | p.data[end + 1];

		its.questions++;
		p.len = (uint16_t)(end + 4);
		if (strncmp(name, "\4both", 5) == 0)
			reply(&p, type, both, 0);
		else if (strncmp(name, "\3six", 4) == 0)
			reply(&p, type, six, 0);
		else if (strncmp(name, "\5empty", 6) == 0)
			reply(&p, type, NULL, 0);
		else if (strncmp(name, "\4lost", 5) == 0 && its.questions > 2)
			reply(&p, type, both, 0);
		else if (strncmp(name, "\4hang", 5) != 0 && strncmp(name, "\4lost", 5) != 0)
			reply(&p, type, NULL, NXDOMAIN);
	}
}

static int start_server(void **state)
{
	struct endpoint local;
	struct udp_options opt = {0};
	char csv[ENDPOINT_TEXT];

	if (start(state))
		return -1;
	memset(&got, 0, sizeof(got));
	its.questions = 0;
	endpoint_parse("127.0.0.1", &local);
	its.server = udp_open(&local, &opt);
	if (its.server < 0 || udp_local(its.server, &local))
		return -1;
	its.watch = loop_watch(its.loop, its.server, LOOP_READ, serve, NULL);
	return resolver_servers(its.resolver, endpoint_print(&local, csv)) ? 0 : -1;
}

static int finish_server(void **state)
{
	loop_unwatch(its.loop, its.watch);
	close(its.server);
	return finish(state);
}

static void ask(const char *name)
{
	memset(&got, 0, sizeof(got));
	resolver_ask(its.resolver, name, answered, &got, loop_now(its.loop));
	while (got.times == 0)
		loop_run(its.loop);
	assert_int_equal(got.times, 1);
}

static void name_has_addresses_of_both_families_each_once(void **state)
{
	(void)state;
	ask("both.waybond.test");
	assert_int_equal(got.count, 5);
	assert_true(has("192.0.2.5") && has("192.0.2.6") && has("192.0.2.7"));
	assert_true(has("2001:db8::5") && has("2001:db8::7"));
	assert_int_equal(resolver_deadline(its.resolver, loop_now(its.loop)), NEVER);
}

static void order_within_a_family_is_the_servers(void **state)
{
	const char *const v4[] = {"192.0.2.7", "192.0.2.5", "192.0.2.6"};
	size_t next = 0;

	(void)state;
	ask("both.waybond.test");
	for (size_t i = 0; i < got.count; i++) {
		struct endpoint want;

		if (got.found[i].family != FAMILY_V4)
			continue;
		endpoint_parse(v4[next++], &want);
		assert_true(endpoint_equal(&got.found[i], &want));
	}
	assert_int_equal(next, 3);
}

static void lost_question_is_asked_again_and_waiting_costs_nothing(void **state)
{
	(void)state;
	its.turns = 0;
	ask("lost.waybond.test");
	assert_int_equal(got.count, 5);
	assert_int_equal(its.questions, 4);
	assert_true(its.turns < 30);
}

static void name_with_ipv6_alone_is_found(void **state)
{
	(void)state;
	ask("six.waybond.test");
	assert_int_equal(got.count, 1);
	found(0, "2001:db8::6");
}

static void name_that_does_not_exist_says_so(void **state)
{
	(void)state;
	ask("gone.waybond.test");
	assert_int_equal(got.count, 0);
	assert_string_equal(got.why, "no such name");
}

static void name_without_an_address_says_so(void **state)
{
	(void)state;
	ask("empty.waybond.test");
	assert_int_equal(got.count, 0);
	assert_string_equal(got.why, "the name has no address");
}

static void nonsense_is_answered_too(void **state)
{
	static char endless[5000];

	(void)state;
	ask("");
	assert_int_equal(got.count, 0);
	ask("a..b");
	assert_int_equal(got.count, 0);
	ask("[192.0.2.1]");
	assert_int_equal(got.count, 0);
	memset(endless, 'a', sizeof(endless) - 1);
	ask(endless);
	assert_int_equal(got.count, 0);
}

static void stop_when_asked(void *arg, int events, ustime now)
{
	(void)arg;
	(void)events;
	(void)now;
	loop_stop(its.loop);
}

/* F20 */
static void resolver_that_hangs_disturbs_nobody_and_ends(void **state)
{
	struct loop_watch *w;
	ustime now = loop_now(its.loop);
	int ends[2];

	(void)state;
	resolver_ask(its.resolver, "hang.waybond.test", answered, &got, now);
	assert_int_equal(got.times, 0);
	assert_true(resolver_deadline(its.resolver, now) <= now + SEC(10));

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	w = loop_watch(its.loop, ends[0], LOOP_READ, stop_when_asked, NULL);
	loop_run(its.loop); /* others are served meanwhile */
	loop_unwatch(its.loop, w);
	close(ends[0]);
	close(ends[1]);

	resolver_run(its.resolver, now + MSEC(9999));
	assert_int_equal(got.times, 0);
	resolver_run(its.resolver, now + SEC(10));
	assert_int_equal(got.times, 1);
	assert_string_equal(got.why, "no answer within 10 s");
	assert_int_equal(resolver_deadline(its.resolver, now + SEC(10)), NEVER);
	ask("both.waybond.test"); /* and the next question is a fresh start */
	assert_int_equal(got.count, 5);
}

static void question_that_hangs_delays_no_other(void **state)
{
	struct answer hanging = {0};

	(void)state;
	resolver_ask(its.resolver, "hang.waybond.test", answered, &hanging, loop_now(its.loop));
	ask("both.waybond.test");
	assert_int_equal(got.count, 5);
	assert_int_equal(hanging.times, 0);
	assert_false(resolver_servers(its.resolver, "127.0.0.1"));
}

static void resolver_with_questions_under_way_can_go(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		resolver_ask(its.resolver, "hang.waybond.test", answered, &got, loop_now(its.loop));
	resolver_destroy(its.resolver);
	its.resolver = NULL;
	assert_int_equal(got.times, 0);
}

static void ask_again(void *arg, const struct endpoint *at, size_t count, const char *why,
		      ustime now)
{
	(void)at;
	(void)why;
	assert_int_equal(count, 0);
	resolver_ask(its.resolver, "both.waybond.test", answered, arg, now);
}

static void answer_may_ask_again(void **state)
{
	ustime now = loop_now(its.loop);

	(void)state;
	resolver_ask(its.resolver, "gone.waybond.test", ask_again, &got, now);
	while (got.times == 0)
		loop_run(its.loop);
	assert_int_equal(got.times, 1);
	assert_int_equal(got.count, 5);

	memset(&got, 0, sizeof(got));
	resolver_ask(its.resolver, "hang.waybond.test", ask_again, &got, now);
	resolver_run(its.resolver, now + SEC(10));
	assert_int_equal(got.times, 0);
	while (got.times == 0)
		loop_run(its.loop);
	assert_int_equal(got.count, 5);
}

static void count_answer(void *arg, const struct endpoint *at, size_t count, const char *why,
			 ustime now)
{
	unsigned *left = arg;

	(void)at;
	(void)why;
	(void)now;
	assert_int_equal(count, 5);
	if (--*left == 0)
		loop_stop(its.loop);
}

static void many_questions_at_once_are_each_answered(void **state)
{
	unsigned left = 100;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		resolver_ask(its.resolver, "both.waybond.test", count_answer, &left,
			     loop_now(its.loop));
	loop_run(its.loop);
	assert_int_equal(left, 0);
	assert_int_equal(its.questions, 200);
}

static void list_of_servers_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_false(resolver_servers(its.resolver, "ns.example.org"));
	ask("both.waybond.test"); /* the old one still stands */
	assert_int_equal(got.count, 5);
}

#else

static void name_needs_the_library(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	resolver_ask(its.resolver, "rec.example.org", answered, &got, 0);
	assert_int_equal(got.times, 1);
	assert_int_equal(got.count, 0);
	assert_non_null(strstr(got.why, "without c-ares"));
	assert_string_equal(resolver_version(), "literal addresses only");
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(literal_address_answers_in_the_call, start, finish),
		cmocka_unit_test_setup_teardown(localhost_needs_no_network, start, finish),
#ifdef HAVE_CARES
#define WITH_SERVER(fn) cmocka_unit_test_setup_teardown(fn, start_server, finish_server)
		WITH_SERVER(name_has_addresses_of_both_families_each_once),
		WITH_SERVER(order_within_a_family_is_the_servers),
		WITH_SERVER(lost_question_is_asked_again_and_waiting_costs_nothing),
		WITH_SERVER(name_with_ipv6_alone_is_found),
		WITH_SERVER(name_that_does_not_exist_says_so),
		WITH_SERVER(name_without_an_address_says_so),
		WITH_SERVER(nonsense_is_answered_too),
		WITH_SERVER(resolver_that_hangs_disturbs_nobody_and_ends),
		WITH_SERVER(question_that_hangs_delays_no_other),
		WITH_SERVER(resolver_with_questions_under_way_can_go),
		WITH_SERVER(answer_may_ask_again),
		WITH_SERVER(many_questions_at_once_are_each_answered),
		WITH_SERVER(list_of_servers_that_makes_no_sense_is_refused),
#else
		cmocka_unit_test_setup_teardown(name_needs_the_library, start, finish),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
