/* SPDX-License-Identifier: MIT */
#include "lab/emulator/devices.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

static bool open_one(struct device *d, const char *space)
{
	struct tun_error error;

	d->space = space;
	d->fd = tun_open(space, d->name, &error);
	if (d->fd < 0)
		emulator_say("%s in %s: %s: %s", d->name, space, error.what, strerror(error.code));
	return d->fd >= 0;
}

static bool open_cars(struct emulator *e, const struct options *o)
{
	for (unsigned v = 0; v < e->vehicles; v++) {
		for (unsigned n = 0; n < e->scenario->links; n++) {
			struct device *d = &e->vehicle[v].way[n].car;

			d->vehicle = v;
			d->link = n;
			snprintf(d->name, sizeof(d->name), "m%u", n + 1);
			if (!open_one(d, o->car[v]))
				return false;
		}
	}
	return true;
}

static bool listen_to(struct emulator *e, int fd, void *what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};

	return epoll_ctl(e->poll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool listen_to_devices(struct emulator *e)
{
	if (!listen_to(e, e->road.fd, &e->road))
		return false;
	for (unsigned v = 0; v < e->vehicles; v++) {
		for (unsigned n = 0; n < e->scenario->links; n++) {
			struct device *d = &e->vehicle[v].way[n].car;

			if (!listen_to(e, d->fd, d))
				return false;
		}
	}
	return true;
}

/* Ends by signal are read like everything else, so that none comes between two steps. */
static int open_signals(void)
{
	sigset_t ends;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	return signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
}

int devices_open(struct emulator *e, const struct options *o)
{
	e->road.of_road = true;
	strcpy(e->road.name, "net0");
	if (!open_one(&e->road, o->road) || !open_cars(e, o))
		return EX_OSERR;
	e->poll = epoll_create1(EPOLL_CLOEXEC);
	e->signals = open_signals();
	if (e->poll < 0 || e->signals < 0 || !listen_to_devices(e) ||
	    !listen_to(e, e->signals, NULL)) {
		emulator_say("epoll: %s", strerror(errno));
		return EX_OSERR;
	}
	/* A plain file cannot be waited for, and there is nobody who writes commands in time. */
	if (!listen_to(e, STDIN_FILENO, NULL)) {
		emulator_say("standard input: commands come through a pipe or a terminal: %s",
			     strerror(errno));
		return EX_USAGE;
	}
	return 0;
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

void devices_close(struct emulator *e)
{
	for (unsigned v = 0; e->vehicle && v < e->vehicles; v++) {
		for (unsigned n = 0; e->vehicle[v].way && n < e->scenario->links; n++)
			close_one(e->vehicle[v].way[n].car.fd);
	}
	close_one(e->road.fd);
	close_one(e->poll);
	close_one(e->signals);
}

bool devices_signalled(const struct emulator *e)
{
	struct signalfd_siginfo info;

	return read(e->signals, &info, sizeof(info)) == sizeof(info);
}

void devices_count_missed(struct emulator *e)
{
	e->drops.missed = tun_missed(e->road.space, e->road.name);
	for (unsigned v = 0; v < e->vehicles; v++) {
		for (unsigned n = 0; n < e->scenario->links; n++) {
			const struct device *d = &e->vehicle[v].way[n].car;

			e->drops.missed += tun_missed(d->space, d->name);
		}
	}
}
