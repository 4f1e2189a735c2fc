/* SPDX-License-Identifier: MIT */
#ifndef SHARED_WIRE_SRT_H
#define SHARED_WIRE_SRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/seq.h"

/*
 * What a proxy must know of SRT (draft-sharabayko-srt-01).  Parsers take
 * bytes and a length, believe no count that stands in the packet, and return
 * views into the caller's bytes.
 */
enum {
	SRT_HEADER_LEN = 16,
	SRT_HANDSHAKE_LEN = 64, /* header and fixed fields, without extensions */
};

enum srt_type {
	SRT_HANDSHAKE = 0x0000,
	SRT_KEEPALIVE = 0x0001,
	SRT_ACK = 0x0002,
	SRT_NAK = 0x0003,
	SRT_CONGESTION = 0x0004,
	SRT_SHUTDOWN = 0x0005,
	SRT_ACKACK = 0x0006,
	SRT_DROPREQ = 0x0007,
	SRT_PEERERROR = 0x0008,
	SRT_USER = 0x7fff, /* key refresh and other messages, by subtype */
};

/* The 16 bytes that every SRT packet starts with. */
struct srt_head {
	bool control;
	bool resent;        /* data: the R bit */
	uint16_t type;      /* control: enum srt_type or something unknown */
	uint16_t subtype;   /* control */
	uint32_t seq;       /* data: sequence number */
	uint32_t info;      /* second word: message number and flags, or type-specific */
	uint32_t timestamp; /* us since the session began, wraps after 71.6 min */
	uint32_t dest;      /* socket id of the receiver, 0 in a first handshake */
};

/* False when len is below SRT_HEADER_LEN. */
bool srt_parse_head(const uint8_t *data, size_t len, struct srt_head *h);

/* True for a whole data packet; *seq is its number. Cheaper than a full head. */
static inline bool srt_is_data(const uint8_t *data, size_t len)
{
	return len >= SRT_HEADER_LEN && !(data[0] & 0x80);
}

/* Sets the R bit of a data packet: the one change that a copy may carry. */
void srt_mark_resent(uint8_t *data);

/* An acknowledgement; fields that a short form lacks are 0. */
struct srt_ack {
	uint32_t number;  /* what the ACKACK echoes; 0 in a light ACK */
	uint32_t next;    /* everything strictly before this number has arrived */
	uint32_t rtt;     /* us */
	uint32_t rttvar;  /* us */
	uint32_t room;    /* free receive buffer, packets */
	bool full;        /* carries at least the RTT fields */
};

/* False unless data is an SRT ACK of 20 bytes or more whose first word is a number. */
bool srt_parse_ack(const uint8_t *data, size_t len, struct srt_ack *ack);

/*
 * The numbers that a NAK names, as ranges clipped to the window of numbers
 * that the caller holds: first..first + count - 1.  A range that lies outside,
 * ends before it starts, or lacks its end is skipped and counted in `odd`.
 * The work is bounded by the packet's length, never by what stands in it.
 */
struct srt_nak {
	const uint8_t *at;
	const uint8_t *end;
	uint32_t first;
	uint32_t count;
	uint32_t odd;
};

/* False unless data is an SRT NAK of 20 bytes or more. */
bool srt_nak_begin(struct srt_nak *it, const uint8_t *data, size_t len, uint32_t first,
		   uint32_t count);

/* The next range *from..*to, both included; false at the end. */
bool srt_nak_next(struct srt_nak *it, uint32_t *from, uint32_t *to);

/* Handshake types (draft 3.2.1); 1000..0x7fffffff are refusals with their reason. */
#define SRT_HS_INDUCTION    UINT32_C(1)
#define SRT_HS_REFUSAL      UINT32_C(1000)
#define SRT_HS_REFUSAL_LAST UINT32_C(0x7fffffff)
#define SRT_HS_CONCLUSION   UINT32_C(0xffffffff)

/* HSREQ and HSRSP flags (draft 3.2.1.1.1). */
enum {
	SRT_FLAG_TSBPDSND = 1 << 0,
	SRT_FLAG_TSBPDRCV = 1 << 1,
	SRT_FLAG_CRYPT = 1 << 2,
	SRT_FLAG_TLPKTDROP = 1 << 3,
	SRT_FLAG_NAKREPORT = 1 << 4,
	SRT_FLAG_REXMIT = 1 << 5,
};

/* The extension field of a conclusion: a stream id that it does not announce is not read. */
enum { SRT_EXT_CONFIG = 1 << 2 };

/* A handshake as it passes. */
struct srt_handshake {
	uint32_t version;
	uint16_t extension; /* SRT_EXT_* and others, or what else stands there */
	uint32_t type;      /* SRT_HS_* */
	uint32_t isn;       /* first sequence number */
	uint32_t socket_id; /* of the one who sent it */
	uint32_t cookie;
	bool request;       /* an HSREQ block is there */
	bool response;      /* an HSRSP block is there */
	uint32_t srt_version;
	uint32_t flags;     /* SRT_FLAG_* */
	uint16_t recv_latency; /* TSBPD delay of the receiving direction, ms */
	uint16_t send_latency; /* the same of the peer, ms */
	const uint8_t *stream_id; /* as on the wire: words swapped, zero-padded; or NULL */
	size_t stream_id_len;
	unsigned stream_ids; /* blocks that say one; the last is above */
};

/*
 * False unless data is a handshake of SRT_HANDSHAKE_LEN bytes or more.
 * Extension blocks are walked in any order; a block that runs past the end
 * ends the walk, and what was read before it stands.
 */
bool srt_parse_handshake(const uint8_t *data, size_t len, struct srt_handshake *hs);

/*
 * The stream id as text: words swapped back, padding cut, always terminated.
 * Returns its length, at most size - 1.
 */
size_t srt_stream_id(const struct srt_handshake *hs, char *buf, size_t size);

enum { SRT_SHUTDOWN_LEN = 20 };

/* A SHUTDOWN for socket dest, into SRT_SHUTDOWN_LEN bytes; returns that length. */
size_t srt_build_shutdown(uint8_t *buf, uint32_t dest, uint32_t timestamp);

/*
 * A caller's first handshake, into SRT_HANDSHAKE_LEN bytes; returns that length.  With dest 0
 * a listener answers it, and libsrt's end of a session when it is put to that end's socket.
 */
size_t srt_build_induction(uint8_t *buf, uint32_t socket_id, uint32_t isn, uint32_t dest,
			   uint32_t timestamp);

#endif
