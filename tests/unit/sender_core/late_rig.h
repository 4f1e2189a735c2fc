/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SENDER_CORE_LATE_RIG_H
#define TESTS_UNIT_SENDER_CORE_LATE_RIG_H

#include "rig.h"

#include "sender/core/inside.h"

/* The rig of a sender that binds late, with n links up: ports 1..n. */
void late_start(struct rig *r, enum sender_mode mode, unsigned n);

/* The encoder has called, and the server let it in with this latency. */
void late_agree(struct rig *r, uint16_t ms);

/* The receiver is an own one. */
void late_meet(struct rig *r);

/* Every keepalive seen on link `port` comes back, as it was. */
void late_echo(struct rig *r, unsigned port);

/* The encoder sends `count` packets, from number `seq` on. */
void late_feed(struct rig *r, uint32_t seq, unsigned count);

/* It sends from `seq` on until one has to wait; returns the number behind that. */
uint32_t late_fill(struct rig *r, uint32_t seq);

/* Arrivals on link `port`, as an own receiver reports them. */
void late_report_of(struct rig *r, unsigned port, const uint32_t *seq, unsigned count);

/* The same for first..first + count - 1. */
void late_report_run(struct rig *r, unsigned port, uint32_t first, unsigned count);

/* Data packets that were seen: of this number (SEQ_NONE: any) on this link (0: any). */
unsigned late_seen(const struct rig *r, unsigned port, uint32_t seq);

/* Data packet i of those that were seen, from 0 on; NULL when there are not so many. */
const struct pkt *late_nth(const struct rig *r, unsigned i);

/* SRT control packets of this type that were seen on this port. */
unsigned late_control_seen(const struct rig *r, unsigned port, uint16_t type);

bool late_resent(const struct pkt *p);

struct link *late_link(struct rig *r, unsigned port);

#endif
