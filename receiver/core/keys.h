/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_KEYS_H
#define RECEIVER_CORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/siphash.h"

/*
 * The stream keys that are let in, each with the number of the SRT server that it is for.
 * Kept as keyed hashes: the keys themselves are forgotten once they are read.
 */
struct keys;

/* NULL when memory is short. */
struct keys *keys_create(const struct siphash_key *key);
void keys_destroy(struct keys *k);

/*
 * Adds one key, the text of a stream id, for server number `server`.  False when memory is
 * short, or when it is there already.
 */
bool keys_add(struct keys *k, const char *stream_id, unsigned server);

/* True when the stream id is listed; *server then is its number. */
bool keys_find(const struct keys *k, const char *stream_id, unsigned *server);

size_t keys_count(const struct keys *k);

#endif
