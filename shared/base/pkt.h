/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_PKT_H
#define SHARED_BASE_PKT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/endpoint.h"
#include "shared/base/line.h"
#include "shared/base/time.h"

/* Largest datagram that is carried; a longer one is a counted drop. */
enum { PKT_CAP = 2048 };

struct pkt_pool;

/*
 * One UDP payload on its way.  It is in exactly one place and has one owner:
 * passing it on gives it away, wanting it twice means pkt_copy().
 */
struct pkt {
	struct pkt *next;      /* in whatever list it waits */
	struct pkt_pool *pool; /* where it goes when it is freed */
	ustime came;           /* when the system had it; 0: not told */
	uint32_t port;         /* the door of the core that it came through or leaves by */
	uint16_t len;
	uint8_t refusals;      /* how many links' sockets would not take it */
	struct endpoint peer;  /* who sent it, or whom it is for */
	struct endpoint local; /* the address of ours that it came to, or shall leave from */
	ustime awaited;        /* for whoever keeps it: since when what comes before it was missed */
	uint8_t data[PKT_CAP];
};

static_assert(offsetof(struct pkt, peer) + sizeof(struct endpoint) <= CACHE_LINE,
	      "lists and the choice of a way read no more than a line's worth of it");
static_assert(offsetof(struct pkt, data) + 16 <= 2 * CACHE_LINE,
	      "who reads SRT's header finds the address of ours beside it");

/*
 * When p came, for estimates of the way that brought it: the system's moment, and not that of a
 * wake-up which may be late.  `now` where that is not told, or lies ahead: it is in (0, now].
 * Deadlines, patience and states go by now itself.
 */
static inline ustime pkt_came(const struct pkt *p, ustime now)
{
	return p->came > 0 && p->came < now ? p->came : now;
}

/*
 * A fixed number of packets, made once.  pkt_get() answers NULL when all are
 * in use: whoever asked drops and counts.
 */
struct pkt_pool {
	struct pkt *slab;
	struct pkt **idle; /* that have been used and come back, the latest last */
	size_t idle_count;
	size_t fresh;      /* the first that was never used */
	size_t size;
	size_t in_use;
	uint64_t refused; /* times that pkt_get() had none */
};

bool pkt_pool_init(struct pkt_pool *pool, size_t size);

/* Every packet must have come home. */
void pkt_pool_finish(struct pkt_pool *pool);

/* All but the data is zero.  NULL when the pool is empty. */
struct pkt *pkt_get(struct pkt_pool *pool);

/* A second packet of the same bytes, port and addresses, or NULL.  It came from nowhere. */
struct pkt *pkt_copy(const struct pkt *p);

/* Takes NULL too. */
void pkt_free(struct pkt *p);

/* First in, first out. */
struct pkt_list {
	struct pkt *head;
	struct pkt *tail;
	size_t count;
};

void pkt_list_push(struct pkt_list *l, struct pkt *p);
struct pkt *pkt_list_pop(struct pkt_list *l);
void pkt_list_clear(struct pkt_list *l);

#endif
