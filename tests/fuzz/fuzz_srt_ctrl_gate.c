/* SPDX-License-Identifier: MIT */

/*
 * One SRT control packet before the gate, and a second opinion on it: the draft read again,
 * word by word and without the gate's tables.  What passes is well-formed and what does not
 * is counted once; no key material above 104 bytes passes, wherever it stands.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "receiver/core/gate.h"

enum { MOST_WORDS = 375 };

static uint32_t word(const uint8_t *data, size_t i)
{
	uint32_t w = 0;

	for (size_t k = 0; k < 4; k++)
		w = w * 256 + data[4 * i + k];
	return w;
}

/* Of two numbers, each below 2^31: the way from a to b is shorter than the way back. */
static bool onward(uint32_t a, uint32_t b)
{
	uint64_t there = b >= a ? b - a : (uint64_t)b + 0x80000000 - a;

	return there < 0x40000000;
}

static bool top(uint32_t w)
{
	return w >= 0x80000000;
}

/* Backwards, so that each end is met before the beginning that needs it. */
static bool losses(const uint8_t *data, size_t words)
{
	bool plain_behind = false;
	uint32_t behind = 0;

	if (words < 5)
		return false;
	for (size_t i = words; i-- > 4;) {
		uint32_t w = word(data, i);

		if (top(w) && (!plain_behind || !onward(w - 0x80000000, behind)))
			return false;
		plain_behind = !top(w);
		behind = w;
	}
	return true;
}

static bool key_fits(size_t words)
{
	return words >= 1 && words * 4 <= 104;
}

static bool handshake(const uint8_t *data, size_t words)
{
	size_t i = 16;

	if (words < 16)
		return false;
	while (i < words) {
		uint32_t kind = word(data, i) >> 16, size = word(data, i) & 0xffff;

		if (i + 1 + size > words)
			return false;
		if ((kind == 3 || kind == 4) && !key_fits(size))
			return false;
		if ((kind == 1 || kind == 2) && size < 2)
			return false;
		i += 1 + size;
	}
	return true;
}

static bool message(const uint8_t *data, size_t words)
{
	switch (word(data, 0) & 0xffff) {
	case 1:
	case 2:
		return words >= 6;
	case 3:
	case 4:
		return key_fits(words - 4);
	default:
		return false;
	}
}

static bool well_formed(const uint8_t *data, size_t len)
{
	size_t words = len / 4;

	if (words * 4 != len || words > MOST_WORDS)
		return false;
	switch (word(data, 0) >> 16) {
	case 0x8000:
		return handshake(data, words);
	case 0x8002:
		return words >= 5 && words <= 16 && !top(word(data, 4));
	case 0x8003:
		return losses(data, words);
	case 0x8007:
		return words >= 6 && words <= 8 && !top(word(data, 4)) && !top(word(data, 5)) &&
		       onward(word(data, 4), word(data, 5));
	case 0x8001:
	case 0x8004:
	case 0x8005:
	case 0x8006:
	case 0x8008:
		return words <= 8;
	case 0xffff:
		return message(data, words);
	default:
		return false;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct receiver_drops d, was;
	uint64_t counted;
	uint8_t *p;
	bool passed;

	if (len < 16)
		return 0;
	p = malloc(len); /* of exactly this size, so that reading on is seen */
	must(p);
	memcpy(p, data, len);
	p[0] |= 0x80;
	memset(&d, 0, sizeof(d));
	was = d;
	passed = gate_passes(p, len, &d);
	must(passed == well_formed(p, len));
	counted = d.gate_type + d.gate_length + d.gate_nak + d.gate_key + d.gate_size;
	must(counted == !passed);
	d.gate_type = d.gate_length = d.gate_nak = d.gate_key = d.gate_size = 0;
	must(memcmp(&d, &was, sizeof(d)) == 0);
	free(p);
	return 0;
}
