/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CHECK_NET_H
#define RECEIVER_CHECK_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/endpoint.h"

/*
 * Questions to receivers and SRT servers that leave nothing behind: each is asked up to three
 * times, and waits a second for its answer.
 */

/*
 * A REG2 of an id that nobody has: a receiver answers that it knows no such group.  0 when one
 * does, -ETIMEDOUT, or -errno as the system has it (-ECONNREFUSED: nobody listens).
 */
int check_net_receiver(const struct endpoint *at);

/* An induction, the first half of a call: a listener answers with a cookie and forgets it. */
int check_net_srt(const struct endpoint *at);

/* What counts as such answers. */
bool check_net_is_ngp(const uint8_t *data, size_t len);
bool check_net_is_listener(const uint8_t *data, size_t len, uint32_t socket_id);

#endif
