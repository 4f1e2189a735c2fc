/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/load_spread.h"

/*
 * What bench_io.py sends through the programs: an encoder of our own and the
 * SRT server that it streams to, in two threads, both cheaper than what stands
 * between them.  The encoder sends one packet a call, as encoders do; the
 * server takes many a call, but never several as one.
 */
enum {
	LOAD_PACKET = 1332, /* an SRT header and seven packets of an MPEG transport stream */
	LOAD_BATCH = 64,
	LOAD_AHEAD = 1024, /* packets on the way when nothing else limits the rate */
	LOAD_FPS = 30,
	LOAD_LATENCY = 2000, /* of the session, ms */
	LOAD_LINE = 16,      /* bytes of a command on standard input */
};

enum load_pattern {
	LOAD_EVEN,
	LOAD_FRAMES,   /* what belongs to a picture leaves back to back */
	LOAD_SATURATE, /* as many as arrive */
};

/* What the threads share; each part has one that writes it. */
struct load {
	uint16_t to; /* port that the encoder sends to, on the loopback */
	uint16_t at; /* port that the server listens on */
	enum load_pattern pattern;
	unsigned rate; /* packets a second */
	bool bare;     /* no handshake and no ACKs: a relay knows nothing of SRT */

	atomic_bool quiet; /* the encoder shall pause, so that what is on its way arrives */
	atomic_bool stop;
	atomic_bool mark; /* the encoder shall begin a window, and then clears this */

	/* The encoder's. */
	_Alignas(64) atomic_uint_fast64_t sent; /* the next packet's number too */
	atomic_uint_fast64_t window; /* number of the first packet that is judged */
	atomic_uint_fast64_t acks; /* SRT ACKs that came back */
	atomic_bool agreed;        /* the session is there; the server's conclusion came back */
	struct load_spread lag;    /* by how much packets missed their moments */

	/* The server's. */
	_Alignas(64) atomic_uint_fast64_t arrived;
	atomic_uint_fast64_t reached;   /* the newest number that has, and one more */
	atomic_uint_fast64_t again;     /* that had arrived before */
	atomic_uint_fast64_t in_window; /* arrived, of those that are judged */
	struct load_spread trip;        /* of these: from before the encoder's call till after ours */
};

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t load_clock(void);

/* A UDP socket on the loopback, bound to port (0: any), with room; on error the program ends. */
int load_socket(uint16_t port);

/* Packets that wait in socket fd, and those to come, go to this port of the loopback. */
void load_aim(int fd, uint16_t port);

/* Says what failed, with errno, and ends the program. */
void load_fail(const char *what);

void *load_encoder(void *load);
void *load_server(void *load);

/* The caller's half of the handshake; returns the server's socket id. */
uint32_t load_greet(int fd, struct load *load);

/* Takes in what came back to the caller. */
void load_hear(int fd, struct load *load);

/*
 * Takes packets on one port and sends them on to another, one by one, for ever, each after so
 * many microseconds.
 */
void load_relay(uint16_t at, uint16_t to, unsigned delay);

/* The same for all that have come at once, as one: the least that forwarding costs. */
void load_relay_gso(uint16_t at, uint16_t to);

/*
 * Watches the loopback and tells, for each line on standard input, how long the sender and the
 * receiver behind these ports had each packet of media; after the line "mark" from the start.
 */
int load_tap(uint16_t encoder, uint16_t srtla, uint16_t server);

#endif
