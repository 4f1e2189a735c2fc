/* SPDX-License-Identifier: MIT */
#include "shared/wire/keepalive.h"

#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

enum {
	MAGIC = 0xc01f,
	EXTENDED_VERSION = 1,
	SANE_MS = 60000, /* some senders gave microseconds under the same version */
};

/* Behind the extended keepalive: a tag, then fields of type, length, value. */
#define TAG UINT32_C(0x5759bd01)

enum {
	TAG_LEN = 4,
	FIELD_HEAD = 2,
	FIELD_HELLO = 1,
	HELLO_LEN = 6, /* role, version, abilities; a later version may add to it */
	FIELD_IDLE = 2,
	IDLE_LEN = 4,  /* an SRT number, or SEQ_NONE */
};

/* Where the value of the first field of that type and at least that length begins; 0: none. */
static size_t find_field(const uint8_t *data, size_t len, uint8_t wanted, size_t least)
{
	size_t at = KEEPALIVE_EXTENDED + TAG_LEN;

	if (len < at || be32(data + KEEPALIVE_EXTENDED) != TAG)
		return 0;
	while (len - at >= FIELD_HEAD) {
		uint8_t type = data[at];
		size_t value = data[at + 1];

		at += FIELD_HEAD;
		if (value > len - at)
			return 0;
		if (type == wanted && value >= least)
			return at;
		at += value;
	}
	return 0;
}

static void read_telemetry(struct keepalive *k, const uint8_t *data)
{
	k->extended = true;
	k->conn_id = be32(data + 14);
	k->window = (int32_t)be32(data + 18);
	k->in_flight = (int32_t)be32(data + 22);
	k->srtt = be32(data + 26);
	if (k->srtt > SANE_MS)
		k->srtt /= 1000;
	k->naks = be32(data + 30);
	k->rate = be32(data + 34);
}

static void read_fields(struct keepalive *k, const uint8_t *data, size_t len)
{
	size_t hello = find_field(data, len, FIELD_HELLO, HELLO_LEN);
	size_t idle = find_field(data, len, FIELD_IDLE, IDLE_LEN);

	if (hello) {
		k->greets = true;
		k->hello.role = data[hello];
		k->hello.version = data[hello + 1];
		k->hello.abilities = be32(data + hello + 2);
	}
	if (idle) {
		k->idle = true;
		k->idle_seq = be32(data + idle);
		if (k->idle_seq & SEQ_NONE)
			k->idle_seq = SEQ_NONE;
	}
}

bool keepalive_parse(const uint8_t *data, size_t len, struct keepalive *k)
{
	if (srtla_type(data, len) != SRTLA_KEEPALIVE)
		return false;
	*k = (struct keepalive){0};
	if (len < KEEPALIVE_TIMED)
		return true;
	k->timed = true;
	k->time = be64(data + 2);
	if (len < KEEPALIVE_EXTENDED || be16(data + 10) != MAGIC ||
	    be16(data + 12) != EXTENDED_VERSION)
		return true;
	read_telemetry(k, data);
	read_fields(k, data, len);
	return true;
}

static void put_hello(uint8_t *value, const struct keepalive_hello *h)
{
	value[0] = h->role;
	value[1] = h->version;
	put_be32(value + 2, h->abilities);
}

/* The head of a field; returns where its value begins. */
static uint8_t *put_field(uint8_t *at, uint8_t type, uint8_t len)
{
	at[0] = type;
	at[1] = len;
	return at + FIELD_HEAD;
}

size_t keepalive_build(uint8_t *buf, const struct keepalive *k)
{
	uint8_t *at = buf + KEEPALIVE_EXTENDED;

	put_be16(buf, SRTLA_KEEPALIVE);
	put_be64(buf + 2, k->time);
	put_be16(buf + 10, MAGIC);
	put_be16(buf + 12, EXTENDED_VERSION);
	put_be32(buf + 14, k->conn_id);
	put_be32(buf + 18, (uint32_t)k->window);
	put_be32(buf + 22, (uint32_t)k->in_flight);
	put_be32(buf + 26, k->srtt);
	put_be32(buf + 30, k->naks);
	put_be32(buf + 34, k->rate);
	if (!k->greets && !k->idle)
		return KEEPALIVE_EXTENDED;
	put_be32(at, TAG);
	at += TAG_LEN;
	if (k->greets) {
		at = put_field(at, FIELD_HELLO, HELLO_LEN);
		put_hello(at, &k->hello);
		at += HELLO_LEN;
	}
	if (k->idle) {
		at = put_field(at, FIELD_IDLE, IDLE_LEN);
		put_be32(at, k->idle_seq);
		at += IDLE_LEN;
	}
	return (size_t)(at - buf);
}

bool keepalive_answer(uint8_t *data, size_t len, uint32_t abilities)
{
	const struct keepalive_hello ours = {
		.role = KEEPALIVE_ROLE_RECEIVER,
		.version = KEEPALIVE_VERSION,
		.abilities = abilities,
	};
	struct keepalive k;

	if (!keepalive_parse(data, len, &k) || !k.greets || k.hello.role != KEEPALIVE_ROLE_SENDER)
		return false;
	put_hello(data + find_field(data, len, FIELD_HELLO, HELLO_LEN), &ours);
	return true;
}
