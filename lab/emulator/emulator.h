/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_EMULATOR_H
#define LAB_EMULATOR_EMULATOR_H

#include "lab/census.h"
#include "lab/emulator/commands.h"
#include "lab/emulator/nat.h"
#include "lab/emulator/options.h"
#include "lab/emulator/queue.h"
#include "lab/emulator/timing.h"
#include "lab/emulator/tun.h"
#include "lab/scenario.h"

/* One end of a link, or the one end of all of them that the receiver has. */
struct device {
	int fd;
	const char *space;  /* the path of its namespace */
	char name[16];
	unsigned vehicle, link;
	bool of_road;
	int64_t last_in;    /* when the last packet is held to have entered */
	int64_t empty_at;   /* when it was last read to its end */
	bool unread;        /* it was not, in the last turn */
};

/* One link of one vehicle: a road each way and what stands in between. */
struct way {
	struct road up, down;
	struct road early_up, early_down; /* before the start: the same at its beginning, at rest */
	struct nat nat;
	struct device car;
};

struct vehicle {
	struct way *way; /* as many as the scenario has links */
	struct census census; /* of what entered after the start */
};

/* Ways on which packets end besides those of the roads. */
struct emulator_drops {
	uint64_t not_ipv4;
	uint64_t nowhere;  /* from the road: to no link's address */
	uint64_t unmapped; /* from the road: to a port that the NAT does not have */
	uint64_t no_room;  /* more on the roads at once than there are parcels */
	uint64_t unsent;   /* a device refused it */
	uint64_t missed;   /* the kernel's backlog was full; known at the end */
};

struct emulator_cpu {
	usspan user, system;
};

/*
 * Real packets on the roads of a scenario.  A turn reads what the devices hold,
 * asks the road of each packet, and writes what is due to the device at the
 * other end; then it rests until there is something to do again.  Times are ns of
 * CLOCK_MONOTONIC unless a type says otherwise.
 */
struct emulator {
	const struct scenario *scenario;
	uint64_t seed;
	struct vehicle *vehicle;
	unsigned vehicles;
	struct device road;
	struct queue queue;
	struct parcel spare;      /* where a packet is read when no parcel is blank */
	struct commands commands;
	struct timing timing;     /* of packets, */
	struct timing naps;       /* and of the timers that woke us: what a wake-up costs here */
	struct emulator_drops drops;
	struct emulator_cpu cpu_before; /* the start */
	int poll, signals;
	int64_t made_at, started_at; /* the latter NEVER before it */
	int64_t ends_at, ended_at;
	usspan lasts;
	size_t next_event;        /* of the scenario */
	int64_t turn_began, polled_at;
	int64_t empty_at;         /* every device was, but for what its own moment says */
	int64_t late_mean, late_last; /* of timers */
	int64_t wake_doubt;       /* a packet woke us, and how long that took is not known */
	bool real_time, busy, over;
};

/*
 * Devices made, roads laid, real time entered; 0, or a code of sysexits(3)
 * after one line on standard error.
 */
int emulator_init(struct emulator *e, const struct scenario *s, const struct options *o);
void emulator_finish(struct emulator *e);

/* Until somebody ends it. */
void emulator_run(struct emulator *e);

/* From the clock; crossing.c asks between packets. */
int64_t emulator_now(void);

/* CPU time that the process has taken so far. */
struct emulator_cpu emulator_cpu(void);

/* What the tool says on standard error. */
void emulator_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
