/* SPDX-License-Identifier: MIT */
#include "receiver/core/gate.h"

#include "shared/wire/be.h"
#include "shared/wire/srt.h"

/* Of whole packets, in bytes. */
enum {
	LONGEST = 1500,      /* no SRT packet exceeds the MTU of Ethernet */
	BARE = SRT_HEADER_LEN,
	PADDED = 32,         /* some pad what is shorter to this, with zeros */
	WORD = 4,
	ACK_LEAST = BARE + WORD,
	ACK_MOST = 64,       /* libsrt writes 48; there is room for figures to come */
	NAK_LEAST = BARE + WORD,
	DROPREQ_LEAST = BARE + 2 * WORD,
};

/* Of the body of an extension or a user message, in bytes. */
enum {
	GREETING_LEAST = 2 * WORD, /* version and flags; the oldest say no latency */
	KEY_LEAST = WORD,          /* a refusal, one word */
	KEY_MOST = 104,            /* two wrapped AES-256 keys: all that libsrt has room for */
};

/* Both handshake extensions and user messages: draft-sharabayko-srt-01, 3.2.1 and 3.2.2. */
enum command {
	HSREQ = 1,
	HSRSP = 2,
	KMREQ = 3,
	KMRSP = 4,
};

/* The lengths that a packet of each type may have. */
static const struct bounds {
	uint16_t least, most;
} lengths[] = {
	[SRT_HANDSHAKE] = {SRT_HANDSHAKE_LEN, LONGEST},
	[SRT_KEEPALIVE] = {BARE, PADDED},
	[SRT_ACK] = {ACK_LEAST, ACK_MOST},
	[SRT_NAK] = {NAK_LEAST, LONGEST},
	[SRT_CONGESTION] = {BARE, PADDED},
	[SRT_SHUTDOWN] = {BARE, PADDED},
	[SRT_ACKACK] = {BARE, PADDED},
	[SRT_DROPREQ] = {DROPREQ_LEAST, PADDED},
	[SRT_PEERERROR] = {BARE, PADDED},
};

/* True when it is in order, else one more of *counter. */
static bool judge(bool in_order, uint64_t *counter)
{
	*counter += !in_order;
	return in_order;
}

static bool is_number(uint32_t word)
{
	return !(word & SEQ_NONE);
}

static bool is_range(uint32_t from, uint32_t to)
{
	return is_number(from) && is_number(to) && seq_diff(to, from) >= 0;
}

/* A word with the top bit set starts a range, and the word behind it ends it. */
static bool losses_hold(const uint8_t *at, const uint8_t *end)
{
	for (; at < end; at += WORD) {
		uint32_t word = be32(at);

		if (is_number(word))
			continue;
		at += WORD;
		if (at == end || !is_range(word & SEQ_MASK, be32(at)))
			return false;
	}
	return true;
}

/* The body of an extension or a message; those that mean nothing to us may be as they like. */
static bool command_holds(unsigned command, size_t len, struct receiver_drops *drops)
{
	switch (command) {
	case HSREQ:
	case HSRSP:
		return judge(len >= GREETING_LEAST, &drops->gate_length);
	case KMREQ:
	case KMRSP:
		return judge(len >= KEY_LEAST && len <= KEY_MOST, &drops->gate_key);
	default:
		return true;
	}
}

/* Each block says how many words follow its own. */
static bool extensions_hold(const uint8_t *at, size_t len, struct receiver_drops *drops)
{
	while (len > 0) {
		size_t body = (size_t)be16(at + 2) * WORD;

		len -= WORD;
		if (!judge(body <= len, &drops->gate_length) ||
		    !command_holds(be16(at), body, drops))
			return false;
		at += WORD + body;
		len -= body;
	}
	return true;
}

static bool message_holds(unsigned subtype, size_t body, struct receiver_drops *drops)
{
	return judge(subtype >= HSREQ && subtype <= KMRSP, &drops->gate_type) &&
	       command_holds(subtype, body, drops);
}

static bool body_holds(unsigned type, const uint8_t *data, size_t len, struct receiver_drops *drops)
{
	const uint8_t *body = data + SRT_HEADER_LEN;

	switch (type) {
	case SRT_HANDSHAKE:
		return extensions_hold(data + SRT_HANDSHAKE_LEN, len - SRT_HANDSHAKE_LEN, drops);
	case SRT_ACK:
		return judge(is_number(be32(body)), &drops->gate_nak);
	case SRT_NAK:
		return judge(losses_hold(body, data + len), &drops->gate_nak);
	case SRT_DROPREQ:
		return judge(is_range(be32(body), be32(body + WORD)), &drops->gate_nak);
	default:
		return true;
	}
}

bool gate_passes(const uint8_t *data, size_t len, struct receiver_drops *drops)
{
	unsigned type = be16(data) & 0x7fff;

	if (!judge(len <= LONGEST, &drops->gate_size) ||
	    !judge(len % WORD == 0, &drops->gate_length))
		return false;
	if (type == SRT_USER)
		return message_holds(be16(data + 2), len - SRT_HEADER_LEN, drops);
	if (!judge(type <= SRT_PEERERROR, &drops->gate_type) ||
	    !judge(len >= lengths[type].least && len <= lengths[type].most, &drops->gate_length))
		return false;
	return body_holds(type, data, len, drops);
}
