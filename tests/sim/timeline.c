/* SPDX-License-Identifier: MIT */
#include "tests/sim/timeline.h"

#include <inttypes.h>

static void add(struct timeline *t, enum timeline_side side, unsigned bond, const char *name,
		const struct note *n)
{
	unsigned at = (unsigned)(t->lines++ % TIMELINE_LINES);

	t->line[at].side = side;
	t->line[at].bond = bond;
	t->line[at].name = name;
	t->line[at].note = *n;
	if (n->kind < TIMELINE_KINDS) {
		if (t->count[side][n->kind]++ == 0)
			t->first[side][n->kind] = n->at;
		t->latest[side][n->kind] = n->at;
	}
}

void timeline_take(struct timeline *t, enum timeline_side side, unsigned bond, struct outbox *from,
		   const char *(*name)(unsigned kind))
{
	for (unsigned i = 0; i < from->note_count; i++)
		add(t, side, bond, name(from->notes[i].kind), &from->notes[i]);
	t->lost += from->notes_lost;
	outbox_clear_notes(from);
}

void timeline_say(struct timeline *t, ustime now, const char *what)
{
	struct note n = {.at = now, .why = what};

	add(t, SIDE_STORY, 0, "story", &n);
}

void timeline_print(const struct timeline *t, FILE *to)
{
	static const char *const side[] = {"sender", "receiver", "story"};
	uint64_t first = t->lines > TIMELINE_LINES ? t->lines - TIMELINE_LINES : 0;

	if (first > 0)
		fprintf(to, "%" PRIu64 " earlier lines\n", first);
	for (uint64_t i = first; i < t->lines; i++) {
		unsigned at = (unsigned)(i % TIMELINE_LINES);
		const struct note *n = &t->line[at].note;
		char who[ENDPOINT_TEXT];

		fprintf(to,
			"%12" PRId64 " us  %-8s %u  %-16s port %-3u number %-12" PRId64 " %s %s\n",
			n->at, side[t->line[at].side], t->line[at].bond, t->line[at].name, n->port,
			n->number, n->who.family ? endpoint_print(&n->who, who) : "",
			n->why ? n->why : "");
	}
}
