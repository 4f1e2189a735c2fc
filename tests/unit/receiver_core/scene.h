/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_RECEIVER_CORE_SCENE_H
#define TESTS_UNIT_RECEIVER_CORE_SCENE_H

#include "stage.h"

enum { CALLER = 0xca11, SERVER = 0x5e, STAMP = 777777, POOL = 2048, TEXT = 16384 };

/*
 * A stage with the media of groups, for the tests of their order.  Packets are named by what
 * they are ahead of the stream's first; each is made one millisecond after the one before,
 * and the first of them as the conclusion passes.
 */
struct scene {
	struct stage s;
	unsigned port; /* of the first group */
	uint32_t first;
	uint32_t old; /* how many from before the first have been brought */
	char text[TEXT];
};

static inline struct endpoint link_of(unsigned group, unsigned i)
{
	char text[32];

	snprintf(text, sizeof(text), "10.%u.%u.1", group, i);
	return at(text, 4000);
}

/* So many links make a group; returns its port. */
static inline unsigned gather(struct scene *x, unsigned group, unsigned links)
{
	uint8_t id[SRTLA_ID_LEN];
	unsigned port = join_group(&x->s, link_of(group, 0), (int)group, id);

	for (unsigned i = 1; i < links; i++)
		assert_int_equal(reg2(&x->s, link_of(group, i), id), SRTLA_REG3);
	outbox_clear_notes(&x->s.out);
	return port;
}

static inline void begin_with(struct scene *x, const struct receiver_config *cfg, unsigned links)
{
	memset(x, 0, sizeof(*x));
	stage_up_with(&x->s, cfg, POOL);
	x->port = gather(x, 1, links);
	x->first = 1000;
}

/* A session of that first number and latency is agreed now. */
static inline void shake(struct scene *x, uint32_t caller, uint32_t isn, uint16_t latency)
{
	struct endpoint who = link_of(1, 0);
	uint8_t data[HANDSHAKE];
	size_t len;

	len = handshake(data, SRT_HS_INDUCTION, caller, 0, 0, 0);
	put_be32(data + 24, isn);
	send_net(&x->s, who, data, len);
	send_server(&x->s, x->port, data, handshake(data, SRT_HS_INDUCTION, SERVER, caller, 0, 0));
	len = handshake(data, SRT_HS_CONCLUSION, caller, 0, 1, latency);
	put_be32(data + 24, isn);
	send_net(&x->s, who, data, len);
	len = handshake(data, SRT_HS_CONCLUSION, SERVER, caller, 2, latency);
	send_server(&x->s, x->port, data, len);
	x->first = isn;
	discard(&x->s);
}

static inline void begin(struct scene *x, unsigned links, uint16_t latency)
{
	begin_with(x, NULL, links);
	shake(x, CALLER, 1000, latency);
}

static inline void bring_as(struct scene *x, struct endpoint who, uint32_t seq, uint32_t stamp,
			    bool resent)
{
	uint8_t data[MEDIA];

	media(data, seq);
	put_be32(data + 4, be32(data + 4) | (resent ? UINT32_C(1) << 26 : 0));
	put_be32(data + 8, stamp);
	send_net(&x->s, who, data, sizeof(data));
}

/* A link brings packet n. */
static inline void bring(struct scene *x, unsigned link, uint32_t n)
{
	bring_as(x, link_of(1, link), seq_add(x->first, n), STAMP + n * 1000, false);
}

static inline void bring_again(struct scene *x, unsigned link, uint32_t n)
{
	bring_as(x, link_of(1, link), seq_add(x->first, n), STAMP + n * 1000, true);
}

/* A media packet for another group. */
static inline void bring_to(struct scene *x, unsigned group, unsigned link, uint32_t n)
{
	bring_as(x, link_of(group, link), seq_add(x->first, n), STAMP + n * 1000, false);
}

static inline struct receiver_order_view order(struct scene *x)
{
	return group_view(&x->s, x->port).order;
}

/*
 * A millisecond passes, and this link brings a packet from before the beginning: so it is
 * not silent, and has delivered nothing newer.
 */
static inline void linger(struct scene *x, unsigned link)
{
	bring(x, link, 0 - ++x->old);
	pass(&x->s, MSEC(1));
}

/* How long until nothing is held, at most a second, while this link lingers. */
static inline usspan until_let_go(struct scene *x, unsigned link)
{
	ustime began = x->s.now;

	while (order(x).held > 0 && x->s.now - began < SEC(1))
		linger(x, link);
	return x->s.now - began;
}

static inline void measured_rtt(struct scene *x, uint32_t rtt)
{
	uint8_t ack[SRT_HEADER_LEN + 28];

	control(ack, sizeof(ack), SRT_ACK, CALLER);
	put_be32(ack + 4, 1);
	put_be32(ack + 16, x->first);
	put_be32(ack + 20, rtt);
	send_server(&x->s, x->port, ack, sizeof(ack));
	discard(&x->s);
}

/* The server asks for these, both included. */
static inline void ask_for(struct scene *x, uint32_t from, uint32_t to)
{
	uint8_t nak[SRT_HEADER_LEN + 8];

	control(nak, sizeof(nak), SRT_NAK, CALLER);
	put_be32(nak + 16, seq_add(x->first, from) | SEQ_NONE);
	put_be32(nak + 20, seq_add(x->first, to));
	send_server(&x->s, x->port, nak, sizeof(nak));
	discard(&x->s);
}

static inline void add(struct scene *x, size_t *len, const char *format, unsigned from, unsigned to)
{
	int n = snprintf(x->text + *len, TEXT - *len, format, *len ? " " : "", from, to);

	assert_in_range(n, 1, TEXT - 1 - *len);
	*len += (size_t)n;
}

/*
 * What the server of a port got since it was asked last: "0-3 5 SRT 9" for six media
 * packets and a control packet.
 */
static inline const char *got_by(struct scene *x, unsigned port)
{
	unsigned from = 0, count = 0;
	struct seen seen;
	size_t len = 0;
	bool more;

	x->text[0] = '\0';
	do {
		bool is_media;
		unsigned n = 0;

		do
			more = take(&x->s, &seen);
		while (more && seen.port != port);
		is_media = more && srt_is_data(seen.data, seen.len);
		if (is_media)
			n = (be32(seen.data) - x->first) & SEQ_MASK;
		if (is_media && count > 0 && n == from + count) {
			count++;
			continue;
		}
		if (count > 0)
			add(x, &len, count > 1 ? "%s%u-%u" : "%s%u", from, from + count - 1);
		count = is_media;
		from = n;
		if (more && !is_media)
			add(x, &len, "%sSRT", 0, 0);
	} while (more);
	return x->text;
}

static inline const char *got(struct scene *x)
{
	return got_by(x, x->port);
}

/* Every link has delivered: 0 and so on, in order. */
static inline void all_have_sent(struct scene *x, unsigned links)
{
	for (unsigned i = 0; i < links; i++)
		bring(x, i, i);
	discard(&x->s);
}

static inline void end(struct scene *x)
{
	discard(&x->s);
	stage_down(&x->s);
}

#endif
