/* SPDX-License-Identifier: MIT */
#include "sender/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sender/interval.h"

#define EVERY SEC(1)

/* Stands for what was not there, or not known. */
#define NOTHING INT64_MIN

enum total { TOTAL_RATE, TOTAL_CAPACITY, TOTAL_WAITING, TOTAL_HELD, TOTALS };
enum column { LINK_RATE, LINK_RTT, LINK_LOSS, LINK_SHARE, LINK_FLIGHT, COLUMNS };

static const char *const total_keys[TOTALS] = {"rate_bps", "capacity_bps", "waiting", "held"};
static const char *const link_keys[COLUMNS] = {"rate_bps", "rtt_ms", "loss_permille",
					       "share_permille", "in_flight"};

/* One link, for as long as any of its samples is to be seen. */
struct track {
	char name[UPLINK_NAME]; /* "": the place is free */
	uint64_t first;         /* number of its first sample; what is older is another's */
	uint64_t last;          /* the latest in which it was there */
	int64_t at[COLUMNS][HISTORY_SECONDS];
};

struct history {
	ustime next;
	int64_t wall_ms; /* of the latest sample */
	uint64_t taken;  /* samples so far: the number of the next one */
	struct snapshot snapshot;
	struct interval interval;
	int64_t total[TOTALS][HISTORY_SECONDS];
	struct track track[UPLINKS_MOST];
};

struct history *history_create(ustime now)
{
	struct history *h = calloc(1, sizeof(*h)); /* tracks that no link uses stay untouched */

	if (h)
		h->next = now;
	return h;
}

void history_destroy(struct history *h)
{
	free(h);
}

/* The number of the oldest sample that is to be seen. */
static uint64_t oldest(const struct history *h)
{
	return h->taken > HISTORY_SECONDS ? h->taken - HISTORY_SECONDS : 0;
}

/* Its track; else a free one, or that of the link that has been gone for the longest. */
static struct track *track_of(struct history *h, const char *name)
{
	struct track *best = &h->track[0];

	for (unsigned i = 0; i < UPLINKS_MOST; i++) {
		struct track *t = &h->track[i];

		if (strcmp(t->name, name) == 0)
			return t;
		if (best->name[0] && (!t->name[0] || t->last < best->last))
			best = t;
	}
	memcpy(best->name, name, sizeof(best->name));
	best->first = h->taken;
	best->last = h->taken;
	return best;
}

/* A sample of which nothing is known yet; links that have left the ring make room. */
static void begin_sample(struct history *h)
{
	size_t at = h->taken % HISTORY_SECONDS;

	for (unsigned c = 0; c < TOTALS; c++)
		h->total[c][at] = NOTHING;
	for (unsigned i = 0; i < UPLINKS_MOST; i++) {
		struct track *t = &h->track[i];

		if (h->taken - t->last >= HISTORY_SECONDS)
			t->name[0] = '\0';
		for (unsigned c = 0; c < COLUMNS && t->name[0]; c++)
			t->at[c][at] = NOTHING;
	}
}

static void take_link(struct history *h, const struct snapshot_link *link)
{
	const struct sender_link_view *v = &link->view;
	const struct interval_figures *f = interval_of(&h->interval, link);
	struct track *t = track_of(h, link->name);
	size_t at = h->taken % HISTORY_SECONDS;

	t->last = h->taken;
	t->at[LINK_RATE][at] = (int64_t)(v->rate * 8);
	t->at[LINK_RTT][at] = v->srtt > 0 ? (v->srtt + 500) / 1000 : NOTHING;
	t->at[LINK_LOSS][at] = f->loss == INTERVAL_NO_LOSS_KNOWN ? NOTHING : f->loss;
	t->at[LINK_SHARE][at] = f->share;
	t->at[LINK_FLIGHT][at] = v->in_flight;
}

static void take_sample(struct history *h)
{
	const struct sender_view *v = &h->snapshot.view;
	size_t at = h->taken % HISTORY_SECONDS;

	begin_sample(h);
	interval_look(&h->interval, &h->snapshot);
	h->total[TOTAL_RATE][at] = (int64_t)h->interval.app_rate;
	h->total[TOTAL_CAPACITY][at] = (int64_t)v->capacity;
	h->total[TOTAL_WAITING][at] = (int64_t)v->waiting;
	h->total[TOTAL_HELD][at] = v->held;
	for (unsigned i = 0; i < h->snapshot.count; i++)
		take_link(h, &h->snapshot.link[i]);
	h->wall_ms = h->snapshot.wall_ms;
	h->taken++;
}

/* Seconds for which the program was kept from running have a place too, so that time stays true. */
static void pass_over(struct history *h, usspan late)
{
	usspan missed = late / EVERY;

	h->next += missed * EVERY;
	for (usspan i = missed < HISTORY_SECONDS ? missed : HISTORY_SECONDS; i > 0; i--) {
		begin_sample(h);
		h->taken++;
	}
}

void history_run(struct history *h, const struct scene *scene, ustime now)
{
	if (!h || now < h->next)
		return;
	pass_over(h, now - h->next);
	h->next += EVERY;
	snapshot_take(scene, now, &h->snapshot);
	take_sample(h);
}

ustime history_deadline(const struct history *h)
{
	return h ? h->next : NEVER;
}

/*
 * The text is made by hand: it has some ten thousand numbers, and packets wait while it is made.
 * What is written here has a bound each, and `room` is their sum.
 */
enum {
	NUMBER = 21,         /* the longest, with its comma */
	KEY = 32,            /* with its quotes and brackets */
	NAME = 6 * UPLINK_NAME + KEY, /* each byte as \u00ff */
	HEAD = 512,
};

static size_t room(const struct history *h, size_t samples)
{
	size_t tracks = 0;

	for (unsigned i = 0; i < UPLINKS_MOST; i++)
		tracks += h->track[i].name[0] != '\0';
	return HEAD + TOTALS * (KEY + samples * NUMBER) +
	       tracks * (NAME + COLUMNS * (KEY + samples * NUMBER));
}

static char *put(char *to, const char *s)
{
	size_t len = strlen(s);

	memcpy(to, s, len);
	return to + len;
}

static char *put_number(char *to, int64_t n)
{
	char digits[NUMBER];
	unsigned len = 0;

	if (n == NOTHING)
		return put(to, "null");
	if (n < 0) {
		*to++ = '-';
		n = -n;
	}
	do {
		digits[len++] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	while (len > 0)
		*to++ = digits[--len];
	return to;
}

static char *put_name(char *to, const char *name)
{
	to = put(to, "{\"name\":\"");
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			to += sprintf(to, "\\u%04x", c);
		else
			*to++ = (char)c;
	}
	return put(to, "\"");
}

/* "key":[...]: the samples from `from` on, those before `first` as null. */
static char *put_column(char *to, const char *key, const int64_t *ring, const struct history *h,
			uint64_t first)
{
	*to++ = '"';
	to = put(to, key);
	to = put(to, "\":[");
	for (uint64_t i = oldest(h); i < h->taken; i++) {
		if (i > oldest(h))
			*to++ = ',';
		to = put_number(to, i < first ? NOTHING : ring[i % HISTORY_SECONDS]);
	}
	*to++ = ']';
	return to;
}

static char *put_totals(char *to, const struct history *h)
{
	to = put(to, "\"totals\":{");
	for (unsigned c = 0; c < TOTALS; c++) {
		if (c > 0)
			*to++ = ',';
		to = put_column(to, total_keys[c], h->total[c], h, 0);
	}
	return put(to, "}");
}

static char *put_tracks(char *to, const struct history *h)
{
	const char *between = "";

	to = put(to, "\"links\":[");
	for (unsigned i = 0; i < UPLINKS_MOST; i++) {
		const struct track *t = &h->track[i];

		if (!t->name[0])
			continue;
		to = put(to, between);
		to = put_name(to, t->name);
		for (unsigned c = 0; c < COLUMNS; c++) {
			*to++ = ',';
			to = put_column(to, link_keys[c], t->at[c], h, t->first);
		}
		*to++ = '}';
		between = ",";
	}
	return put(to, "]");
}

char *history_json(const struct history *h, size_t *len)
{
	uint64_t samples = h ? h->taken - oldest(h) : 0;
	char *text = h ? malloc(room(h, samples)) : NULL;
	char *to = text;

	if (!text)
		return NULL;
	to += sprintf(to,
		      "{\"schema_version\":1,\"program\":\"srtla_send\",\"interval_s\":%d,"
		      "\"wall_ms\":%" PRId64 ",\"seconds\":%" PRIu64 ",",
		      (int)(EVERY / SEC(1)), h->wall_ms, samples);
	to = put_totals(to, h);
	*to++ = ',';
	to = put_tracks(to, h);
	to = put(to, "}");
	*len = (size_t)(to - text);
	return text;
}
