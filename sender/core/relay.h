/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_RELAY_H
#define SENDER_CORE_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/siphash.h"
#include "shared/base/time.h"

enum { RELAY_PLACES = 1024 };

/*
 * Receivers send a copy of each SRT ACK and NAK over every link; the encoder
 * shall see each once.  Remembers packets by a keyed hash of all their bytes.
 * Two that share a place push each other out: at worst a copy passes.
 */
struct relay {
	struct siphash_key key;
	struct {
		uint64_t hash;
		ustime at; /* 0: free */
	} seen[RELAY_PLACES];
};

void relay_init(struct relay *r, uint64_t seed);
void relay_forget(struct relay *r);

/* True when the same bytes passed less than `window` ago; else they are remembered. */
bool relay_repeats(struct relay *r, const void *data, size_t len, usspan window, ustime now);

#endif
