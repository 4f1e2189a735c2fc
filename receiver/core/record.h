/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_RECORD_H
#define RECEIVER_CORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "receiver/core/view.h"
#include "shared/base/endpoint.h"
#include "shared/base/time.h"

enum { RECEIVER_MARK_LEN = 16 };

/*
 * All of a group that must outlive the process, so that its next packet, from any of its
 * members, finds it as it was.  Moments are of time since boot.
 */
struct receiver_record {
	unsigned port;                   /* of the core; kept if it is free */
	uint8_t mark[RECEIVER_MARK_LEN]; /* keyed hash of the sender's half: no id that could be used */
	struct endpoint origin;          /* whose REG1 made the group */
	bool plain;                      /* a plain SRT caller */
	bool proved;
	bool own_peer;
	unsigned server;
	uint32_t caller_id;
	uint32_t server_id;
	uint16_t latency;                /* ms, 0 unknown */
	uint64_t stream_mark;            /* keyed hash of its stream id; 0: it has none */
	bool timed;                      /* the two below are known: */
	uint32_t timestamp;              /* an SRT timestamp of the caller, */
	ustime stamped;                  /* and the moment that it stands for, before latency is added */
	unsigned count;
	struct endpoint member[RECEIVER_MEMBERS];
	struct endpoint local[RECEIVER_MEMBERS]; /* the address of ours that each speaks to */
};

#endif
