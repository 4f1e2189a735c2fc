/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_GATE_H
#define RECEIVER_CORE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "receiver/core/view.h"

/*
 * What may reach the SRT server: control packets of known types whose lengths, ranges and
 * key material hold together (draft-sharabayko-srt-01, section 3.2).  A server behind us
 * parses these before it knows who speaks, so what makes no sense ends here.
 *
 * True when the packet, an SRT control packet of 16 bytes or more, may pass; else one more
 * of the reason is counted.  The work is bounded by its length.
 */
bool gate_passes(const uint8_t *data, size_t len, struct receiver_drops *drops);

#endif
