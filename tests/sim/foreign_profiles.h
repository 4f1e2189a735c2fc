/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_FOREIGN_PROFILES_H
#define TESTS_SIM_FOREIGN_PROFILES_H

#include "tests/sim/foreign_receiver.h"
#include "tests/sim/foreign_sender.h"

/*
 * The peers that are met in the field, each by a name that says what it does:
 * tests and scenarios call them by it.  NULL for a name that is none of them.
 */
const struct foreign_receiver_traits *foreign_receiver_named(const char *name);
const struct foreign_sender_traits *foreign_sender_named(const char *name);

#endif
