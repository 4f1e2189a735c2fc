/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What bench_io.py sends through the programs: an encoder of our own and the
 * SRT server that it streams to, in two threads, both cheaper than what stands
 * between them.
 */
enum {
	LOAD_PACKET = 1332, /* an SRT header and seven packets of an MPEG transport stream */
	LOAD_BATCH = 64,
	LOAD_AHEAD = 256, /* packets on the way when nothing else limits the rate */
};

/* What the threads share. */
struct load {
	uint16_t to;        /* port that the encoder sends to, on the loopback */
	uint16_t at;        /* port that the server listens on */
	unsigned rate;      /* packets a second; 0: as fast as they arrive */
	bool bare;          /* no handshake and no ACKs: a relay knows nothing of SRT */
	atomic_bool agreed; /* the session is there; the server's conclusion has come back */
	atomic_bool quiet;  /* the encoder shall pause, so that what is on its way arrives */
	atomic_bool stop;
	atomic_uint_fast64_t sent;
	atomic_uint_fast64_t arrived;
	atomic_uint_fast64_t acks; /* SRT ACKs that came back to the encoder */
};

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t load_clock(void);

/* A UDP socket on the loopback, bound to port (0: any), with room; on error the program ends. */
int load_socket(uint16_t port);

/* Says what failed, with errno, and ends the program. */
void load_fail(const char *what);

void *load_encoder(void *load);
void *load_server(void *load);

/* Takes packets on one port and sends them on to another, one by one, for ever. */
void load_relay(uint16_t at, uint16_t to);

#endif
