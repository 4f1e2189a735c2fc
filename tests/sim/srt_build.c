/* SPDX-License-Identifier: MIT */
#include "tests/sim/srt_build.h"

#include <string.h>

#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"

enum {
	STAMP = SRT_PAYLOAD_LEAST, /* the part of a payload that differs */
	PROOF = 8,                 /* where what follows from the numbers begins */
	FILL = 0x47,
	EXT_SID = 5,
	HS_MTU = 1500,
	HS_WINDOW = 8192,
	SRT_VERSION = 0x010501,
	DROPREQ_LEN = SRT_HEADER_LEN + 8,
};

static size_t control(uint8_t *buf, enum srt_type type, uint32_t info, uint32_t timestamp,
		      uint32_t dest)
{
	put_be32(buf, UINT32_C(0x80000000) | (uint32_t)type << 16);
	put_be32(buf + 4, info);
	put_be32(buf + 8, timestamp);
	put_be32(buf + 12, dest);
	return SRT_HEADER_LEN;
}

/* One in 2^64 damaged stamps passes for whole. */
static uint64_t proof(uint32_t seq, uint64_t media)
{
	uint64_t mix = (media ^ (uint64_t)seq << 32) * UINT64_C(0x9e3779b97f4a7c15);

	return mix ^ mix >> 32 ^ seq;
}

size_t srt_build_data(uint8_t *buf, const struct srt_data *d)
{
	uint32_t solo = UINT32_C(0xc0000000);
	uint32_t in_order = UINT32_C(0x20000000);

	put_be32(buf, d->seq & SEQ_MASK);
	put_be32(buf + 4, solo | in_order | (d->message & UINT32_C(0x3ffffff)));
	put_be32(buf + 8, d->timestamp);
	put_be32(buf + 12, d->dest);
	memset(buf + SRT_HEADER_LEN, FILL, d->payload);
	if (d->payload >= STAMP) {
		put_be64(buf + SRT_HEADER_LEN, d->media);
		put_be64(buf + SRT_HEADER_LEN + PROOF, proof(d->seq & SEQ_MASK, d->media));
	}
	if (d->resent)
		srt_mark_resent(buf);
	return SRT_HEADER_LEN + d->payload;
}

bool srt_data_is_whole(const uint8_t *data, size_t len)
{
	const uint8_t *stamp = data + SRT_HEADER_LEN;
	const uint8_t *rest = stamp + STAMP;

	if (len < SRT_HEADER_LEN + STAMP)
		return true;
	if (be64(stamp + PROOF) != proof(be32(data), be64(stamp)))
		return false;
	len -= SRT_HEADER_LEN + STAMP;
	return len == 0 || (rest[0] == FILL && memcmp(rest, rest + 1, len - 1) == 0);
}

bool srt_data_media(const uint8_t *data, size_t len, uint64_t *media)
{
	if (len < SRT_HEADER_LEN + STAMP)
		return false;
	*media = be64(data + SRT_HEADER_LEN);
	return true;
}

static size_t put_latency(uint8_t *at, const struct srt_hello *h)
{
	put_be16(at, h->command);
	put_be16(at + 2, 3);
	put_be32(at + 4, SRT_VERSION);
	put_be32(at + 8, SRT_FLAG_TSBPDSND | SRT_FLAG_TSBPDRCV | SRT_FLAG_CRYPT |
				 SRT_FLAG_TLPKTDROP | SRT_FLAG_REXMIT |
				 (h->silent_gaps ? 0U : SRT_FLAG_NAKREPORT));
	put_be16(at + 12, h->recv_latency);
	put_be16(at + 14, h->send_latency);
	return 16;
}

/* Each word of the text is turned round (draft 3.2.1.3). */
static size_t put_stream_id(uint8_t *at, const char *id)
{
	size_t len = strlen(id);
	size_t words = (len + 3) / 4;

	put_be16(at, EXT_SID);
	put_be16(at + 2, (uint16_t)words);
	memset(at + 4, 0, 4 * words);
	for (size_t i = 0; i < len; i++)
		at[4 + i / 4 * 4 + (3 - i % 4)] = (uint8_t)id[i];
	return 4 + 4 * words;
}

size_t srt_build_handshake(uint8_t *buf, const struct srt_hello *h)
{
	size_t len = control(buf, SRT_HANDSHAKE, 0, h->timestamp, h->dest);

	memset(buf + len, 0, SRT_HANDSHAKE_LEN - len);
	put_be32(buf + 16, h->version);
	put_be16(buf + 22, h->extension);
	put_be32(buf + 24, h->isn);
	put_be32(buf + 28, HS_MTU);
	put_be32(buf + 32, HS_WINDOW);
	put_be32(buf + 36, h->type);
	put_be32(buf + 40, h->socket_id);
	put_be32(buf + 44, h->cookie);
	len = SRT_HANDSHAKE_LEN;
	if (h->command != 0)
		len += put_latency(buf + len, h);
	if (h->stream_id)
		len += put_stream_id(buf + len, h->stream_id);
	return len;
}

uint32_t srt_handshake_room(const uint8_t *data)
{
	return be32(data + 32);
}

size_t srt_build_ack(uint8_t *buf, uint32_t number, uint32_t next, uint32_t rtt, uint32_t rttvar,
		     uint32_t room, uint32_t timestamp, uint32_t dest)
{
	size_t len = control(buf, SRT_ACK, number, timestamp, dest);

	put_be32(buf + len, next);
	put_be32(buf + len + 4, rtt);
	put_be32(buf + len + 8, rttvar);
	put_be32(buf + len + 12, room);
	memset(buf + len + 16, 0, 12); /* rates, which nobody here reads */
	return len + 28;
}

size_t srt_build_light_ack(uint8_t *buf, uint32_t next, uint32_t timestamp, uint32_t dest)
{
	size_t len = control(buf, SRT_ACK, 0, timestamp, dest);

	put_be32(buf + len, next);
	return len + 4;
}

static size_t padded(uint8_t *buf, size_t len)
{
	put_be32(buf + len, 0);
	return len + 4;
}

size_t srt_build_ackack(uint8_t *buf, uint32_t number, uint32_t timestamp, uint32_t dest)
{
	return padded(buf, control(buf, SRT_ACKACK, number, timestamp, dest));
}

size_t srt_build_keepalive(uint8_t *buf, uint32_t timestamp, uint32_t dest)
{
	return padded(buf, control(buf, SRT_KEEPALIVE, 0, timestamp, dest));
}

size_t srt_build_nak(uint8_t *buf, const uint32_t *words, size_t count, uint32_t timestamp,
		     uint32_t dest)
{
	size_t len = control(buf, SRT_NAK, 0, timestamp, dest);

	for (size_t i = 0; i < count; i++, len += 4)
		put_be32(buf + len, words[i]);
	return len;
}

size_t srt_build_dropreq(uint8_t *buf, uint32_t from, uint32_t to, uint32_t timestamp,
			 uint32_t dest)
{
	size_t len = control(buf, SRT_DROPREQ, 0, timestamp, dest);

	put_be32(buf + len, from);
	put_be32(buf + len + 4, to);
	return DROPREQ_LEN;
}

bool srt_parse_dropreq(const uint8_t *data, size_t len, uint32_t *from, uint32_t *to)
{
	if (len < DROPREQ_LEN || be16(data) != (0x8000 | SRT_DROPREQ))
		return false;
	*from = be32(data + SRT_HEADER_LEN) & SEQ_MASK;
	*to = be32(data + SRT_HEADER_LEN + 4) & SEQ_MASK;
	return true;
}
