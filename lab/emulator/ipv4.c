/* SPDX-License-Identifier: MIT */
#include "lab/emulator/ipv4.h"

enum {
	AT_LENGTH = 2,
	AT_FRAGMENT = 6,
	AT_PROTOCOL = 9,
	AT_FROM = 12,
	AT_TO = 16,
	PIECE_OFFSET = 0x1fff,
	AT_UDP_SUM = 6,
};

uint16_t ipv4_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

void ipv4_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)ipv4_get16(at) << 16 | ipv4_get16(at + 2);
}

bool ipv4_parse(const uint8_t *data, size_t len, struct ipv4 *ip)
{
	if (len < IPV4_HEADER || data[0] >> 4 != 4)
		return false;
	ip->header = (size_t)(data[0] & 0xf) * 4;
	ip->length = ipv4_get16(data + AT_LENGTH);
	if (ip->header < IPV4_HEADER || ip->length < ip->header || ip->length > len)
		return false;
	ip->protocol = data[AT_PROTOCOL];
	ip->later_piece = (ipv4_get16(data + AT_FRAGMENT) & PIECE_OFFSET) != 0;
	ip->from = get32(data + AT_FROM);
	ip->to = get32(data + AT_TO);
	return true;
}

bool ipv4_has_udp(const struct ipv4 *ip)
{
	return ip->protocol == IPV4_UDP && !ip->later_piece &&
	       ip->length >= ip->header + IPV4_UDP_HEADER;
}

const uint8_t *ipv4_payload(const struct ipv4 *ip, const uint8_t *data, size_t *len)
{
	size_t headers = ip->header + IPV4_UDP_HEADER;

	*len = ipv4_has_udp(ip) ? ip->length - headers : 0;
	return *len > 0 ? data + headers : data;
}

uint16_t ipv4_patch(uint16_t sum, uint16_t was, uint16_t is)
{
	uint32_t v = (uint32_t)(uint16_t)~sum + (uint16_t)~was + is;

	v = (v & 0xffff) + (v >> 16);
	v = (v & 0xffff) + (v >> 16);
	return (uint16_t)~v;
}

void ipv4_patch_udp(uint8_t *udp, uint16_t was, uint16_t is)
{
	uint16_t sum = ipv4_get16(udp + AT_UDP_SUM);

	if (sum == 0)
		return;
	sum = ipv4_patch(sum, was, is);
	ipv4_put16(udp + AT_UDP_SUM, sum ? sum : 0xffff);
}

void ipv4_damage(const struct ipv4 *ip, uint8_t *data, uint32_t bit)
{
	uint8_t *udp = data + ip->header;
	size_t at = IPV4_UDP_HEADER + bit / 8;
	size_t word = at & ~(size_t)1;
	bool pair = ip->header + word + 1 < ip->length;
	uint16_t was, is;

	if (!ipv4_has_udp(ip) || ip->header + at >= ip->length)
		return;
	/* The sum counts an odd last byte as if a zero followed. */
	was = (uint16_t)(udp[word] << 8 | (pair ? udp[word + 1] : 0));
	udp[at] ^= (uint8_t)(1u << bit % 8);
	is = (uint16_t)(udp[word] << 8 | (pair ? udp[word + 1] : 0));
	ipv4_patch_udp(udp, was, is);
}
