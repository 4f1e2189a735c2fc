/* SPDX-License-Identifier: MIT */
#include "lab/scenario_reader.h"

#include <string.h>

#define MOST_CAP UINT64_C(100000000000)

enum {
	MOST_WEIGHT = 100,
	BITS_AT = 16, /* in `given`, above those of the keys of roads */
};

static const char *const roles[ROLES] = {
	[ROLE_NORMAL] = "normal",
	[ROLE_OVERFLOW] = "overflow",
	[ROLE_BACKUP] = "backup",
	[ROLE_OFF] = "off",
};

static const char *const modes[MODES] = {
	[MODE_CLASSIC] = "classic",     [MODE_QUALITY] = "quality", [MODE_BALANCE] = "balance",
	[MODE_REDUNDANT] = "redundant", [MODE_AUTO] = "auto",
};

const char *scenario_role_name(enum scenario_role role)
{
	return roles[role];
}

const char *scenario_mode_name(enum scenario_mode mode)
{
	return modes[mode];
}

void scenario_amend(struct scenario_terms *terms, const struct scenario_terms *by)
{
	if (by->said & TERMS_ROLE)
		terms->role = by->role;
	if (by->said & TERMS_WEIGHT)
		terms->weight = by->weight;
	if (by->said & TERMS_CAP)
		terms->cap = by->cap;
	terms->said |= by->said;
}

static unsigned bit_of(const char *word)
{
	if (strcmp(word, "role") == 0)
		return TERMS_ROLE;
	if (strcmp(word, "weight") == 0)
		return TERMS_WEIGHT;
	return strcmp(word, "cap") == 0 ? TERMS_CAP : 0;
}

bool scenario_is_terms(const char *word)
{
	return bit_of(word) != 0;
}

/* The place of the next word among these, or -1. */
static int place_of(struct scenario_reader *r, const char *const *all, int count)
{
	const char *word = scenario_next(r);

	for (int i = 0; word && i < count; i++)
		if (strcmp(all[i], word) == 0)
			return i;
	return -1;
}

static bool take_role(struct scenario_reader *r, enum scenario_role *role)
{
	int place = place_of(r, roles, ROLES);

	if (place < 0)
		return scenario_fail(r, "role is normal, overflow, backup or off");
	*role = (enum scenario_role)place;
	return true;
}

bool scenario_terms(struct scenario_reader *r, const char *word, struct scenario_terms *terms,
		    unsigned *given)
{
	unsigned bit = bit_of(word);
	uint64_t weight = 0;

	if (!scenario_once(r, word, bit << BITS_AT, given))
		return false;
	terms->said |= bit;
	if (bit == TERMS_ROLE)
		return take_role(r, &terms->role);
	if (bit == TERMS_CAP)
		return scenario_figure(r, word, UNIT_RATE, 0, MOST_CAP, &terms->cap);
	if (!scenario_figure(r, word, UNIT_COUNT, 1, MOST_WEIGHT, &weight))
		return false;
	terms->weight = (unsigned)weight;
	return true;
}

bool scenario_mode(struct scenario_reader *r, enum scenario_mode *mode)
{
	int place = place_of(r, modes, MODES);

	if (place < 0)
		return scenario_fail(r, "mode is classic, quality, balance, redundant or auto");
	*mode = (enum scenario_mode)place;
	return true;
}
