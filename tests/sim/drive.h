/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_DRIVE_H
#define TESTS_SIM_DRIVE_H

#include "lab/census.h"
#include "lab/scenario.h"
#include "lab/tally.h"
#include "tests/sim/bond.h"

/* The SRT server in place of the scenario's. */
enum drive_server {
	DRIVE_SERVER_LISTED,  /* as the scenario says */
	DRIVE_SERVER_STOCK,   /* libsrt with nothing set */
	DRIVE_SERVER_PATCHED, /* libsrt as patched for bonding: names a gap once, after 40 packets */
};

/* The receiver in place of the scenario's. */
enum drive_receiver {
	DRIVE_RECEIVER_LISTED,
	DRIVE_RECEIVER_CLASSIC, /* as sites run one: a plain classic one, before a server patched for it */
	DRIVE_RECEIVER_MUTE,    /* ours, which puts media in order but takes every sender for a classic one */
};

struct drive_config {
	const struct scenario *scenario;
	uint64_t seed;
	enum sender_mode mode;
	const struct sender_tuning *tuning; /* NULL: the default */
	unsigned vehicles; /* 0: as many as the scenario says */
	uint64_t rate;     /* of the stream, bit/s; 0: the scenario's */
	enum drive_server server;
	enum drive_receiver receiver;
	usspan hold;       /* of the receiver, as in receiver_config */
};

/* How one vehicle fared. */
struct drive_outcome {
	struct tally tally;
	struct census census;
	uint64_t sessions; /* of SRT */
	uint64_t resent;   /* by the encoder */
	usspan added_p50, added_p99; /* that the sender kept packets; see dwell.h */
	uint64_t backup_share; /* of a million bytes, those on backup links */
	uint64_t media_bits; /* that the encoder made: over the time, its mean rate */
};

/* A scenario, driven once from beginning to end in virtual time. */
struct drive {
	unsigned vehicles;
	struct drive_outcome vehicle[SCENARIO_VEHICLES];
	struct timeline line;
	ustime began;         /* of the media, on the time line */
	usspan lasted;        /* of the world, before and after the media included */
	uint64_t fingerprint; /* over each delivery of each stream */
};

/*
 * Programs start first and have two seconds to find each other on the roads as
 * they are at the beginning; then the media begin and with them the scenario.
 * NULL when memory is short or the scenario names a peer that nobody knows,
 * which `why` then says; drive_destroy() accepts it.
 */
struct drive *drive_run(const struct drive_config *cfg, const char **why);
void drive_destroy(struct drive *d);

/*
 * What the scenario's limits speak of, the worst of all vehicles.  `oracle` is
 * how the oracle fared, one for each vehicle; UINT64_MAX stands for never.
 */
void drive_metrics(const struct drive *d, const struct tally *oracle, uint64_t metric[METRICS]);

#endif
