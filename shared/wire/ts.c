/* SPDX-License-Identifier: MIT */
#include "shared/wire/ts.h"

#include <stdbool.h>

#include "shared/wire/srt.h"

enum {
	SRT_KK = 0x18, /* in byte 4 of a data packet: which key its payload is under, 0 none */

	SYNC = 0x47,
	HEAD = 4,              /* of a transport packet */
	DAMAGED = 0x80,        /* byte 1: transport_error_indicator */
	UNIT_START = 0x40,     /* payload_unit_start_indicator */
	SCRAMBLED = 0xc0,      /* byte 3: transport_scrambling_control */
	HAS_ADAPTATION = 0x20, /* adaptation_field_control */
	HAS_PAYLOAD = 0x10,
	RANDOM_ACCESS = 0x40,  /* in the adaptation field's flags */

	/* adaptation_field_length, which counts the bytes behind itself */
	ADAPTATION_ALONE = TS_PACKET_LEN - HEAD - 1,
	ADAPTATION_MOST = ADAPTATION_ALONE - 1, /* with a byte of payload at least */

	PES_START = 4, /* packet_start_code_prefix and stream_id */
	VIDEO = 0xe0,  /* stream_id: 1110 and the number of the stream */
	VIDEO_MASK = 0xf0,
};

void ts_init(struct ts_stream *ts)
{
	ts->key_pid = TS_NO_PID;
	ts->marked_pid = TS_NO_PID;
}

/* Whether the bytes are transport packets and nothing else. */
static bool whole(const uint8_t *at, size_t len)
{
	if (len == 0 || len % TS_PACKET_LEN != 0)
		return false;
	for (size_t i = 0; i < len; i += TS_PACKET_LEN) {
		if (at[i] != SYNC)
			return false;
	}
	return true;
}

/* The length of header and adaptation field, or 0 when that cannot be. */
static size_t skip_adaptation(const uint8_t *p)
{
	size_t most = p[3] & HAS_PAYLOAD ? ADAPTATION_MOST : ADAPTATION_ALONE;

	if (!(p[3] & HAS_ADAPTATION))
		return HEAD;
	return p[4] <= most ? HEAD + 1 + (size_t)p[4] : 0;
}

static bool random_access(const uint8_t *p)
{
	return p[3] & HAS_ADAPTATION && p[4] > 0 && p[5] & RANDOM_ACCESS;
}

/* The PID's next PES packet begins at p + off: is it a key frame? */
static enum ts_part unit_starts(struct ts_stream *ts, const uint8_t *p, size_t off, uint16_t pid,
				bool marked)
{
	const uint8_t *pes = p + off;
	bool video = off + PES_START <= TS_PACKET_LEN && pes[0] == 0 && pes[1] == 0 &&
		     pes[2] == 1 && (pes[3] & VIDEO_MASK) == VIDEO;

	if (ts->marked_pid == pid)
		ts->marked_pid = TS_NO_PID;
	if (ts->key_pid == pid)
		ts->key_pid = TS_NO_PID;
	if (!video || !marked)
		return TS_OTHER;
	ts->key_pid = pid;
	return TS_KEY_HEAD;
}

static enum ts_part transport_packet(struct ts_stream *ts, const uint8_t *p)
{
	uint16_t pid = (uint16_t)((p[1] & 0x1f) << 8 | p[2]);
	size_t off = skip_adaptation(p);
	bool marked;

	if (p[1] & DAMAGED || p[3] & SCRAMBLED || pid == TS_NO_PID || off == 0)
		return TS_OTHER;
	marked = random_access(p) || ts->marked_pid == pid;
	if (!(p[3] & HAS_PAYLOAD)) {
		if (marked)
			ts->marked_pid = pid;
		return TS_OTHER;
	}
	if (p[1] & UNIT_START)
		return unit_starts(ts, p, off, pid, marked);
	if (marked)
		ts->marked_pid = pid;
	return ts->key_pid == pid ? TS_KEY : TS_OTHER;
}

enum ts_part ts_pass(struct ts_stream *ts, const uint8_t *srt, size_t len)
{
	enum ts_part part = TS_OTHER;

	if (!srt_is_data(srt, len) || srt[4] & SRT_KK ||
	    !whole(srt + SRT_HEADER_LEN, len - SRT_HEADER_LEN))
		return TS_OTHER;
	for (size_t at = SRT_HEADER_LEN; at < len; at += TS_PACKET_LEN) {
		enum ts_part one = transport_packet(ts, srt + at);

		if (one > part)
			part = one;
	}
	return part;
}
