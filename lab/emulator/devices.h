/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_DEVICES_H
#define LAB_EMULATOR_DEVICES_H

#include "lab/emulator/emulator.h"

/* More than there can be: the devices, standard input and signals. */
enum { DEVICES_EVENTS = SCENARIO_VEHICLES * SCENARIO_LINKS + 3 };

/*
 * Makes the devices and one epoll descriptor for them (data.ptr is the device),
 * standard input and the signals that end us (data.ptr is NULL).  0, or a code
 * of sysexits(3) after a line on standard error.
 */
int devices_open(struct emulator *e, const struct options *o);
void devices_close(struct emulator *e);

/* Did a signal come that ends us? */
bool devices_signalled(const struct emulator *e);

/* What the kernel dropped since nobody read it. */
void devices_count_missed(struct emulator *e);

#endif
