/* SPDX-License-Identifier: MIT */
#include "receiver/core/keys.h"

#include <stdlib.h>
#include <string.h>

#include "shared/wire/be.h"

enum { FIRST = 64, HASH = 16 };

/* A table of open addresses, at most half full. */
struct keys {
	struct siphash_key key;
	size_t count;
	size_t places; /* a power of two, or 0 */
	struct place {
		bool taken;
		unsigned server;
		uint8_t hash[HASH];
	} *place;
};

struct keys *keys_create(const struct siphash_key *key)
{
	struct keys *k = calloc(1, sizeof(*k));

	if (k)
		k->key = *key;
	return k;
}

void keys_destroy(struct keys *k)
{
	if (k)
		free(k->place);
	free(k);
}

/* Where the hash is, or where it would be put.  Its own bits spread it: it is keyed. */
static struct place *look(struct place *place, size_t places, const uint8_t hash[HASH])
{
	size_t i = (size_t)be64(hash) & (places - 1);

	while (place[i].taken && memcmp(place[i].hash, hash, HASH) != 0)
		i = (i + 1) & (places - 1);
	return &place[i];
}

static bool grow(struct keys *k)
{
	size_t places = k->places ? 2 * k->places : FIRST;
	struct place *place = calloc(places, sizeof(*place));

	if (!place)
		return false;
	for (size_t i = 0; i < k->places; i++) {
		if (k->place[i].taken)
			*look(place, places, k->place[i].hash) = k->place[i];
	}
	free(k->place);
	k->place = place;
	k->places = places;
	return true;
}

bool keys_add(struct keys *k, const char *stream_id, unsigned server)
{
	uint8_t hash[HASH];
	struct place *p;

	if (2 * (k->count + 1) > k->places && !grow(k))
		return false;
	siphash128(&k->key, stream_id, strlen(stream_id), hash);
	p = look(k->place, k->places, hash);
	if (p->taken)
		return false;
	p->taken = true;
	p->server = server;
	memcpy(p->hash, hash, HASH);
	k->count++;
	return true;
}

bool keys_find(const struct keys *k, const char *stream_id, unsigned *server)
{
	uint8_t hash[HASH];
	const struct place *p;

	if (k->count == 0)
		return false;
	siphash128(&k->key, stream_id, strlen(stream_id), hash);
	p = look(k->place, k->places, hash);
	if (p->taken)
		*server = p->server;
	return p->taken;
}

size_t keys_count(const struct keys *k)
{
	return k->count;
}
