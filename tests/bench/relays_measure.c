/* SPDX-License-Identifier: MIT */
#include <netinet/udp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/must.h"
#include "tests/bench/relays.h"

#define WARM  40000000L  /* ns until a relay and its feeder are in step */
#define TIMED 300000000L /* ns */

void relay_ready(struct relay *r)
{
	sem_post(&r->ready);
}

void relay_cannot(struct relay *r, const char *what, int err)
{
	snprintf(r->why, sizeof(r->why), "%s%s%s", what, err ? ": " : "", err ? strerror(err) : "");
	sem_post(&r->ready);
}

static void *work(void *relay)
{
	struct relay *r = relay;

	r->way->work(r);
	return NULL;
}

/* What the clocks and counters say at a moment. */
struct moment {
	double relay_ns, all_ns;
	double packets, turns, arrived;
};

static double cpu_ns(clockid_t clock)
{
	struct timespec t;

	bench_must(clock_gettime(clock, &t) == 0);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct moment look(clockid_t clock, struct relay *r, struct relay_load *l)
{
	return (struct moment){.relay_ns = cpu_ns(clock),
			       .all_ns = cpu_ns(CLOCK_PROCESS_CPUTIME_ID),
			       .packets = (double)atomic_load(&r->packets),
			       .turns = (double)atomic_load(&r->turns),
			       .arrived = (double)atomic_load(&l->arrived)};
}

static void nap(long ns)
{
	nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

/* The relay works already; what it is fed with comes and goes here. */
static void measure(struct relay *r, pthread_t relay, struct relay_load *l, bool smoke,
		    struct relay_cost *cost)
{
	pthread_t generator, sink;
	struct moment from, to;
	clockid_t clock;

	bench_must(pthread_getcpuclockid(relay, &clock) == 0);
	bench_must(pthread_create(&sink, NULL, relay_sink, l) == 0);
	bench_must(pthread_create(&generator, NULL, relay_generate, l) == 0);
	nap(smoke ? WARM / 4 : WARM);
	from = look(clock, r, l);
	nap(smoke ? WARM : TIMED);
	to = look(clock, r, l);
	atomic_store(&l->stop, true);
	pthread_join(generator, NULL);
	pthread_join(sink, NULL);
	if (to.packets > from.packets && to.arrived > from.arrived) {
		double packets = to.packets - from.packets;

		cost->relay_us = (to.relay_ns - from.relay_ns) / packets / 1000;
		cost->all_us = (to.all_ns - from.all_ns) / packets / 1000;
		cost->per_turn = packets / (to.turns - from.turns);
	}
}

/* Sockets as the way wants them, in their places. */
static void plug(const struct relay_world *w, struct relay *r, struct relay_load *l)
{
	const int size = RELAY_PACKET, on = 1;
	struct sockaddr_in in, other;

	r->in = relay_socket(w->far_ns, w->far, &in);
	r->out = relay_socket(w->far_ns, w->far, &other);
	l->from = relay_socket(w->near_ns, w->near, &other);
	l->sink = relay_socket(w->near_ns, w->near, &r->sink);
	bench_must(!connect(l->from, (struct sockaddr *)&in, sizeof(in)));
	bench_must(!connect(r->out, (struct sockaddr *)&r->sink, sizeof(r->sink)));
	bench_must(!setsockopt(l->from, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)));
	if (r->way->runs)
		bench_must(!setsockopt(r->out, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)));
	if (r->way->merges)
		bench_must(!setsockopt(r->in, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)));
}

bool relay_measure(const struct relay_world *world, const struct relay_way *way,
		   const struct relay_feed *feed, bool smoke, struct relay_cost *cost, char *why)
{
	struct relay r = {.way = way, .world = world};
	struct relay_load l = {.feed = *feed};
	pthread_t relay;

	*cost = (struct relay_cost){0};
	plug(world, &r, &l);
	sem_init(&r.ready, 0, 0);
	bench_must(pthread_create(&relay, NULL, work, &r) == 0);
	sem_wait(&r.ready);
	memcpy(why, r.why, sizeof(r.why));
	if (!r.why[0])
		measure(&r, relay, &l, smoke, cost);
	atomic_store(&r.stop, true);
	pthread_join(relay, NULL);
	sem_destroy(&r.ready);
	close(r.in);
	close(r.out);
	close(l.from);
	close(l.sink);
	return !why[0];
}
