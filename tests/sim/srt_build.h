/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SRT_BUILD_H
#define TESTS_SIM_SRT_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SRT packets as the two ends write them (draft-sharabayko-srt-01, section 3).
 * Each builder writes into buf and returns the length.
 */
enum {
	SRT_PAYLOAD = 1316, /* seven packets of an MPEG transport stream */
	SRT_PACKET = 16 + SRT_PAYLOAD,
	SRT_PAYLOAD_LEAST = 16, /* has room for its media number and proof */
	SRT_NAK_WORDS = 364, /* numbers that fit into one packet of 1472 bytes */
};

struct srt_data {
	uint32_t seq;
	uint32_t message;   /* 26 bits */
	bool resent;
	uint32_t timestamp; /* us */
	uint32_t dest;
	uint64_t media;     /* number since the stream began, over all sessions */
	size_t payload;     /* bytes, at most SRT_PAYLOAD */
};

/*
 * The payload begins with the media number; the rest follows from both
 * numbers, so that the other end can tell damage.
 */
size_t srt_build_data(uint8_t *buf, const struct srt_data *d);

/* Whether a data packet holds the payload that belongs to its number. */
bool srt_data_is_whole(const uint8_t *data, size_t len);

/* The media number of a whole one; false when it is too short to have one. */
bool srt_data_media(const uint8_t *data, size_t len, uint64_t *media);

struct srt_hello {
	uint32_t version;   /* 4 in the caller's induction, else 5 */
	uint16_t extension; /* 0x4a17 in the answer to an induction, else flags */
	uint32_t type;
	uint32_t isn;
	uint32_t socket_id;
	uint32_t cookie;
	uint16_t command;   /* 1 HSREQ, 2 HSRSP, 0: no such block */
	uint16_t recv_latency; /* ms */
	uint16_t send_latency;
	bool silent_gaps;   /* sends no periodic NAKs, and says so */
	const char *stream_id; /* or NULL */
	uint32_t timestamp;
	uint32_t dest;
};

size_t srt_build_handshake(uint8_t *buf, const struct srt_hello *h);

/* What a handshake says of its sender's receive buffer, packets. */
uint32_t srt_handshake_room(const uint8_t *data);

/* A full ACK of 44 bytes. */
size_t srt_build_ack(uint8_t *buf, uint32_t number, uint32_t next, uint32_t rtt, uint32_t rttvar,
		     uint32_t room, uint32_t timestamp, uint32_t dest);
size_t srt_build_light_ack(uint8_t *buf, uint32_t next, uint32_t timestamp, uint32_t dest);
size_t srt_build_ackack(uint8_t *buf, uint32_t number, uint32_t timestamp, uint32_t dest);
size_t srt_build_keepalive(uint8_t *buf, uint32_t timestamp, uint32_t dest);

/* From..to will not come any more. */
size_t srt_build_dropreq(uint8_t *buf, uint32_t from, uint32_t to, uint32_t timestamp,
			 uint32_t dest);

/* Reads one; false for anything else. */
bool srt_parse_dropreq(const uint8_t *data, size_t len, uint32_t *from, uint32_t *to);

/* `words` of a loss list, as they go on the wire. */
size_t srt_build_nak(uint8_t *buf, const uint32_t *words, size_t count, uint32_t timestamp,
		     uint32_t dest);

#endif
