/* SPDX-License-Identifier: MIT */
#include "tests/interop/srt_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	US_PER_STEP = 10,
	PARTS = 100, /* p99 */
	ROOM = 4 << 20,
	PRIORITY = 20, /* above those whose packets it carries */
};

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_US INT64_C(1000)

static int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* A heap of parcels, the one due first on top. */

static bool sooner(const struct relay *r, unsigned a, unsigned b)
{
	const struct relay_parcel *one = &r->parcel[r->heap[a]], *two = &r->parcel[r->heap[b]];

	return one->due != two->due ? one->due < two->due : one->nth < two->nth;
}

static void swap(struct relay *r, unsigned a, unsigned b)
{
	unsigned t = r->heap[a];

	r->heap[a] = r->heap[b];
	r->heap[b] = t;
}

static void heap_put(struct relay *r, unsigned parcel)
{
	unsigned i = r->heap_count++;

	for (r->heap[i] = parcel; i > 0 && sooner(r, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(r, i, (i - 1) / 2);
}

static unsigned heap_take(struct relay *r)
{
	unsigned top = r->heap[0], i = 0;

	r->heap[0] = r->heap[--r->heap_count];
	for (;;) {
		unsigned child = 2 * i + 1;

		if (child + 1 < r->heap_count && sooner(r, child + 1, child))
			child++;
		if (child >= r->heap_count || !sooner(r, child, i))
			return top;
		swap(r, child, i);
		i = child;
	}
}

bool relay_init(struct relay *r)
{
	memset(r, 0, sizeof(*r));
	r->parcel = calloc(RELAY_PARCELS, sizeof(*r->parcel));
	r->idle = calloc(RELAY_PARCELS, sizeof(*r->idle));
	r->heap = calloc(RELAY_PARCELS, sizeof(*r->heap));
	if (!r->parcel || !r->idle || !r->heap) {
		fprintf(stderr, "relay: no memory\n");
		return false;
	}
	while (r->idle_count < RELAY_PARCELS) {
		r->idle[r->idle_count] = r->idle_count;
		r->idle_count++;
	}
	return true;
}

void relay_finish(struct relay *r)
{
	for (unsigned i = 0; i < r->ways; i++) {
		for (unsigned n = 0; n < TRIAL_ROADS; n++)
			road_finish(&r->way[i].road[n]);
		close(r->way[i].near);
		close(r->way[i].far);
	}
	free(r->parcel);
	free(r->idle);
	free(r->heap);
}

/* A socket on loopback; *port is its own. */
static int open_socket(unsigned *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(here);
	int room = ROOM, fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&here, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&here, &len) < 0) {
		close(fd);
		return -1;
	}
	*port = ntohs(here.sin_port);
	return fd;
}

static bool join(int fd, const struct sockaddr_in *to)
{
	return connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0;
}

unsigned relay_add(struct relay *r, const struct trial *t, unsigned listener_port)
{
	struct sockaddr_in listener = {.sin_family = AF_INET,
				       .sin_port = htons((uint16_t)listener_port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct relay_way *w = &r->way[r->ways];
	unsigned port;

	*w = (struct relay_way){.trial = t};
	w->near = open_socket(&w->near_port);
	w->far = open_socket(&port);
	if (w->near < 0 || w->far < 0 || !join(w->far, &listener)) {
		perror("relay: sockets");
		return 0;
	}
	trial_roads(t, w->road);
	r->ways++;
	return w->near_port;
}

static void launch(struct relay *r, int fd, const uint8_t *data, size_t len, int64_t due)
{
	struct relay_parcel *p;
	unsigned i;

	if (r->idle_count == 0) {
		r->full++;
		return;
	}
	i = r->idle[--r->idle_count];
	p = &r->parcel[i];
	p->due = due;
	p->nth = r->in++;
	p->fd = fd;
	p->len = (unsigned)len;
	memcpy(p->data, data, len);
	heap_put(r, i);
}

static void carry(struct relay *r, struct relay_way *w, bool up, const uint8_t *data, size_t len)
{
	int64_t now = clock_ns();
	int fd = up ? w->far : w->near;
	unsigned road = trial_road_for(w->trial, &w->turns, up, data, len);
	struct road_fate fate;

	if (road == TRIAL_PLAIN) {
		launch(r, fd, data, len, now + w->trial->road[0].delay * NS_PER_US);
		return;
	}
	road_take(&w->road[road], now - r->began, len, &fate);
	if (fate.end == ROAD_ARRIVES)
		launch(r, fd, data, len, r->began + fate.arrives);
}

static void drain(struct relay *r, struct relay_way *w, bool up)
{
	uint8_t data[RELAY_BUFFER];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(up ? w->near : w->far, data, sizeof(data), 0, (struct sockaddr *)&from,
			     &len)) > 0) {
		if (up && !w->joined)
			w->joined = join(w->near, &from);
		carry(r, w, up, data, (size_t)n);
		len = sizeof(from);
	}
}

static void let_out(struct relay *r)
{
	int64_t now = clock_ns();

	while (r->heap_count > 0 && r->parcel[r->heap[0]].due <= now) {
		unsigned i = heap_take(r);
		struct relay_parcel *p = &r->parcel[i];
		int64_t step = (now - p->due) / NS_PER_US / US_PER_STEP;
		int64_t last = sizeof(r->histogram) / sizeof(r->histogram[0]) - 1;

		send(p->fd, p->data, p->len, 0);
		r->idle[r->idle_count++] = i;
		r->histogram[step < last ? step : last]++;
		r->out++;
		now = clock_ns();
	}
}

static void *work(void *who)
{
	struct pollfd fds[2 * RELAY_WAYS];
	struct relay *r = who;

	for (unsigned i = 0; i < r->ways; i++) {
		fds[2 * i] = (struct pollfd){.fd = r->way[i].near, .events = POLLIN};
		fds[2 * i + 1] = (struct pollfd){.fd = r->way[i].far, .events = POLLIN};
	}
	while (!atomic_load(&r->over)) {
		int64_t due = r->heap_count ? r->parcel[r->heap[0]].due : INT64_MAX;
		int64_t wait = due - clock_ns();
		struct timespec t = {.tv_nsec = wait < 0               ? 0
						: wait < NS_PER_S / 10 ? wait
								       : NS_PER_S / 10};

		ppoll(fds, 2 * r->ways, &t, NULL);
		let_out(r);
		for (unsigned i = 0; i < 2 * r->ways; i++)
			if (fds[i].revents)
				drain(r, &r->way[i / 2], i % 2 == 0);
	}
	return NULL;
}

bool relay_start(struct relay *r)
{
	struct sched_param urgent = {.sched_priority = PRIORITY};

	r->began = clock_ns();
	if (pthread_create(&r->thread, NULL, work, r) != 0) {
		fprintf(stderr, "relay: no thread\n");
		return false;
	}
	r->running = true;
	pthread_setschedparam(r->thread, SCHED_RR, &urgent); /* or as well as it goes */
	return true;
}

void relay_stop(struct relay *r)
{
	if (!r->running)
		return;
	r->running = false;
	atomic_store(&r->over, true);
	pthread_join(r->thread, NULL);
}

uint64_t relay_p99(const struct relay *r)
{
	uint64_t below = 0, step = 0;

	while (r->out > 0 && below + r->histogram[step] < r->out - r->out / PARTS)
		below += r->histogram[step++];
	return (step + 1) * US_PER_STEP;
}
