/* SPDX-License-Identifier: MIT */
#ifndef SENDER_NOTES_H
#define SENDER_NOTES_H

#include "sender/core/sender.h"

/*
 * One note of the core as one line of the log.  `link` is the name of the link
 * on n->port, or NULL.
 */
void note_log(const struct note *n, const char *link);

#endif
