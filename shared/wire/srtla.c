/* SPDX-License-Identifier: MIT */
#include "shared/wire/srtla.h"

#include <string.h>

#include "shared/wire/be.h"

enum {
	RESERVED_FIRST = 0x9000, /* beyond SRT's own control types, ... */
	RESERVED_LAST = 0xafff,  /* ... and well short of its user type, 0xffff */
	ACK_HEAD = 4,            /* type and two zero bytes */
};

enum srtla_type srtla_type(const uint8_t *data, size_t len)
{
	uint16_t type = len >= 2 ? be16(data) : 0;

	switch (type) {
	case SRTLA_KEEPALIVE:
	case SRTLA_ACK:
	case SRTLA_REG1:
	case SRTLA_REG2:
	case SRTLA_REG3:
	case SRTLA_REG_ERR:
	case SRTLA_REG_NGP:
	case SRTLA_REG_NAK:
	case SRTLA_REPORT:
		return (enum srtla_type)type;
	default:
		return type >= RESERVED_FIRST && type <= RESERVED_LAST ? SRTLA_UNKNOWN
								       : SRTLA_NOT_OURS;
	}
}

const uint8_t *srtla_reg_id(const uint8_t *data, size_t len)
{
	enum srtla_type type = srtla_type(data, len);

	if (len != SRTLA_REG_LEN || (type != SRTLA_REG1 && type != SRTLA_REG2))
		return NULL;
	return data + 2;
}

size_t srtla_ack_count(const uint8_t *data, size_t len)
{
	if (srtla_type(data, len) != SRTLA_ACK || len < ACK_HEAD)
		return 0;
	return (len - ACK_HEAD) / 4;
}

uint32_t srtla_ack_seq(const uint8_t *data, size_t i)
{
	return be32(data + ACK_HEAD + 4 * i);
}

size_t srtla_build_reg(uint8_t *buf, enum srtla_type type, const uint8_t id[SRTLA_ID_LEN])
{
	put_be16(buf, (uint16_t)type);
	memmove(buf + 2, id, SRTLA_ID_LEN); /* the id may lie in the packet that is answered */
	return SRTLA_REG_LEN;
}

size_t srtla_build_reply(uint8_t *buf, enum srtla_type type)
{
	memset(buf, 0, SRTLA_REPLY_LEN);
	put_be16(buf, (uint16_t)type);
	return SRTLA_REPLY_LEN;
}

size_t srtla_build_ack(uint8_t *buf, const uint32_t *seq, size_t count)
{
	put_be32(buf, (uint32_t)SRTLA_ACK << 16);
	for (size_t i = 0; i < count; i++)
		put_be32(buf + ACK_HEAD + 4 * i, seq[i]);
	return ACK_HEAD + 4 * count;
}
