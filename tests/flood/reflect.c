/* SPDX-License-Identifier: MIT */
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "tests/flood/flood.h"
#include "tests/sim/srt_build.h"

/*
 * Somebody has a stream of his own, which the server acknowledges, and registers other
 * people's addresses as links of it.  What do they get for what was sent in their name?
 */
enum {
	VICTIMS = 15,   /* most: the receiver has 16 links for a group */
	RATE = 100,     /* media packets a second of the attacker, the smallest that will do */
	MEDIA = 64,
	DOWNLINK = 570, /* packets a second: 6 Mbit/s of 1316 bytes */
	PORT = 40000,
};

#define NET  UINT32_C(0x0e000000) /* 14.0.0.0 */
#define CALL (1000 * CLOCK_MS)    /* between two keepalives in a victim's name */

struct reflection {
	struct flood f;
	struct caller *owner;
	unsigned victims;
	uint64_t given[VICTIMS]; /* bytes in its name */
	uint64_t got[VICTIMS];
	uint64_t own;            /* bytes that came back to the attacker himself, his path included */
};

static struct spot victim(unsigned i)
{
	return (struct spot){NET + 1 + (i << 8), PORT};
}

static void stray(void *arg, struct spot to, size_t len)
{
	struct reflection *r = arg;
	unsigned i = (to.addr - NET) >> 8;

	if (to.addr >> 24 == NET >> 24 && i < r->victims)
		r->got[i] += len;
}

static void in_the_name(struct reflection *r, unsigned i, const void *data, size_t len)
{
	crowd_send(&r->f.crowd, victim(i), data, len);
	r->given[i] += CROWD_HEADERS + len;
}

static void enlist(struct reflection *r)
{
	uint8_t buf[SRTLA_REG_LEN];
	size_t len = srtla_build_reg(buf, SRTLA_REG2, r->owner->id);

	for (unsigned i = 0; i < r->victims; i++)
		in_the_name(r, i, buf, len);
}

static void keep_alive(struct reflection *r)
{
	static const uint8_t keepalive[2] = {0x90, 0x00};

	for (unsigned i = 0; i < r->victims; i++)
		in_the_name(r, i, keepalive, sizeof(keepalive));
}

/* The attacker's stream goes on for a while; victims are called, the server may send media back. */
static void stream(struct reflection *r, uint64_t seconds, bool calls, unsigned downlink)
{
	struct flood_pace up = {.rate = RATE}, down = {.rate = downlink};
	uint64_t now = clock_ns(), ends = now + seconds * CLOCK_S, call = now;
	struct srt_data d = {.dest = BACKEND_CALLER | r->owner->number, .payload = SRT_PAYLOAD};
	uint8_t buf[SRT_PACKET];

	up.began = down.began = now;
	for (; now < ends; now = clock_ns()) {
		for (unsigned n = flood_due(&up, now); n > 0; n--) {
			caller_media(r->owner, 0, r->owner->seq, 0, MEDIA, &r->f.crowd);
			r->owner->seq = seq_add(r->owner->seq, 1);
		}
		for (unsigned n = downlink ? flood_due(&down, now) : 0; n > 0; n--, d.seq++)
			backend_send(&r->f.backend, r->owner->number, buf, srt_build_data(buf, &d));
		if (calls && now >= call) {
			keep_alive(r);
			call = now + CALL;
		}
		flood_rest(&r->f, 0, 0, 0);
	}
}

/* Since the beginning: what was not used up before may be later. */
static void tell(struct reflection *r, const char *worst_name, const char *all_name)
{
	uint64_t given = 0, got = 0;
	double worst = 0;

	for (unsigned i = 0; i < r->victims; i++) {
		double ratio = r->given[i] ? (double)r->got[i] / (double)r->given[i] : 0;

		if (ratio > worst)
			worst = ratio;
		given += r->given[i];
		got += r->got[i];
	}
	flood_tell(worst_name, "%.3f", worst);
	flood_tell(all_name, "%.3f", given ? (double)got / (double)given : 0);
}

/* One packet in a victim's name makes it the link that was used last. */
static void turn_media_to(struct reflection *r, unsigned i)
{
	struct srt_data d = {.seq = r->owner->seq,
			     .message = 1,
			     .dest = BACKEND_SERVER | r->owner->number,
			     .payload = SRT_PAYLOAD_LEAST};
	uint8_t buf[SRT_PACKET];

	r->owner->seq = seq_add(r->owner->seq, 1);
	in_the_name(r, i, buf, srt_build_data(buf, &d));
}

void flood_reflect(unsigned pid, const uint64_t *number)
{
	static struct reflection r;
	uint64_t heard;

	flood_open(&r.f, pid, 1, true);
	r.f.stray = stray;
	r.f.arg = &r;
	r.f.backend.ack_every = 10 * CLOCK_MS; /* as libsrt has it */
	r.victims = number[0] < VICTIMS ? (unsigned)number[0] : VICTIMS;
	r.owner = flood_call_afar(&r.f, 1);
	flood_rest(&r.f, 0, 1, clock_ns() + CLOCK_S);
	flood_tell("owner_in", "%d", r.owner->state == CALLER_IN);
	if (r.owner->state == CALLER_IN) {
		enlist(&r);
		stream(&r, number[1], true, 0);
		tell(&r, "called_worst", "called_all");
		enlist(&r);
		stream(&r, number[1], false, 0);
		tell(&r, "silent_worst", "silent_all");
		turn_media_to(&r, 0);
		heard = r.f.crowd.heard;
		stream(&r, 1, false, DOWNLINK);
		tell(&r, "media_worst", "media_all");
		flood_tell("downlink_heard", "%llu",
			   (unsigned long long)(r.f.crowd.heard - heard));
	}
	flood_close(&r.f);
}
