/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_SCHED_H
#define SENDER_CORE_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "sender/core/sender.h"

struct links;

/* What a scheduling rule may know of a link. */
struct sched_link {
	unsigned port;
	int32_t window;    /* thousandths of a packet */
	int32_t in_flight; /* packets, those that its socket has not sent yet among them */
	enum sender_role role;
	uint32_t factor; /* what its score is worth, in units of 1 / QUALITY_ONE */
	bool look;       /* a packet now and then would tell whether it is still bad */
};

/* What else a rule may know when it is asked. */
struct sched_ask {
	ustime now;
	ustime last_at;   /* when it was asked before */
	unsigned last;    /* the port that was the answer */
	unsigned avoid;   /* the port of a link that must not be chosen; 0: any may */
	unsigned without; /* enum sender_quality_part: not in force */
};

/*
 * A scheduling rule answers one question: which link.  It sees the live links
 * in the order of their ranks.  The answer is a port, or 0 when no link will do.
 */
struct sched_rule {
	const char *name;
	usspan fresh; /* so long factors and looks hold; 0: it has no use for them */
	void (*prepare)(struct links *ls, unsigned without, ustime now); /* makes them, if so */
	unsigned (*pick)(const struct sched_link *const *live, unsigned count,
			 const struct sched_ask *ask);
};

extern const struct sched_rule sched_classic;
extern const struct sched_rule sched_quality;

const struct sched_rule *sched_rule(enum sender_mode mode);

/* The rule in force, and what it is told beside the links. */
struct sched {
	const struct sched_rule *rule;
	ustime stale_from; /* for factors and looks */
	unsigned without;  /* what the next ones will do without */
	struct sched_ask ask;
};

void sched_init(struct sched *s, enum sender_mode mode, unsigned without);
void sched_set_mode(struct sched *s, enum sender_mode mode);

/* In force from the next packet on. */
void sched_set_without(struct sched *s, unsigned without);

/* Due at s->stale_from; NEVER for a rule that has no use for it. */
void sched_prepare(struct sched *s, struct links *ls, ustime now);

/* The port of the link that the next packet takes, but not `avoid`; 0: none will do. */
static inline unsigned sched_pick(struct sched *s, const struct sched_link *const *live,
				  unsigned count, unsigned avoid, ustime now)
{
	s->ask.last_at = s->ask.now;
	s->ask.now = now;
	s->ask.avoid = avoid;
	s->ask.last = s->rule->pick(live, count, &s->ask);
	return s->ask.last;
}

#endif
