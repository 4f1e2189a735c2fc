/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_PKT_H
#define SHARED_BASE_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/endpoint.h"
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
	uint32_t port;         /* the door of the core that it came through or leaves by */
	uint16_t len;
	uint8_t refusals;      /* how many links' sockets would not take it */
	ustime came;           /* when, for whoever keeps it */
	struct endpoint peer;  /* who sent it, or whom it is for */
	struct endpoint local; /* the address of ours that it came to, or shall leave from */
	uint8_t data[PKT_CAP];
};

/*
 * A fixed number of packets, made once.  pkt_get() answers NULL when all are
 * in use: whoever asked drops and counts.
 */
struct pkt_pool {
	struct pkt *slab;
	struct pkt *idle;
	size_t size;
	size_t in_use;
	uint64_t refused; /* times that pkt_get() had none */
};

bool pkt_pool_init(struct pkt_pool *pool, size_t size);

/* Every packet must have come home. */
void pkt_pool_finish(struct pkt_pool *pool);

/* Length, port and addresses are zero.  NULL when the pool is empty. */
struct pkt *pkt_get(struct pkt_pool *pool);

/* A second packet of the same bytes, port and addresses, or NULL. */
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
