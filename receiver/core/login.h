/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_LOGIN_H
#define RECEIVER_CORE_LOGIN_H

#include "receiver/core/turn.h"

struct group;
struct member;

/*
 * A caller at the door.  With a list of stream keys, the receiver answers the induction
 * itself, with a cookie of its own: only the conclusion says which key, and so which
 * server, if any.  Then the induction is put to that server, and the conclusion follows
 * with the server's cookie in place of ours.  Our cookie keeps itself, and the induction
 * follows from the conclusion, so the question alone leaves nothing behind.  Without a list
 * all handshakes pass untouched.
 *
 * What is not a handshake passes while it names the server's socket of the session that was
 * let in: whoever else knocks meanwhile does not disturb a stream.
 */
struct login {
	enum login_state {
		LOGIN_NONE,    /* nobody is known here */
		LOGIN_CALLING, /* the server has the induction; `waiting` waits for its cookie */
		LOGIN_OPEN,    /* the conclusion has gone on, and may again */
		LOGIN_SHUT,    /* the key is not listed */
	} state;
	uint32_t caller;       /* socket id of whom this is about */
	uint32_t cookie;       /* of the server, once it has answered */
	struct pkt *waiting;   /* the conclusion, or NULL */
	ustime shut;           /* when the key was refused */
};

void login_finish(struct login *l);

/*
 * An SRT packet of the caller, any kind.  True: it goes on to the server, changed at most
 * in the cookie of its handshake.  False: taken.
 */
bool login_from_caller(struct group *g, struct member *m, struct pkt *p, const struct turn *t);

/* A control packet of the server.  False: it answered a question of ours, and is taken. */
bool login_from_server(struct group *g, struct pkt *p, const struct turn *t);

/*
 * A packet of somebody who is no member, and no SRTLA packet.  With --plain-srt, SRT callers
 * are let in, as groups of one member, once they have shown by our cookie that they receive
 * at their address.  Takes p.
 */
void login_stranger(struct pkt *p, const struct turn *t);

#endif
