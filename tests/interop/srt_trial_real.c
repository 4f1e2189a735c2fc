/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <srt/srt.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "tests/interop/srt_relay.h"

enum {
	PRIORITY = 10,
	GOOD_P99 = 500, /* us: a relay that is later than this proves nothing */
	READ_MS = 2,
};

/* One libsrt pair, with the relay between. */
struct pair {
	const struct trial *trial;
	SRTSOCKET listener, caller, accepted;
	struct encoder encoder;
	uint64_t made, refused;
};

/* All of them at once. */
struct fair {
	struct pair pair[RELAY_WAYS];
	unsigned pairs;
	struct relay relay;
	int poll; /* of libsrt: what was accepted */
	atomic_bool over;
	pthread_t reader;
};

static ustime clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return SEC(t.tv_sec) + t.tv_nsec / 1000;
}

static void sleep_until(ustime at)
{
	struct timespec t = {.tv_sec = at / SEC(1), .tv_nsec = at % SEC(1) * 1000};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static bool complain(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, srt_getlasterror_str());
	return false;
}

static bool set(SRTSOCKET s, SRT_SOCKOPT option, int value)
{
	return srt_setsockflag(s, option, &value, sizeof(value)) != SRT_ERROR;
}

/* Stock but for what the trial is about. */
static SRTSOCKET make_socket(const struct trial *t)
{
	SRTSOCKET s = srt_create_socket();

	if (!set(s, SRTO_TRANSTYPE, SRTT_LIVE) || !set(s, SRTO_LATENCY, (int)t->latency) ||
	    !set(s, SRTO_LOSSMAXTTL, (int)t->lossmaxttl))
		complain("options");
	return s;
}

static bool listen_at(struct pair *p, unsigned *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int len = sizeof(here);

	p->listener = make_socket(p->trial);
	if (srt_bind(p->listener, (struct sockaddr *)&here, len) == SRT_ERROR ||
	    srt_listen(p->listener, 1) == SRT_ERROR ||
	    srt_getsockname(p->listener, (struct sockaddr *)&here, &len) == SRT_ERROR)
		return complain("listen");
	*port = ntohs(here.sin_port);
	return true;
}

static bool call(struct fair *f, struct pair *p, unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;

	p->caller = make_socket(p->trial);
	if (srt_connect(p->caller, (struct sockaddr *)&to, sizeof(to)) == SRT_ERROR)
		return complain("connect");
	p->accepted = srt_accept(p->listener, NULL, NULL);
	if (p->accepted == SRT_INVALID_SOCK)
		return complain("accept");
	if (!set(p->caller, SRTO_SNDSYN, 0) || !set(p->accepted, SRTO_RCVSYN, 0) ||
	    srt_epoll_add_usock(f->poll, p->accepted, &events) == SRT_ERROR)
		return complain("options");
	return true;
}

/* Whoever reads an SRT socket does it like this: all that is due, when something is. */
static void *read_all(void *who)
{
	SRT_EPOLL_EVENT ready[RELAY_WAYS];
	char message[RELAY_BUFFER];
	struct fair *f = who;

	while (!atomic_load(&f->over)) {
		int n = srt_epoll_uwait(f->poll, ready, RELAY_WAYS, READ_MS);

		for (int i = 0; i < n; i++)
			while (srt_recvmsg(ready[i].fd, message, sizeof(message)) > 0)
				;
	}
	return NULL;
}

static void make_frame(struct pair *p)
{
	static const char nothing[ENCODER_PAYLOAD];
	size_t left = encoder_frame(&p->encoder);

	while (left > 0) {
		size_t len = left < ENCODER_PAYLOAD ? left : ENCODER_PAYLOAD;

		left -= len;
		p->made++;
		if (srt_sendmsg2(p->caller, nothing, (int)len, NULL) == SRT_ERROR)
			p->refused++;
	}
}

/* Encoders of all pairs, each at its own pace. */
static void play(struct fair *f)
{
	ustime began = clock_us();

	for (;;) {
		struct pair *next = NULL;
		ustime due = NEVER;

		for (unsigned i = 0; i < f->pairs; i++) {
			struct pair *p = &f->pair[i];
			ustime at = encoder_due(&p->encoder);

			if (at < p->trial->lasts && at < due) {
				due = at;
				next = p;
			}
		}
		if (!next)
			return;
		sleep_until(began + due);
		make_frame(next);
	}
}

static bool open_pairs(struct fair *f, const struct trial *t, unsigned count)
{
	unsigned port[RELAY_WAYS];

	f->poll = srt_epoll_create();
	for (unsigned i = 0; i < count; i++) {
		f->pair[i].trial = &t[i];
		encoder_init(&f->pair[i].encoder, &t[i].media);
		if (!listen_at(&f->pair[i], &port[i]))
			return false;
		port[i] = relay_add(&f->relay, &t[i], port[i]);
		if (port[i] == 0)
			return false;
	}
	if (!relay_start(&f->relay))
		return false;
	for (f->pairs = 0; f->pairs < count; f->pairs++)
		if (!call(f, &f->pair[f->pairs], port[f->pairs]))
			return false;
	return true;
}

static usspan longest_latency(const struct fair *f)
{
	unsigned ms = 0;

	for (unsigned i = 0; i < f->pairs; i++)
		if (f->pair[i].trial->latency > ms)
			ms = f->pair[i].trial->latency;
	return MSEC(ms);
}

static bool count(const struct pair *p, struct trial_figures *f)
{
	SRT_TRACEBSTATS near, far;

	if (srt_bistats(p->caller, &near, 0, 1) == SRT_ERROR ||
	    srt_bistats(p->accepted, &far, 0, 1) == SRT_ERROR)
		return complain(p->trial->name);
	*f = (struct trial_figures){
		.made = p->made - p->refused,
		.late = (uint64_t)far.pktRcvDropTotal,
		.resent = (uint64_t)near.pktRetransTotal,
		.naks = (uint64_t)far.pktSentNAKTotal,
	};
	return true;
}

static bool run(struct fair *f, struct trial_figures *figures)
{
	bool fine = true;

	if (pthread_create(&f->reader, NULL, read_all, f) != 0)
		return false;
	sleep_until(clock_us() + TRIAL_BEFORE);
	play(f);
	sleep_until(clock_us() + longest_latency(f) + TRIAL_AFTER);
	for (unsigned i = 0; i < f->pairs; i++)
		fine = count(&f->pair[i], &figures[i]) && fine;
	atomic_store(&f->over, true);
	pthread_join(f->reader, NULL);
	return fine;
}

/* Whether the roads kept time. */
static enum trial_verdict judge(const struct relay *r)
{
	uint64_t p99 = relay_p99(r);

	printf("%" PRIu64 " packets carried, p99 of their lateness %" PRIu64 " us\n", r->out, p99);
	if (r->full > 0)
		printf("%" PRIu64 " had no room\n", r->full);
	return p99 > GOOD_P99 || r->full > 0 ? TRIAL_LATE : TRIAL_FINE;
}

enum trial_verdict trial_real(const struct trial *t, unsigned trials, struct trial_figures *figures)
{
	static struct fair f;
	struct sched_param urgent = {.sched_priority = PRIORITY};
	enum trial_verdict verdict = TRIAL_FAILED;

	/* Threads made from here on are as urgent, libsrt's too; without the right they are not. */
	sched_setscheduler(0, SCHED_RR, &urgent);
	srt_startup();
	srt_setloglevel(LOG_CRIT); /* what is dropped is counted anyway */
	memset(&f, 0, sizeof(f));
	if (relay_init(&f.relay) && open_pairs(&f, t, trials) && run(&f, figures))
		verdict = judge(&f.relay);
	srt_cleanup();
	relay_stop(&f.relay);
	relay_finish(&f.relay);
	return verdict;
}
