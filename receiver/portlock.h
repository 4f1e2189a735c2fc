/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_PORTLOCK_H
#define RECEIVER_PORTLOCK_H

#include <sys/types.h>

#include "shared/base/endpoint.h"

/*
 * Who listens on a port: a socket of a name that tells address and port, in the abstract
 * namespace of unix(7), which ends with its process and is one for each network namespace.
 * Whoever finds the port taken learns from it by whom.
 */

/* A descriptor to close at the end; -EADDRINUSE: another receiver has it; or -errno. */
int portlock_take(const struct endpoint *at);

/*
 * The process whose lock covers this address and port, also when it listens on every
 * address; 0 when that is not to be known.
 */
pid_t portlock_holder(const struct endpoint *at);

/* Lets some of those go who asked, so that there is room for the next. */
void portlock_answer(int lock);

#endif
