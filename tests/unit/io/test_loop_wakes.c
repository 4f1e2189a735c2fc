/* SPDX-License-Identifier: MIT */
#include "shared/io/loop.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A loop that reads datagrams from a child of this process.  What is asserted holds however long
 * either of the two is kept waiting for a processor; spans are long ones for that.
 */
struct scene {
	struct loop *loop;
	struct loop_watch *watch;
	int here, there;
	pid_t child;
	ustime deadline;
	unsigned dues, came, wanted;    /* datagrams until the loop ends */
	uint64_t first_wake, last_wake; /* loop_wakes() at the first and at the last of them */
	ustime due_at, read_at, sent_at;
	ustime previous, this_turn;    /* of those that have been flushed */
	void (*turn)(struct scene *s); /* in the turn of each datagram */
};

static ustime clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return SEC(ts.tv_sec) + ts.tv_nsec / 1000;
}

static void due(void *arg, ustime now)
{
	struct scene *s = arg;

	s->dues++;
	s->due_at = now;
	s->deadline = NEVER;
	if (s->turn)
		s->turn(s);
	loop_stop(s->loop);
}

static void flush(void *arg, ustime now)
{
	struct scene *s = arg;

	if (now == s->this_turn) /* it comes twice in a turn with a deadline */
		return;
	s->previous = s->this_turn;
	s->this_turn = now;
}

static ustime deadline(void *arg)
{
	return ((struct scene *)arg)->deadline;
}

static void readable(void *arg, int events, ustime now)
{
	struct scene *s = arg;

	(void)events;
	while (recv(s->here, &s->sent_at, sizeof(s->sent_at), MSG_DONTWAIT) > 0) {
		s->came++;
		s->read_at = now;
		s->last_wake = loop_wakes(s->loop);
		if (s->came == 1) {
			s->first_wake = s->last_wake;
			send(s->here, "", 1, 0); /* the child may go on */
		}
	}
	if (s->came >= s->wanted)
		loop_stop(s->loop);
}

static void open_scene(struct scene *s)
{
	const struct loop_hooks hooks = {due, flush, deadline, s};
	int pair[2];

	memset(s, 0, sizeof(*s));
	s->deadline = NEVER;
	s->loop = loop_create(&hooks);
	assert_non_null(s->loop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	s->here = pair[0];
	s->there = pair[1];
	s->watch = loop_watch(s->loop, s->here, LOOP_READ, readable, s);
	assert_non_null(s->watch);
}

static void close_scene(struct scene *s)
{
	if (s->child > 0)
		assert_int_equal(waitpid(s->child, NULL, 0), s->child);
	loop_unwatch(s->loop, s->watch);
	close(s->here);
	close(s->there);
	loop_destroy(s->loop);
}

static void nap(usspan span)
{
	const struct timespec ts = {span / SEC(1), span % SEC(1) * 1000};

	nanosleep(&ts, NULL);
}

static void tell(int fd)
{
	ustime now = clock_now();

	send(fd, &now, sizeof(now), 0);
}

/* A child: one datagram, and when that has been read, `count` more with a pause before each. */
static void begin(struct scene *s, unsigned count, usspan pause)
{
	char byte;

	s->wanted = 1 + count;
	s->child = fork();
	assert_true(s->child >= 0);
	if (s->child > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	tell(s->there);
	if (recv(s->there, &byte, 1, 0) == 1) {
		for (; count > 0; count--) {
			nap(pause);
			tell(s->there);
		}
	}
	_exit(0);
}

static void what_comes_within_the_span_is_found_in_one_wake_up(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	loop_coalesce(s.loop, SEC(1));
	begin(&s, 5, MSEC(10));
	loop_run(s.loop);
	assert_int_equal(s.came, 6);
	assert_int_equal(s.last_wake - s.first_wake, 1);
	close_scene(&s);
}

static void without_a_span_what_comes_is_found_as_it_comes(void **state)
{
	struct scene s;

	(void)state;
	for (unsigned once = 0; once < 2; once++) {
		open_scene(&s);
		if (once) { /* and so it is again when the span has been taken back */
			loop_coalesce(s.loop, SEC(4));
			loop_coalesce(s.loop, 0);
		}
		begin(&s, 5, MSEC(200));
		loop_run(s.loop);
		assert_int_equal(s.came, 6);
		assert_in_range(s.last_wake - s.first_wake, 2, 5);
		close_scene(&s);
	}
}

static void a_lone_datagram_after_a_silence_is_read_at_once(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	loop_coalesce(s.loop, SEC(2));
	begin(&s, 1, MSEC(2500));
	loop_run(s.loop);
	assert_int_equal(s.came, 2);
	assert_int_equal(s.last_wake - s.first_wake, 1);
	assert_true(s.read_at - s.sent_at < SEC(1));
	close_scene(&s);
}

static void a_deadline_within_the_span_is_met_at_its_end(void **state)
{
	struct scene s;
	ustime start;

	(void)state;
	open_scene(&s);
	loop_coalesce(s.loop, MSEC(50));
	start = loop_now(s.loop);
	s.deadline = start + MSEC(20);
	loop_run(s.loop);
	assert_int_equal(s.dues, 1);
	assert_true(s.due_at >= start + MSEC(20));
	assert_true(s.due_at < start + SEC(5));
	close_scene(&s);
}

static void a_deadline_behind_the_span_is_met_and_not_early(void **state)
{
	struct scene s;
	ustime start;

	(void)state;
	open_scene(&s);
	loop_coalesce(s.loop, MSEC(1));
	start = loop_now(s.loop);
	s.deadline = start + MSEC(120);
	loop_run(s.loop);
	assert_int_equal(s.dues, 1);
	assert_true(s.due_at >= start + MSEC(120));
	assert_true(s.due_at < start + SEC(5));
	close_scene(&s);
}

static void signalled(void *arg, int signo, ustime now)
{
	(void)signo, (void)now;
	loop_stop(((struct scene *)arg)->loop);
}

static void a_signal_within_the_span_is_heard(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_true(loop_signal(s.loop, SIGUSR1, signalled, &s));
	loop_coalesce(s.loop, MSEC(100));
	raise(SIGUSR1);
	loop_run(s.loop);
	close_scene(&s);
}

static void every_wake_up_counts_once(void **state)
{
	struct scene s;
	uint64_t before;

	(void)state;
	open_scene(&s);
	assert_int_equal(loop_wakes(s.loop), 0);
	for (unsigned i = 0; i < 3; i++) { /* three datagrams that wait are one wake-up */
		before = loop_wakes(s.loop);
		s.came = 0;
		s.wanted = 3;
		for (unsigned n = 0; n < 3; n++)
			tell(s.there);
		loop_run(s.loop);
		assert_int_equal(s.came, 3);
		assert_int_equal(loop_wakes(s.loop), before + 1);
	}
	before = loop_wakes(s.loop);
	s.deadline = clock_now() + MSEC(5);
	loop_run(s.loop);
	assert_int_equal(s.dues, 1);
	assert_in_range(loop_wakes(s.loop), before + 1, before + 3);
	close_scene(&s);
}

/* In the turn of the deadline: the turn before it began a second earlier, or nearly. */
static ustime told[8];
static ustime turn_now, turn_before;

static struct timespec real_time(usspan offset)
{
	struct timespec ts;
	int64_t nanoseconds;

	clock_gettime(CLOCK_REALTIME, &ts);
	nanoseconds = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec + offset * 1000;
	return (struct timespec){nanoseconds / 1000000000, nanoseconds % 1000000000};
}

static void ask_for_arrivals(struct scene *s)
{
	struct timespec recent = real_time(-MSEC(100)), older = recent;
	struct timespec ancient = real_time(-SEC(60)), future = real_time(MSEC(10000));
	const struct timespec first = {0}, last = {INT64_C(4102444800), 999999999};

	older.tv_nsec -= 50000000;
	if (older.tv_nsec < 0) {
		older.tv_nsec += 1000000000;
		older.tv_sec--;
	}
	told[0] = loop_arrival(s->loop, &recent);
	told[1] = loop_arrival(s->loop, &older);
	told[2] = loop_arrival(s->loop, &ancient);
	told[3] = loop_arrival(s->loop, &future);
	told[4] = loop_arrival(s->loop, &first);
	told[5] = loop_arrival(s->loop, &last);
	turn_now = loop_now(s->loop);
	turn_before = s->previous;
}

static void run_to_arrivals(struct scene *s)
{
	open_scene(s);
	s->turn = ask_for_arrivals;
	s->wanted = UINT32_MAX;
	s->deadline = loop_now(s->loop) + MSEC(800);
	tell(s->there); /* one turn, and then the one that asks */
	loop_run(s->loop);
	assert_int_equal(s->dues, 1);
	assert_true(turn_now - turn_before >= MSEC(200));
}

static void a_stamp_tells_when_a_datagram_came(void **state)
{
	struct scene s;

	(void)state;
	run_to_arrivals(&s);
	assert_int_equal(told[0] - told[1], MSEC(50));
	assert_true(told[0] <= turn_now - MSEC(100));
	close_scene(&s);
}

static void no_datagram_came_before_the_wake_up_before_this_one(void **state)
{
	struct scene s;

	(void)state;
	run_to_arrivals(&s);
	assert_in_range(told[2], turn_before, turn_now - 1);
	assert_true(told[2] - turn_before < SEC(1) && told[2] <= told[1]);
	close_scene(&s);
}

static void a_clock_that_was_set_makes_no_arrival_impossible(void **state)
{
	struct scene s;

	(void)state;
	run_to_arrivals(&s);
	assert_int_equal(told[3], turn_now); /* of the future: now */
	assert_int_equal(told[5], turn_now);
	assert_int_equal(told[4], told[2]); /* of 1970: at the wake-up before this one */
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_within_the_span_is_found_in_one_wake_up),
		cmocka_unit_test(without_a_span_what_comes_is_found_as_it_comes),
		cmocka_unit_test(a_lone_datagram_after_a_silence_is_read_at_once),
		cmocka_unit_test(a_deadline_within_the_span_is_met_at_its_end),
		cmocka_unit_test(a_deadline_behind_the_span_is_met_and_not_early),
		cmocka_unit_test(a_signal_within_the_span_is_heard),
		cmocka_unit_test(every_wake_up_counts_once),
		cmocka_unit_test(a_stamp_tells_when_a_datagram_came),
		cmocka_unit_test(no_datagram_came_before_the_wake_up_before_this_one),
		cmocka_unit_test(a_clock_that_was_set_makes_no_arrival_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
