/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "receiver/core/receiver.h"
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"
#include "tests/bench/must.h"
#include "tests/bench/stand.h"

enum {
	CALLER = 0x51, /* SRT socket ids */
	SERVER = 0x77,
	FIRST = 2,  /* media packets of a group before any is counted, at least */
	A_WAKE = 8, /* packets between two looks at the deadline */
};

/* A receiver with groups of as many members each, and a server behind it. */
struct receiver_stand {
	struct stand stand;
	struct receiver *r;
	unsigned groups;
	unsigned links;
	uint64_t at;        /* media packets so far */
	uint32_t number;    /* of the latest SRT ACK */
	unsigned answers;   /* packets to members */
	unsigned forwarded; /* packets to servers */
	ustime agreed;      /* when SRT timestamps began */
};

static ustime now(const struct receiver_stand *st)
{
	return stand_now(&st->stand);
}

/*
 * Computed, not looked up: a socket tells it with the packet.  An odd factor spreads
 * neighbours over all networks, for each network has its share of registrations.
 */
static struct endpoint address(unsigned group, unsigned link)
{
	unsigned n = (group * STAND_LINKS + link + 1) * 0x9e3779U;

	return (struct endpoint){
		.family = FAMILY_V4,
		.port = (uint16_t)(20000 + n % 7),
		.addr = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n},
	};
}

/* Frees what came out and counts it; SRTLA's own answers may be looked at first. */
static void empty(struct receiver_stand *st, uint8_t *answer)
{
	struct pkt *p;

	while ((p = outbox_take(&st->stand.out))) {
		if (answer)
			memcpy(answer, p->data, p->len);
		if (p->port == 0)
			st->answers++;
		else
			st->forwarded++;
		pkt_free(p);
	}
	outbox_clear_notes(&st->stand.out);
}

static void from_net(struct receiver_stand *st, struct pkt *p, const struct endpoint *who)
{
	p->peer = *who;
	p->local = (struct endpoint){.family = FAMILY_V4, .port = 5000, .addr = {192, 0, 2, 1}};
	receiver_from_net(st->r, p, now(st), &st->stand.out);
}

static void register_group(struct receiver_stand *st, unsigned group)
{
	struct endpoint who = address(group, 0);
	uint8_t id[SRTLA_ID_LEN], ask[SRTLA_REG_LEN], answer[PKT_CAP];
	size_t len;

	memset(id, (int)group, sizeof(id));
	len = srtla_build_reg(ask, SRTLA_REG1, id);
	from_net(st, stand_packet(&st->stand, ask, len), &who);
	empty(st, answer);
	for (unsigned i = 0; i < st->links; i++) {
		who = address(group, i);
		from_net(st, stand_packet(&st->stand, answer, SRTLA_REG_LEN), &who);
		empty(st, NULL);
	}
}

/*
 * How many packets of its members came before any is counted: neighbours are not in step, so
 * that each round of packets brings a tenth of all SRTLA ACKs.
 */
static unsigned first_of(const struct receiver_stand *st, unsigned group)
{
	return FIRST + group % SRTLA_ACK_COUNT * st->links;
}

/* A group's encoder and the server shake hands. */
static void agree(struct receiver_stand *st, unsigned group)
{
	const struct srt_hello ask = {.version = 5,
				      .type = SRT_HS_CONCLUSION,
				      .socket_id = CALLER,
				      .command = 1,
				      .recv_latency = 2000,
				      .send_latency = 2000};
	struct srt_hello reply = ask;
	struct endpoint who = address(group, 0);
	struct receiver_group_view v;
	uint8_t buf[SRT_PACKET];
	size_t len = srt_build_handshake(buf, &ask);

	from_net(st, stand_packet(&st->stand, buf, len), &who);
	reply.socket_id = SERVER;
	reply.dest = CALLER;
	reply.command = 2;
	len = srt_build_handshake(buf, &reply);
	receiver_from_server(st->r, group + 1, stand_packet(&st->stand, buf, len), now(st),
			     &st->stand.out);
	empty(st, NULL);
	bench_must(receiver_group_view(st->r, group + 1, now(st), &v));
	bench_must(v.latency == 2000 && v.count == st->links);
}

/* Its first media packets, which the server acknowledges: now the group may stay. */
static void prove(struct receiver_stand *st, unsigned group)
{
	struct receiver_group_view v;
	uint8_t buf[SRT_PACKET];
	unsigned first = first_of(st, group);
	size_t len = srt_build_ack(buf, 1, first, 60000, 4000, 8000, 1, CALLER);

	for (unsigned i = 0; i < first; i++) {
		struct endpoint who = address(group, i % st->links);

		from_net(st, stand_media(&st->stand, i), &who);
	}
	receiver_from_server(st->r, group + 1, stand_packet(&st->stand, buf, len), now(st),
			     &st->stand.out);
	empty(st, NULL);
	bench_must(receiver_group_view(st->r, group + 1, now(st), &v));
	bench_must(v.proved);
}

struct receiver_stand *receiver_stand_create(unsigned groups, unsigned links, size_t filled)
{
	struct receiver_stand *st = calloc(1, sizeof(*st));
	struct receiver_config cfg = {0};

	bench_must(st && links <= STAND_LINKS);
	stand_init(&st->stand, filled);
	st->groups = groups;
	st->links = links;
	st->agreed = now(st);
	memset(&cfg.table_key, 1, sizeof(cfg.table_key));
	memset(&cfg.create_key, 2, sizeof(cfg.create_key));
	memset(&cfg.readopt_key, 3, sizeof(cfg.readopt_key));
	st->r = receiver_create(&cfg, &st->stand.pool, now(st));
	bench_must(st->r != NULL);
	for (unsigned g = 0; g < groups; g++) {
		register_group(st, g);
		agree(st, g);
		prove(st, g);
	}
	st->forwarded = st->answers = 0;
	return st;
}

void receiver_stand_greet(struct receiver_stand *st)
{
	struct keepalive k = {
		.srtt = 60,
		.greets = true,
		.hello = {.role = KEEPALIVE_ROLE_SENDER,
			  .version = KEEPALIVE_VERSION,
			  .abilities = KEEPALIVE_REPAIRS | KEEPALIVE_REPORTS},
	};
	uint8_t buf[KEEPALIVE_MOST];

	for (unsigned g = 0; g < st->groups; g++) {
		for (k.conn_id = 0; k.conn_id < st->links; k.conn_id++) {
			struct endpoint who = address(g, k.conn_id);
			size_t len = keepalive_build(buf, &k);

			from_net(st, stand_packet(&st->stand, buf, len), &who);
			empty(st, NULL);
		}
	}
}

void receiver_stand_destroy(struct receiver_stand *st)
{
	struct receiver_view v;

	receiver_view(st->r, now(st), &v);
	bench_must(v.groups == st->groups && v.members == st->groups * st->links);
	receiver_destroy(st->r);
	stand_finish(&st->stand);
	free(st);
}

/* The packet of one turn in a group; `turn` counts those, and its number tells the link. */
static void step(struct receiver_stand *st, unsigned i, uint64_t turn)
{
	unsigned group = (unsigned)(st->at % st->groups);
	uint64_t number = first_of(st, group) + turn;
	struct endpoint who = address(group, (unsigned)(number % st->links));
	struct pkt *p = stand_media(&st->stand, (uint32_t)number & SEQ_MASK);

	st->stand.now += STAND_GAP / st->groups;
	st->at++;
	put_be32(p->data + 8, (uint32_t)(now(st) - st->agreed));
	from_net(st, p, &who);
	if (i % A_WAKE == 0 && receiver_deadline(st->r) <= now(st))
		receiver_run(st->r, now(st), &st->stand.out);
	empty(st, NULL);
}

void receiver_stand_up(struct receiver_stand *st, unsigned n)
{
	unsigned before = st->forwarded;

	for (unsigned i = 0; i < n; i++)
		step(st, i, st->at / st->groups);
	bench_must(st->forwarded - before == n);
}

void receiver_stand_swapped(struct receiver_stand *st, unsigned n)
{
	struct receiver_group_view v;

	for (unsigned i = 0; i < n; i++)
		step(st, i, (st->at / st->groups) ^ 1);
	bench_must(receiver_group_view(st->r, 1, now(st), &v));
	bench_must(v.order.waited > 0 && v.order.late == 0);
}

void receiver_stand_down(struct receiver_stand *st, unsigned n)
{
	unsigned before = st->answers;
	uint8_t buf[SRT_PACKET];

	for (unsigned i = 0; i < n; i++) {
		unsigned port = st->number % st->groups + 1;
		size_t len;

		st->number++;
		len = srt_build_ack(buf, st->number, st->number, 60000, 4000, 8000, st->number,
				    CALLER);
		receiver_from_server(st->r, port, stand_packet(&st->stand, buf, len), now(st),
				     &st->stand.out);
		empty(st, NULL);
	}
	bench_must(st->answers - before == n * st->links);
}
