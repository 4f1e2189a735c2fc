/* SPDX-License-Identifier: MIT */
#include "lab/emulator/emulator.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lab/emulator/crossing.h"
#include "lab/emulator/devices.h"
#include "lab/emulator/realtime.h"
#include "lab/emulator/room.h"

enum {
	GAIN = 16, /* how slowly the usual lateness of timers follows */
	NS_PER_US = 1000,
	NS_PER_S = 1000000000,
};

/* A timer so late says that we were not let run, not what wake-ups cost. */
#define STRANGELY_LATE 1000000

int64_t emulator_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

struct emulator_cpu emulator_cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (struct emulator_cpu){
		.user = SEC(u.ru_utime.tv_sec) + u.ru_utime.tv_usec,
		.system = SEC(u.ru_stime.tv_sec) + u.ru_stime.tv_usec,
	};
}

void emulator_say(const char *format, ...)
{
	va_list args;

	fputs("linklab-emulator: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void rebind(struct emulator *e, unsigned vehicle, unsigned link)
{
	if (vehicle >= e->vehicles || link >= e->scenario->links)
		emulator_say("rebind: there is no such link");
	else
		nat_rebind(&e->vehicle[vehicle].way[link].nat);
}

static void obey(struct emulator *e, enum command what)
{
	switch (what) {
	case COMMAND_NONE:
		break;
	case COMMAND_START:
		if (e->started_at == NEVER)
			crossing_start(e, emulator_now());
		break;
	case COMMAND_REBIND:
		rebind(e, e->commands.vehicle - 1, e->commands.link - 1);
		break;
	case COMMAND_STOP:
		e->over = true;
		break;
	case COMMAND_STRANGE:
		emulator_say("%s: not a command", e->commands.line);
		break;
	}
}

static void read_commands(struct emulator *e)
{
	char text[256];
	ssize_t len = read(STDIN_FILENO, text, sizeof(text));

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0)
		e->over = true;
	for (ssize_t i = 0; i < len; i++)
		obey(e, commands_feed(&e->commands, text[i]));
}

/* When the scenario next wants something of us. */
static int64_t next_deed(const struct emulator *e)
{
	const struct scenario *s = e->scenario;
	int64_t event = NEVER;

	if (e->started_at == NEVER)
		return NEVER;
	if (e->next_event < s->events)
		event = e->started_at + s->event[e->next_event].at * NS_PER_US;
	return event < e->ends_at ? event : e->ends_at;
}

static void do_deeds(struct emulator *e, int64_t now)
{
	const struct scenario *s = e->scenario;

	if (e->started_at == NEVER)
		return;
	while (e->next_event < s->events &&
	       e->started_at + s->event[e->next_event].at * NS_PER_US <= now) {
		const struct scenario_event *event = &s->event[e->next_event++];

		if (event->deed != DEED_REBIND)
			continue; /* the front end's */
		for (unsigned v = 0; v < e->vehicles; v++)
			rebind(e, v, event->link);
	}
	e->over = e->over || now >= e->ends_at;
}

static void nap_was_late(struct emulator *e, int64_t late)
{
	late = late < 0 ? 0 : late;
	timing_add(&e->naps, late);
	e->late_last = late;
	if (late < STRANGELY_LATE)
		e->late_mean += (late - e->late_mean) / GAIN;
}

static struct timespec span(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
}

/* Lets packets gather for one wake-up. */
static void nap(struct emulator *e)
{
	int64_t until = e->turn_began + CROSSING_PACE - e->late_mean;
	struct timespec at = span(until);

	if (emulator_now() >= until)
		return;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	nap_was_late(e, emulator_now() - until);
}

/*
 * Nothing waits in any device.  Sleeps until something does, or is due.  A packet
 * that woke us came before that by about what a timer is late.
 */
static int sleep_until_due(struct emulator *e, struct epoll_event *events)
{
	int64_t due = earlier(queue_due(&e->queue), next_deed(e)), from = emulator_now();
	int64_t left = due - e->late_mean - from;
	struct timespec at;
	int count;

	e->empty_at = e->polled_at = from;
	if (due != NEVER && due <= from + CROSSING_EARLY)
		return 0;
	at = span(left > 0 ? left : 0);
	count = epoll_pwait2(e->poll, events, DEVICES_EVENTS, due == NEVER ? NULL : &at, NULL);
	e->polled_at = emulator_now();
	if (count == 0) {
		nap_was_late(e, e->polled_at - from - left);
		return 0;
	}
	e->empty_at = later(from, e->polled_at - 2 * e->late_mean);
	e->wake_doubt = e->late_last > e->late_mean ? e->late_last - e->late_mean
						    : e->late_mean - e->late_last;
	return count;
}

/*
 * What is to be done, without sleeping if there is something.  Whatever device
 * the kernel does not name here was empty when it was asked.
 */
static int look(struct emulator *e, struct epoll_event *events)
{
	int count;

	e->wake_doubt = 0;
	e->empty_at = e->polled_at;
	e->polled_at = emulator_now();
	count = epoll_wait(e->poll, events, DEVICES_EVENTS, 0);
	if (count == 0)
		count = sleep_until_due(e, events);
	return count > 0 ? count : 0;
}

static void turn(struct emulator *e, const struct epoll_event *events, int count)
{
	bool unread = false;

	e->turn_began = emulator_now();
	e->busy = queue_due(&e->queue) <= e->turn_began + CROSSING_EARLY;
	do_deeds(e, e->turn_began);
	crossing_release(e);
	for (int i = 0; i < count; i++) {
		struct device *d = events[i].data.ptr;

		if (d) {
			e->busy = true;
			crossing_read(e, d);
			unread = unread || d->unread;
		} else if (devices_signalled(e)) {
			e->over = true;
		} else {
			read_commands(e);
		}
	}
	crossing_release(e);
	e->busy = e->busy && !unread;
}

void emulator_run(struct emulator *e)
{
	static struct epoll_event events[DEVICES_EVENTS];

	while (!e->over) {
		int count;

		if (e->busy)
			nap(e);
		count = look(e, events);
		turn(e, events, count);
	}
	e->ended_at = emulator_now();
	devices_count_missed(e);
}

int emulator_init(struct emulator *e, const struct scenario *s, const struct options *o)
{
	int code;

	memset(e, 0, sizeof(*e));
	e->scenario = s;
	e->seed = o->seed;
	e->vehicles = o->cars;
	e->lasts = o->lasts;
	e->road.fd = e->poll = e->signals = -1;
	e->started_at = e->ends_at = NEVER;
	timing_init(&e->timing);
	timing_init(&e->naps);
	if (!crossing_init(e) || !queue_init(&e->queue, room_needed(s, e->vehicles))) {
		emulator_say("memory is short");
		return EX_OSERR;
	}
	code = devices_open(e, o);
	if (code != 0)
		return code;
	e->real_time = realtime_enter();
	e->made_at = e->empty_at = e->polled_at = emulator_now();
	return 0;
}

void emulator_finish(struct emulator *e)
{
	devices_close(e);
	queue_finish(&e->queue);
	crossing_finish(e);
}
