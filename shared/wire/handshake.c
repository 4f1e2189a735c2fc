/* SPDX-License-Identifier: MIT */
#include "shared/wire/handshake.h"

#include <string.h>

#include "shared/wire/be.h"
#include "shared/wire/srt.h"

enum {
	DEST_AT = 12,
	VERSION_AT = 16,
	CIPHER_AT = 20,
	EXTENSION_AT = 22,
	TYPE_AT = 36,
	SOCKET_AT = 40,
	COOKIE_AT = 44,

	CALLS = 4,      /* version of a caller's induction, as before SRT 1.3 */
	LISTENS = 5,    /* and of its answer, */
	MAGIC = 0x4a17, /* which says here that it means it; see draft, 3.2.1 */
	DATAGRAMS = 2,  /* a caller's induction has this there, a UDT socket type */
};

static void answers(uint8_t *data)
{
	memcpy(data + DEST_AT, data + SOCKET_AT, 4);
}

size_t handshake_answer(uint8_t *data, uint32_t cookie)
{
	answers(data);
	put_be32(data + VERSION_AT, LISTENS);
	put_be16(data + CIPHER_AT, 0); /* no wish for a key length */
	put_be16(data + EXTENSION_AT, MAGIC);
	handshake_set_cookie(data, cookie);
	return SRT_HANDSHAKE_LEN;
}

size_t handshake_refuse(uint8_t *data, uint32_t reason)
{
	answers(data);
	put_be32(data + TYPE_AT, SRT_HS_REFUSAL + reason);
	return SRT_HANDSHAKE_LEN;
}

size_t handshake_induction(uint8_t *buf, const uint8_t *conclusion)
{
	memcpy(buf, conclusion, SRT_HANDSHAKE_LEN);
	put_be32(buf + VERSION_AT, CALLS);
	put_be16(buf + CIPHER_AT, 0);
	put_be16(buf + EXTENSION_AT, DATAGRAMS);
	put_be32(buf + TYPE_AT, SRT_HS_INDUCTION);
	handshake_set_cookie(buf, 0);
	return SRT_HANDSHAKE_LEN;
}

void handshake_set_cookie(uint8_t *data, uint32_t cookie)
{
	put_be32(data + COOKIE_AT, cookie);
}
