/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SRT_LISTENER_H
#define TESTS_SIM_SRT_LISTENER_H

#include <stdbool.h>

#include "lab/ledger.h"
#include "shared/base/endpoint.h"
#include "shared/wire/session.h"
#include "tests/sim/srt_losses.h"
#include "tests/sim/srt_patience.h"
#include "tests/sim/srt_timers.h"

enum {
	LISTENER_SESSIONS = 16,
	LISTENER_STREAMS = 8,
	LISTENER_WINDOW = LOSSES_WINDOW, /* places for packets until they are played: SRTO_RCVBUF, */
	LISTENER_ROOM = LISTENER_WINDOW - 1, /* of which libsrt keeps one free */
	LISTENER_ACKS = 1024,   /* full ACKs whose answer is waited for */
};

struct srt_listener_config {
	uint16_t latency;      /* ms; the greater of this and the caller's is agreed */
	unsigned lossmaxttl;   /* packets that may overtake before a gap is a loss */
	bool silent_gaps;      /* no periodic NAKs */
	bool open;             /* listens on for an address that it serves, as for all others */
	bool patched;          /* each gap is named once, after lossmaxttl packets, and no more is said */
};

/* One stream over all its sessions. */
struct srt_stream {
	char id[SESSION_STREAM_ID];
	uint64_t sessions;
	uint64_t received;     /* data packets, whatever became of them */
	uint64_t delivered;    /* numbers played, in order */
	uint64_t late;         /* numbers that were not there when their time came */
	uint64_t belated;      /* packets that came after that */
	uint64_t doubled;      /* packets that were there already */
	uint64_t resent;       /* packets with the R bit */
	uint64_t damaged;      /* with a payload that is not theirs */
	uint64_t outside;      /* with a number far from what is expected */
	uint64_t naks, nak_numbers;
	uint64_t false_naks;   /* numbers of them that then came as a first copy */
	uint64_t acks, light_acks;
	ustime first, last;    /* deliveries */
	usspan gap;            /* the longest time between two deliveries of one session */
	ustime gap_end;
	uint64_t fingerprint;  /* over time and number of each delivery */
	struct ledger *ledger; /* is told what arrives and what is played; or NULL */
};

/* What is known of one number in the receive buffer. */
struct srt_place {
	ustime made;    /* as if it had come as fast as the first handshake */
	uint64_t media;
	bool here;
	bool named;     /* a NAK asked for it */
	bool has_media; /* the packet was whole and long enough to say which it is */
};

/*
 * How much later than the first handshake packets come now: every so many
 * ACKACKs their mean delay shifts the play-out, since it is taken for a clock
 * that drifts.  A change of the round trip is halved and not counted.
 */
struct srt_drift {
	usspan first_rtt; /* -1: none yet */
	usspan sum;       /* of so many samples */
	unsigned samples;
	usspan shift;     /* settled, in steps of 5 ms, and what samples are measured from; */
	usspan rest;      /* play-out is later by both */
};

/* A full ACK that waits for its ACKACK. */
struct srt_ack_sent {
	ustime at;
	uint32_t next;
};

/* One session: receive buffer, play-out and reports. */
struct srt_session {
	struct srt_listener *home;
	struct srt_stream *stream;
	bool open;
	struct endpoint peer;
	uint32_t id, peer_id, peer_isn;
	uint16_t latency;      /* ms */
	ustime began;          /* base of play-out: when the session was agreed, */
	uint32_t began_stamp;  /* and what the caller's clock said then */
	ustime heard, spoke;
	ustime played;         /* the latest delivery */

	struct srt_place *place; /* LISTENER_WINDOW of them */
	uint32_t next;         /* the first in the buffer, to be played next */
	uint32_t settled;      /* all before it were acknowledged or given up */
	uint32_t top;          /* one past the highest that came */
	struct srt_losses lost;
	struct srt_patience patience;
	struct srt_drift drift;

	usspan rtt, rttvar;
	bool measured;         /* they come from a sample */
	uint32_t ack_number;   /* of the latest full ACK, */
	uint32_t ack_oldest;   /* and of the oldest whose answer still counts */
	uint32_t acked;        /* all before it came, as the latest full ACK said, */
	uint32_t ack_confirmed; /* and as the caller is known to know */
	ustime acked_at;
	unsigned unacked;      /* packets since then, which light ACKs count */
	unsigned light;
	ustime next_ack, next_nak;
	usspan nak_every;
	struct srt_ack_sent ack_sent[LISTENER_ACKS];
	struct timer play, check;
};

/* An SRT server: the listener and the sessions that it accepted. */
struct srt_listener {
	struct world *world;
	struct srt_listener_config cfg;
	struct rng rng;
	bool there;            /* its process runs */
	uint32_t secret;       /* of this process; cookies derive from it */
	struct srt_session session[LISTENER_SESSIONS];
	struct srt_stream stream[LISTENER_STREAMS];
	unsigned streams;
	unsigned open, most_open;
	uint64_t inductions, deaf, strays, full;

	void (*send)(void *who, const struct endpoint *to, const uint8_t *data, size_t len);
	void *who;
};

void srt_listener_init(struct srt_listener *l, struct world *w,
		       const struct srt_listener_config *cfg);
void srt_listener_finish(struct srt_listener *l);
void srt_listener_start(struct srt_listener *l);

/* The process ends without a word: sessions are forgotten, figures stay. */
void srt_listener_stop(struct srt_listener *l);

void srt_listener_input(struct srt_listener *l, const struct endpoint *from, const uint8_t *data,
			size_t len);

/* The ledger of the stream of that id. */
void srt_listener_ledger(struct srt_listener *l, const char *id, struct ledger *ledger);

/* The stream of that id, or an empty one before its first session. */
const struct srt_stream *srt_listener_stream(struct srt_listener *l, const char *id);

/* Of srt_session.c. */
void srt_session_init(struct srt_session *s, struct srt_listener *home);
void srt_session_begin(struct srt_session *s);
void srt_session_end(struct srt_session *s);
void srt_session_input(struct srt_session *s, const uint8_t *data, size_t len);
void srt_session_emit(struct srt_session *s, const uint8_t *data, size_t len);
uint32_t srt_session_stamp(const struct srt_session *s);
ustime srt_session_moment(const struct srt_session *s, uint32_t timestamp);

static inline struct srt_place *srt_session_place(struct srt_session *s, uint32_t seq)
{
	return &s->place[seq % LISTENER_WINDOW];
}

/* Of srt_report.c. */
void srt_report_init(struct srt_session *s);
void srt_report_begin(struct srt_session *s);
void srt_report_end(struct srt_session *s);
void srt_report_ackack(struct srt_session *s, uint32_t number, uint32_t timestamp);
void srt_report_loss(struct srt_session *s, uint32_t from, uint32_t to); /* in one NAK */
void srt_report_waited(struct srt_session *s); /* the gaps for which patience is over */
void srt_report_check(struct srt_session *s);  /* after each packet: what is due by now */

#endif
