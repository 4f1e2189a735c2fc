/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_SIM_TUNE_H
#define TOOLS_SIM_TUNE_H

#include <stdbool.h>
#include <stddef.h>

#include "sender/core/tuning.h"

/*
 * Sets a figure of the sender's tuning by its name: "queue=60ms", or a bare number where the
 * field is one.  False with one sentence in why.
 */
bool tune_set(struct sender_tuning *t, const char *assignment, char *why, size_t size);

#endif
