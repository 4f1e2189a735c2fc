/* SPDX-License-Identifier: MIT */
#include "receiver/core/tenure.h"

#include <stdlib.h>
#include <string.h>

#include "receiver/core/penalty.h"
#include "receiver/core/registry.h"
#include "shared/wire/srt.h"

/* A small table would be of use to nobody if one newcomer kept out the next. */
enum { LEAST = 8, CROWDS_EACH = 4 };

#define ANSWER  SEC(5)  /* from the first SRT packet to any word of the server */
#define PROOF   SEC(15) /* the same, to the first acknowledgement of data */
#define ANSWERS SEC(5)  /* a server that said nothing to anybody for longer does not answer */

/* Copies of one refusal, over several links, are one failure. */
#define FAILS_ONCE SEC(1)

bool tenure_init(struct tenure *n, const struct siphash_key *key, unsigned groups)
{
	uint32_t crowds = 1;

	memset(n, 0, sizeof(*n));
	n->key = *key;
	n->limit = groups / 4 > LEAST ? groups / 4 : LEAST;
	while (crowds < CROWDS_EACH * n->limit)
		crowds *= 2;
	n->mask = crowds - 1;
	n->trials = calloc(groups, sizeof(*n->trials));
	n->crowd = calloc(crowds, sizeof(*n->crowd));
	return n->trials && n->crowd;
}

void tenure_finish(struct tenure *n)
{
	free(n->trials);
	free(n->crowd);
	memset(n, 0, sizeof(*n));
}

static uint32_t crowd_of(const struct tenure *n, const struct endpoint *who)
{
	uint8_t net[1 + ENDPOINT_PREFIX] = {who->family};

	endpoint_cut(who, who->family == FAMILY_V4 ? 24 : 48, net + 1);
	return (uint32_t)siphash64(&n->key, net, sizeof(net)) & n->mask;
}

void tenure_begin(struct tenure *n, struct group *g)
{
	struct trial *trial = &n->trials[n->count++];

	trial->group = g;
	trial->crowd = crowd_of(n, &g->id.origin);
	n->crowd[trial->crowd]++;
}

void tenure_leave(struct tenure *n, const struct group *g)
{
	unsigned i = 0;

	if (g->proved)
		return;
	while (i < n->count && n->trials[i].group != g)
		i++;
	if (i == n->count)
		return;
	n->crowd[n->trials[i].crowd]--;
	n->count--;
	memmove(&n->trials[i], &n->trials[i + 1], (n->count - i) * sizeof(*n->trials));
}

/* Of two on trial, the one that gives way before the other, which is older. */
static bool goes_first(const struct tenure *n, const struct trial *a, const struct trial *older)
{
	uint32_t crowd = n->crowd[a->crowd], other = n->crowd[older->crowd];

	if (crowd != other)
		return crowd > other;
	return !a->group->answered && older->group->answered;
}

/*
 * Of the largest crowd the oldest that the server has not answered, or the oldest; NULL when
 * none is on trial.
 */
static struct group *crowded(const struct tenure *n)
{
	const struct trial *found = NULL;

	for (unsigned i = 0; i < n->count; i++) {
		if (!found || goes_first(n, &n->trials[i], found))
			found = &n->trials[i];
	}
	return found ? found->group : NULL;
}

bool tenure_make_room(const struct turn *t)
{
	struct registry *r = t->registry;
	struct group *g;

	if (r->free_first && t->tenure->count < t->tenure->limit)
		return true;
	g = crowded(t->tenure);
	if (!g)
		g = registry_emptiest(r);
	if (!g)
		return false;
	tenure_end(g, "made room", t);
	return true;
}

void tenure_heard(struct group *g, const struct turn *t)
{
	struct tenure_server *s = &t->tenure->server[g->server % TENURE_SERVERS];

	if (s->last == 0 || t->now - s->last > ANSWERS)
		s->since = t->now;
	s->last = t->now;
	g->answered = true;
}

bool tenure_over(const struct group *g, const struct turn *t)
{
	const struct tenure_server *s = &t->tenure->server[g->server % TENURE_SERVERS];
	ustime from = later(later(g->asked, s->since), g->upstream.refused);

	if (g->proved || g->asked == 0 || g->upstream.away)
		return false;
	if (s->last == 0 || t->now - s->last > ANSWERS)
		return false;
	return t->now - from >= (g->answered ? PROOF : ANSWER);
}

void tenure_end(struct group *g, const char *why, const struct turn *t)
{
	for (unsigned i = 0; i < t->cfg->members; i++) {
		if (g->members[i].group)
			registry_remove(t->registry, &g->members[i]);
	}
	group_end(g, why, t);
}

/* The reasons are those of libsrt, srt.h and access_control.h, from 1000 on. */
bool tenure_blames_caller(const struct pkt *refusal)
{
	struct srt_handshake hs;

	if (!srt_parse_handshake(refusal->data, refusal->len, &hs))
		return false;
	switch (hs.type) {
	case SRT_HS_REFUSAL + 1:    /* system call failed */
	case SRT_HS_REFUSAL + 3:    /* no resources */
	case SRT_HS_REFUSAL + 5:    /* backlog */
	case SRT_HS_REFUSAL + 6:    /* internal error */
	case SRT_HS_REFUSAL + 7:    /* closing */
	case SRT_HS_REFUSAL + 16:   /* time-out */
	case SRT_HS_REFUSAL + 1402: /* overload */
	case SRT_HS_REFUSAL + 1409: /* conflict: the stream is there already, */
	case SRT_HS_REFUSAL + 1423: /* locked: as after an encoder's restart */
		return false;
	default:
		return hs.type < SRT_HS_REFUSAL + 1500 || hs.type >= SRT_HS_REFUSAL + 1600;
	}
}

void tenure_book(const struct endpoint *who, const struct turn *t)
{
	usspan left;

	if (penalty_book(t->penalties, who, t->now) &&
	    penalty_holds(t->penalties, who, t->now, &left))
		turn_note(t, (struct note){
			.kind = RECEIVER_PENALTY, .who = *who, .number = left / SEC(1)});
}

void tenure_login_failed(struct group *g, const struct turn *t)
{
	if (g->failed != 0 && t->now - g->failed < FAILS_ONCE)
		return;
	g->failed = t->now;
	tenure_book(&g->id.origin, t);
}
