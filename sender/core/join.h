/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_JOIN_H
#define SENDER_CORE_JOIN_H

#include "sender/core/link.h"
#include "shared/wire/srtla.h"

/*
 * The registration of the group and of each link (srtla(7)).  A link that is
 * not live sends REG2.  While we have no whole id, that is a probe, which the
 * receiver answers with REG_NGP; the first link that is so answered asks with
 * REG1 for a group, alone; the REG2 that comes back holds the whole id, and
 * every link sends it until its REG3.  Each step leaves in the call that
 * brought its cause; what stays unanswered is repeated every second, for ever.
 * A link that waits for something that has just broken repeats sooner at first.
 */
struct join {
	uint8_t id[SRTLA_ID_LEN];
	bool whole;          /* the receiver's half is in it */
	unsigned asker;      /* port of the link whose REG1 is on its way, or 0 */
	ustime asked_first;  /* when its first REG1 left */
	ustime settled;      /* until then a REG_NGP may answer a REG2 of before */
	unsigned wish;       /* port of the link that wants a new socket, or 0 */
	uint64_t strays;     /* answers to nothing that we asked */
	struct pkt_pool *pool;
};

void join_init(struct join *j, const uint8_t half[SRTLA_HALF_LEN], uint64_t seed,
	       struct pkt_pool *pool);

/* A group that was made before, and the receiver may still have. */
void join_resume(struct join *j, const uint8_t id[SRTLA_ID_LEN]);

/* Whether this link waits for nothing but its next turn. */
ustime join_deadline(const struct join *j, const struct link *l);

/*
 * There is reason to ask on link l at once, and again soon: it may just have been cut off by
 * something that mends fast, or what was missing is back.
 */
void join_hurry(struct link *l, ustime now);

/* A live link was to be asked in haste, and has not answered for longer than it should take. */
bool join_refused(const struct link *l, ustime now);

/* Sends what is due on each link at or before now. */
void join_run(struct join *j, struct links *ls, ustime now, struct outbox *out);

/*
 * A registration packet that came over link l.  True when it changed which
 * links are live.
 */
bool join_answer(struct join *j, struct links *ls, struct link *l, const uint8_t *data, size_t len,
		 ustime now, struct outbox *out);

/* Link l has gone, or its socket is a new one: nothing that it asked will be answered. */
void join_forget(struct join *j, struct links *ls, struct link *l, ustime now);

#endif
