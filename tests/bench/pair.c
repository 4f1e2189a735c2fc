/* SPDX-License-Identifier: MIT */
#include "tests/bench/pair.h"

#include <stdlib.h>
#include <string.h>

#include "receiver/core/receiver.h"
#include "sender/core/sender.h"
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"
#include "tests/bench/must.h"
#include "tests/bench/stand.h"

enum {
	ENCODER = 0x51, /* SRT socket ids */
	SERVER = 0x77,
	LINK_ROOM = 1024, /* packets under way each way, a power of two */
	SETTLED = 1520,   /* bursts of media until all estimates have */
	WAYS = 2,
	UP = 0,
	DOWN = 1,
};

#define DELAY     MSEC(20) /* of the shortest link, one way */
#define LONGER    MSEC(2)  /* each next one */
#define ACK_EVERY MSEC(10) /* of an SRT server */
#define BYTE_NS   80       /* of each link: 100 Mbit/s */

/* One direction of one link. */
struct road {
	struct {
		ustime at;
		struct pkt *p;
	} flying[LINK_ROOM];
	unsigned first, next;
	int64_t free_at; /* ns */
};

struct pair {
	struct stand car, road; /* the sender's end and the receiver's; one time, that of `car` */
	struct sender *s;
	struct receiver *r;
	unsigned links, burst;
	bool classic, reports; /* these are due */
	struct road roads[STAND_LINKS][WAYS];

	struct endpoint encoder;
	ustime began;
	int64_t media_at;  /* ns, when the next packet of the encoder is due */
	uint32_t next;     /* its number */
	bool streams;      /* the encoder sends media */

	uint32_t expected; /* by the server */
	bool answered;     /* the server knows the session */
	uint32_t number, acked;
	ustime ack_at;

	uint32_t steps;
	void (*edge)(void);
	unsigned counted;
};

static ustime now(const struct pair *pr)
{
	return stand_now(&pr->car);
}

static uint32_t stamp(const struct pair *pr)
{
	return (uint32_t)(now(pr) - pr->began);
}

static void edge(struct pair *pr, enum pair_step step)
{
	if (pr->edge && pr->steps >> step & 1)
		pr->edge();
}

static void put(struct pair *pr, unsigned link, unsigned way, struct pkt *p)
{
	struct road *r = &pr->roads[link][way];
	int64_t from = r->free_at > pr->car.now ? r->free_at : pr->car.now;

	bench_must(r->next - r->first < LINK_ROOM);
	r->free_at = from + p->len * BYTE_NS;
	r->flying[r->next % LINK_ROOM].at = r->free_at / 1000 + DELAY + link * LONGER;
	r->flying[r->next++ % LINK_ROOM].p = p;
}

static struct endpoint address(unsigned link)
{
	return (struct endpoint){
		.family = FAMILY_V4, .port = (uint16_t)(20000 + link), .addr = {10, 9, 0, 2}};
}

static void from_encoder(struct pair *pr, struct pkt *p);

/* The encoder confirms each full ACK, as libsrt does. */
static void to_encoder(struct pair *pr, const struct pkt *p)
{
	struct srt_head head;
	uint8_t buf[SRT_PACKET];

	if (!srt_parse_head(p->data, p->len, &head) || !head.control || head.type != SRT_ACK)
		return;
	from_encoder(pr, stand_packet(&pr->car, buf,
				      srt_build_ackack(buf, head.info, stamp(pr), SERVER)));
}

static void empty_sender(struct pair *pr)
{
	struct pkt *p;

	while ((p = outbox_take(&pr->car.out))) {
		if (p->port != 0) {
			put(pr, p->port - 1, UP, p);
			continue;
		}
		to_encoder(pr, p);
		pkt_free(p);
	}
	outbox_clear_notes(&pr->car.out);
}

static void from_encoder(struct pair *pr, struct pkt *p)
{
	enum pair_step step = srt_is_data(p->data, p->len) ? PAIR_MEDIA : PAIR_CONTROL;

	p->peer = pr->encoder;
	pr->counted += pr->steps >> step & 1;
	edge(pr, step);
	sender_from_app(pr->s, p, now(pr), &pr->car.out);
	edge(pr, step);
	/* What it answers to comes by this way again, and is emptied there. */
	empty_sender(pr);
}

static void answer_handshake(struct pair *pr)
{
	const struct srt_hello h = {.version = 5,
				    .type = SRT_HS_CONCLUSION,
				    .socket_id = SERVER,
				    .dest = ENCODER,
				    .command = 2,
				    .recv_latency = 2000,
				    .send_latency = 2000};
	uint8_t buf[SRT_PACKET];

	pr->answered = true;
	pr->ack_at = now(pr) + ACK_EVERY;
	receiver_from_server(pr->r, 1,
			     stand_packet(&pr->road, buf, srt_build_handshake(buf, &h)), now(pr),
			     &pr->road.out);
}

static void to_server(struct pair *pr, const struct pkt *p)
{
	if (srt_is_data(p->data, p->len)) {
		bench_must(be32(p->data) == pr->expected);
		pr->expected = seq_add(pr->expected, 1);
	} else if (!pr->answered) {
		answer_handshake(pr);
	}
}

static void empty_receiver(struct pair *pr)
{
	struct pkt *p;

	while ((p = outbox_take(&pr->road.out))) {
		bool echo = srtla_type(p->data, p->len) == SRTLA_KEEPALIVE;

		if (p->port == 0 && !(echo && pr->classic)) {
			put(pr, p->peer.port - address(0).port, DOWN, p);
			continue;
		}
		if (p->port != 0)
			to_server(pr, p);
		pkt_free(p);
	}
	outbox_clear_notes(&pr->road.out);
}

/* A packet of one end's pool as one of the other's. */
static struct pkt *across(struct stand *st, struct pkt *p)
{
	struct pkt *q = stand_packet(st, p->data, p->len);

	pkt_free(p);
	return q;
}

static void arrive_up(struct pair *pr, unsigned link, struct pkt *p)
{
	bool data = srt_is_data(p->data, p->len);
	enum pair_step step = data ? PAIR_ARRIVAL : PAIR_CALL;

	if (pr->classic && srtla_type(p->data, p->len) == SRTLA_KEEPALIVE) {
		put(pr, link, DOWN, stand_packet(&pr->road, p->data, p->len));
		p->len = KEEPALIVE_EXTENDED;
	}
	p = across(&pr->road, p);
	p->peer = address(link);
	p->local = (struct endpoint){.family = FAMILY_V4, .port = 5000, .addr = {192, 0, 2, 1}};
	pr->counted += pr->steps >> step & 1;
	edge(pr, step);
	receiver_from_net(pr->r, p, now(pr), &pr->road.out);
	edge(pr, step);
	empty_receiver(pr);
}

static enum pair_step step_of(const struct pkt *p)
{
	switch (srtla_type(p->data, p->len)) {
	case SRTLA_NOT_OURS:
		return PAIR_SRT;
	case SRTLA_ACK:
		return PAIR_SRTLA_ACK;
	case SRTLA_REPORT:
		return PAIR_REPORT;
	default:
		return PAIR_ECHO;
	}
}

static void arrive_down(struct pair *pr, unsigned link, struct pkt *p)
{
	enum pair_step step = step_of(p);

	p = across(&pr->car, p);
	pr->counted += pr->steps >> step & 1;
	edge(pr, step);
	sender_from_link(pr->s, link + 1, p, now(pr), &pr->car.out);
	edge(pr, step);
	empty_sender(pr);
}

static void send_media(struct pair *pr)
{
	pr->media_at += STAND_GAP;
	for (unsigned i = 0; i < pr->burst; i++) {
		struct pkt *p = stand_media(&pr->car, pr->next);

		put_be32(p->data + 8, stamp(pr));
		pr->next = seq_add(pr->next, 1);
		from_encoder(pr, p);
	}
}

static void acknowledge(struct pair *pr)
{
	uint8_t buf[SRT_PACKET];
	struct pkt *p;

	pr->ack_at += ACK_EVERY;
	if (pr->acked == pr->expected)
		return;
	pr->acked = pr->expected;
	pr->number++;
	p = stand_packet(&pr->road, buf,
			 srt_build_ack(buf, pr->number, pr->acked, 60000, 4000, 8000, stamp(pr),
				       ENCODER));
	pr->counted += pr->steps >> PAIR_ANSWER & 1;
	edge(pr, PAIR_ANSWER);
	receiver_from_server(pr->r, 1, p, now(pr), &pr->road.out);
	edge(pr, PAIR_ANSWER);
	empty_receiver(pr);
}

static void run(struct pair *pr, bool sender)
{
	enum pair_step step = sender ? PAIR_RUN : PAIR_RECEIVER_RUN;

	pr->counted += pr->steps >> step & 1;
	edge(pr, step);
	if (sender)
		sender_run(pr->s, now(pr), &pr->car.out);
	else
		receiver_run(pr->r, now(pr), &pr->road.out);
	edge(pr, step);
	if (sender)
		empty_sender(pr);
	else
		empty_receiver(pr);
}

/* The road whose next packet arrives first; NULL: none has any. */
static struct road *nearest(struct pair *pr, unsigned *link, unsigned *way)
{
	struct road *found = NULL;

	for (unsigned i = 0; i < pr->links * WAYS; i++) {
		struct road *r = &pr->roads[i / WAYS][i % WAYS];

		if (r->first == r->next || (found && r->flying[r->first % LINK_ROOM].at >=
							     found->flying[found->first % LINK_ROOM].at))
			continue;
		found = r;
		*link = i / WAYS;
		*way = i % WAYS;
	}
	return found;
}

/* The next thing that happens. */
static void happen(struct pair *pr)
{
	unsigned link = 0, way = UP;
	struct road *r = nearest(pr, &link, &way);
	ustime arrives = r ? r->flying[r->first % LINK_ROOM].at : NEVER;
	ustime sender = sender_deadline(pr->s), receiver = receiver_deadline(pr->r);
	ustime ack = pr->answered ? pr->ack_at : NEVER;
	ustime media = pr->streams ? (pr->media_at + 999) / 1000 : NEVER;
	ustime at = earlier(earlier(earlier(arrives, ack), media), earlier(sender, receiver));

	if (at * 1000 > pr->car.now)
		pr->car.now = at * 1000;
	if (arrives == at) {
		struct pkt *p = r->flying[r->first++ % LINK_ROOM].p;

		if (way == UP)
			arrive_up(pr, link, p);
		else
			arrive_down(pr, link, p);
	} else if (sender == at || receiver == at) {
		run(pr, sender == at);
	} else if (media == at) {
		send_media(pr);
	} else {
		acknowledge(pr);
	}
}

static void agree(struct pair *pr)
{
	struct srt_hello h = {.version = 5,
			      .type = SRT_HS_CONCLUSION,
			      .isn = pr->next,
			      .socket_id = ENCODER,
			      .command = 1,
			      .recv_latency = 2000,
			      .send_latency = 2000};
	struct sender_view v;
	uint8_t buf[SRT_PACKET];

	from_encoder(pr, stand_packet(&pr->car, buf, srt_build_handshake(buf, &h)));
	for (ustime until = now(pr) + SEC(1); now(pr) < until;)
		happen(pr);
	sender_view(pr->s, now(pr), &v);
	bench_must(v.live == pr->links && v.latency == 2000 && pr->answered);
}

struct pair *pair_create(const struct pair_config *config)
{
	struct pair *pr = calloc(1, sizeof(*pr));
	struct sender_config cfg = {.mode = config->mode, .seed = 1};
	struct receiver_config rcfg = {0};

	bench_must(pr && config->links <= STAND_LINKS);
	stand_init(&pr->car, SRT_PACKET);
	stand_init(&pr->road, SRT_PACKET);
	pr->links = config->links;
	pr->burst = config->burst;
	pr->classic = config->classic;
	pr->reports = !pr->classic && cfg.mode != SENDER_CLASSIC && cfg.mode != SENDER_QUALITY;
	pr->next = pr->expected = pr->acked = 1000;
	pr->encoder = (struct endpoint){.family = FAMILY_V4, .port = 40000, .addr = {127, 0, 0, 1}};
	memset(cfg.half, 0xa5, sizeof(cfg.half));
	memset(&rcfg.table_key, 1, sizeof(rcfg.table_key));
	memset(&rcfg.create_key, 2, sizeof(rcfg.create_key));
	memset(&rcfg.readopt_key, 3, sizeof(rcfg.readopt_key));
	pr->s = sender_create(&cfg, &pr->car.pool, now(pr));
	pr->r = receiver_create(&rcfg, &pr->road.pool, now(pr));
	bench_must(pr->s && pr->r);
	for (unsigned i = 1; i <= pr->links; i++)
		bench_must(sender_link_add(pr->s, i, now(pr), &pr->car.out) == i);
	empty_sender(pr);
	for (ustime until = now(pr) + SEC(1); now(pr) < until;)
		happen(pr);
	pr->began = now(pr);
	agree(pr);
	pr->media_at = pr->car.now;
	pr->streams = true;
	pair_pass(pr, SETTLED * pr->burst, 0, NULL);
	return pr;
}

unsigned pair_pass(struct pair *pr, unsigned n, uint32_t steps, void (*edge_of)(void))
{
	uint32_t until = seq_add(pr->next, n);

	bench_must(n % pr->burst == 0);

	pr->steps = steps;
	pr->edge = edge_of;
	pr->counted = 0;
	while (pr->next != until)
		happen(pr);
	pr->edge = NULL;
	return pr->counted;
}

/* Nothing was lost, sent twice or held up, and the peers know each other as they should. */
static void judge(struct pair *pr)
{
	struct sender_view v;
	struct receiver_group_view g;

	sender_view(pr->s, now(pr), &v);
	bench_must(v.live == pr->links && v.resent_out == 0 && v.expired == 0 &&
		   v.probes == 0 && v.waiting == 0);
	bench_must(v.peer == (pr->classic ? SENDER_PEER_CLASSIC : SENDER_PEER_OWN));
	bench_must(receiver_group_view(pr->r, 1, now(pr), &g));
	bench_must(g.count == pr->links && (g.reports > 0) == pr->reports);
}

void pair_destroy(struct pair *pr)
{
	judge(pr);
	sender_destroy(pr->s);
	receiver_destroy(pr->r);
	for (unsigned i = 0; i < pr->links * WAYS; i++) {
		struct road *r = &pr->roads[i / WAYS][i % WAYS];

		for (; r->first != r->next; r->first++)
			pkt_free(r->flying[r->first % LINK_ROOM].p);
	}
	stand_finish(&pr->car);
	stand_finish(&pr->road);
	free(pr);
}
