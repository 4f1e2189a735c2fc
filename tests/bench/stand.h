/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_STAND_H
#define TESTS_BENCH_STAND_H

#include <stdint.h>

#include "sender/core/sender.h"
#include "shared/base/outbox.h"
#include "tests/sim/srt_build.h"

/*
 * The two cores on a test stand: registered and in session through their own
 * doors, with media of 8 Mbit/s a stream in virtual time.  Each step takes a
 * packet of the pool, fills it as a socket would, hands it in, and takes out
 * and frees what comes of it.
 */
enum {
	STAND_LINKS = 16,
	STAND_BATCH = 10 * STAND_LINKS, /* packets between two looks at what links have carried */
	STAND_GAP = 1315789,            /* ns between the packets of a stream: 760 a second */
};

/* What every stand has, and the reference, which has no more. */
struct stand {
	struct pkt_pool pool;
	struct outbox out;
	int64_t now;   /* ns */
	size_t filled; /* bytes copied into each media packet, however long it is */
	uint8_t media[SRT_PACKET];
};

void stand_init(struct stand *st, size_t filled);
void stand_finish(struct stand *st);
ustime stand_now(const struct stand *st);

/* A packet that has just been read; seq is its SRT number. */
struct pkt *stand_media(struct stand *st, uint32_t seq);

/* The same of other bytes. */
struct pkt *stand_packet(struct stand *st, const void *data, size_t len);

/* The reference: n packets filled, put into the outbox, taken out and freed. */
void stand_pass(struct stand *st, unsigned n);

struct sender_stand;
struct receiver_stand;

struct sender_stand *sender_stand_create(enum sender_mode mode, unsigned links, size_t filled);
void sender_stand_destroy(struct sender_stand *st);

/* n media packets of the encoder, at most a batch; time passes. */
void sender_stand_up(struct sender_stand *st, unsigned n);

/* SRTLA ACKs of ten for whatever links have carried; returns how many packets. */
unsigned sender_stand_srtla_acks(struct sender_stand *st);

/* SRT ACKs for what was sent, one for each eight packets, over each link; how many packets. */
unsigned sender_stand_srt_acks(struct sender_stand *st);

struct receiver_stand *receiver_stand_create(unsigned groups, unsigned links, size_t filled);
void receiver_stand_destroy(struct receiver_stand *st);

/* From now on the sender of each group has reports of what arrives. */
void receiver_stand_greet(struct receiver_stand *st);

/* n media packets, of all groups in turn and all their members in turn; time passes. */
void receiver_stand_up(struct receiver_stand *st, unsigned n);

/*
 * The same, but each second packet of a group has overtaken the one before it, and waits.
 * A stand that began with this goes on with it.
 */
void receiver_stand_swapped(struct receiver_stand *st, unsigned n);

/* n SRT ACKs of servers, of all groups in turn. */
void receiver_stand_down(struct receiver_stand *st, unsigned n);

#endif
