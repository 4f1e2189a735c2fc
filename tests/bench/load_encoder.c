/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/bench/load.h"

enum {
	SECOND = 1000000000, /* ns, as all spans here */
	HEAR_EVERY = 1000000,
	NAP = 20000,       /* until some may have arrived, when nothing else limits the rate */
	A_LOSS = 50000000, /* without an arrival: what is on its way is lost */
};

/* The encoder, and the packet that it sends again and again with other numbers. */
struct encoder {
	struct load *load;
	int fd;
	uint64_t began;
	uint64_t heard; /* when that was */
	uint64_t seen;  /* packets that have arrived, */
	uint64_t moved; /* and when that number last changed */
	uint64_t lost;  /* as it seems at present */
	uint8_t packet[LOAD_PACKET];
};

static void sleep_until(uint64_t at)
{
	struct timespec t = {(time_t)(at / SECOND), (long)(at % SECOND)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* The moment of packet number n.  Above some 30000 a second sleeps end too late for each one. */
static uint64_t moment(const struct encoder *e, uint64_t n)
{
	const struct load *load = e->load;

	if (load->pattern == LOAD_FRAMES)
		return e->began + n * LOAD_FPS / load->rate * SECOND / LOAD_FPS;
	return e->began + n * SECOND / load->rate;
}

/* Whether so many are on their way that one more might find no room. */
static bool far_ahead(struct encoder *e, uint64_t now)
{
	uint64_t arrived = e->load->arrived;

	if (arrived != e->seen) {
		e->seen = arrived;
		e->moved = now;
		e->lost = e->load->reached - arrived;
	} else if (now - e->moved > A_LOSS) {
		e->lost = e->load->sent - arrived;
		e->moved = now;
	}
	return e->load->sent >= arrived + e->lost + LOAD_AHEAD;
}

/* When the next packet may leave: not after `now` if at once. */
static uint64_t next(struct encoder *e, uint64_t now)
{
	if (e->load->quiet)
		return now + HEAR_EVERY;
	if (e->load->pattern == LOAD_SATURATE)
		return far_ahead(e, now) ? now + NAP : now;
	return moment(e, e->load->sent);
}

/* The first eight bytes behind the SRT header say when, for the server. */
static void fire(struct encoder *e, uint64_t now)
{
	uint32_t seq = (uint32_t)e->load->sent & SEQ_MASK;

	put_be32(e->packet, seq);
	put_be32(e->packet + 4, UINT32_C(0xe0000000) | (seq & 0x3ffffff));
	put_be32(e->packet + 8, (uint32_t)(now / 1000));
	put_be64(e->packet + SRT_HEADER_LEN, now);
	/* A refusal is that of an earlier packet; in a program that is gone, all are lost. */
	while (send(e->fd, e->packet, LOAD_PACKET, 0) < 0)
		if (errno != ECONNREFUSED && errno != EINTR)
			load_fail("send");
	atomic_fetch_add_explicit(&e->load->sent, 1, memory_order_release);
}

void *load_encoder(void *arg)
{
	static struct encoder e;
	struct load *load = arg;

	prctl(PR_SET_TIMERSLACK, 1);
	e.load = load;
	e.fd = load_socket(0);
	load_aim(e.fd, load->to);
	memset(e.packet, 0x47, sizeof(e.packet));
	put_be32(e.packet + 12, load_greet(e.fd, load));
	load->agreed = true;
	e.began = e.moved = e.heard = load_clock();
	while (!load->stop) {
		uint64_t now = load_clock(), at = next(&e, now);

		if (now - e.heard >= HEAR_EVERY) {
			load_hear(e.fd, load);
			e.heard = now;
		}
		/* Before the packet itself leaves: so the server knows when it comes. */
		if (load->mark) {
			load->window = (uint64_t)load->sent;
			load->mark = false;
		}
		if (at > now) {
			sleep_until(at);
			continue;
		}
		load_spread_add(&load->lag, now - at);
		fire(&e, now);
	}
	return NULL;
}
