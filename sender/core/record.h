/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_RECORD_H
#define SENDER_CORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/endpoint.h"
#include "shared/wire/srtla.h"

/*
 * What outlives a sender: with it, the next one goes on in the same group and in the middle of
 * the same SRT session.  Everything in it is checked by the receiver; nothing in it is believed
 * for longer than it proves right.
 */
struct sender_record {
	bool whole;                  /* the receiver's half is in the id */
	uint8_t id[SRTLA_ID_LEN];
	struct endpoint encoder;     /* FAMILY_NONE: nobody had the seat */
	uint32_t caller_id;          /* SRT socket ids, 0 unknown */
	uint32_t server_id;
	uint16_t latency;            /* ms; 0 unknown */
};

#endif
