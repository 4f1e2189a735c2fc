/* SPDX-License-Identifier: MIT */
#include "lab/scenario_reader.h"

#include <stdlib.h>
#include <string.h>

enum {
	KNOWN = 256,
	MOST = 20000, /* turns, and events: each has its place among those before */
	BOTH_WAYS = 2,
};

#define RESTART SEC(1) /* until a program is there again, when nothing else is said */

/* An array with one place more. */
static void *longer(struct scenario_reader *r, void *array, size_t count, size_t size)
{
	void *more;

	if (count == MOST) {
		scenario_fail(r, "more than %d things would happen: say a longer span", MOST);
		return NULL;
	}
	more = realloc(array, (count + 1) * size);
	if (!more)
		scenario_fail(r, "no memory");
	return more;
}

/* Ascending; of two at one moment the one that was read later comes later. */
static bool add_turn(struct scenario_reader *r, const struct scenario_turn *t)
{
	struct scenario *s = r->s;
	struct scenario_turn *all = longer(r, s->turn, s->turns, sizeof(*all));
	size_t i;

	if (!all)
		return false;
	s->turn = all;
	for (i = s->turns++; i > 0 && all[i - 1].at > t->at; i--)
		all[i] = all[i - 1];
	all[i] = *t;
	return true;
}

static bool add_event(struct scenario_reader *r, const struct scenario_event *e)
{
	struct scenario *s = r->s;
	struct scenario_event *all = longer(r, s->event, s->events, sizeof(*all));
	size_t i;

	if (!all)
		return false;
	s->event = all;
	for (i = s->events++; i > 0 && all[i - 1].at > e->at; i--)
		all[i] = all[i - 1];
	all[i] = *e;
	return true;
}

static bool add_for_each(struct scenario_reader *r, struct scenario_turn *t, uint64_t links)
{
	for (t->link = 0; t->link < SCENARIO_LINKS; t->link++)
		if ((links >> t->link & 1) && !add_turn(r, t))
			return false;
	return true;
}

static bool go_dark(struct scenario_reader *r, struct scenario_turn *t, uint64_t links)
{
	uint64_t lasts;

	if (!scenario_skip(r, "for"))
		return scenario_fail(r, "dark needs the word \"for\" and %s",
				     units_example(UNIT_SPAN));
	if (!scenario_figure(r, "dark for", UNIT_SPAN, 1000, (uint64_t)SEC(86400), &lasts))
		return false;
	if (!t->up && !t->down)
		t->up = t->down = true;
	t->dark = true;
	t->lasts = (usspan)lasts;
	return add_for_each(r, t, links);
}

/* A recording says it already. */
static bool may_turn(struct scenario_reader *r, const struct scenario_turn *t, uint64_t links)
{
	for (unsigned i = 0; i < BOTH_WAYS * r->s->links; i++) {
		const struct scenario_link *l = &r->s->link[i / BOTH_WAYS];
		bool up = i % BOTH_WAYS;
		const struct road_config *cfg = up ? &l->up : &l->down;

		if (!(links >> i / BOTH_WAYS & 1) || !(up ? t->up : t->down))
			continue;
		if ((t->knob == ROAD_RATE && cfg->supply.recording) ||
		    (t->knob == ROAD_DELAY && cfg->trips))
			return scenario_fail(r,
					     "link %u follows a recording, so its %s cannot be "
					     "set: leave one out",
					     i / BOTH_WAYS + 1,
					     t->knob == ROAD_RATE ? "rate" : "delay");
	}
	return true;
}

static bool turn_knobs(struct scenario_reader *r, const struct scenario_turn *said, uint64_t links)
{
	char known[KNOWN];
	const char *word;
	unsigned given = 0;

	while ((word = scenario_next(r)) != NULL) {
		const struct scenario_link_key *k = scenario_link_key(word);
		struct scenario_key key;
		struct scenario_turn t = *said;
		uint64_t value[READER_FIELDS];

		if (!k || k->knob < 0) {
			scenario_link_words(true, known, sizeof(known));
			return scenario_fail(r,
					     "\"%s\" cannot happen to a link: there are %s, dark, "
					     "rebind, readdress, role, weight, cap",
					     word, known);
		}
		key = k->key;
		t.knob = (enum road_knob)k->knob;
		if (t.knob == ROAD_RATE)
			key.field[0].least = 0; /* what waits then waits on */
		if (!t.up && !t.down) {
			t.up = true;
			t.down = k->both;
		}
		if (!scenario_once(r, word, key.bits, &given) || !may_turn(r, &t, links) ||
		    !scenario_take(r, &key, value))
			return false;
		t.value = value[0];
		if (!add_for_each(r, &t, links))
			return false;
	}
	return true;
}

static bool befall_links(struct scenario_reader *r, ustime at, enum scenario_deed deed,
			 uint64_t links)
{
	struct scenario_event e = {.at = at, .deed = deed};

	for (e.link = 0; e.link < SCENARIO_LINKS; e.link++)
		if ((links >> e.link & 1) && !add_event(r, &e))
			return false;
	return true;
}

static bool change_terms(struct scenario_reader *r, ustime at, uint64_t links)
{
	struct scenario_event e = {.at = at, .deed = DEED_TERMS};
	unsigned given = 0;
	const char *word;

	while ((word = scenario_next(r)) != NULL) {
		if (!scenario_is_terms(word))
			return scenario_fail(r,
					     "\"%s\" does not go with role, weight and cap: make "
					     "two lines of it",
					     word);
		if (!scenario_terms(r, word, &e.terms, &given))
			return false;
	}
	for (e.link = 0; e.link < SCENARIO_LINKS; e.link++)
		if ((links >> e.link & 1) && !add_event(r, &e))
			return false;
	return true;
}

static bool change_mode(struct scenario_reader *r, ustime at)
{
	struct scenario_event e = {.at = at, .deed = DEED_MODE};

	return scenario_mode(r, &e.mode) && add_event(r, &e);
}

static bool act_on_links(struct scenario_reader *r, ustime at)
{
	struct scenario_turn t = {.at = at};
	uint64_t links;

	if (!scenario_list(r, &links))
		return false;
	if (links & ~r->declared)
		return scenario_fail(
			r, "\"%s\" names a link that is not there: %u of them are declared before",
			r->word[r->at - 1], r->s->links);
	if (scenario_skip(r, "rebind"))
		return befall_links(r, at, DEED_REBIND, links);
	if (scenario_skip(r, "readdress"))
		return befall_links(r, at, DEED_READDRESS, links);
	if (r->at < r->words && scenario_is_terms(r->word[r->at]))
		return change_terms(r, at, links);
	scenario_ways(r, &t.up, &t.down);
	if (scenario_skip(r, "dark"))
		return go_dark(r, &t, links);
	if (r->at == r->words)
		return scenario_fail(
			r, "nothing happens to the link: add a key and a value, such as rate 300k");
	return turn_knobs(r, &t, links);
}

static bool restart(struct scenario_reader *r, ustime at, enum scenario_deed deed)
{
	struct scenario_event e = {.at = at, .deed = deed, .lasts = RESTART};
	uint64_t lasts;

	if (!scenario_skip(r, "restart"))
		return scenario_fail(r, "\"%s\" needs the word \"restart\"", r->word[r->at - 1]);
	if (scenario_skip(r, "after")) {
		if (!scenario_figure(r, "restart after", UNIT_SPAN, 1000, (uint64_t)SEC(3600),
				     &lasts))
			return false;
		e.lasts = (usspan)lasts;
	}
	return add_event(r, &e);
}

/* What happens at a moment. */
static bool act(struct scenario_reader *r, ustime at)
{
	static const struct {
		const char *word;
		enum scenario_deed deed;
	} programs[] = {
		{"receiver", DEED_REC_RESTART},
		{"sender", DEED_SEND_RESTART},
		{"server", DEED_SERVER_RESTART},
		{"encoder", DEED_ENCODER_RESTART},
	};
	const char *word = scenario_next(r);

	if (!word)
		return scenario_fail(r, "nothing happens then: add link, mode, receiver, sender, "
					"server or encoder");
	if (strcmp(word, "link") == 0 || strcmp(word, "links") == 0)
		return act_on_links(r, at) && scenario_done(r);
	if (strcmp(word, "mode") == 0)
		return change_mode(r, at) && scenario_done(r);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strcmp(programs[i].word, word) == 0)
			return restart(r, at, programs[i].deed) && scenario_done(r);
	return scenario_fail(
		r,
		"nothing can happen to \"%s\": there are link, mode, receiver, sender, "
		"server and encoder",
		word);
}

bool scenario_at(struct scenario_reader *r, ustime at)
{
	r->timed = true;
	if (at >= r->s->lasts)
		return scenario_fail(r,
				     "\"%s\" is after the end of the scenario: write it earlier, "
				     "or say lasts before",
				     r->word[0]);
	return act(r, at);
}

bool scenario_every(struct scenario_reader *r)
{
	uint64_t end = (uint64_t)r->s->lasts, period, from, until = end;
	unsigned statement;

	r->timed = true;
	if (!scenario_figure(r, "every", UNIT_SPAN, 1000, end, &period))
		return false;
	from = period;
	if (scenario_skip(r, "from") && !scenario_figure(r, "from", UNIT_SPAN, 0, end, &from))
		return false;
	if (scenario_skip(r, "until") && !scenario_figure(r, "until", UNIT_SPAN, 0, end, &until))
		return false;
	if (from >= until)
		return scenario_fail(r, "never happens: it would begin at its end or later");
	statement = r->at;
	for (; from < until; from += period) {
		r->at = statement;
		if (!act(r, (ustime)from))
			return false;
	}
	return true;
}
