/* SPDX-License-Identifier: MIT */
#include "lab/scenario_reader.h"

#include <stdio.h>
#include <string.h>

enum { KNOWN = 256 };

/* Keys that tell the same of a road. */
enum bits {
	RATE = 1 << 0,
	QUEUE = 1 << 1,
	DELAY = 1 << 2,
	JITTER = 1 << 3,
	LOSS = 1 << 4,
	BURST = 1 << 5,
	TWICE = 1 << 6,
	ASTRAY = 1 << 7,
	DAMAGE = 1 << 8,
	MTU = 1 << 9,
	SLEEP = 1 << 10,
};

#define MOST_RATE  UINT64_C(100000000000)
#define MOST_QUEUE UINT64_C(1000000000)
#define MOST_DELAY ((uint64_t)SEC(60))
#define MOST_IDLE  ((uint64_t)SEC(3600))
#define PLACE(member)                                                                              \
	offsetof(struct road_config, member), sizeof(((struct road_config *)NULL)->member)

static const struct scenario_link_key keys[] = {
	{{"rate", RATE, {{"", UNIT_RATE, 1000, MOST_RATE, PLACE(supply.rate)}}}, false, ROAD_RATE},
	{{"queue", QUEUE, {{"", UNIT_BYTES, 0, MOST_QUEUE, PLACE(queue)}}}, false, ROAD_QUEUE},
	{{"delay", DELAY, {{"", UNIT_SPAN, 0, MOST_DELAY, PLACE(delay)}}}, true, ROAD_DELAY},
	{{"jitter", JITTER, {{"", UNIT_SPAN, 0, MOST_DELAY, PLACE(jitter)}}}, true, ROAD_JITTER},
	{{"loss", LOSS, {{"", UNIT_SHARE, 0, ROAD_MILLION, PLACE(loss)}}}, false, ROAD_LOSS},
	{{"burst", BURST,
	  {{"enter", UNIT_SHARE, 0, ROAD_MILLION, PLACE(burst_enter)},
	   {"leave", UNIT_SHARE, 0, ROAD_MILLION, PLACE(burst_leave)},
	   {"loss", UNIT_SHARE, 0, ROAD_MILLION, PLACE(burst_loss)}}}, false, -1},
	{{"twice", TWICE, {{"", UNIT_SHARE, 0, ROAD_MILLION, PLACE(twice)}}}, false, ROAD_TWICE},
	{{"astray", ASTRAY,
	  {{"", UNIT_SHARE, 0, ROAD_MILLION, PLACE(astray)},
	   {"by", UNIT_SPAN, 0, MOST_DELAY, PLACE(detour)}}}, false, -1},
	{{"damage", DAMAGE, {{"", UNIT_SHARE, 0, ROAD_MILLION, PLACE(damage)}}}, false, -1},
	{{"mtu", MTU, {{"", UNIT_COUNT, 0, 65535, PLACE(mtu)}}}, true, ROAD_MTU},
	{{"sleeps", SLEEP,
	  {{"after", UNIT_SPAN, 0, MOST_IDLE, PLACE(idle)},
	   {"wakes", UNIT_SPAN, 0, MOST_DELAY, PLACE(wake)}}}, false, -1},
	{{"chances", RATE, {{0}}}, false, -1},
	{{"rates", RATE, {{0}}}, false, -1},
	{{"drive", RATE, {{0}}}, false, -1},
	{{"trips", DELAY, {{0}}}, true, -1},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

const struct scenario_link_key *scenario_link_key(const char *word)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (strcmp(keys[i].key.word, word) == 0)
			return &keys[i];
	return NULL;
}

void scenario_link_words(bool turning, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < KEYS && at < size; i++)
		if (!turning || keys[i].knob >= 0)
			at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? ", " : "",
					       keys[i].key.word);
}

/* A key with what it was given, on its way to the roads. */
struct setting {
	const struct scenario_link_key *key;
	uint64_t value[READER_FIELDS];
	bool follows;
	struct scenario_follow follow;
};

/* What changes on the way cannot be a recording's, or the scenario says two things at once. */
static bool may_follow(struct scenario_reader *r, unsigned link, bool up, bool trips)
{
	enum road_knob knob = trips ? ROAD_DELAY : ROAD_RATE;

	for (size_t i = 0; i < r->s->turns; i++) {
		const struct scenario_turn *t = &r->s->turn[i];

		if (t->link == link && (up ? t->up : t->down) && !t->dark && t->knob == knob)
			return scenario_fail(r,
					     "link %u cannot follow a recording, for its %s is "
					     "changed later: leave one out",
					     link + 1, trips ? "delay" : "rate");
	}
	return true;
}

static bool follow(struct scenario_reader *r, const struct scenario_follow *f, unsigned link,
		   bool up, struct road_config *cfg)
{
	const struct recording *recording = f->recording;

	if (!may_follow(r, link, up, f->trips))
		return false;
	if (!recording)
		recording = scenario_drive(r, f, link, up);
	if (!recording)
		return scenario_fail(r, "no memory");
	if (f->trips) {
		cfg->trips = recording;
		cfg->trips_from = f->from;
		return true;
	}
	cfg->supply =
		(struct supply_config){.recording = recording, .from = f->from, .scale = f->scale};
	return true;
}

static bool apply_one(struct scenario_reader *r, const struct setting *set, unsigned link, bool up)
{
	struct scenario_link *l = &r->s->link[link];
	struct road_config *cfg = up ? &l->up : &l->down;

	if (set->follows)
		return follow(r, &set->follow, link, up, cfg);
	/* A figure takes the place of a recording. */
	if (set->key->knob == ROAD_RATE)
		cfg->supply = (struct supply_config){0};
	if (set->key->knob == ROAD_DELAY)
		cfg->trips = NULL;
	scenario_store(cfg, &set->key->key, set->value);
	return true;
}

static bool apply(struct scenario_reader *r, const struct setting *set, uint64_t links, bool up,
		  bool down)
{
	if (!up && !down) {
		up = true;
		down = set->key->both;
	}
	for (unsigned i = 0; i < SCENARIO_LINKS; i++) {
		if (!(links >> i & 1))
			continue;
		if ((up && !apply_one(r, set, i, true)) || (down && !apply_one(r, set, i, false)))
			return false;
	}
	return true;
}

/* Terms are of a link and not of a way. */
static bool agree(struct scenario_reader *r, const char *word, uint64_t links, bool one_way,
		  unsigned *given)
{
	struct scenario_terms terms = {0};

	if (one_way)
		return scenario_fail(r, "%s is of both ways: leave out up and down", word);
	if (!scenario_terms(r, word, &terms, given))
		return false;
	for (unsigned i = 0; i < SCENARIO_LINKS; i++)
		if (links >> i & 1)
			scenario_amend(&r->s->link[i].terms, &terms);
	return true;
}

/* A link that is new is like most modems, until more is said of it. */
static void declare(struct scenario_reader *r, uint64_t links)
{
	for (unsigned i = 0; i < SCENARIO_LINKS; i++) {
		struct scenario_link *l = &r->s->link[i];

		if (!((links & ~r->declared) >> i & 1))
			continue;
		l->up = (struct road_config){.queue = 375000, .delay = MSEC(25)};
		l->down = (struct road_config){.delay = MSEC(25)};
		if (r->s->links <= i)
			r->s->links = i + 1;
	}
	r->declared |= links;
}

bool scenario_links(struct scenario_reader *r)
{
	char known[KNOWN];
	const char *word;
	uint64_t links;
	bool up, down;
	unsigned given = 0;

	if (!scenario_list(r, &links))
		return false;
	scenario_ways(r, &up, &down);
	declare(r, links);
	if (r->at == r->words)
		return scenario_fail(
			r, "says nothing of the link: add a key and a value, such as rate 5M");
	while ((word = scenario_next(r)) != NULL) {
		struct setting set = {.key = scenario_link_key(word)};

		if (scenario_is_terms(word)) {
			if (!agree(r, word, links, up || down, &given))
				return false;
			continue;
		}
		if (!set.key) {
			scenario_link_words(false, known, sizeof(known));
			return scenario_fail(r,
					     "\"%s\" is no key of a link: there are %s, role, "
					     "weight, cap",
					     word, known);
		}
		if (!scenario_once(r, word, set.key->key.bits, &given))
			return false;
		set.follows = scenario_is_follow(word);
		if (set.follows ? !scenario_follow(r, word, &set.follow)
				: !scenario_take(r, &set.key->key, set.value))
			return false;
		if (!apply(r, &set, links, up, down))
			return false;
	}
	return true;
}
