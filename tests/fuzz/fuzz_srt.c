/* SPDX-License-Identifier: MIT */

/* One SRT packet, from whoever, through everything that reads SRT packets. */
#include "fuzz.h"

#include <string.h>

#include "shared/wire/be.h"
#include "shared/wire/session.h"

enum { HELD = 64 }; /* numbers in the window, few enough to try each */

static void head(const uint8_t *data, size_t len)
{
	uint8_t again[SRT_HEADER_LEN];
	struct srt_head h;

	must(srt_parse_head(data, len, &h) == (len >= SRT_HEADER_LEN));
	if (len < SRT_HEADER_LEN)
		return;
	must(srt_is_data(data, len) == !h.control);
	put_be32(again, h.control ? 0x80000000 | (uint32_t)h.type << 16 | h.subtype : h.seq);
	put_be32(again + 4, h.info);
	put_be32(again + 8, h.timestamp);
	put_be32(again + 12, h.dest);
	must(memcmp(again, data, sizeof(again)) == 0);
	if (h.control)
		return;
	must(h.seq <= SEQ_MASK);
	srt_mark_resent(again);
	must((again[4] == data[4]) == h.resent);
}

static void ack(const uint8_t *data, size_t len)
{
	struct srt_ack a;

	if (!srt_parse_ack(data, len, &a))
		return;
	must(len >= 20 && be16(data) == 0x8002);
	must(a.next <= SEQ_MASK && a.next == be32(data + 16));
	must(a.full == (len >= 28));
}

/* Does the list name n?  Read as the draft says it, without any thought for cost. */
static int named(const uint8_t *at, const uint8_t *end, uint32_t n)
{
	for (; end - at >= 4; at += 4) {
		uint32_t from = be32(at) & SEQ_MASK, span = 0;

		if (be32(at) != from) {
			if (end - at < 8 || (at[4] & 0x80))
				continue;
			at += 4;
			span = (be32(at) - from) & SEQ_MASK;
			if (span > 0x3fffffff)
				continue; /* ends before it starts */
		}
		if (((n - from) & SEQ_MASK) <= span)
			return 1;
	}
	return 0;
}

/* The info word of a NAK means nothing, so here it says where the window begins. */
static void nak(const uint8_t *data, size_t len)
{
	struct srt_nak it;
	uint32_t first, from, to;
	uint64_t hit = 0;
	size_t steps = 0;

	if (len < SRT_HEADER_LEN)
		return;
	first = be32(data + 4) & SEQ_MASK;
	if (!srt_nak_begin(&it, data, len, first, HELD))
		return;
	for (; srt_nak_next(&it, &from, &to); steps++) {
		uint32_t low = (from - first) & SEQ_MASK, high = (to - first) & SEQ_MASK;

		must(low <= high && high < HELD);
		for (; low <= high; low++)
			hit |= UINT64_C(1) << low;
	}
	must(steps + it.odd <= (len - SRT_HEADER_LEN) / 4);
	for (uint32_t k = 0; k < HELD; k++)
		must((int)(hit >> k & 1) ==
		     named(data + SRT_HEADER_LEN, data + len, seq_add(first, k)));
}

static void handshake(const uint8_t *data, size_t len)
{
	struct srt_handshake hs;
	char id[32];
	size_t n;

	if (!srt_parse_handshake(data, len, &hs))
		return;
	must(len >= SRT_HANDSHAKE_LEN);
	n = srt_stream_id(&hs, id, sizeof(id));
	must(n < sizeof(id) && strlen(id) == n);
	if (hs.stream_id)
		must(hs.stream_id > data && hs.stream_id + hs.stream_id_len <= data + len);
	else
		must(n == 0);
}

/* As the first packet of a session, then in one that is agreed on. */
static void sessions(const uint8_t *data, size_t len)
{
	const struct session agreed = {.caller_id = 0x77, .server_id = 0x51, .latency = 2000};
	struct session s, before;

	session_init(&s);
	if (session_from_caller(&s, data, len, &before) == SESSION_BEGINS)
		must(s.caller_id != 0 && before.caller_id == 0);
	must(memchr(s.stream_id, 0, sizeof(s.stream_id)));
	s = agreed;
	if (session_from_caller(&s, data, len, &before) == SESSION_BEGINS)
		must(before.server_id == 0x51 && s.server_id == 0 && s.caller_id != 0x77);
	else
		must(s.server_id == 0x51 && s.latency == 2000);
	s = agreed;
	must(session_from_server(&s, data, len) == SESSION_GOES_ON);
	must(s.server_id == 0x51 && s.latency == 2000 && !s.refused);
	s.server_id = 0;
	if (session_from_server(&s, data, len) == SESSION_AGREED)
		must(s.server_id != 0 && be32(data + 12) == 0x77);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	head(data, len);
	ack(data, len);
	nak(data, len);
	handshake(data, len);
	sessions(data, len);
	return 0;
}
