/* SPDX-License-Identifier: MIT */
#include "receiver/core/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct group_id) == RECEIVER_MARK_LEN + sizeof(struct endpoint),
	      "a key has no holes");

static unsigned hash_id(const struct registry *r, const struct group_id *id)
{
	return (unsigned)siphash64(&r->key, id, sizeof(*id));
}

static unsigned hash_address(const struct registry *r, const struct endpoint *who)
{
	return (unsigned)endpoint_hash(who, &r->key);
}

static void free_push(struct registry *r, struct group *g)
{
	*(r->free_last ? &r->free_last->next_free : &r->free_first) = g;
	r->free_last = g;
	g->next_free = NULL;
}

static void free_pop(struct registry *r)
{
	r->free_first = r->free_first->next_free;
	if (!r->free_first)
		r->free_last = NULL;
}

bool registry_init(struct registry *r, const struct siphash_key *key, unsigned groups,
		   unsigned members)
{
	memset(r, 0, sizeof(*r));
	r->memory = calloc(groups + 1, sizeof(*r->groups)); /* one to spare */
	if (!r->memory)
		return false;
	r->groups = line_first(r->memory);
	r->key = *key;
	r->group_limit = groups;
	r->member_limit = members;
	for (unsigned i = 0; i < groups; i++) {
		r->groups[i].port = i + 1;
		free_push(r, &r->groups[i]);
	}
	return true;
}

void registry_finish(struct registry *r)
{
	HASH_CLEAR(hh, r->by_address);
	HASH_CLEAR(hh, r->by_id);
	for (unsigned i = 0; i < r->group_limit; i++) {
		login_finish(&r->groups[i].login);
		arrivals_finish(&r->groups[i]);
		free(r->groups[i].memory);
	}
	free(r->memory);
	memset(r, 0, sizeof(*r));
}

struct group *registry_port(const struct registry *r, unsigned port)
{
	struct group *g;

	if (port == 0 || port > r->group_limit)
		return NULL;
	g = &r->groups[port - 1];
	return g->serial ? g : NULL;
}

struct group *registry_group(const struct registry *r, const struct group_id *id)
{
	unsigned hash = hash_id(r, id); /* the macro reads it again at each step */
	struct group *g;

	HASH_FIND_BYHASHVALUE(hh, r->by_id, id, sizeof(*id), hash, g);
	return g;
}

struct member *registry_member(const struct registry *r, const struct endpoint *who)
{
	unsigned hash = hash_address(r, who); /* the macro reads it again at each step */
	struct member *m;

	HASH_FIND_BYHASHVALUE(hh, r->by_address, who, sizeof(*who), hash, m);
	return m;
}

struct group *registry_emptiest(const struct registry *r)
{
	struct group *found = NULL;

	for (struct group *g = r->by_id; g; g = g->hh.next) {
		if (g->count == 0 && (!found || g->empty_since < found->empty_since))
			found = g;
	}
	return found;
}

void registry_prefer(struct registry *r, unsigned port)
{
	struct group **at = &r->free_first, *before = NULL, *g;

	while (*at && (*at)->port != port) {
		before = *at;
		at = &before->next_free;
	}
	g = *at;
	if (!g || !before)
		return;
	*at = g->next_free;
	if (r->free_last == g)
		r->free_last = before;
	g->next_free = r->free_first;
	r->free_first = g;
}

struct group *registry_open(struct registry *r, const struct group_id *id, ustime now)
{
	struct group *g = r->free_first;
	unsigned hash = hash_id(r, id);

	if (!g)
		return NULL;
	g->memory = calloc(r->member_limit + 1, sizeof(*g->members)); /* one to spare */
	if (!g->memory)
		return NULL;
	g->members = line_first(g->memory);
	g->id = *id;
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, r->by_id, &g->id, sizeof(g->id), hash, g);
	if (!g->hh.tbl) {
		free(g->memory);
		g->memory = g->members = NULL;
		return NULL;
	}
	free_pop(r);
	if (++r->last_serial == 0)
		r->last_serial = 1;
	g->serial = r->last_serial;
	g->made = g->empty_since = now;
	g->due = NEVER;
	g->srt_rtt = MSEC(100); /* as libsrt has it before it has measured */
	session_init(&g->session);
	upstream_init(&g->upstream);
	reorder_init(&g->reorder);
	r->group_count++;
	return g;
}

void registry_close(struct registry *r, struct group *g)
{
	unsigned port = g->port;

	assert(g->count == 0);
	HASH_DELETE(hh, r->by_id, g);
	free(g->memory);
	arrivals_finish(g);
	memset(g, 0, sizeof(*g));
	g->port = port;
	free_push(r, g);
	r->group_count--;
}

static struct member *free_place(const struct registry *r, const struct group *g)
{
	for (unsigned i = 0; i < r->member_limit; i++) {
		if (!g->members[i].group)
			return &g->members[i];
	}
	return NULL;
}

struct member *registry_add(struct registry *r, struct group *g, const struct endpoint *who)
{
	struct member *m = free_place(r, g);
	unsigned hash = hash_address(r, who);

	if (!m)
		return NULL;
	m->who = *who;
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, r->by_address, &m->who, sizeof(m->who), hash, m);
	if (!m->hh.tbl)
		return NULL;
	m->group = g;
	if (g->places <= m - g->members)
		g->places = (unsigned)(m - g->members) + 1;
	g->count++;
	r->member_count++;
	return m;
}

void registry_remove(struct registry *r, struct member *m)
{
	struct group *g = m->group;

	member_rest(m, &r->due);
	HASH_DELETE(hh, r->by_address, m);
	if (g->latest == m)
		g->latest = NULL;
	memset(m, 0, sizeof(*m));
	while (g->places > 0 && !g->members[g->places - 1].group)
		g->places--;
	g->count--;
	r->member_count--;
}
