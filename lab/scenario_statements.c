/* SPDX-License-Identifier: MIT */
#include "lab/scenario_reader.h"

#include <string.h>

#define DAY           ((uint64_t)SEC(86400))
#define PLACE(member) offsetof(struct scenario, member), sizeof(((struct scenario *)NULL)->member)

/* What the stream is like. */
enum stream_bits {
	RATE = 1 << 0,
	FPS = 1 << 1,
	GOP = 1 << 2,
	KEY = 1 << 3,
	LATENCY = 1 << 4,
	ADAPTIVE = 1 << 5,
};

static const struct scenario_key stream_keys[] = {
	{"rate", RATE, {{"", UNIT_RATE, 10000, 1000000000, PLACE(stream.rate)}}},
	{"fps", FPS, {{"", UNIT_COUNT, 1, 1000, PLACE(stream.fps)}}},
	{"gop", GOP, {{"", UNIT_COUNT, 1, 100000, PLACE(stream.gop)}}},
	{"key", KEY, {{"", UNIT_PERCENT, 100, 10000, PLACE(stream.key)}}},
	{"even", FPS | GOP | KEY, {{0}}},
	{"latency", LATENCY, {{"", UNIT_SPAN, 20000, 60000000, PLACE(latency)}}},
	{"adaptive", ADAPTIVE,
	 {{"", UNIT_RATE, 10000, 1000000000, PLACE(least)},
	  {"", UNIT_RATE, 10000, 1000000000, PLACE(most)}}},
};

static const struct scenario_key loss_ttl = {
	"loss-ttl", 1 << 0, {{"", UNIT_COUNT, 0, 1000000, PLACE(server.loss_ttl)}}};
static const struct scenario_key nak_report = {"nak-report", 1 << 1, {{0}}};

static const struct scenario_key *stream_key(const char *word)
{
	for (size_t i = 0; i < sizeof(stream_keys) / sizeof(stream_keys[0]); i++)
		if (strcmp(stream_keys[i].word, word) == 0)
			return &stream_keys[i];
	return NULL;
}

bool scenario_stream(struct scenario_reader *r)
{
	unsigned given = 0;
	const char *word;

	while ((word = scenario_next(r)) != NULL) {
		const struct scenario_key *k = stream_key(word);
		uint64_t value[READER_FIELDS];

		if (!k)
			return scenario_fail(r,
					     "\"%s\" is no key of a stream: there are rate, fps, "
					     "gop, key, even, latency and adaptive",
					     word);
		if (!scenario_once(r, word, k->bits, &given) || !scenario_take(r, k, value))
			return false;
		if (k->bits == (FPS | GOP | KEY))
			r->s->stream.fps = r->s->stream.gop = r->s->stream.key = 0;
		scenario_store(r->s, k, value);
	}
	if (r->s->latency % 1000 != 0)
		return scenario_fail(r, "latency is a whole number of milliseconds");
	return given || scenario_fail(r, "stream needs a key and a value, such as rate 6M");
}

bool scenario_server(struct scenario_reader *r)
{
	unsigned given = 0;
	const char *word;

	while ((word = scenario_next(r)) != NULL) {
		bool ttl = strcmp(word, loss_ttl.word) == 0;
		uint64_t value[READER_FIELDS];

		if (!ttl && strcmp(word, nak_report.word) != 0)
			return scenario_fail(
				r,
				"\"%s\" is no key of a server: there are loss-ttl and nak-report",
				word);
		if (!scenario_once(r, word, ttl ? loss_ttl.bits : nak_report.bits, &given))
			return false;
		if (ttl) {
			if (!scenario_take(r, &loss_ttl, value))
				return false;
			scenario_store(r->s, &loss_ttl, value);
			continue;
		}
		r->s->server.no_nak_report = scenario_skip(r, "off");
		if (!r->s->server.no_nak_report && !scenario_skip(r, "on"))
			return scenario_fail(r, "nak-report is on or off");
	}
	return given || scenario_fail(r, "server needs a key and a value, such as loss-ttl 40");
}

const char *scenario_word(struct scenario_reader *r)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *statement = r->word[r->at - 1];
	const char *word = scenario_next(r);

	if (!word || strspn(word, letters) != strlen(word) || strlen(word) >= SCENARIO_WORD) {
		scenario_fail(r, "%s needs a name of letters, digits, - and _, at most %d of them",
			      statement, SCENARIO_WORD - 1);
		return NULL;
	}
	return word;
}

bool scenario_peer(struct scenario_reader *r)
{
	char *peer = strcmp(r->word[0], "sender") == 0 ? r->s->sender : r->s->receiver;
	const char *name = scenario_word(r);

	if (!name)
		return false;
	memcpy(peer, name, strlen(name) + 1);
	return true;
}

bool scenario_title(struct scenario_reader *r)
{
	char *title = r->s->title;
	const char *word;

	*title = '\0';
	while ((word = scenario_next(r)) != NULL) {
		if (strlen(title) + strlen(word) + 2 > SCENARIO_TITLE)
			return scenario_fail(r, "the title is longer than %d letters",
					     SCENARIO_TITLE - 1);
		if (*title)
			strcat(title, " ");
		strcat(title, word);
	}
	return *title || scenario_fail(r, "scenario needs a title");
}

static const struct scenario_key lasts = {
	"lasts", 0, {{"", UNIT_SPAN, 1000000, DAY, PLACE(lasts)}}};
static const struct scenario_key judged = {
	"judged", 0, {{"from", UNIT_SPAN, 0, DAY, PLACE(judged_from)}}};
static const struct scenario_key vehicles = {
	"vehicles", 0, {{"", UNIT_COUNT, 1, SCENARIO_VEHICLES, PLACE(vehicles)}}};

static bool take_one(struct scenario_reader *r, const struct scenario_key *k)
{
	uint64_t value[READER_FIELDS];

	if (!scenario_take(r, k, value))
		return false;
	scenario_store(r->s, k, value);
	return true;
}

bool scenario_lasts(struct scenario_reader *r)
{
	struct scenario *s = r->s;

	if (r->timed)
		return scenario_fail(r, "lasts belongs before whatever has a time");
	if (!take_one(r, &lasts))
		return false;
	/* What a scenario like this one does after the new end is left out. */
	while (s->turns > 0 && s->turn[s->turns - 1].at >= s->lasts)
		s->turns--;
	while (s->events > 0 && s->event[s->events - 1].at >= s->lasts)
		s->events--;
	return true;
}

bool scenario_judged(struct scenario_reader *r)
{
	return take_one(r, &judged);
}

bool scenario_vehicles(struct scenario_reader *r)
{
	return take_one(r, &vehicles);
}
