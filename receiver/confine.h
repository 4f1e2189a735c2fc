/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CONFINE_H
#define RECEIVER_CONFINE_H

#include "receiver/shell.h"

/*
 * All is open: with --sandbox, gives up what is not needed from here on.  0, or a sysexits code and
 * one sentence in why.
 */
int confine(const struct shell *s, char why[CONFIG_WHY]);

#endif
