/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SRT_CALLER_H
#define TESTS_SIM_SRT_CALLER_H

#include <stdbool.h>

#include "lab/abr.h"
#include "lab/encoder.h"
#include "lab/ledger.h"
#include "shared/base/endpoint.h"
#include "tests/sim/srt_losses.h"
#include "tests/sim/srt_timers.h"

struct srt_caller_config {
	struct encoder_config media;
	uint64_t least, most;  /* bit/s: between these the encoder adapts; most 0: it does not */
	uint64_t maxbw;        /* SRTO_MAXBW, bytes/s with headers; 0: as fast as it comes */
	uint16_t latency;      /* ms */
	const char *stream_id; /* or NULL */
	uint32_t isn;          /* of the first session; SEQ_NONE: at random */
	uint32_t clock;        /* SRT timestamp when a session begins, us */
	bool once;             /* says each handshake once, and waits */
	usspan pause;          /* between the end of a session and the next try; 0: 500 ms */
};

enum srt_caller_state {
	CALLER_OFF,
	CALLER_INDUCTION,  /* has asked for a cookie */
	CALLER_CONCLUSION, /* has asked for a session */
	CALLER_STREAMS,
	CALLER_PAUSES,     /* before it tries again */
};

struct srt_caller_tally {
	uint64_t tries;    /* sockets opened */
	uint64_t sessions;
	uint64_t broken;   /* sessions that ended without a word of ours */
	uint64_t refused;
	uint64_t media_bytes; /* that the encoder made */
	uint64_t data;     /* packets that went into the send buffer */
	uint64_t unsent;   /* packets that the encoder made while no session was there, */
	uint64_t no_room;  /* or while the send buffer was full */
	uint64_t resent;
	uint64_t too_soon; /* asked for again while the copy before was on its way */
	uint64_t too_old;  /* left the send buffer without an ACK */
	uint64_t blind;    /* times that all in flight was sent again, for want of ACKs */
	uint64_t acks;
	uint64_t acks_again; /* full ACKs whose number had come before */
	uint64_t naks;
	uint64_t astray;   /* packets for another socket or port */
	uint64_t odd;      /* packets that make no sense here */
	ustime connected;  /* when the latest session was agreed */
	ustime broke;      /* when the latest broke */
};

enum { CALLER_KEPT = LOSSES_WINDOW }; /* packets in the send buffer: SRTO_SNDBUF */

/* A packet in the send buffer. */
struct srt_kept {
	ustime made;
	ustime resent;      /* the latest copy; INT64_MIN: none */
	uint64_t media;
	uint32_t timestamp;
	uint16_t payload;
};

/* What is paid for a packet on a wire, to SRTO_MAXBW and in figures. */
enum { CALLER_HEADERS = 44 };

/*
 * An SRT caller as an encoder holds it: connects, sends what the encoder makes,
 * answers ACKs, sends again what NAKs name while that is worth it, gives up a
 * silent peer after five seconds and connects again.
 */
struct srt_caller {
	struct world *world;
	struct srt_caller_config cfg;
	struct srt_caller_tally tally;
	struct ledger *ledger;  /* is told what is made; or NULL */
	struct rng rng;
	enum srt_caller_state state;
	struct endpoint here;   /* its address; a new port for each new process */
	uint32_t id, peer_id, cookie;
	uint32_t isn;
	uint16_t agreed;        /* latency, ms */
	bool peer_reports;      /* it sends periodic NAKs */
	ustime opened;          /* the socket */
	ustime heard, spoke;

	uint32_t acked;         /* the first in the send buffer, */
	uint32_t sent;          /* the first of those that have never been sent, */
	uint32_t next;          /* and one past the last */
	struct srt_losses lost; /* to be sent again */
	struct srt_kept kept[CALLER_KEPT];
	uint32_t room;          /* that the peer has for packets, */
	uint32_t window;        /* and what it said of this at first */
	uint32_t last_ack;      /* number of the latest full ACK, */
	uint32_t acked_fully;   /* what the latest one that brought news said, */
	uint32_t answered;      /* number of the latest that was answered, */
	ustime answered_at;     /* and when */
	ustime acked_at;        /* the latest ACK of any kind */
	unsigned blind;         /* times that all was sent again since then, and one */
	usspan rtt, rttvar;
	bool measured;          /* they come from the peer's samples */
	ustime next_send;       /* as SRTO_MAXBW allows, */
	bool pair;              /* but this one goes at once: peers measure a rate by pairs */

	struct encoder encoder;
	struct abr abr;
	ustime media_began;
	uint64_t media_made;    /* packets, over all sessions: the next one's number */
	uint64_t bytes;         /* put out since the last sample */
	struct timer handshake, media, sample, pace, check;

	void (*send)(void *who, const uint8_t *data, size_t len);
	void *who;
};

void srt_caller_init(struct srt_caller *c, struct world *w, const struct srt_caller_config *cfg,
		     const struct endpoint *here);

/* Opens a socket and connects; the encoder begins. */
void srt_caller_start(struct srt_caller *c);

/* The encoder ends, or begins again; the session goes on. */
void srt_caller_hush(struct srt_caller *c);
void srt_caller_play(struct srt_caller *c);

/* Ends, with a SHUTDOWN or without a word as a crash does. */
void srt_caller_stop(struct srt_caller *c, bool says_so);

/* A packet that came to `to`. */
void srt_caller_input(struct srt_caller *c, const struct endpoint *to, const uint8_t *data,
		      size_t len);

/* Of srt_caller.c. */
void srt_caller_emit(struct srt_caller *c, const uint8_t *data, size_t len);
uint32_t srt_caller_stamp(const struct srt_caller *c);
void srt_caller_break(struct srt_caller *c); /* the session is over, and nobody said so */

/* Of srt_media.c: what the encoder does. */
void srt_media_init(struct srt_caller *c);
void srt_media_start(struct srt_caller *c);
void srt_media_stop(struct srt_caller *c);

/* Of srt_sender.c: the sending half of a session. */
void srt_sender_init(struct srt_caller *c);
void srt_sender_begin(struct srt_caller *c);
void srt_sender_end(struct srt_caller *c);
void srt_sender_take(struct srt_caller *c, uint64_t media, size_t payload);
void srt_sender_ack(struct srt_caller *c, const uint8_t *data, size_t len);
void srt_sender_nak(struct srt_caller *c, const uint8_t *data, size_t len);
void srt_sender_check(struct srt_caller *c); /* after each packet: what is due by now */

#endif
