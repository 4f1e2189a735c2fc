/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_LATE_H
#define SENDER_CORE_LATE_H

#include "sender/core/flight.h"
#include "sender/core/headroom.h"
#include "sender/core/link.h"
#include "sender/core/protect.h"
#include "sender/core/ring.h"
#include "sender/core/sched_capacity.h"
#include "shared/wire/srt.h"

struct sender;

/* Bytes of packets that travel again beside themselves, at once: a full modem's worth. */
enum { LATE_REINJECT = 65536 };

/*
 * The links as the choice sees them.  While nothing happens but that packets of the encoder come,
 * each of these changes what it takes, and the rest is kept.
 */
struct late_paths {
	bool kept;
	ustime at;        /* when they were last looked at, */
	ustime until;     /* and when time alone may change them */
	unsigned count;
	size_t narrowest; /* bytes that fit through every link */
	struct sched_path path[SENDER_LINKS];
};

/*
 * Late binding: what the encoder sent waits here until a link can take it, each link has little
 * more under way than it holds by itself, and what a link loses is sent again from here.
 */
struct late {
	bool on;
	struct ring ring;
	struct flight flight[SENDER_LINKS];
	struct late_paths paths;
	struct protect protect;
	struct headroom headroom;
	ustime due;              /* when late_run() is next wanted, or NEVER */
	int64_t reinject;        /* bytes that may still travel again beside themselves */
	uint32_t ack_number;     /* of the latest full SRT ACK */
	uint16_t report_serial;  /* of the latest report */
	bool reported;           /* there was one */
	ustime report_at;
	uint32_t report_clock;   /* of the receiver, when it wrote that */
	uint32_t report_total[SENDER_LINKS];
	bool report_known[SENDER_LINKS];
	ustime server_clock;     /* of the SRT server, without end */
	uint32_t server_stamp;
	ustime clock;            /* of the receiver, in ticks, likewise */
	uint32_t clock_ticks;
	uint64_t sent;           /* packets, copies counted */
	uint32_t newest;         /* number that has left */
	uint64_t refilled_at;    /* bytes of the encoder when `reinject` was last filled */
	struct {
		uint64_t resent, probes, expired, evicted, naks_kept;
	} count;
};

void late_init(struct late *y);
void late_finish(struct late *y);

/* Everything that is under way belongs to numbers that are no more. */
void late_forget(struct sender *s);

/* What has begun is let go; what waits leaves by the rule that now holds. */
void late_stop(struct sender *s, ustime now, struct outbox *out);

/* A data packet of the encoder.  Takes p. */
void late_data(struct sender *s, struct pkt *p, const struct srt_head *head, ustime now,
	       struct outbox *out);

/* A control packet of the encoder: it waits for nobody.  Takes p. */
void late_control(struct sender *s, struct pkt *p, uint16_t type, ustime now,
		  struct outbox *out);

/* What the far side says.  When it came counts for what is known of a way, else `now` does. */
void late_srtla_ack(struct sender *s, struct link *l, const struct pkt *p, ustime now,
		    struct outbox *out);
void late_srt_ack(struct sender *s, struct link *l, const struct srt_head *head,
		  const struct srt_ack *ack, ustime came, ustime now, struct outbox *out);
void late_report(struct sender *s, const struct pkt *p, ustime now, struct outbox *out);

/*
 * Answers a NAK.  Numbers that the ring no longer holds are left in p, the encoder's to answer;
 * false when none are left.
 */
bool late_nak(struct sender *s, struct pkt *p, ustime now, struct outbox *out);

/* A keepalive came back by this link: the way exists. */
void late_echoed(struct sender *s, struct link *l, usspan round, ustime now, struct outbox *out);

void late_link_up(struct sender *s, struct link *l, ustime now);
void late_link_down(struct sender *s, struct link *l, ustime now, struct outbox *out);

/* The link's socket did not take this data packet.  Takes p. */
void late_refused(struct sender *s, struct link *l, struct pkt *p, ustime now,
		  struct outbox *out);

/* Sends what can be sent. */
void late_drain(struct sender *s, ustime now, struct outbox *out);

/* The same when nothing has happened but that a packet of the encoder came. */
void late_flow(struct sender *s, ustime now, struct outbox *out);

/* Does what is due: silent links, what is stuck, what the server asks for, then late_drain(). */
void late_run(struct sender *s, ustime now, struct outbox *out);

/* For the files of late binding alone. */

/*
 * A journey on link l, of which e is the open entry, ended so; what it carried waits `again` if
 * nobody else has it.
 */
void late_landed(struct sender *s, struct link *l, struct flight_entry *e, ustime now);
void late_missed(struct sender *s, struct link *l, struct flight_entry *e, bool again,
		 ustime now);

/* The open entry of this number on this link, the oldest, or NULL. */
struct flight_entry *late_entry(struct late *y, uint32_t seq, unsigned port);

/* The open entry of journey `hop` of slot, and the link that carries it; or NULL. */
struct flight_entry *late_journey(struct sender *s, const struct ring_slot *slot, unsigned hop,
				  struct link **l);

/* What one acknowledgement, or one report, told of one link. */
struct late_told {
	bool any;
	ustime sent;    /* when the newest that arrived had left */
	uint32_t place; /* its place in the flight */
};

/* The journey of e has ended well, as this acknowledgement tells. */
void late_land(struct sender *s, struct link *l, struct flight_entry *e, struct late_told *told,
	       ustime now);

/* We learnt just now of an arrival by this link, so long after the packet left. */
void late_looped(struct link *l, usspan loop, ustime now);

/* The link delivers. */
void late_proven(struct sender *s, struct link *l, ustime now);

/*
 * What left this link well before the newest that arrived has been overtaken, on a way that
 * keeps order: it is lost.  `again`: for certain, so it travels again at once; else, where the
 * word of its arrival may have been lost, when the server asks for it.
 */
void late_overtaken(struct sender *s, struct link *l, const struct late_told *told, bool again,
		    ustime now);

/* Arrivals are reported. */
bool late_own_peer(const struct sender *s);

/* From leaving until we learn of the arrival, usually. */
usspan late_loop(const struct way *w);

/* Silence, shyness and its end, on one link. */
void late_look_at(struct sender *s, struct link *l, ustime now, struct outbox *out);

/* Whether the silence about this entry, the oldest of its link, says something of that link. */
bool late_to_blame(struct sender *s, const struct flight_entry *oldest);

/* The links as the choice sees them. */
struct late_paths *late_paths(struct sender *s, ustime now);

/* Something happens that may change how the choice sees the links. */
void late_moved(struct sender *s);

/* A link from which neither reports nor SRTLA ACKs have come lately. */
bool late_unheard(const struct sender *s, const struct link *l, ustime now);

/* Silence on this link that means something; and how long a packet usually is under way. */
usspan late_patience(const struct sender *s, const struct link *l);
usspan late_usual(const struct sender *s, const struct link *l);

/* A copy of slot leaves by link l; false without memory. */
bool late_send(struct sender *s, struct ring_slot *slot, struct link *l, ustime now,
	       struct outbox *out);

/* A shy link has delivered. */
void late_trust(struct sender *s, struct link *l, ustime now);

static inline struct flight *late_flight(struct late *y, const struct link *l)
{
	return &y->flight[l->sched.port - 1];
}

#endif
