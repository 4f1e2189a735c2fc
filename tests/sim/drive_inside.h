/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_DRIVE_INSIDE_H
#define TESTS_SIM_DRIVE_INSIDE_H

#include "tests/sim/drive.h"

/* One vehicle on its way. */
struct car {
	unsigned number;
	struct bond *bond;
	struct ledger ledger;
	struct dwell dwell;
	struct scenario_terms terms[SCENARIO_LINKS]; /* as they are now */
	char stream_id[SESSION_STREAM_ID];
};

/* Everything that one run needs while it lasts. */
struct stage {
	const struct drive_config *cfg;
	const struct scenario *s;
	struct drive *d;
	struct world world;
	struct site site;
	struct car car[SCENARIO_VEHICLES];
	unsigned readdressed;
};

/* Of drive_deeds.c: something that the scenario lets happen, a struct scenario_event. */
void drive_deed(void *stage, void *event);

/* The same terms as the sender core has them. */
struct sender_terms drive_terms(const struct scenario_terms *t);

#endif
