/* SPDX-License-Identifier: MIT */
#include "shared/base/pkt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * The slab comes zeroed, and memory that was never used stays untouched: packets are taken from
 * its front when none has come back.  Those that have are named in a list beside it, so that
 * taking one need not wait until its memory is fetched.  A packet whose pool is NULL is idle.
 */
static bool mine(const struct pkt_pool *pool, const struct pkt *p)
{
	return p >= pool->slab && p < pool->slab + pool->fresh;
}

bool pkt_pool_init(struct pkt_pool *pool, size_t size)
{
	*pool = (struct pkt_pool){0};
	pool->slab = calloc(size ? size : 1, sizeof(*pool->slab));
	pool->idle = calloc(size ? size : 1, sizeof(*pool->idle));
	if (!pool->slab || !pool->idle) {
		pkt_pool_finish(pool);
		return false;
	}
	pool->size = size;
	return true;
}

void pkt_pool_finish(struct pkt_pool *pool)
{
	assert(pool->in_use == 0);
	free(pool->slab);
	free(pool->idle);
	*pool = (struct pkt_pool){0};
}

struct pkt *pkt_get(struct pkt_pool *pool)
{
	struct pkt *p;

	if (pool->idle_count > 0) {
		p = pool->idle[--pool->idle_count];
	} else if (pool->fresh < pool->size) {
		p = &pool->slab[pool->fresh++];
	} else {
		pool->refused++;
		return NULL;
	}
	assert(!p->pool);
	pool->in_use++;
	/* One by one: compilers make a slow instruction of a memset() of this length. */
	p->next = NULL;
	p->pool = pool;
	p->came = 0;
	p->port = 0;
	p->len = 0;
	p->refusals = 0;
	p->peer = p->local = (struct endpoint){0};
	return p;
}

struct pkt *pkt_copy(const struct pkt *p)
{
	struct pkt *copy = pkt_get(p->pool);

	if (!copy)
		return NULL;
	copy->port = p->port;
	copy->len = p->len;
	copy->peer = p->peer;
	copy->local = p->local;
	memcpy(copy->data, p->data, p->len);
	return copy;
}

void pkt_free(struct pkt *p)
{
	struct pkt_pool *pool;

	if (!p)
		return;
	pool = p->pool;
	assert(pool && "freed twice");
	assert(!p->next && "freed while it waits in a list");
	assert(mine(pool, p) && pool->in_use > 0);
	p->pool = NULL;
	pool->idle[pool->idle_count++] = p;
	pool->in_use--;
}

void pkt_list_push(struct pkt_list *l, struct pkt *p)
{
	assert(p->pool && "idle packets are nobody's to pass on");
	assert(!p->next && p != l->tail && "in two places at once");
	if (l->tail)
		l->tail->next = p;
	else
		l->head = p;
	l->tail = p;
	l->count++;
}

struct pkt *pkt_list_pop(struct pkt_list *l)
{
	struct pkt *p = l->head;

	if (!p)
		return NULL;
	l->head = p->next;
	if (!l->head)
		l->tail = NULL;
	p->next = NULL;
	l->count--;
	return p;
}

void pkt_list_clear(struct pkt_list *l)
{
	while (l->head)
		pkt_free(pkt_list_pop(l));
}
