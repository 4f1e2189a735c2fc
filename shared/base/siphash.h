/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_SIPHASH_H
#define SHARED_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint8_t bytes[16];
};

/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash, short enough for
 * tables whose keys a stranger chooses, strong enough for cookies.
 */
uint64_t siphash64(const struct siphash_key *key, const void *data, size_t len);
void siphash128(const struct siphash_key *key, const void *data, size_t len, uint8_t out[16]);

#endif
