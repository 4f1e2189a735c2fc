/* SPDX-License-Identifier: MIT */
#include "shared/base/pkt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * The slab comes zeroed, and memory that was never used stays untouched: an
 * idle packet whose next is NULL stands for the one behind it in the slab.
 * So the list of idle ones ends at the slab's end, not at NULL.  A packet
 * whose pool is NULL is idle.
 */
static struct pkt *slab_end(const struct pkt_pool *pool)
{
	return pool->slab + pool->size;
}

bool pkt_pool_init(struct pkt_pool *pool, size_t size)
{
	*pool = (struct pkt_pool){0};
	pool->slab = calloc(size ? size : 1, sizeof(*pool->slab));
	if (!pool->slab)
		return false;
	pool->idle = pool->slab;
	pool->size = size;
	return true;
}

void pkt_pool_finish(struct pkt_pool *pool)
{
	assert(pool->in_use == 0);
	free(pool->slab);
	*pool = (struct pkt_pool){0};
}

struct pkt *pkt_get(struct pkt_pool *pool)
{
	struct pkt *p = pool->idle;

	if (p == slab_end(pool)) {
		pool->refused++;
		return NULL;
	}
	assert(!p->pool);
	pool->idle = p->next ? p->next : p + 1;
	pool->in_use++;
	memset(p, 0, offsetof(struct pkt, data));
	p->pool = pool;
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
	assert(p >= pool->slab && p < slab_end(pool) && pool->in_use > 0);
	p->pool = NULL;
	p->next = pool->idle;
	pool->idle = p;
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
