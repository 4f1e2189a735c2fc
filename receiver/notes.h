/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_NOTES_H
#define RECEIVER_NOTES_H

#include "receiver/core/receiver.h"

/* One note of the core as one line of the log. */
void note_log(const struct note *n);

#endif
