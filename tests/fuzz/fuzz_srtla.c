/* SPDX-License-Identifier: MIT */

/* One SRTLA packet: told apart, read, and where it has a full form built again. */
#include "fuzz.h"

#include <string.h>

#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

enum { CAP = 2048 };

static void registration(const uint8_t *data, size_t len, enum srtla_type type)
{
	const uint8_t *id = srtla_reg_id(data, len);
	uint8_t again[SRTLA_REG_LEN];

	must((id != NULL) == (len == SRTLA_REG_LEN && (type == SRTLA_REG1 || type == SRTLA_REG2)));
	if (!id)
		return;
	must(srtla_build_reg(again, type, id) == len);
	must(memcmp(again, data, len) == 0);
}

static void ack(const uint8_t *data, size_t len, enum srtla_type type)
{
	static uint32_t seq[CAP / 4];
	static uint8_t again[CAP];
	size_t count = srtla_ack_count(data, len);

	must(count == (type == SRTLA_ACK && len >= 4 ? (len - 4) / 4 : 0));
	for (size_t i = 0; i < count && i < CAP / 4; i++)
		seq[i] = srtla_ack_seq(data, i);
	if (count == 0 || len > CAP)
		return;
	must(srtla_build_ack(again, seq, count) == 4 + 4 * count);
	/* Its second word of 16 bits is ignored by everyone and zero from us. */
	must(memcmp(again, data, 2) == 0);
	must(memcmp(again + 4, data + 4, 4 * count) == 0);
}

static void reply(enum srtla_type type)
{
	uint8_t buf[SRTLA_REPLY_LEN];

	if (type != SRTLA_REG3 && type != SRTLA_REG_ERR && type != SRTLA_REG_NGP)
		return;
	must(srtla_build_reply(buf, type) == sizeof(buf));
	must(srtla_type(buf, sizeof(buf)) == type);
	for (size_t i = 2; i < sizeof(buf); i++)
		must(buf[i] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum srtla_type type = srtla_type(data, len);
	uint16_t word = len >= 2 ? be16(data) : 0;

	must((type != SRTLA_NOT_OURS) == (word >= 0x9000 && word <= 0xafff));
	must(type == SRTLA_NOT_OURS || type == SRTLA_UNKNOWN || (unsigned)type == word);
	registration(data, len, type);
	ack(data, len, type);
	reply(type);
	return 0;
}
