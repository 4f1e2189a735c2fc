/* SPDX-License-Identifier: MIT */
#include "sender/core/join.h"

#include <string.h>

#include "shared/base/rng.h"

#define REPEAT    SEC(1)     /* what is unanswered goes out again */
#define HASTE     MSEC(50)   /* some round trip: sooner it would not be answered anyway */
#define YIELD     SEC(1)     /* a REG1 unanswered so long lets other links try */
#define GIVE_UP   SEC(4)     /* then it is probed anew on all links */
#define SETTLE    SEC(4)     /* the answer to an old REG2 takes no longer */
#define QUIET     MSEC(1500) /* a live link, silent through a keepalive and its echo */
#define BELIEF    MSEC(120)  /* a receiver that is there answers one of three REG2 by then */
#define REFUSED   SEC(4)     /* before a link that is always refused tries again */
#define REFUSED_1 MSEC(200)  /* and the first time: a receiver that restarts is back by then */
#define BARRED    SEC(10)    /* receivers keep a half-made group so long */
#define ELSEWHERE SEC(10)    /* between tries of a link that reaches another receiver */
#define RECENT    SEC(3)     /* an answer so old says that the path works */

enum { HASTE_SHARE = 4 }; /* an outage lasts longer by so small a part, for the wait */

enum { UNDER_WAY = SETTLE / REPEAT + 1 }; /* old REG2s that can still be answered */

void join_init(struct join *j, const uint8_t half[SRTLA_HALF_LEN], uint64_t seed,
	       struct pkt_pool *pool)
{
	struct rng rng;

	memset(j, 0, sizeof(*j));
	rng_init(&rng, seed);
	memcpy(j->id, half, SRTLA_HALF_LEN);
	rng_fill(&rng, j->id + SRTLA_HALF_LEN, SRTLA_ID_LEN - SRTLA_HALF_LEN);
	j->pool = pool;
}

void join_resume(struct join *j, const uint8_t id[SRTLA_ID_LEN])
{
	memcpy(j->id, id, SRTLA_ID_LEN);
	j->whole = true;
}

ustime join_deadline(const struct join *j, const struct link *l)
{
	switch (l->state) {
	case LINK_UNUSED:
		break;
	case LINK_UP:
		return l->hurry > l->heard ? l->ask_due : later(l->ask_due, l->heard + QUIET);
	case LINK_DOWN:
	case LINK_JOINING:
		if (j->asker != 0 && j->asker != l->sched.port)
			return later(l->ask_due, j->asked_first + YIELD);
		return l->ask_due;
	}
	return NEVER;
}

/* How long a REG2 may stay unanswered. */
static usspan repeat_after(const struct link *l, ustime now)
{
	if (l->hurry == 0)
		return REPEAT;
	return earlier(later((now - l->hurry) / HASTE_SHARE, HASTE), REPEAT);
}

void join_hurry(struct link *l, ustime now)
{
	/* Whoever forges reasons gets one REG2 a second out of us, as without them. */
	if (l->state == LINK_UP && l->hurry != 0 && now - l->hurry < REPEAT)
		return;
	l->hurry = now;
	l->ask_due = now;
}

bool join_refused(const struct link *l, ustime now)
{
	return l->state == LINK_UP && l->hurry > l->heard &&
	       now - l->hurry >= later(rtt_patience(&l->rtt), BELIEF);
}

static void ask(struct join *j, struct link *l, enum srtla_type type, ustime now,
		struct outbox *out)
{
	struct pkt *p = pkt_get(j->pool);

	l->ask_due = now + (type == SRTLA_REG2 ? repeat_after(l, now) : REPEAT);
	if (!p)
		return; /* the pool counts it; the next one goes in a second */
	l->asked = true;
	l->unanswered += type == SRTLA_REG2;
	p->len = (uint16_t)srtla_build_reg(p->data, type, j->id);
	link_send(l, p, now, out);
}

/* The one link that asks for a group: two would make two groups. */
static void ask_for_group(struct join *j, struct link *l, ustime now, struct outbox *out)
{
	j->asker = l->sched.port;
	j->asked_first = now;
	ask(j, l, SRTLA_REG1, now, out);
}

static void ask_all_now(struct links *ls, ustime now)
{
	for (unsigned i = 0; i < ls->top; i++)
		if (ls->at[i].state != LINK_UP)
			ls->at[i].ask_due = now;
}

void join_run(struct join *j, struct links *ls, ustime now, struct outbox *out)
{
	if (j->asker != 0 && now - j->asked_first >= GIVE_UP) {
		j->asker = 0;
		ask_all_now(ls, now);
	}
	for (unsigned i = 0; i < ls->top; i++) {
		struct link *l = &ls->at[i];

		if (now >= join_deadline(j, l))
			ask(j, l, j->asker == l->sched.port ? SRTLA_REG1 : SRTLA_REG2, now, out);
	}
}

static void note(struct outbox *out, enum sender_note kind, const struct link *l, ustime now,
		 const char *why)
{
	outbox_note(out,
		    &(struct note){.kind = kind, .port = l->sched.port, .at = now, .why = why});
}

static bool may_ask_for_group(const struct join *j, const struct link *l, ustime now)
{
	if (now < l->barred_until)
		return false;
	return j->asker == 0 || (j->asker != l->sched.port && now - j->asked_first >= YIELD);
}

/* A live link's receiver does not know the id.  Believed once the link is quiet as well. */
static bool ngp_while_up(struct join *j, struct links *ls, struct link *l, ustime now,
			 struct outbox *out)
{
	if (now - l->heard < QUIET) {
		if (now >= l->ask_due)
			ask(j, l, SRTLA_REG2, now, out);
		return false;
	}
	link_handle(l, LINK_EV_LOST, now);
	links_sort(ls);
	note(out, SENDER_LINK_DOWN, l, now, "the receiver does not know its group");
	return true;
}

/* The answer to a REG2 of before the group was made, which took its time. */
static bool ngp_is_late(const struct join *j, struct link *l, ustime now)
{
	if (!j->whole || now >= j->settled || l->outdated == 0)
		return false;
	l->outdated--;
	return true;
}

static bool ngp(struct join *j, struct links *ls, struct link *l, ustime now, struct outbox *out)
{
	bool changed = false;

	if (!l->asked || j->asker == l->sched.port || ngp_is_late(j, l, now)) {
		j->strays++;
		return false;
	}
	l->asked = false;
	l->unanswered -= l->unanswered > 0;
	l->answered = now;
	if (l->state == LINK_UP)
		changed = ngp_while_up(j, ls, l, now, out);
	if (l->state == LINK_UP)
		return changed;
	link_handle(l, LINK_EV_ANSWER, now);
	if (j->whole && ls->live > 0) {
		if (!l->elsewhere)
			note(out, SENDER_LINK_ELSEWHERE, l, now, NULL);
		l->elsewhere = true;
		l->ask_due = now + ELSEWHERE;
		return changed;
	}
	if (j->whole) {
		j->whole = false;
		note(out, SENDER_GROUP_LOST, l, now, NULL);
	}
	if (may_ask_for_group(j, l, now))
		ask_for_group(j, l, now, out);
	return changed;
}

/* A new id: what is still on its way bears the old one. */
static void outdate(struct links *ls)
{
	for (unsigned i = 0; i < ls->top; i++) {
		struct link *l = &ls->at[i];

		l->outdated = l->unanswered < UNDER_WAY ? l->unanswered : UNDER_WAY;
		l->unanswered = 0;
	}
}

static bool reg2(struct join *j, struct links *ls, struct link *l, const uint8_t *id, ustime now,
		 struct outbox *out)
{
	if (!id || j->whole || j->asker != l->sched.port ||
	    memcmp(id, j->id, SRTLA_HALF_LEN) != 0) {
		j->strays++;
		return false;
	}
	memcpy(j->id, id, SRTLA_ID_LEN);
	j->whole = true;
	j->asker = 0;
	j->settled = now + SETTLE;
	l->answered = now;
	link_handle(l, LINK_EV_ANSWER, now);
	note(out, SENDER_GROUP_JOINED, l, now, NULL);
	outdate(ls);
	ask_all_now(ls, now);
	join_run(j, ls, now, out);
	return false;
}

static bool reg3(struct join *j, struct links *ls, struct link *l, ustime now, struct outbox *out)
{
	if (!l->asked || !j->whole) {
		j->strays++;
		return false;
	}
	l->asked = false;
	l->unanswered = 0;
	l->outdated = 0;
	l->answered = now;
	l->refusals = 0;
	link_heard(l, now);
	if (l->state == LINK_UP || !link_handle(l, LINK_EV_REG3, now))
		return false;
	links_sort(ls);
	outbox_note(out, &(struct note){.kind = SENDER_LINK_UP,
					.port = l->sched.port,
					.at = now,
					.number = now - l->missed});
	return true;
}

static bool another_way(const struct links *ls, const struct link *not_this, ustime now)
{
	for (unsigned i = 0; i < ls->top; i++) {
		const struct link *l = &ls->at[i];

		if (l != not_this && l->state == LINK_JOINING && now >= l->barred_until &&
		    now - l->answered < RECENT)
			return true;
	}
	return false;
}

/*
 * A group cannot be made from this address, most likely because the receiver
 * holds one half-made for it.  Another link asks; without one, a new port does.
 */
static void group_refused(struct join *j, struct links *ls, struct link *l, ustime now)
{
	j->asker = 0;
	l->barred_until = now + BARRED;
	if (another_way(ls, l, now)) {
		ask_all_now(ls, now);
	} else if (now >= l->reopen_after) {
		j->wish = l->sched.port;
		l->reopen_after = now + REFUSED;
	}
	l->ask_due = now + REFUSED;
}

/* Longer each time: its table may be full for good. */
static usspan refused_for(struct link *l)
{
	usspan wait = REFUSED_1 << l->refusals;

	if (wait >= REFUSED)
		return REFUSED;
	l->refusals++;
	return wait;
}

static bool reg_err(struct join *j, struct links *ls, struct link *l, ustime now,
		    struct outbox *out)
{
	if (!l->asked && j->asker != l->sched.port) {
		j->strays++;
		return false;
	}
	l->asked = false;
	note(out, SENDER_LINK_REFUSED, l, now, NULL);
	if (j->asker == l->sched.port)
		group_refused(j, ls, l, now);
	else
		l->ask_due = now + refused_for(l);
	return false;
}

bool join_answer(struct join *j, struct links *ls, struct link *l, const uint8_t *data, size_t len,
		 ustime now, struct outbox *out)
{
	switch (srtla_type(data, len)) {
	case SRTLA_REG_NGP:
		return ngp(j, ls, l, now, out);
	case SRTLA_REG2:
		return reg2(j, ls, l, srtla_reg_id(data, len), now, out);
	case SRTLA_REG3:
		return reg3(j, ls, l, now, out);
	case SRTLA_REG_ERR:
		return reg_err(j, ls, l, now, out);
	default:
		j->strays++;
		return false;
	}
}

void join_forget(struct join *j, struct links *ls, struct link *l, ustime now)
{
	l->asked = false;
	l->unanswered = 0;
	l->outdated = 0;
	l->barred_until = now;
	l->elsewhere = false;
	l->refusals = 0;
	l->hurry = 0;
	l->ask_due = now;
	if (j->wish == l->sched.port)
		j->wish = 0;
	if (j->asker == l->sched.port) {
		j->asker = 0;
		ask_all_now(ls, now);
	}
}
