/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_OPTIONS_H
#define LAB_EMULATOR_OPTIONS_H

#include <stdio.h>

#include "lab/scenario.h"

enum { OPTIONS_WHY = 200 };

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_DESCRIBE,
	OPTIONS_HELP,
	OPTIONS_WRONG, /* `why` says what */
};

/* The command line. */
struct options {
	const char *scenario;
	const char *traces;   /* or NULL */
	const char *road;     /* paths of network namespaces */
	const char *car[SCENARIO_VEHICLES];
	unsigned cars;
	unsigned vehicles;    /* to describe; 0: as many as the scenario has */
	const char *report;
	uint64_t seed;
	usspan lasts;         /* from the start on; NEVER: until it is told */
};

enum options_verdict options_read(struct options *o, int argc, char **argv, char why[OPTIONS_WHY]);
void options_help(FILE *out);

#endif
