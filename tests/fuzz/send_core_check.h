/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_SEND_CORE_CHECK_H
#define TESTS_FUZZ_SEND_CORE_CHECK_H

#include "fuzz.h"

#include "sender/core/inside.h"

/*
 * What holds inside a sender after every call: each link's flight adds up, the queues are whole,
 * nothing waits for a moment later than it should.
 */
void send_core_check(struct sender *s);

/*
 * The same for every number of the ring, which takes a while: journeys and flights know of each
 * other, states fit, and the pool's packets are copies in the ring, a handshake that is held, or
 * the `outside` ones that the caller knows of.
 */
void send_core_check_all(struct sender *s, const struct pkt_pool *pool, size_t outside);

#endif
