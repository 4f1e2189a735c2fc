/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_WIRE_SAMPLES_H
#define TESTS_BENCH_WIRE_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "shared/wire/session.h"

enum { WIRE_SAMPLES = 16, WIRE_CAP = 1500 };

/* A packet of one kind, WIRE_SAMPLES times with other numbers: no answer is known before. */
struct wire_sample {
	uint8_t data[WIRE_SAMPLES][WIRE_CAP];
	size_t len;
};

/* What the codec reads, one of each kind, and a session that goes on. */
struct wire_samples {
	struct wire_sample media, ack, light, nak_one, nak_ranges, nak_full, hello, alive;
	struct wire_sample bare, timed, extended, greeting, reg, reply, srtla_ack, report;
	struct session session;
};

extern struct wire_samples wire;

/* What the codec writes. */
extern uint8_t wire_out[WIRE_CAP];

/* A report of WIRE_ARRIVALS packets over four links, as each 10 ms of 8 Mbit/s bring one. */
enum { WIRE_ARRIVALS = 16, WIRE_REPORT_LINKS = 4 };
size_t wire_report(uint8_t *buf, unsigned serial);

/* Each case leaves here what it found: nobody reads it, but the compiler cannot know. */
extern volatile uint32_t wire_found;

/* To be called before anything else. */
void wire_samples_init(void);

static inline const uint8_t *wire_at(const struct wire_sample *s, unsigned i)
{
	return s->data[i % WIRE_SAMPLES];
}

#endif
