/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_MISCHIEF_H
#define TESTS_SIM_MISCHIEF_H

#include "tests/sim/story.h"

/* Loses so many packets of one type in one direction of a bond, and counts those it saw. */
struct thief {
	unsigned type; /* the first 16 bits */
	unsigned takes;
	unsigned seen, took;
};

/* It works until the story ends, and lives as long. */
void mischief_steal(struct story *s, struct thief *t, bool up);

/* Each link is out for `out` of every `every`, one after the other, until `until`. */
void mischief_flap(struct story *s, usspan every, usspan out, ustime until);

enum { MISCHIEF_HOSTS = 40 };

/* Packets of nobody: data, keepalives, registrations and noise, from so many hosts. */
void mischief_flood_site(struct story *s, unsigned count);

/* Data and noise from ever new ports beside the encoder. */
void mischief_flood_encoder(struct story *s, unsigned count);

/* Packets that went into an uplink and never came out. */
uint64_t mischief_lost(const struct story *s);

#endif
