/* SPDX-License-Identifier: MIT */
#include "receiver/core/upstream.h"

#include <errno.h>

#include "receiver/core/group.h"
#include "receiver/core/reply.h"
#include "shared/wire/be.h"

/*
 * Two questions are put at a time.  A caller's first handshake is answered by a listener:
 * the server is there.  The same, put to the socket of the session, is answered by libsrt
 * as long as that session lives, and by nobody once it has gone.
 */

/* A server with a session acknowledges media each 10 ms. */
#define SILENCE MSEC(700)

/* It has a packet to refuse, or a question to answer, and does not for so long. */
#define REFUSES MSEC(50)

/* Between two questions that may disturb somebody. */
#define PACE SEC(1)

/*
 * After the listener's answer the session gets this long to speak: it too has been asked.
 * The longer one is for servers that only stalled, and answer all at once.
 */
#define GRACE_CLOSED MSEC(100)
#define GRACE        MSEC(150)

/* With nothing else to say a session sends a keepalive each second (draft 4.6.2). */
#define KEEPALIVES MSEC(1150)

/* A goodbye may get lost; a caller that gives up by itself does so after 5 s. */
#define GOODBYE_AGAIN MSEC(200)
enum { GOODBYES = 25 };

/* Makes a socket id of the caller's into one that is not. */
enum { OTHER_ID = 0x2a5b17e3, ID_MASK = 0x3fffffff };

void upstream_init(struct upstream *u)
{
	*u = (struct upstream){.asked = NEVER, .passed = NEVER, .due = NEVER};
}

static bool in_session(const struct group *g)
{
	return g->session.server_id != 0 && !g->session.over;
}

/* Another one than the caller's, which libsrt could have drawn as well. */
static uint32_t our_id(const struct group *g)
{
	uint32_t id = (g->session.caller_id ^ OTHER_ID) & ID_MASK;

	return id ? id : 1;
}

/* When there will be reason to ask, or NEVER. */
static ustime question_at(const struct upstream *u)
{
	if (!u->away) {
		if (u->asked == NEVER)
			return NEVER;
		return later(later(u->heard, u->asked) + SILENCE, u->probed + PACE);
	}
	if (u->passed == NEVER)
		return later(u->refused, u->probed) + PACE;
	/* A question that was refused disturbed nobody, and the next need not wait. */
	return later(u->passed + REFUSES, u->probed > u->refused ? u->probed + PACE : 0);
}

/* When the session is certainly lost, unless it is heard; or NEVER. */
static ustime lost_at(const struct upstream *u)
{
	ustime silent = u->heard;

	if (u->answered == 0)
		return NEVER;
	if (u->closed && u->asked != NEVER)
		return u->answered + GRACE_CLOSED;
	if (u->asked != NEVER)
		silent = later(silent, u->asked);
	return later(u->answered + GRACE, silent + KEEPALIVES);
}

static void ask(const struct group *g, uint32_t id, uint32_t dest, const struct turn *t)
{
	const struct session *s = &g->session;
	struct pkt *p = turn_packet(t);

	if (!p)
		return;
	p->len = (uint16_t)srt_build_induction(p->data, id, s->caller_isn, dest, s->timestamp);
	outbox_put(t->out, g->port, p);
}

static void say_goodbye(struct group *g, const struct turn *t)
{
	struct upstream *u = &g->upstream;
	struct pkt *p = turn_packet(t);

	u->goodbyes++;
	u->goodbye = t->now;
	if (!p)
		return;
	p->len = (uint16_t)srt_build_shutdown(p->data, g->session.caller_id, u->stamp);
	reply_once(g, p, t);
}

/* The server is back, and was told nothing of the session. */
static void give_up(struct group *g, const struct turn *t)
{
	struct upstream *u = &g->upstream;

	g->session.server_id = 0;
	g->session.over = true;
	(*t->changes)++;
	group_note(g, RECEIVER_SESSION_LOST, 0, t);
	u->lost = true;
	u->goodbyes = 0;
	u->answered = 0;
	say_goodbye(g, t);
}

/* The caller speaks on: it has not heard. */
static void insist(struct group *g, const struct pkt *p, const struct turn *t)
{
	struct upstream *u = &g->upstream;

	if (!g->session.over) {
		u->lost = false;
		return;
	}
	if (be16(p->data) != (0x8000 | SRT_SHUTDOWN) && t->now - u->goodbye >= GOODBYE_AGAIN &&
	    u->goodbyes < GOODBYES)
		say_goodbye(g, t);
}

void upstream_sent(struct group *g, const struct pkt *p, const struct turn *t)
{
	struct upstream *u = &g->upstream;

	if (u->asked == NEVER && srt_is_data(p->data, p->len))
		u->asked = t->now;
	if (u->passed == NEVER)
		u->passed = t->now;
	if (u->lost)
		insist(g, p, t);
	if (!in_session(g))
		return;
	if (u->away)
		u->due = earlier(u->due, t->now + REFUSES);
	else if (u->due == NEVER && u->asked != NEVER)
		u->due = t->now + SILENCE;
}

/* The listener's answer to a question, or that of the session. */
static bool is_answer(struct group *g, const struct pkt *p, const struct turn *t)
{
	const struct session *s = &g->session;
	struct upstream *u = &g->upstream;
	struct srt_handshake hs;
	uint32_t dest;

	if (u->probed == 0 || !srt_parse_handshake(p->data, p->len, &hs))
		return false;
	dest = be32(p->data + 12);
	if (dest == our_id(g)) {
		if (in_session(g))
			u->answered = t->now;
		return true;
	}
	if (dest != s->caller_id || hs.socket_id != s->server_id || hs.version != 4 ||
	    t->now - u->probed > PACE)
		return false;
	u->heard = t->now;
	u->asked = NEVER;
	u->closed = false;
	u->answered = 0;
	return true;
}

bool upstream_heard(struct group *g, struct pkt *p, const struct turn *t)
{
	struct upstream *u = &g->upstream;
	bool ours = is_answer(g, p, t);

	if (u->away)
		group_note(g, RECEIVER_SERVER_BACK, 0, t);
	u->away = false;
	if (ours) {
		if (u->answered == t->now)
			u->due = earlier(u->due, later(lost_at(u), t->now + 1));
		turn_drop(&t->drops->unasked, p);
		return false;
	}
	u->heard = t->now;
	u->stamp = be32(p->data + 8);
	u->asked = NEVER;
	u->closed = false;
	u->answered = 0;
	return true;
}

void upstream_refused(struct group *g, int err, const struct turn *t)
{
	struct upstream *u = &g->upstream;

	u->refused = t->now;
	u->passed = NEVER;
	u->answered = 0;
	u->closed |= err == ECONNREFUSED;
	if (u->away)
		return;
	u->away = true;
	if (in_session(g))
		u->due = earlier(u->due, t->now + REFUSES);
	group_note(g, RECEIVER_SERVER_AWAY, err, t);
}

void upstream_run(struct group *g, const struct turn *t)
{
	struct upstream *u = &g->upstream;

	u->due = NEVER;
	if (!in_session(g))
		return;
	if (t->now >= lost_at(u)) {
		give_up(g, t);
		return;
	}
	if (t->now >= question_at(u)) {
		u->probed = t->now;
		ask(g, our_id(g), 0, t);
		ask(g, g->session.caller_id, g->session.server_id, t);
	}
	u->due = earlier(question_at(u), lost_at(u));
}
