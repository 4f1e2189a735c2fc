/* SPDX-License-Identifier: MIT */
#ifndef SENDER_GAUGE_H
#define SENDER_GAUGE_H

#include "sender/uplink.h"

/*
 * What the kernel knows of an open socket's queue and path, told to the core
 * where it changed.  To be asked now and then, never once a packet.
 */
void gauge_measure(struct uplink *u, ustime now);

/* Passes the socket's queued errors on; returns how many there were. */
unsigned gauge_errors(struct uplink *u, ustime now);

#endif
