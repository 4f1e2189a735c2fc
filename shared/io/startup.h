/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_STARTUP_H
#define SHARED_IO_STARTUP_H

#include "shared/io/arguments.h"

/*
 * What is said of a start that fails: each writes one sentence into why, naming
 * cause and object, and returns the sysexits code to end with.
 */

/* EX_OSERR: `what` failed with errno `err`. */
int startup_failed(const char *what, int err, char why[ARGUMENTS_WHY]);

/* Nobody can listen at `at`, for errno `err`: not permitted, out of means, or taken. */
int startup_no_listen(const struct endpoint *at, int err, char why[ARGUMENTS_WHY]);

#endif
