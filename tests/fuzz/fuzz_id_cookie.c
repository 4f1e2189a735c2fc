/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "receiver/core/cookie.h"

/*
 * A script that has ids given out and brings them back: as they were, later, changed, mixed
 * from two, after a restart with other keys or another boot, or made of thin air.
 *
 *	- an id that we gave out holds, under the same keys and boot, and names the address it
 *	  was given to; it makes a group in its own period and the next one, and no other time,
 *	- nothing else holds.
 */
enum { IDS = 4 };

#define PERIOD SEC(120)

struct issued {
	bool there;
	uint8_t id[SRTLA_ID_LEN];
	struct endpoint who;
	uint32_t period;
	unsigned epoch;    /* of the boot and the long-lived key */
	unsigned creation; /* of the other key */
};

struct world {
	const uint8_t *at; /* the rest of the script */
	const uint8_t *end;
	struct cookie_keys keys;
	unsigned change; /* of keys and boot, the latest */
	unsigned epoch;
	unsigned creation;
	ustime since_boot;
	struct issued issued[IDS];
};

static uint8_t byte(struct world *w)
{
	return w->at < w->end ? *w->at++ : 0;
}

static void fill(struct world *w, void *data, size_t len)
{
	size_t left = (size_t)(w->end - w->at);

	memset(data, 0, len);
	if (len > left)
		len = left;
	memcpy(data, w->at, len);
	w->at += len;
}

static void judge(struct world *w, const uint8_t id[SRTLA_ID_LEN])
{
	uint32_t now = cookie_period(w->since_boot);
	const struct issued *known = NULL;
	struct endpoint who;
	enum cookie_verdict verdict = cookie_check(&w->keys, id, now, &who);

	for (unsigned i = 0; i < IDS; i++) {
		const struct issued *issued = &w->issued[i];

		if (issued->there && issued->epoch == w->epoch &&
		    memcmp(issued->id, id, SRTLA_ID_LEN) == 0)
			known = issued;
	}
	must((verdict != COOKIE_FORGED) == (known != NULL));
	if (!known)
		return;
	must(endpoint_equal(&who, &known->who));
	must((verdict == COOKIE_FRESH) == (known->creation == w->creation &&
					   (now == known->period || now == known->period + 1)));
}

/* The same question has the same answer. */
static void issue(struct world *w)
{
	struct issued *issued = &w->issued[byte(w) % IDS];
	uint8_t again[SRTLA_HALF_LEN];
	unsigned family = byte(w);

	*issued = (struct issued){.there = true, .epoch = w->epoch, .creation = w->creation};
	issued->period = cookie_period(w->since_boot);
	issued->who.family = family % 2 ? FAMILY_V6 : FAMILY_V4;
	issued->who.port = (uint16_t)(family << 8 | byte(w));
	fill(w, issued->who.addr, family % 2 ? 16 : 4);
	memset(issued->id, byte(w), SRTLA_HALF_LEN);
	cookie_issue(&w->keys, issued->id, &issued->who, issued->period,
		     issued->id + SRTLA_HALF_LEN);
	cookie_issue(&w->keys, issued->id, &issued->who, issued->period, again);
	must(memcmp(again, issued->id + SRTLA_HALF_LEN, sizeof(again)) == 0);
	judge(w, issued->id);
}

static void flip(struct world *w, uint8_t id[SRTLA_ID_LEN])
{
	unsigned place = byte(w), bit = byte(w);

	id[place] ^= (uint8_t)(1 << bit % 8);
}

/*
 * Another boot or another secret: what was given out before is worth nothing.  With another
 * secret for new groups alone it still joins, and makes none.
 */
static void restart(struct world *w)
{
	unsigned what = byte(w) % 3;
	uint8_t *changed = what == 0   ? w->keys.boot_id
			   : what == 1 ? w->keys.readopt.bytes
				       : w->keys.create.bytes;

	w->change++;
	memcpy(changed, &w->change, sizeof(w->change));
	if (what < 2)
		w->epoch = w->change;
	else
		w->creation = w->change;
}

static void step(struct world *w)
{
	uint8_t id[SRTLA_ID_LEN];
	const struct issued *a, *b;
	unsigned cut;

	switch (byte(w) % 7) {
	case 0:
		issue(w);
		return;
	case 1:
		judge(w, w->issued[byte(w) % IDS].id);
		return;
	case 2:
		memcpy(id, w->issued[byte(w) % IDS].id, sizeof(id));
		flip(w, id);
		judge(w, id);
		return;
	case 3:
		a = &w->issued[byte(w) % IDS];
		b = &w->issued[byte(w) % IDS];
		cut = byte(w);
		memcpy(id, a->id, cut);
		memcpy(id + cut, b->id + cut, sizeof(id) - cut);
		judge(w, id);
		return;
	case 4:
		w->since_boot += PERIOD / 4 * byte(w);
		return;
	case 5:
		fill(w, id, sizeof(id));
		judge(w, id);
		return;
	default:
		restart(w);
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.at = data, .end = data + size};

	w.since_boot = SEC(3600);
	while (w.at < w.end)
		step(&w);
	return 0;
}
