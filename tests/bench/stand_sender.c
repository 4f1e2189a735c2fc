/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sender/core/sender.h"
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"
#include "tests/bench/must.h"
#include "tests/bench/stand.h"

enum {
	ENCODER = 0x51, /* SRT socket ids */
	SERVER = 0x77,
	EACH = 8, /* packets to an SRT ACK: 100 a second at 8 Mbit/s */
};

/* What a link carried and nobody has acknowledged. */
struct carried {
	uint32_t seq[2 * STAND_BATCH];
	unsigned count;
};

/* A sender with its links, a peer that answers, and an encoder. */
struct sender_stand {
	struct stand stand;
	struct sender *s;
	unsigned links;
	struct endpoint encoder;
	uint32_t next;   /* number of the next media packet */
	uint32_t told;   /* up to where SRT ACKs went */
	uint32_t number; /* of the latest SRT ACK */
	struct carried carried[STAND_LINKS];
};

static ustime now(const struct sender_stand *st)
{
	return stand_now(&st->stand);
}

static void keep(struct sender_stand *st, const struct pkt *p)
{
	struct carried *c = &st->carried[p->port - 1];

	bench_must(c->count < 2 * STAND_BATCH);
	c->seq[c->count++] = be32(p->data);
}

/* Media is freed and remembered; keepalives come back as a receiver returns them. */
static void empty(struct sender_stand *st)
{
	struct pkt *p;

	while ((p = outbox_take(&st->stand.out))) {
		if (srtla_type(p->data, p->len) == SRTLA_KEEPALIVE) {
			sender_from_link(st->s, p->port, p, now(st), &st->stand.out);
			continue;
		}
		if (p->port != 0 && srt_is_data(p->data, p->len))
			keep(st, p);
		pkt_free(p);
	}
	outbox_clear_notes(&st->stand.out);
}

static void from_link(struct sender_stand *st, unsigned port, const void *data, size_t len)
{
	sender_from_link(st->s, port, stand_packet(&st->stand, data, len), now(st), &st->stand.out);
	empty(st);
}

static void from_encoder(struct sender_stand *st, struct pkt *p)
{
	p->peer = st->encoder;
	sender_from_app(st->s, p, now(st), &st->stand.out);
	empty(st);
}

static void answer(struct sender_stand *st, unsigned port, enum srtla_type type)
{
	uint8_t buf[SRTLA_REPLY_LEN];

	from_link(st, port, buf, srtla_build_reply(buf, type));
}

static void join(struct sender_stand *st)
{
	uint8_t id[SRTLA_ID_LEN], buf[SRTLA_REG_LEN];
	struct sender_view v;

	for (unsigned i = 1; i <= st->links; i++)
		bench_must(sender_link_add(st->s, i, now(st), &st->stand.out) == i);
	empty(st);
	answer(st, 1, SRTLA_REG_NGP);
	memset(id, 0xa5, sizeof(id));
	from_link(st, 1, buf, srtla_build_reg(buf, SRTLA_REG2, id));
	for (unsigned i = 1; i <= st->links; i++)
		answer(st, i, SRTLA_REG3);
	sender_view(st->s, now(st), &v);
	bench_must(v.live == st->links);
}

static void agree(struct sender_stand *st)
{
	struct srt_hello h = {.version = 4, .type = SRT_HS_INDUCTION, .socket_id = ENCODER};
	struct sender_view v;
	uint8_t buf[SRT_PACKET];

	from_encoder(st, stand_packet(&st->stand, buf, srt_build_handshake(buf, &h)));
	h = (struct srt_hello){.version = 5,
			       .type = SRT_HS_CONCLUSION,
			       .socket_id = ENCODER,
			       .command = 1,
			       .recv_latency = 2000,
			       .send_latency = 2000};
	from_encoder(st, stand_packet(&st->stand, buf, srt_build_handshake(buf, &h)));
	h.socket_id = SERVER;
	h.dest = ENCODER;
	h.command = 2;
	from_link(st, 1, buf, srt_build_handshake(buf, &h));
	sender_view(st->s, now(st), &v);
	bench_must(v.latency == 2000);
}

struct sender_stand *sender_stand_create(enum sender_mode mode, unsigned links, size_t filled)
{
	struct sender_stand *st = calloc(1, sizeof(*st));
	struct sender_config cfg = {.mode = mode, .seed = 1};

	bench_must(st && links <= STAND_LINKS);
	stand_init(&st->stand, filled);
	memset(cfg.half, 0xa5, sizeof(cfg.half));
	st->links = links;
	st->next = st->told = 1000;
	bench_must(endpoint_parse("127.0.0.1", &st->encoder));
	st->encoder.port = 40000;
	st->s = sender_create(&cfg, &st->stand.pool, now(st));
	bench_must(st->s != NULL);
	join(st);
	agree(st);
	return st;
}

void sender_stand_destroy(struct sender_stand *st)
{
	struct sender_view v;

	sender_view(st->s, now(st), &v);
	bench_must(v.live == st->links && v.drops.no_link == 0);
	sender_destroy(st->s);
	stand_finish(&st->stand);
	free(st);
}

void sender_stand_up(struct sender_stand *st, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		st->stand.now += STAND_GAP;
		from_encoder(st, stand_media(&st->stand, st->next));
		st->next = seq_add(st->next, 1);
	}
}

unsigned sender_stand_srtla_acks(struct sender_stand *st)
{
	uint8_t buf[SRTLA_ACK_MAX];
	unsigned packets = 0;

	for (unsigned i = 0; i < st->links; i++) {
		struct carried *c = &st->carried[i];
		unsigned done = 0;

		for (; c->count - done >= SRTLA_ACK_COUNT; done += SRTLA_ACK_COUNT, packets++)
			from_link(st, i + 1, buf,
				  srtla_build_ack(buf, c->seq + done, SRTLA_ACK_COUNT));
		c->count -= done;
		memmove(c->seq, c->seq + done, c->count * sizeof(c->seq[0]));
	}
	return packets;
}

unsigned sender_stand_srt_acks(struct sender_stand *st)
{
	uint8_t buf[SRT_PACKET];
	unsigned packets = 0;

	while (seq_diff(st->next, st->told) >= EACH) {
		size_t len;

		st->told = seq_add(st->told, EACH);
		st->number++;
		len = srt_build_ack(buf, st->number, st->told, 60000, 4000, 8000,
				    st->number * 10000, ENCODER);
		for (unsigned i = 1; i <= st->links; i++, packets++)
			from_link(st, i, buf, len);
	}
	return packets;
}
