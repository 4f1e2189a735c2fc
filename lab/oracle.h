/* SPDX-License-Identifier: MIT */
#ifndef LAB_ORACLE_H
#define LAB_ORACLE_H

#include "lab/ledger.h"
#include "lab/scenario.h"

/*
 * What the links of a scenario could have carried at best: one central queue
 * that knows every opportunity of every link in advance and binds a packet at
 * the moment of service.  Opportunities are taken in the order of that moment;
 * each serves the earliest deadline that it can still meet; one that would lose
 * its packet is spent for nothing.  For packets of one size no other choice
 * brings more of them in time, and it bounds everything without coding gain.
 *
 * Fills a ledger in memory, whose moments are those of the scenario and a
 * second: `played` is made + latency for what arrived in time.  `rate` in place
 * of the scenario's own; 0: that.  False when memory is short.
 */
bool oracle_run(const struct scenario *s, unsigned vehicle, uint64_t seed, uint64_t rate,
		struct ledger *out);

#endif
