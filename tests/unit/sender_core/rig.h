/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SENDER_CORE_RIG_H
#define TESTS_UNIT_SENDER_CORE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sender/core/sender.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"

enum { RIG_SEEN = 512 };

/*
 * A sender on the bench: packets go in by hand, those that come out wait in
 * `seen` until the test asks for them, and time moves when the test says so.
 */
struct rig {
	struct pkt_pool pool;
	struct outbox out;
	struct sender *s;
	ustime now;
	ustime came; /* of what arrives over a link, as the system tells; 0: it does not */
	struct sender_config cfg;
	struct endpoint encoder;
	struct pkt *seen[RIG_SEEN];
	unsigned seen_count;
	struct note notes[RIG_SEEN];
	unsigned note_count;
	uint8_t id[SRTLA_ID_LEN]; /* of the group that rig_up() made */
};

void rig_start(struct rig *r);

/* Checks that every packet came home. */
void rig_finish(struct rig *r);

/* Moves what the sender put out to `seen` and `notes`. */
void rig_collect(struct rig *r);

/* Frees all that was seen. */
void rig_clear(struct rig *r);

/* Steps time to `now`, running the sender at each of its deadlines on the way. */
void rig_until(struct rig *r, ustime now);

/* The same for a while, with something from the receiver on links 1..n each half second. */
void rig_live_on(struct rig *r, unsigned n, usspan span);

unsigned rig_add(struct rig *r);

/* The oldest packet seen for this port of this SRTLA type (0: SRT); NULL when none. The rig's. */
const struct pkt *rig_find(struct rig *r, unsigned port, enum srtla_type type);
unsigned rig_count(const struct rig *r, unsigned port, enum srtla_type type);
unsigned rig_notes(const struct rig *r, enum sender_note kind);

/* Bytes arrive over link `port`, or from the encoder. */
void rig_link(struct rig *r, unsigned port, const void *bytes, size_t len);
void rig_app_from(struct rig *r, const struct endpoint *who, const void *bytes, size_t len);
void rig_app(struct rig *r, const void *bytes, size_t len);

/* An answer of the receiver, at its shortest. */
void rig_answer(struct rig *r, unsigned port, enum srtla_type type);
void rig_reg2(struct rig *r, unsigned port);

/* Adds n links and takes them through registration; ports 1..n. */
void rig_up(struct rig *r, unsigned n);

/* A data packet of the encoder; returns the port it left by, 0 when it did not. */
unsigned rig_data(struct rig *r, uint32_t seq);

size_t rig_make_data(uint8_t *buf, uint32_t seq);
size_t rig_make_control(uint8_t *buf, uint16_t type, uint32_t dest, size_t len);
size_t rig_make_handshake(uint8_t *buf, uint32_t type, uint32_t socket_id, uint32_t dest);
void rig_srt_ack(struct rig *r, unsigned port, uint32_t next, uint32_t timestamp);
void rig_srt_nak(struct rig *r, unsigned port, uint32_t from, uint32_t to);
void rig_srtla_ack(struct rig *r, unsigned port, uint32_t first, unsigned count);

struct sender_link_view rig_view(struct rig *r, unsigned port);
struct sender_view rig_whole(struct rig *r);

#endif
