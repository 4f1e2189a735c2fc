/* SPDX-License-Identifier: MIT */
#include "shared/io/loop.h"

#include <ev.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "shared/io/log.h"

enum {
	HANDLERS = 8,   /* signals of one loop */
	FRUITLESS = 16, /* turns in a row that may leave a past deadline standing */
	READY = 1088,   /* descriptors: of 1024 groups, and of all doors */
};

#define LULL        MSEC(1) /* then each of them waits this long, so that a mistake costs no CPU */
#define LONGEST_NAP SEC(3600) /* asking again each hour is free, and fits every time_t */

struct handler {
	int signo;
	void (*fn)(void *arg, int signo, ustime now);
	void *arg;
};

struct loop {
	struct ev_loop *ev;
	struct loop_hooks hooks;
	ustime now;
	ustime before;      /* the wake-up before this one */
	ustime real;        /* CLOCK_REALTIME of this one; NEVER: nobody has asked */
	uint64_t wakes;
	usspan coalesce;    /* that libev knows of */
	ustime armed;       /* what the timer is set to; NEVER: off */
	unsigned fruitless; /* turns in a row whose deadline stayed in the past */
	bool stopped;
	int timer_fd;
	int signal_fd;
	ev_check woken;
	ev_prepare sleepy;
	ev_io timer;
	ev_io signals;
	sigset_t caught; /* blocked since loop_signal(), and read from signal_fd */
	struct handler handlers[HANDLERS];
	size_t handler_count;
};

/* One descriptor and whom to call. */
struct loop_watch {
	ev_io io;
	struct loop *loop;
	void (*fn)(void *arg, int events, ustime now);
	void *arg;
};

static ustime moment(const struct timespec *ts)
{
	return SEC(ts->tv_sec) + ts->tv_nsec / 1000;
}

/* A wake-up: the clock is read, once. */
static void wake(struct loop *l)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	l->before = l->now;
	l->now = moment(&ts);
	l->real = NEVER;
}

/* libev has no way to refuse: without these two it would abort. */
static void *allocate(void *old, long size)
{
	void *p;

	if (size == 0) {
		free(old);
		return NULL;
	}
	p = realloc(old, (size_t)size);
	if (!p)
		log_fatal(EX_OSERR, "event loop: %s", strerror(ENOMEM));
	return p;
}

static void system_error(const char *what)
{
	log_fatal(EX_OSERR, "event loop: %s: %s", what, strerror(errno));
}

/*
 * An absolute moment; one in the past fires at once.  A later moment than the
 * one that is set may wait until that one has fired: most deadlines move away
 * with every packet.  Setting the timer also forgets that it fired, so nobody
 * needs to read the descriptor.
 */
static void arm(struct loop *l, ustime at)
{
	struct itimerspec when = {0};

	if (at != NEVER)
		at = later(1, earlier(at, l->now + LONGEST_NAP));
	if (l->armed > l->now && at >= l->armed)
		return;
	l->armed = at;
	if (at != NEVER) {
		when.it_value.tv_sec = (time_t)(at / SEC(1));
		when.it_value.tv_nsec = (long)(at % SEC(1) * 1000);
	}
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Runs before every other callback of the turn. */
static void woken(struct ev_loop *ev, ev_check *w, int revents)
{
	struct loop *l = w->data;

	(void)ev;
	(void)revents;
	wake(l);
	l->wakes++;
}

/*
 * The end of a turn.  What has waited in the sockets has been read by now, so
 * after a long sleep no link is called silent whose packets were only unread.
 */
static void sleepy(struct ev_loop *ev, ev_prepare *w, int revents)
{
	struct loop *l = w->data;
	ustime at;

	(void)ev;
	(void)revents;
	l->hooks.flush(l->hooks.arg, l->now);
	at = l->hooks.deadline(l->hooks.arg);
	if (at <= l->now) {
		l->hooks.due(l->hooks.arg, l->now);
		l->hooks.flush(l->hooks.arg, l->now);
		at = l->hooks.deadline(l->hooks.arg);
	}
	if (at > l->now)
		l->fruitless = 0;
	else if (l->fruitless < FRUITLESS)
		l->fruitless++;
	else
		at = l->now + LULL;
	arm(l, at);
}

/* The wake-up itself is the news; sleepy() looks at the clock. */
static void timer_fired(struct ev_loop *ev, ev_io *w, int revents)
{
	(void)ev;
	(void)w;
	(void)revents;
}

static void signals_ready(struct ev_loop *ev, ev_io *w, int revents)
{
	struct loop *l = w->data;
	struct signalfd_siginfo info;

	(void)ev;
	(void)revents;
	while (read(l->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		for (size_t i = 0; i < l->handler_count; i++) {
			struct handler *h = &l->handlers[i];

			if (h->signo == (int)info.ssi_signo)
				h->fn(h->arg, h->signo, l->now);
		}
	}
}

static void watch_ready(struct ev_loop *ev, ev_io *io, int revents)
{
	struct loop_watch *w = io->data;
	int events = 0;

	(void)ev;
	if (revents & EV_READ)
		events |= LOOP_READ;
	if (revents & EV_WRITE)
		events |= LOOP_WRITE;
	w->fn(w->arg, events, w->loop->now); /* may have freed w */
}

/*
 * libev's list of who is ready grows when it must, in the midst of traffic: here it has been as
 * long as it may become.
 */
static void lengthen(struct loop *l)
{
	ev_io *ready = calloc(READY, sizeof(*ready));

	for (unsigned i = 0; ready && i < READY; i++) {
		ev_io_init(&ready[i], timer_fired, -1, 0);
		ev_feed_event(l->ev, &ready[i], 0);
	}
	for (unsigned i = 0; ready && i < READY; i++)
		ev_clear_pending(l->ev, &ready[i]);
	free(ready);
}

struct loop *loop_create(const struct loop_hooks *hooks)
{
	struct loop *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return NULL;
	l->hooks = *hooks;
	l->armed = NEVER;
	l->signal_fd = -1;
	sigemptyset(&l->caught);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0)
		goto err_free;
	ev_set_allocator(allocate);
	ev_set_syserr_cb(system_error);
	errno = 0;
	l->ev = ev_loop_new(EVFLAG_NOENV | EVFLAG_NOSIGMASK | EVBACKEND_EPOLL);
	if (!l->ev)
		goto err_close;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a full quota is an errno of write() */
	ev_check_init(&l->woken, woken);
	ev_set_priority(&l->woken, EV_MAXPRI);
	l->woken.data = l;
	ev_check_start(l->ev, &l->woken);
	ev_prepare_init(&l->sleepy, sleepy);
	l->sleepy.data = l;
	ev_prepare_start(l->ev, &l->sleepy);
	ev_io_init(&l->timer, timer_fired, l->timer_fd, EV_READ);
	ev_io_start(l->ev, &l->timer);
	lengthen(l);
	wake(l);
	return l;

err_close:
	err = errno ? errno : ENOSYS; /* libev itself says nothing */
	close(l->timer_fd);
	errno = err;
err_free:
	err = errno;
	free(l);
	errno = err;
	return NULL;
}

/* One that came too late for this loop shall not kill the program instead. */
static void release_signals(struct loop *l)
{
	struct timespec none = {0};

	while (sigtimedwait(&l->caught, NULL, &none) > 0)
		;
	sigprocmask(SIG_UNBLOCK, &l->caught, NULL);
	close(l->signal_fd);
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	if (l->signal_fd >= 0) {
		ev_io_stop(l->ev, &l->signals);
		release_signals(l);
	}
	ev_io_stop(l->ev, &l->timer);
	ev_prepare_stop(l->ev, &l->sleepy);
	ev_check_stop(l->ev, &l->woken);
	ev_loop_destroy(l->ev);
	close(l->timer_fd);
	free(l);
}

void loop_run(struct loop *l)
{
	wake(l);
	while (!l->stopped)
		ev_run(l->ev, 0);
	l->stopped = false;
	l->hooks.flush(l->hooks.arg, l->now); /* what the last turn produced */
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
	ev_break(l->ev, EVBREAK_ALL);
}

ustime loop_now(const struct loop *l)
{
	return l->now;
}

ustime loop_arrival(struct loop *l, const struct timespec *stamp)
{
	struct timespec ts;
	usspan age;

	if (l->real == NEVER) {
		clock_gettime(CLOCK_REALTIME, &ts);
		l->real = moment(&ts);
	}
	age = l->real - moment(stamp);
	return l->now - (age < 0 ? 0 : earlier(age, l->now - l->before));
}

/* libev sleeps for what is left of the span since the wake-up, and only then looks who waits. */
void loop_coalesce(struct loop *l, usspan span)
{
	if (span == l->coalesce)
		return;
	l->coalesce = span;
	ev_set_io_collect_interval(l->ev, (ev_tstamp)span / SEC(1));
}

uint64_t loop_wakes(const struct loop *l)
{
	return l->wakes;
}

struct loop_watch *loop_watch(struct loop *l, int fd, int events,
			      void (*fn)(void *arg, int events, ustime now), void *arg)
{
	struct loop_watch *w = calloc(1, sizeof(*w));
	int ev = 0;

	if (!w)
		return NULL;
	if (events & LOOP_READ)
		ev |= EV_READ;
	if (events & LOOP_WRITE)
		ev |= EV_WRITE;
	w->loop = l;
	w->fn = fn;
	w->arg = arg;
	ev_io_init(&w->io, watch_ready, fd, ev);
	w->io.data = w;
	ev_io_start(l->ev, &w->io);
	return w;
}

void loop_unwatch(struct loop *l, struct loop_watch *w)
{
	if (!w)
		return;
	ev_io_stop(l->ev, &w->io);
	free(w);
}

bool loop_signal(struct loop *l, int signo, void (*fn)(void *arg, int signo, ustime now), void *arg)
{
	bool first = l->signal_fd < 0;
	sigset_t one;
	int fd;

	if (l->handler_count == HANDLERS)
		return false;
	sigemptyset(&one);
	if (sigaddset(&one, signo) || sigaddset(&l->caught, signo))
		return false;
	fd = signalfd(l->signal_fd, &l->caught, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return false;
	sigprocmask(SIG_BLOCK, &one, NULL);
	l->signal_fd = fd;
	l->handlers[l->handler_count++] = (struct handler){signo, fn, arg};
	if (first) {
		ev_io_init(&l->signals, signals_ready, fd, EV_READ);
		l->signals.data = l;
		ev_io_start(l->ev, &l->signals);
	}
	return true;
}

const char *loop_version(void)
{
	static char text[32];

	snprintf(text, sizeof(text), "libev %d.%d", ev_version_major(), ev_version_minor());
	return text;
}
