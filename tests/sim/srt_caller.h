/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SRT_CALLER_H
#define TESTS_SIM_SRT_CALLER_H

#include <stdbool.h>

#include "shared/base/endpoint.h"
#include "tests/sim/world.h"

struct srt_caller_config {
	uint64_t rate;         /* of payload, bit/s */
	unsigned fps;          /* packets come in so many bursts a second; 0: evenly */
	uint16_t latency;      /* ms */
	const char *stream_id; /* or NULL */
	uint32_t isn;          /* of the first session; SEQ_NONE: at random */
	uint32_t clock;        /* SRT timestamp when a session begins, us */
	bool once;             /* says each handshake once, and waits */
	usspan pause;          /* between the end of a session and the next try; 0: 500 ms */
};

enum srt_caller_state {
	CALLER_OFF,
	CALLER_INDUCTION,  /* has asked for a cookie */
	CALLER_CONCLUSION, /* has asked for a session */
	CALLER_STREAMS,
	CALLER_PAUSES,     /* before it tries again */
};

struct srt_caller_tally {
	uint64_t tries;    /* sockets opened */
	uint64_t sessions;
	uint64_t broken;   /* sessions that ended without a word of ours */
	uint64_t refused;
	uint64_t data;     /* first transmissions */
	uint64_t unsent;   /* packets that the encoder made while no session was there */
	uint64_t resent;
	uint64_t too_old;  /* asked for again, but no longer worth it */
	uint64_t acks;
	uint64_t acks_again; /* full ACKs whose number had come before */
	uint64_t naks;
	uint64_t astray;   /* packets for another socket or port */
	uint64_t odd;      /* packets that make no sense here */
	ustime connected;  /* when the latest session was agreed */
	ustime broke;      /* when the latest broke */
};

enum { CALLER_KEPT = 16384 }; /* packets that can be sent again; a power of two */

/*
 * An SRT caller as an encoder holds it: connects, sends at a steady rate,
 * answers ACKs, sends again what NAKs name while that is worth it, gives up a
 * silent peer after five seconds and connects again.
 */
struct srt_caller {
	struct world *world;
	struct srt_caller_config cfg;
	struct srt_caller_tally tally;
	struct rng rng;
	enum srt_caller_state state;
	struct endpoint here;   /* its address; a new port for each new process */
	uint32_t id, peer_id, cookie;
	uint32_t isn, next, acked; /* numbers: first, to be sent next, all before arrived */
	uint32_t last_ack;      /* number of the latest full ACK */
	uint16_t agreed;        /* latency, ms */
	usspan rtt, rttvar;
	ustime opened;          /* the socket */
	ustime heard, spoke;
	ustime media_began;
	uint64_t media_made;    /* packets or frames since then */
	struct {
		uint32_t timestamp;
		uint16_t payload;
		ustime made, resent;
	} kept[CALLER_KEPT];
	struct timer handshake, media, watch;

	void (*send)(void *who, const uint8_t *data, size_t len);
	void *who;
};

void srt_caller_init(struct srt_caller *c, struct world *w, const struct srt_caller_config *cfg,
		     const struct endpoint *here);

/* Opens a socket and connects. */
void srt_caller_start(struct srt_caller *c);

/* Ends, with a SHUTDOWN or without a word as a crash does. */
void srt_caller_stop(struct srt_caller *c, bool says_so);

/* A packet that came to `to`. */
void srt_caller_input(struct srt_caller *c, const struct endpoint *to, const uint8_t *data,
		      size_t len);

#endif
