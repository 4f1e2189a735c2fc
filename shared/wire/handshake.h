/* SPDX-License-Identifier: MIT */
#ifndef SHARED_WIRE_HANDSHAKE_H
#define SHARED_WIRE_HANDSHAKE_H

#include <stddef.h>
#include <stdint.h>

/*
 * SRT handshakes as somebody writes them who stands at the door for a listener, and then calls
 * that listener for his guest (draft-sharabayko-srt-01, section 4.3.1).  Each works on a
 * handshake of SRT_HANDSHAKE_LEN bytes or more that came from a caller.
 */

/* What a caller's application sees of a refusal: access denied (SRT_REJX_FORBIDDEN). */
enum { HANDSHAKE_FORBIDDEN = 1403 };

/* Turns an induction into the listener's answer; returns its length. */
size_t handshake_answer(uint8_t *data, uint32_t cookie);

/* Turns a conclusion into a refusal with this reason; returns its length. */
size_t handshake_refuse(uint8_t *data, uint32_t reason);

/* Writes the induction that led to this conclusion into buf; returns its length. */
size_t handshake_induction(uint8_t *buf, const uint8_t *conclusion);

void handshake_set_cookie(uint8_t *data, uint32_t cookie);

#endif
