/* SPDX-License-Identifier: MIT */
#ifndef SHARED_WIRE_TS_H
#define SHARED_WIRE_TS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Key frames in an MPEG transport stream (ISO/IEC 13818-1, 2.4.3) that travels in SRT data
 * packets: a video PES packet whose first transport packet has the random access indicator, or
 * follows one of its PID that had it.  It lasts until the next PES packet of that PID begins.
 *
 * Video is what has a stream_id of 0xE0 to 0xEF.  Streams that mark video as private, scrambled
 * payload, and SRT packets that are encrypted have no key frames that can be seen from here.
 */
enum { TS_PACKET_LEN = 188 };

enum ts_part {
	TS_OTHER,
	TS_KEY,      /* it carries some of a key frame */
	TS_KEY_HEAD, /* a key frame begins in it, and so do its parameter sets */
};

/* Where a stream is, between one packet and the next. */
struct ts_stream {
	uint16_t key_pid;    /* whose key frame passes; TS_NO_PID: none */
	uint16_t marked_pid; /* whose next PES packet is a key frame; TS_NO_PID: none known */
};

enum { TS_NO_PID = 0x1fff }; /* that of null packets: no stream has it */

void ts_init(struct ts_stream *ts);

/*
 * Takes note of an SRT data packet, header included, in the order of the stream, and tells what
 * it carries.  Bytes that are no whole transport packets are TS_OTHER and change nothing.
 */
enum ts_part ts_pass(struct ts_stream *ts, const uint8_t *srt, size_t len);

#endif
