/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_MEMBER_H
#define RECEIVER_CORE_MEMBER_H

#define HASH_NONFATAL_OOM 1 /* want of memory costs a registration, not the process */
#include <stdalign.h>
#include <uthash.h>

#include "receiver/core/lag.h"
#include "receiver/core/turn.h"
#include "shared/base/endpoint.h"
#include "shared/wire/srtla.h"

struct group;

/*
 * One link as seen here.  Its SRT data is acknowledged ten numbers at a time;
 * what is left over when it pauses goes out a little later, so that the
 * sender's count of packets in flight comes to rest.
 *
 * Of many thousands each is found anew for its next packet, in memory that is far away by then.
 * A media packet touches the second line to the fifth: the lookup reads the end of hh, of this
 * member and of those that share its bucket, and who; then member_heard(), member_data(),
 * arrivals_add() and reorder_data() write.  For what goes back, members are compared by the
 * second and third, and by the first where they send telemetry; whom it goes to has the fourth
 * touched, too.
 */
struct member {
	alignas(CACHE_LINE)
	ustime reported;         /* the telemetry: srtt, naks_lately, and these */
	uint32_t conn_id;        /* the sender's number of the link */
	uint32_t naks;
	uint32_t rate;           /* bytes per second */
	int32_t window;
	int32_t in_flight;
	uint32_t idle_seq;       /* the newest number when it fell idle; SEQ_NONE: there was none */
	UT_hash_handle hh;       /* in the registry, by `who` */
	struct endpoint who;
	struct group *group;     /* NULL: nobody has this place */
	ustime heard;            /* latest packet of any kind */

	ustime spoke;            /* latest SRT packet */
	uint64_t packets_in;
	uint64_t bytes_in;
	uint64_t packets_out;
	uint64_t bytes_out;
	ustime acked;            /* latest copy of an SRT ACK; 0: none */
	uint32_t srtt;           /* ms; 0 without telemetry, too */
	uint32_t highest;        /* the newest number, */
	bool sends;              /* if it has sent media of this session */
	bool idle;               /* its sender had nothing more for it, and has sent nothing since */
	bool reports;            /* telemetry was ever sent */
	uint8_t owed_count;

	alignas(CACHE_LINE)
	struct endpoint local;   /* address of ours that it spoke to last */
	uint64_t data_in;
	ustime brought;          /* its latest data packet, where arrivals are reported */
	ustime due;              /* when what is owed goes out */
	struct member *due_prev; /* in the registry's queue while numbers are owed */
	struct member *due_next;

	alignas(CACHE_LINE)
	uint32_t owed[SRTLA_ACK_COUNT];
	struct lag lag;          /* the pace first */
	uint32_t naks_lately;    /* between the last two reports of telemetry */
};

static_assert(sizeof(void *) != 8 || (offsetof(struct member, hh.hh_next) == CACHE_LINE &&
				      offsetof(struct member, spoke) == 2 * CACHE_LINE &&
				      offsetof(struct member, local) == 3 * CACHE_LINE),
	      "finding a member touches one line of it, and judging it one more");
static_assert(sizeof(void *) != 8 || offsetof(struct member, lag.tail) == 5 * CACHE_LINE,
	      "the numbers that it is owed and its pace are the last line that media touch");

/*
 * Members that owe an SRTLA ACK, soonest first.  All wait equally long, so
 * whoever sends data goes to the end and nothing needs sorting.
 */
struct ack_queue {
	struct member *first;
	struct member *last;
};

/* A life sign, whatever else it may be. */
void member_heard(struct member *m, const struct pkt *p, ustime now);

/* Data with number seq: the tenth is answered at once. */
void member_data(struct member *m, uint32_t seq, const struct turn *t);

/* Acknowledges what is owed, and takes the member off the queue. */
void member_acknowledge(struct member *m, const struct turn *t);

/* Takes the member off the queue, with nothing said. */
void member_rest(struct member *m, struct ack_queue *q);

/*
 * Returns a keepalive to where it came from, with our own greeting in it if
 * it greets.  True when it did; *abilities is what its sender can do.
 */
bool member_keepalive(struct member *m, struct pkt *p, const struct turn *t, uint32_t *abilities);

/*
 * The member went through a restart with its group: it has the credit of the REG2 that let it
 * in, and was heard just now.
 */
void member_restored(struct member *m, ustime now);

/*
 * May `len` bytes more go to its address?  Three times what came from there is the most that
 * goes back, with the headers of IP and UDP, so that nobody has a stream of answers sent to
 * somebody else.
 */
bool member_affords(const struct member *m, size_t len);

/*
 * May a copy of the server's ACK or NAK go there?  An address that has proved by a cookie
 * that it receives gets one ACK a second, whatever it sent.
 */
bool member_takes(const struct member *m, const struct pkt *p, ustime now);

/*
 * Gives p away, to the member, from the address that it knows us by; or drops it, as more
 * than the member affords.
 */
void member_send(struct member *m, struct pkt *p, const struct turn *t);

/*
 * The same, whatever it affords.  For answers that are no longer than their question: each
 * brings what it costs, so that copies of ACKs can never use that up.
 */
void member_give(struct member *m, struct pkt *p, const struct turn *t);

#endif
