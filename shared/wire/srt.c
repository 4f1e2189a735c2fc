/* SPDX-License-Identifier: MIT */
#include "shared/wire/srt.h"

#include <string.h>

#include "shared/wire/be.h"

enum {
	CONTROL_BIT = 0x80, /* of the first byte */
	RESENT_BIT = 0x04,  /* of byte 4 of a data packet */
	WORD = 4,
};

/* Extension blocks of a handshake (draft 3.2.1): type, length in words, body. */
enum {
	EXT_HEAD = 4,
	EXT_HSREQ = 1,
	EXT_HSRSP = 2,
	EXT_STREAM_ID = 5,
	EXT_HS_LEN = 12, /* body of HSREQ and HSRSP */
};

/* What every caller says in its first handshake (draft 4.3.1.1), and libsrt's defaults. */
enum {
	INDUCTION_VERSION = 4,
	INDUCTION_KIND = 2, /* datagrams */
	USUAL_MTU = 1500,
	USUAL_WINDOW = 8192,
};

bool srt_parse_head(const uint8_t *data, size_t len, struct srt_head *h)
{
	if (len < SRT_HEADER_LEN)
		return false;
	*h = (struct srt_head){
		.control = (data[0] & CONTROL_BIT) != 0,
		.info = be32(data + 4),
		.timestamp = be32(data + 8),
		.dest = be32(data + 12),
	};
	if (h->control) {
		h->type = be16(data) & 0x7fff;
		h->subtype = be16(data + 2);
	} else {
		h->seq = be32(data);
		h->resent = (data[4] & RESENT_BIT) != 0;
	}
	return true;
}

void srt_mark_resent(uint8_t *data)
{
	data[4] |= RESENT_BIT;
}

/* A control packet of this type with at least one word behind its header? */
static bool is_list_of(const uint8_t *data, size_t len, enum srt_type type)
{
	return len >= SRT_HEADER_LEN + WORD && be16(data) == (CONTROL_BIT << 8 | type);
}

bool srt_parse_ack(const uint8_t *data, size_t len, struct srt_ack *ack)
{
	if (!is_list_of(data, len, SRT_ACK) || (be32(data + 16) & SEQ_NONE))
		return false;
	*ack = (struct srt_ack){
		.number = be32(data + 4),
		.next = be32(data + 16),
		.full = len >= 28,
	};
	if (ack->full) {
		ack->rtt = be32(data + 20);
		ack->rttvar = be32(data + 24);
	}
	if (len >= 32)
		ack->room = be32(data + 28);
	return true;
}

bool srt_nak_begin(struct srt_nak *it, const uint8_t *data, size_t len, uint32_t first,
		   uint32_t count)
{
	if (!is_list_of(data, len, SRT_NAK))
		return false;
	*it = (struct srt_nak){
		.at = data + SRT_HEADER_LEN,
		.end = data + len - len % WORD,
		.first = first,
		.count = count,
	};
	return true;
}

/*
 * The next range as the packet has it.  A word with the top bit set starts a
 * range, and the word behind it, with that bit clear, ends it; where the end
 * is missing *from stays SEQ_NONE.
 */
static void read_range(struct srt_nak *it, uint32_t *from, uint32_t *to)
{
	uint32_t word = be32(it->at);

	it->at += WORD;
	*from = *to = word;
	if (!(word & SEQ_NONE))
		return;
	*from = SEQ_NONE;
	if (it->at == it->end || (be32(it->at) & SEQ_NONE))
		return;
	*from = word & SEQ_MASK;
	*to = be32(it->at);
	it->at += WORD;
}

/*
 * Cuts a range down to the window; false when nothing of it is left.  As
 * distances from the window's first number: both fit 31 bits and a sign, and
 * their sum stays below one turn of the circle, so a range that begins behind
 * the window never comes round to its front again.
 */
static bool clip(const struct srt_nak *it, uint32_t *from, uint32_t *to)
{
	int32_t span = seq_diff(*to, *from);
	int64_t low = seq_diff(*from, it->first);
	int64_t high = low + span;

	if (*from == SEQ_NONE || span < 0)
		return false;
	if (low < 0)
		low = 0;
	if (high >= it->count)
		high = (int64_t)it->count - 1;
	if (low > high)
		return false;
	*from = seq_add(it->first, (uint32_t)low);
	*to = seq_add(it->first, (uint32_t)high);
	return true;
}

bool srt_nak_next(struct srt_nak *it, uint32_t *from, uint32_t *to)
{
	while (it->at < it->end) {
		read_range(it, from, to);
		if (clip(it, from, to))
			return true;
		it->odd++;
	}
	return false;
}

static void read_extension(struct srt_handshake *hs, uint16_t type, const uint8_t *body, size_t len)
{
	switch (type) {
	case EXT_HSREQ:
	case EXT_HSRSP:
		if (len < EXT_HS_LEN)
			return;
		hs->request |= type == EXT_HSREQ;
		hs->response |= type == EXT_HSRSP;
		hs->srt_version = be32(body);
		hs->flags = be32(body + 4);
		hs->recv_latency = be16(body + 8);
		hs->send_latency = be16(body + 10);
		return;
	case EXT_STREAM_ID:
		hs->stream_id = body;
		hs->stream_id_len = len;
		hs->stream_ids++;
		return;
	default:
		return;
	}
}

bool srt_parse_handshake(const uint8_t *data, size_t len, struct srt_handshake *hs)
{
	const uint8_t *at = data + SRT_HANDSHAKE_LEN;

	if (len < SRT_HANDSHAKE_LEN || be16(data) != (CONTROL_BIT << 8 | SRT_HANDSHAKE))
		return false;
	*hs = (struct srt_handshake){
		.version = be32(data + 16),
		.extension = be16(data + 22),
		.isn = be32(data + 24) & SEQ_MASK,
		.type = be32(data + 36),
		.socket_id = be32(data + 40),
		.cookie = be32(data + 44),
	};
	len -= SRT_HANDSHAKE_LEN;
	while (len >= EXT_HEAD) {
		uint16_t type = be16(at);
		size_t body = (size_t)be16(at + 2) * WORD;

		at += EXT_HEAD;
		len -= EXT_HEAD;
		if (body > len)
			break;
		read_extension(hs, type, at, body);
		at += body;
		len -= body;
	}
	return true;
}

size_t srt_stream_id(const struct srt_handshake *hs, char *buf, size_t size)
{
	size_t at = 0;

	if (size == 0)
		return 0;
	while (at < hs->stream_id_len && at < size - 1) {
		/* Each word of four letters travels back to front. */
		uint8_t c = hs->stream_id[at ^ 3];

		if (c == 0)
			break;
		buf[at++] = (char)c;
	}
	buf[at] = '\0';
	return at;
}

size_t srt_build_shutdown(uint8_t *buf, uint32_t dest, uint32_t timestamp)
{
	memset(buf, 0, SRT_SHUTDOWN_LEN); /* libsrt too ends it with an empty word */
	put_be16(buf, CONTROL_BIT << 8 | SRT_SHUTDOWN);
	put_be32(buf + 8, timestamp);
	put_be32(buf + 12, dest);
	return SRT_SHUTDOWN_LEN;
}

size_t srt_build_induction(uint8_t *buf, uint32_t socket_id, uint32_t isn, uint32_t dest,
			   uint32_t timestamp)
{
	memset(buf, 0, SRT_HANDSHAKE_LEN);
	put_be16(buf, CONTROL_BIT << 8 | SRT_HANDSHAKE);
	put_be32(buf + 8, timestamp);
	put_be32(buf + 12, dest);
	put_be32(buf + 16, INDUCTION_VERSION);
	put_be16(buf + 22, INDUCTION_KIND);
	put_be32(buf + 24, isn & SEQ_MASK);
	put_be32(buf + 28, USUAL_MTU);
	put_be32(buf + 32, USUAL_WINDOW);
	put_be32(buf + 36, SRT_HS_INDUCTION);
	put_be32(buf + 40, socket_id);
	return SRT_HANDSHAKE_LEN;
}
