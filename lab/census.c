/* SPDX-License-Identifier: MIT */
#include "lab/census.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lab/census_number.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"

enum {
	QUEUE_MS = 20000, /* whoever waits longer counts as that */
	QUEUE_SHARE = 95, /* of a hundred */
	FIRST_BINS = 1024,
	BINS = 1 << 20, /* 29 hours; what comes later is in no bin */
	NS_PER_US = 1000,
};

bool census_init(struct census *c, unsigned links)
{
	assert(links <= CENSUS_LINKS);
	memset(c, 0, sizeof(*c));
	c->links = links;
	c->newest = SEQ_NONE;
	c->number = calloc(CENSUS_NUMBERS, sizeof(*c->number));
	if (!c->number)
		return false;
	for (unsigned i = 0; i < links; i++) {
		c->link[i].queue_histogram = calloc(QUEUE_MS + 1, sizeof(uint32_t));
		if (!c->link[i].queue_histogram) {
			census_finish(c);
			return false;
		}
	}
	return true;
}

void census_finish(struct census *c)
{
	for (unsigned i = 0; i < c->links; i++) {
		free(c->link[i].bin);
		free(c->link[i].queue_histogram);
	}
	free(c->number);
	memset(c, 0, sizeof(*c));
}

static struct census_link *link_at(struct census *c, unsigned link)
{
	assert(link < c->links);
	return &c->link[link];
}

void census_expect_outage(struct census *c, unsigned link, ustime from, ustime until)
{
	assert(link < c->links);
	if (c->outages < CENSUS_OUTAGES)
		c->outage[c->outages++] = (struct census_outage){
			.link = link, .from = from, .until = until, .back = -1};
}

/* The bin of that moment, or NULL when it is on no picture. */
static struct census_bin *bin_at(struct census_link *l, ustime at)
{
	size_t i = (size_t)(at / CENSUS_BIN);

	if (at < 0 || i >= BINS)
		return NULL;
	if (i >= l->room) {
		size_t room = l->room ? l->room : FIRST_BINS;

		while (room <= i)
			room *= 2;
		l->bin = realloc(l->bin, room * sizeof(*l->bin));
		if (!l->bin)
			abort();
		memset(l->bin + l->room, 0, (room - l->room) * sizeof(*l->bin));
		l->room = room;
	}
	if (i >= l->bins)
		l->bins = i + 1;
	return &l->bin[i];
}

static void mark(struct census *c, unsigned link, ustime at, bool lost)
{
	if (c->marks < CENSUS_MARKS)
		c->mark[c->marks++] = (struct census_mark){.at = at, .link = link, .lost = lost};
}

static void count(struct census_count *n, size_t len)
{
	n->packets++;
	n->bytes += len;
}

/* New data is sent on a link whose outages are known; what travels again may be a probe. */
static void meet_outages(struct census *c, unsigned link, ustime now)
{
	for (unsigned i = 0; i < c->outages; i++) {
		struct census_outage *o = &c->outage[i];

		if (o->link != link || now < o->from)
			continue;
		if (now < o->until)
			o->last_in = now > o->from ? now - o->from : 1;
		else if (o->back < 0)
			o->back = now - o->until;
	}
}

/* Keeps queue_p95 where 95 of a hundred are, as one more wait is known. */
static void note_wait(struct census_link *l, usspan wait)
{
	size_t ms = wait > 0 ? (size_t)((wait + 999) / 1000) : 0;
	size_t at = (size_t)(l->queue_p95 / 1000);
	uint64_t rank;

	if (ms > QUEUE_MS)
		ms = QUEUE_MS;
	l->queue_histogram[ms]++;
	l->queued++;
	if (ms < at)
		l->queue_below++;
	rank = (l->queued * QUEUE_SHARE + 99) / 100;
	while (l->queue_below >= rank)
		l->queue_below -= l->queue_histogram[--at];
	while (l->queue_below + l->queue_histogram[at] < rank)
		l->queue_below += l->queue_histogram[at++];
	l->queue_p95 = MSEC((usspan)at);
}

static void note_fate(struct census_link *l, ustime now, const struct road_fate *fate)
{
	if (fate->end != ROAD_ARRIVES)
		l->dropped[fate->end]++;
	if (fate->end == ROAD_ARRIVES || fate->end == ROAD_LOST)
		note_wait(l, fate->left / NS_PER_US - now);
}

static enum census_cause control_cause(const uint8_t *data, size_t len)
{
	return srtla_type(data, len) == SRTLA_NOT_OURS ? CENSUS_SRT : CENSUS_SRTLA;
}

void census_up(struct census *c, unsigned link, ustime now, const uint8_t *data, size_t len,
	       const struct road_fate *fate)
{
	struct census_link *l = link_at(c, link);
	struct census_bin *bin = bin_at(l, now);
	bool dropped = fate->end != ROAD_ARRIVES;
	enum census_cause cause;
	struct srt_head head;

	note_fate(l, now, fate);
	if (srt_is_data(data, len)) {
		srt_parse_head(data, len, &head);
		cause = census_number_sent(c, link, now, &head);
		if (cause == CENSUS_FIRST)
			meet_outages(c, link, now);
		l->last_data = now;
		if (dropped)
			mark(c, link, now, true);
		else if (head.resent)
			mark(c, link, now, false);
	} else {
		cause = control_cause(data, len);
	}
	count(&l->sent[cause], len);
	if (bin) {
		bin->bytes_in += (uint32_t)len;
		bin->dropped += dropped;
		bin->resent += cause == CENSUS_RESENT || cause == CENSUS_FALSE_RESENT;
	}
}

void census_arrived(struct census *c, unsigned link, ustime now, ustime sent, const uint8_t *data,
		    size_t len)
{
	struct census_link *l = link_at(c, link);
	struct census_bin *bin = bin_at(l, now);
	uint32_t delay = now > sent ? (uint32_t)(now - sent) : 0;
	enum census_cause cause;
	struct srt_head head;

	if (srt_is_data(data, len)) {
		srt_parse_head(data, len, &head);
		cause = census_number_arrived(c, link, now, sent, &head);
	} else {
		cause = control_cause(data, len);
	}
	count(&l->arrived[cause], len);
	if (bin) {
		bin->bytes_out += (uint32_t)len;
		bin->arrivals++;
		bin->delay_sum += delay;
		if (delay > bin->delay_most)
			bin->delay_most = delay;
	}
}

void census_down(struct census *c, unsigned link, ustime now, const uint8_t *data, size_t len)
{
	count(&link_at(c, link)->down, len);
	census_number_nak(c, now, data, len);
}

struct census_count census_sent(const struct census *c, enum census_cause cause)
{
	struct census_count sum = {0};

	for (unsigned i = 0; i < c->links; i++) {
		sum.packets += c->link[i].sent[cause].packets;
		sum.bytes += c->link[i].sent[cause].bytes;
	}
	return sum;
}

uint64_t census_wire(const struct census *c)
{
	uint64_t first = census_sent(c, CENSUS_FIRST).bytes, all = 0;

	for (int cause = 0; cause < CENSUS_CAUSES; cause++)
		all += census_sent(c, (enum census_cause)cause).bytes;
	return first ? (all * 1000 + first / 2) / first : 0;
}
