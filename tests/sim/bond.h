/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_BOND_H
#define TESTS_SIM_BOND_H

#include "lab/census.h"
#include "tests/sim/door.h"
#include "tests/sim/dwell.h"
#include "tests/sim/path.h"
#include "tests/sim/site.h"
#include "tests/sim/srt_caller.h"

enum { BOND_LINKS = SENDER_LINKS };

struct bond_config {
	unsigned links;
	enum sender_mode mode;
	unsigned copies, extra; /* as in sender_config, */
	const struct sender_tuning *tuning; /* and this */
	struct sender_terms terms[BOND_LINKS];
	struct road_config up[BOND_LINKS], down[BOND_LINKS];
	bool ipv6;             /* of the links' addresses */
	usspan link_timeout;   /* as in sender_config */
	const struct foreign_sender_traits *foreign; /* a model of these, or NULL: our core */
	struct srt_caller_config caller;
};

struct bond_link {
	struct bond *bond;
	unsigned port;        /* at the sender's door */
	struct endpoint face; /* what the receiver sees: the address behind which the link is */
	struct path up, down;
	uint16_t port_before; /* of the face, while the sender that ended had it */
	int fault;            /* errno that the socket answers with, or 0 */
	uint64_t to_old_face; /* replies to an address that the link has left */
};

/*
 * The sender's end: an encoder, one sender, and its links with both their
 * directions.  It sends to a site, which it may share.
 */
struct bond {
	struct world *world;
	struct site *site;
	struct bond_config cfg;
	unsigned number;      /* among the bonds of its site */
	struct pkt_pool pool;
	struct outbox out;
	const struct sender_door *door;
	void *core;           /* NULL while its process is not there */
	struct timer due;
	struct census *census; /* sees what goes over the links; or NULL */
	ustime census_began;
	struct dwell *dwell;   /* is told what comes from the encoder and what leaves; or NULL */
	struct bond_link link[BOND_LINKS];
	struct srt_caller caller;
	uint16_t last_port;
	struct sender_record record; /* the state file, as it stood when the process ended */
	ustime asleep_until;

	uint64_t runs;        /* times that the core was given the time */
	uint64_t reopened;
	uint64_t unheard;     /* packets that came while the machine slept */
	uint64_t to_strangers; /* packets that the core gave to somebody else than the encoder */
};

/* The sender runs at once; the encoder waits for srt_caller_start(). */
void bond_init(struct bond *b, struct site *site, const struct bond_config *cfg);
void bond_finish(struct bond *b);

/* The sender's process ends without a word; a new one takes its place. */
void bond_stop_sender(struct bond *b);
void bond_start_sender(struct bond *b);
void bond_restart_sender(struct bond *b);

/* One that finds the state file of the one before: it has its group, and the ports of its links. */
void bond_resume_sender(struct bond *b);

/* From now on, which is nought on its time line, a census sees every packet on the links. */
void bond_watch(struct bond *b, struct census *census);

/* A packet at the encoder's side from an address, as any local program may send. */
void bond_from_app(struct bond *b, const struct endpoint *from, const uint8_t *data, size_t len);

/* The link goes on behind another port of its NAT, and nobody tells it. */
void bond_rebind(struct bond *b, unsigned link);

/* The link has another address, and the shell tells the core. */
void bond_readdress(struct bond *b, unsigned link, const char *address);

/* The owner wants it on other terms; a sender that starts later hears of them too. */
void bond_terms(struct bond *b, unsigned link, const struct sender_terms *terms);

/* The sender is switched; one that starts later begins in this mode. */
void bond_mode(struct bond *b, enum sender_mode mode);

/* Nothing can leave by this link: its socket answers with this errno.  0 mends it. */
void bond_break(struct bond *b, unsigned link, int err);

/* Loses everything in both directions, or no longer. */
void bond_cut(struct bond *b, unsigned link, bool cut);
void bond_cut_all(struct bond *b, bool cut);

/* The machine of the sender stops for so long: what comes meanwhile is not heard. */
void bond_suspend(struct bond *b, usspan how_long);

/* Takes a reply to `to` if one of the links is or was there. */
bool bond_take_reply(struct bond *b, const struct endpoint *to, const uint8_t *data, size_t len);

/* Of bond.c, for bond_change.c: another port of its NAT; what the core put out goes its way. */
void bond_new_face(struct bond *b, struct bond_link *l);
void bond_flush(struct bond *b);

#endif
