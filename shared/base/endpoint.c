/* SPDX-License-Identifier: MIT */
#include "shared/base/endpoint.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { V4_BYTES = 4, V6_BYTES = 16, WORDS = 8 };

static_assert(sizeof(struct endpoint) == 24, "compared and hashed byte for byte");

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Dotted quad up to the end of the text: four numbers, no leading zero. */
static bool parse_v4(const char *s, uint8_t addr[V4_BYTES])
{
	for (unsigned i = 0; i < V4_BYTES; i++) {
		unsigned v = 0, len = 0;

		for (; *s >= '0' && *s <= '9'; s++, len++) {
			if (len == 3 || (len > 0 && v == 0))
				return false;
			v = v * 10 + (unsigned)(*s - '0');
		}
		if (len == 0 || v > 255 || *s++ != (i < V4_BYTES - 1 ? '.' : '\0'))
			return false;
		addr[i] = (uint8_t)v;
	}
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One to four hex digits at s into two bytes; how many digits, 0 for a mistake. */
static size_t parse_word(const char *s, uint8_t word[2])
{
	unsigned v = 0;
	size_t len = 0;

	for (; hex_value(s[len]) >= 0; len++) {
		if (len == 4)
			return 0;
		v = v << 4 | (unsigned)hex_value(s[len]);
	}
	word[0] = (uint8_t)(v >> 8);
	word[1] = (uint8_t)v;
	return len;
}

/* RFC 4291 2.2: eight words, one run of zeros as "::", the last two as dotted quad. */
static bool parse_v6(const char *s, uint8_t addr[V6_BYTES])
{
	size_t at = 0, gap = V6_BYTES + 1; /* byte where the "::" stands, past the end if none */

	memset(addr, 0, V6_BYTES);
	if (s[0] == ':' && s[1] == ':') {
		gap = 0;
		s += 2;
	}
	while (*s) {
		size_t len;

		if (at + V4_BYTES <= V6_BYTES && parse_v4(s, addr + at)) {
			at += V4_BYTES;
			break;
		}
		if (at == V6_BYTES)
			return false;
		len = parse_word(s, addr + at);
		if (len == 0)
			return false;
		at += 2;
		s += len;
		if (*s == '\0')
			break;
		if (*s++ != ':')
			return false;
		if (*s == ':') {
			if (gap <= V6_BYTES)
				return false;
			gap = at;
			s++;
		} else if (*s == '\0') {
			return false;
		}
	}
	if (gap > V6_BYTES)
		return at == V6_BYTES;
	if (at == V6_BYTES)
		return false; /* "::" stands for one word at least */
	memmove(addr + V6_BYTES - (at - gap), addr + gap, at - gap);
	memset(addr + gap, 0, V6_BYTES - at);
	return true;
}

bool endpoint_parse(const char *text, struct endpoint *ep)
{
	struct endpoint found = {.family = FAMILY_V4};

	if (!parse_v4(text, found.addr)) {
		found.family = FAMILY_V6;
		if (!parse_v6(text, found.addr))
			return false;
	}
	*ep = found;
	return true;
}

static unsigned word_at(const struct endpoint *ep, unsigned i)
{
	return (unsigned)ep->addr[2 * i] << 8 | ep->addr[2 * i + 1];
}

/* RFC 5952 4.2: the longest run of two or more zero words, the first of equals. */
static unsigned longest_run(const struct endpoint *ep, unsigned *start)
{
	unsigned best = 0, len = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		len = word_at(ep, i) == 0 ? len + 1 : 0;
		if (len > best) {
			best = len;
			*start = i + 1 - len;
		}
	}
	return best >= 2 ? best : 0;
}

static size_t print_v4(const uint8_t *addr, char *buf, size_t size)
{
	return (size_t)snprintf(buf, size, "%u.%u.%u.%u", addr[0], addr[1], addr[2], addr[3]);
}

static size_t print_v6(const struct endpoint *ep, char *buf, size_t size)
{
	unsigned start = WORDS, run;
	size_t at = 0;

	if (memcmp(ep->addr, mapped, sizeof(mapped)) == 0) {
		at = (size_t)snprintf(buf, size, "::ffff:");
		return at + print_v4(ep->addr + sizeof(mapped), buf + at, size - at);
	}
	run = longest_run(ep, &start);
	for (unsigned i = 0; i < WORDS; i++) {
		const char *between = i == 0 || (run && i == start + run) ? "" : ":";

		if (run && i == start) {
			at += (size_t)snprintf(buf + at, size - at, "::");
			i += run - 1;
			continue;
		}
		at += (size_t)snprintf(buf + at, size - at, "%s%x", between, word_at(ep, i));
	}
	return at;
}

const char *endpoint_print(const struct endpoint *ep, char buf[ENDPOINT_TEXT])
{
	bool fenced = ep->family == FAMILY_V6 && ep->port != 0;
	size_t at = 0;

	if (fenced)
		buf[at++] = '[';
	if (ep->family == FAMILY_V4)
		at += print_v4(ep->addr, buf + at, ENDPOINT_TEXT - at);
	else if (ep->family == FAMILY_V6)
		at += print_v6(ep, buf + at, ENDPOINT_TEXT - at);
	else
		at += (size_t)snprintf(buf + at, ENDPOINT_TEXT - at, "none");
	if (ep->port != 0)
		snprintf(buf + at, ENDPOINT_TEXT - at, "%s:%u", fenced ? "]" : "", ep->port);
	return buf;
}

void endpoint_normalise(struct endpoint *ep)
{
	ep->zero = 0;
	if (ep->family == FAMILY_V6 && memcmp(ep->addr, mapped, sizeof(mapped)) == 0) {
		memmove(ep->addr, ep->addr + sizeof(mapped), V4_BYTES);
		ep->family = FAMILY_V4;
	}
	if (ep->family == FAMILY_V4)
		memset(ep->addr + V4_BYTES, 0, V6_BYTES - V4_BYTES);
	if (ep->family != FAMILY_V6 || endpoint_class(ep) != ENDPOINT_LINK_LOCAL)
		ep->scope = 0;
}

bool endpoint_same_host(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

uint64_t endpoint_hash(const struct endpoint *ep, const struct siphash_key *key)
{
	const uint8_t *a = ep->addr;
	const uint8_t v4[8] = {a[0], a[1], a[2], a[3], (uint8_t)(ep->port >> 8), (uint8_t)ep->port};

	/* One word tells all IPv4 addresses apart; another length, those of IPv6 from them. */
	return ep->family == FAMILY_V4 ? siphash64(key, v4, sizeof(v4))
				       : siphash64(key, ep, sizeof(*ep));
}

static enum endpoint_class class_v4(const uint8_t *addr)
{
	static const uint8_t nowhere[V4_BYTES];
	static const uint8_t everyone[V4_BYTES] = {255, 255, 255, 255};

	if (memcmp(addr, nowhere, V4_BYTES) == 0)
		return ENDPOINT_UNSPECIFIED;
	if (addr[0] == 127)
		return ENDPOINT_LOOPBACK;
	if (addr[0] >> 4 == 14)
		return ENDPOINT_MULTICAST;
	if (memcmp(addr, everyone, V4_BYTES) == 0)
		return ENDPOINT_BROADCAST;
	return addr[0] == 169 && addr[1] == 254 ? ENDPOINT_LINK_LOCAL : ENDPOINT_UNICAST;
}

static enum endpoint_class class_v6(const uint8_t *addr)
{
	static const uint8_t nowhere[V6_BYTES];
	static const uint8_t myself[V6_BYTES] = {[V6_BYTES - 1] = 1};

	if (memcmp(addr, mapped, sizeof(mapped)) == 0)
		return class_v4(addr + sizeof(mapped));
	if (memcmp(addr, nowhere, V6_BYTES) == 0)
		return ENDPOINT_UNSPECIFIED;
	if (memcmp(addr, myself, V6_BYTES) == 0)
		return ENDPOINT_LOOPBACK;
	if (addr[0] == 0xff)
		return ENDPOINT_MULTICAST;
	return addr[0] == 0xfe && addr[1] >> 6 == 2 ? ENDPOINT_LINK_LOCAL : ENDPOINT_UNICAST;
}

enum endpoint_class endpoint_class(const struct endpoint *ep)
{
	switch (ep->family) {
	case FAMILY_V4:
		return class_v4(ep->addr);
	case FAMILY_V6:
		return class_v6(ep->addr);
	default:
		return ENDPOINT_UNSPECIFIED;
	}
}

void endpoint_cut(const struct endpoint *ep, unsigned bits, uint8_t prefix[ENDPOINT_PREFIX])
{
	memset(prefix, 0, ENDPOINT_PREFIX);
	memcpy(prefix, ep->addr, (bits + 7) / 8);
	if (bits % 8)
		prefix[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
}
