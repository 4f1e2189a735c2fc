/* SPDX-License-Identifier: MIT */
#include "shared/io/loop.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A loop with two pipes, and the order in which things happened, a letter each. */
struct scene {
	struct loop *loop;
	ustime deadline;
	char order[64];
	size_t count;
	unsigned dues;
	unsigned dues_wanted; /* the pipe is filled after so many; 0: never */
	ustime due_at, flush_at, read_at[2];
	int pipe[2][2];
	struct loop_watch *watch[2];
	bool rest_after_due; /* due() sets the deadline to NEVER */
};

static void happened(struct scene *s, char what)
{
	if (s->count < sizeof(s->order) - 1)
		s->order[s->count++] = what;
}

static void due(void *arg, ustime now)
{
	struct scene *s = arg;

	happened(s, 'd');
	s->due_at = now;
	if (s->rest_after_due)
		s->deadline = NEVER;
	if (++s->dues == s->dues_wanted)
		assert_int_equal(write(s->pipe[0][1], "x", 1), 1);
}

static void flush(void *arg, ustime now)
{
	struct scene *s = arg;

	happened(s, 'f');
	s->flush_at = now;
}

static ustime deadline(void *arg)
{
	return ((struct scene *)arg)->deadline;
}

static void open_scene(struct scene *s)
{
	struct loop_hooks hooks = {.due = due, .flush = flush, .deadline = deadline, .arg = s};

	memset(s, 0, sizeof(*s));
	s->deadline = NEVER;
	s->loop = loop_create(&hooks);
	assert_non_null(s->loop);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pipe2(s->pipe[i], O_NONBLOCK | O_CLOEXEC), 0);
}

static void close_scene(struct scene *s)
{
	for (size_t i = 0; i < 2; i++) {
		loop_unwatch(s->loop, s->watch[i]);
		close(s->pipe[i][0]);
		close(s->pipe[i][1]);
	}
	loop_destroy(s->loop);
}

static void fill(struct scene *s, size_t i)
{
	assert_int_equal(write(s->pipe[i][1], "x", 1), 1);
}

static void read_and_stop(void *arg, int events, ustime now)
{
	struct scene *s = arg;
	char byte;

	assert_int_equal(events, LOOP_READ);
	assert_int_equal(read(s->pipe[0][0], &byte, 1), 1);
	happened(s, 'r');
	s->read_at[0] = now;
	loop_stop(s->loop);
}

static void read_second(void *arg, int events, ustime now)
{
	struct scene *s = arg;
	char byte;

	(void)events;
	assert_int_equal(read(s->pipe[1][0], &byte, 1), 1);
	happened(s, 'R');
	s->read_at[1] = now;
}

static void watch_first(struct scene *s)
{
	s->watch[0] = loop_watch(s->loop, s->pipe[0][0], LOOP_READ, read_and_stop, s);
	assert_non_null(s->watch[0]);
}

static void watch_second(struct scene *s)
{
	s->watch[1] = loop_watch(s->loop, s->pipe[1][0], LOOP_READ, read_second, s);
	assert_non_null(s->watch[1]);
}

static void deadline_half_a_millisecond_away_is_not_early(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	watch_first(&s);
	s.rest_after_due = true;
	s.dues_wanted = 1;
	s.deadline = loop_now(s.loop) + USEC(500);
	ustime wanted = s.deadline;
	loop_run(s.loop);
	assert_int_equal(s.dues, 1);
	assert_true(s.due_at >= wanted);
	close_scene(&s);
}

static void every_callback_of_a_turn_sees_the_same_moment(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	watch_first(&s);
	watch_second(&s);
	fill(&s, 0);
	fill(&s, 1);
	loop_run(s.loop);
	assert_int_equal(s.read_at[0], s.read_at[1]);
	assert_int_equal(s.read_at[0], s.flush_at);
	assert_int_equal(s.read_at[0], loop_now(s.loop));
	close_scene(&s);
}

static void stop_and_pass_the_deadline(void *arg, int events, ustime now)
{
	struct scene *s = arg;

	read_second(arg, events, now);
	s->deadline = now; /* has come within this very turn */
	s->dues_wanted = 1;
	s->rest_after_due = true;
}

/* F27: after a long sleep the packets that arrived meanwhile count before the time that passed. */
static void sockets_are_read_before_a_deadline_of_the_same_turn(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	watch_first(&s);
	s.watch[1] = loop_watch(s.loop, s.pipe[1][0], LOOP_READ, stop_and_pass_the_deadline, &s);
	fill(&s, 1);
	loop_run(s.loop);
	/* nothing yet; read; flushed; due; its work flushed; the pipe that due() filled; the last
	 */
	assert_string_equal(s.order, "fRfdfrf");
	assert_int_equal(s.due_at, s.read_at[1]);
	close_scene(&s);
}

static void past_deadline_comes_before_the_first_sleep_and_its_work_is_flushed(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	watch_first(&s);
	s.deadline = INT64_MIN;
	s.rest_after_due = true;
	s.dues_wanted = 1;
	loop_run(s.loop);
	assert_string_equal(s.order, "fdfrf");
	close_scene(&s);
}

static void deadline_that_stays_in_the_past_neither_spins_nor_starves(void **state)
{
	struct scene s;
	ustime start;

	(void)state;
	open_scene(&s);
	watch_first(&s);
	start = loop_now(s.loop);
	s.deadline = start - SEC(600);
	s.dues_wanted = 60;
	loop_run(s.loop);
	assert_true(s.dues >= 60);
	/* all but the first few of them waited a millisecond each */
	assert_true(s.read_at[0] - start >= MSEC(30));
	close_scene(&s);
}

/* F28 */
static void deadline_far_in_the_future_is_harmless(void **state)
{
	const ustime far[] = {NEVER - 1, NEVER / 2, SEC(INT64_C(5000000000)), INT64_C(1) << 31};

	(void)state;
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		struct scene s;

		open_scene(&s);
		watch_first(&s);
		s.deadline = loop_now(s.loop) > far[i] ? NEVER : far[i];
		fill(&s, 0);
		loop_run(s.loop);
		assert_string_equal(s.order, "frf");
		close_scene(&s);
	}
}

static void deadline_that_comes_nearer_is_met(void **state)
{
	struct scene s;
	ustime wanted;

	(void)state;
	open_scene(&s);
	watch_first(&s);
	s.deadline = loop_now(s.loop) + SEC(3000);
	fill(&s, 0);
	loop_run(s.loop);
	wanted = loop_now(s.loop) + MSEC(2);
	s.deadline = wanted;
	s.rest_after_due = true;
	s.dues_wanted = 1;
	loop_run(s.loop);
	assert_int_equal(s.dues, 1);
	assert_true(s.due_at >= wanted);
	close_scene(&s);
}

static void what_the_last_turn_produced_is_flushed(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	watch_first(&s);
	fill(&s, 0);
	loop_run(s.loop);
	assert_int_equal(s.order[s.count - 1], 'f');
	assert_int_equal(s.flush_at, s.read_at[0]);
	close_scene(&s);
}

static void stop_before_run_is_not_forgotten(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	loop_stop(s.loop);
	loop_run(s.loop);
	assert_string_equal(s.order, "f");
	close_scene(&s);
}

static void unwatch_both_and_stop(void *arg, int events, ustime now)
{
	struct scene *s = arg;

	(void)events;
	(void)now;
	happened(s, 'u');
	for (size_t i = 0; i < 2; i++) {
		loop_unwatch(s->loop, s->watch[i]);
		s->watch[i] = NULL;
	}
	loop_stop(s->loop);
}

static void watch_that_is_given_up_in_a_turn_stays_quiet_in_it(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	for (size_t i = 0; i < 2; i++) {
		s.watch[i] = loop_watch(s.loop, s.pipe[i][0], LOOP_READ, unwatch_both_and_stop, &s);
		fill(&s, i);
	}
	loop_run(s.loop);
	assert_string_equal(s.order, "fuf");
	close_scene(&s);
}

static void writable(void *arg, int events, ustime now)
{
	struct scene *s = arg;

	(void)now;
	assert_int_equal(events, LOOP_WRITE);
	happened(s, 'w');
	loop_stop(s->loop);
}

static void descriptor_with_room_is_writable(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	s.watch[0] = loop_watch(s.loop, s.pipe[0][1], LOOP_WRITE, writable, &s);
	loop_run(s.loop);
	assert_string_equal(s.order, "fwf");
	close_scene(&s);
}

static void signalled(void *arg, int signo, ustime now)
{
	struct scene *s = arg;

	assert_int_equal(now, loop_now(s->loop));
	happened(s, signo == SIGHUP ? 'h' : 't');
	if (signo == SIGTERM)
		loop_stop(s->loop);
}

static void signals_come_in_a_turn_of_the_loop(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_true(loop_signal(s.loop, SIGHUP, signalled, &s));
	assert_true(loop_signal(s.loop, SIGTERM, signalled, &s));
	for (int i = 0; i < 1000; i++)
		assert_int_equal(raise(SIGHUP), 0);
	assert_int_equal(s.count, 0);
	raise(SIGTERM);
	loop_run(s.loop);
	assert_string_equal(s.order, "fhtf"); /* a thousand of them are one */
	raise(SIGTERM);                       /* too late, and harmless */
	close_scene(&s);
}

static void signal_that_does_not_exist_is_refused(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_false(loop_signal(s.loop, 4711, signalled, &s));
	close_scene(&s);
}

static void closed_pipe_is_an_errno_and_no_signal(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	close(s.pipe[0][0]);
	assert_int_equal(write(s.pipe[0][1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	s.pipe[0][0] = -1;
	close_scene(&s);
}

/* F45 */
static void loop_without_descriptors_is_an_errno_and_leaves_none_open(void **state)
{
	struct loop_hooks hooks = {.due = due, .flush = flush, .deadline = deadline};
	struct rlimit old, low;
	struct loop *l = NULL;
	unsigned refused = 0;
	int before = dup(0), after;

	(void)state;
	close(before);
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	for (int room = 0; !l; room++) {
		assert_true(room < 10);
		low.rlim_cur = (rlim_t)(before + room);
		setrlimit(RLIMIT_NOFILE, &low);
		errno = 0;
		l = loop_create(&hooks);
		if (!l) {
			assert_int_equal(errno, EMFILE);
			refused++;
		}
	}
	setrlimit(RLIMIT_NOFILE, &old);
	assert_true(refused >= 2);
	loop_destroy(l);
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadline_half_a_millisecond_away_is_not_early),
		cmocka_unit_test(every_callback_of_a_turn_sees_the_same_moment),
		cmocka_unit_test(sockets_are_read_before_a_deadline_of_the_same_turn),
		cmocka_unit_test(
			past_deadline_comes_before_the_first_sleep_and_its_work_is_flushed),
		cmocka_unit_test(deadline_that_stays_in_the_past_neither_spins_nor_starves),
		cmocka_unit_test(deadline_far_in_the_future_is_harmless),
		cmocka_unit_test(deadline_that_comes_nearer_is_met),
		cmocka_unit_test(what_the_last_turn_produced_is_flushed),
		cmocka_unit_test(stop_before_run_is_not_forgotten),
		cmocka_unit_test(watch_that_is_given_up_in_a_turn_stays_quiet_in_it),
		cmocka_unit_test(descriptor_with_room_is_writable),
		cmocka_unit_test(signals_come_in_a_turn_of_the_loop),
		cmocka_unit_test(signal_that_does_not_exist_is_refused),
		cmocka_unit_test(closed_pipe_is_an_errno_and_no_signal),
		cmocka_unit_test(loop_without_descriptors_is_an_errno_and_leaves_none_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
