/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "receiver/core/state.h"
#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

/*
 * Two groups of three links whose media come in any order, under a script: who brings which
 * number, how time goes, what the SRT server asks for and its socket refuses, where sessions
 * begin.  What must hold, beside the sanitizers: each number goes to the server once, unless
 * it was refused or asked for again; the numbers of a session rise, but for one that is late
 * as it comes; nothing is held when it should be played, or for too long where that is not
 * known; nothing is lost, and a deadline that was kept lies behind.
 */

enum {
	GROUPS = 2,
	LINKS = 3,
	ROOM = 48, /* on the shelf: full at times, and 127 times as much is in reach */
	POOL = 256,
	STEPS = 600,
	SPAN = 16384, /* numbers told apart */
	CLOCK = 5000, /* of each caller at its conclusion, us */
	SERVER = 0x5e,
};

#define BLIND  MSEC(100) /* at most, without a play-out time */
#define GUARD  MSEC(15)  /* at least, before it */
#define PACING MSEC(1)   /* to let go of all that there is room for */

enum step {
	STEP_TIME,
	STEP_MEDIA,
	STEP_RESENT,
	STEP_NAK,
	STEP_ACK,
	STEP_REFUSE,
	STEP_SESSION,
	STEP_JUMP,
	STEP_RELEASE,
	STEP_OWN_PEER,
};

enum fate { ABSENT, HELD, PASSED };

/* A packet that has come, and not gone. */
struct waiting {
	uint32_t seq;
	ustime until;
};

/* One group as it should be. */
struct model {
	unsigned port;
	struct endpoint link[LINKS];
	uint32_t caller;     /* of the session; 0: none was agreed, */
	ustime base;         /* when its first number is played; NEVER: not known */
	uint32_t first;      /* of this run of numbers */
	uint32_t top;        /* one past the newest brought */
	uint32_t high;       /* one past the highest gone */
	uint8_t fate[SPAN];
	struct waiting held[ROOM];
	unsigned held_count;
	uint64_t brought, gone;
	bool refuses;        /* its socket, the next packet */
	bool jumps;          /* the number that comes begins another run, */
	bool strays;         /* or belongs to none */
};

struct bench {
	struct receiver *r;
	struct receiver_config cfg;
	struct pkt_pool pool;
	struct outbox out;
	ustime now;
	struct model group[GROUPS];
};

struct script {
	const uint8_t *at;
	size_t left;
};

static unsigned byte(struct script *s)
{
	if (s->left == 0)
		return 0;
	s->left--;
	return *s->at++;
}

static struct pkt *packet(struct bench *b, size_t len)
{
	struct pkt *p = pkt_get(&b->pool);

	must(p != NULL);
	memset(p->data, 0, len);
	p->len = (uint16_t)len;
	return p;
}

static struct pkt *control(struct bench *b, enum srt_type type, size_t len)
{
	struct pkt *p = packet(b, len);

	put_be16(p->data, (uint16_t)(0x8000 | type));
	put_be32(p->data + 8, CLOCK);
	return p;
}

static void from_link(struct bench *b, const struct model *m, unsigned link, struct pkt *p)
{
	p->peer = m->link[link];
	receiver_from_net(b->r, p, b->now, &b->out);
}

/* Numbers and their timestamps rise together: a millisecond each. */
static usspan made(const struct model *m, uint32_t seq)
{
	return MSEC(seq_diff(seq, m->first));
}

static void put_held(struct bench *b, struct model *m, uint32_t seq)
{
	ustime until = b->now + BLIND;

	if (m->base != NEVER)
		until = later(b->now, m->base + made(m, seq) - GUARD);
	if (b->cfg.hold > 0)
		until = earlier(until, b->now + b->cfg.hold);
	must(m->held_count < ROOM);
	m->held[m->held_count++] = (struct waiting){seq, until + PACING};
	m->fate[seq % SPAN] = HELD;
}

static void take_held(struct bench *b, struct model *m, uint32_t seq)
{
	unsigned i = 0;

	while (i < m->held_count && m->held[i].seq != seq)
		i++;
	must(i < m->held_count);
	must(b->now <= m->held[i].until);
	m->held[i] = m->held[--m->held_count];
}

/* It goes to the server; `came` is the number that was brought in this call, or SEQ_NONE. */
static void goes(struct bench *b, struct model *m, uint32_t seq, uint32_t came)
{
	must(m->fate[seq % SPAN] != PASSED);
	if (m->fate[seq % SPAN] == HELD)
		take_held(b, m, seq);
	else
		must(seq == came);
	must(!seq_before(seq, m->high) || seq == came);
	if (!seq_before(seq, m->high))
		m->high = seq_add(seq, 1);
	m->fate[seq % SPAN] = PASSED;
	m->gone++;
}

/* Another run of numbers: none of them has come. */
static void begin(struct model *m, uint32_t first)
{
	must(m->held_count == 0);
	m->first = m->top = m->high = first;
	memset(m->fate, ABSENT, sizeof(m->fate));
}

static struct model *behind(struct bench *b, unsigned port)
{
	for (unsigned i = 0; i < GROUPS; i++)
		if (b->group[i].port == port)
			return &b->group[i];
	return NULL;
}

/* A packet that came out.  True when it is number `came`. */
static bool take_out(struct bench *b, struct model *m, struct pkt *p, uint32_t came)
{
	uint32_t seq = be32(p->data);

	if (m->strays) {
		must(seq == came);
		m->strays = false;
		m->gone++;
		pkt_free(p);
		return true;
	}
	if (m->jumps && seq == came) {
		begin(m, seq);
		m->jumps = false;
	}
	goes(b, m, seq, came);
	if (m->refuses) {
		m->refuses = false;
		m->fate[seq % SPAN] = ABSENT;
		receiver_server_error(b->r, m->port, p, EAGAIN, b->now, &b->out);
	} else {
		pkt_free(p);
	}
	return seq == came;
}

/* All that came out.  True when number `came`, which was brought to this group, is of it. */
static bool look(struct bench *b, const struct model *to, uint32_t came)
{
	bool there = false;
	struct pkt *p;

	while ((p = outbox_take(&b->out))) {
		struct model *m = behind(b, p->port);

		if (m && srt_is_data(p->data, p->len))
			there |= take_out(b, m, p, m == to ? came : SEQ_NONE);
		else
			pkt_free(p);
	}
	outbox_clear_notes(&b->out);
	return there;
}

static void look_at_sums(struct bench *b)
{
	unsigned held = 0;

	for (unsigned i = 0; i < GROUPS; i++) {
		struct model *m = &b->group[i];
		struct receiver_group_view v;

		must(receiver_group_view(b->r, m->port, b->now, &v));
		must(v.order.held == m->held_count);
		must(m->brought == m->gone + m->held_count + v.order.duplicate);
		must(b->cfg.hold >= 0 || m->held_count == 0);
		held += m->held_count;
	}
	must(b->r->shelf.count == held && held <= ROOM);
	must(b->pool.in_use == held);
}

static void pass_time(struct bench *b, usspan span)
{
	ustime end = b->now + span, due;

	while ((due = receiver_deadline(b->r)) <= end) {
		b->now = later(b->now, due);
		receiver_run(b->r, b->now, &b->out);
		look(b, NULL, SEQ_NONE);
		must(receiver_deadline(b->r) > b->now);
	}
	b->now = end;
}

static void send_media(struct bench *b, struct model *m, unsigned link, uint32_t seq,
		       usspan stamp, bool resent)
{
	struct pkt *p = packet(b, SRT_HEADER_LEN + 4);

	put_be32(p->data, seq);
	put_be32(p->data + 4, resent ? UINT32_C(0xc4000001) : UINT32_C(0xc0000001));
	put_be32(p->data + 8, (uint32_t)(CLOCK + stamp));
	put_be32(p->data + 12, SERVER);
	m->brought++;
	from_link(b, m, link, p);
}

/* Those that come within reach have not been here. */
static void raise_top(struct model *m, uint32_t seq)
{
	for (; !seq_before(seq, m->top); m->top = seq_add(m->top, 1))
		m->fate[seq_add(m->top, SPAN / 2) % SPAN] = ABSENT;
}

static void bring(struct bench *b, struct model *m, unsigned link, uint32_t seq, bool resent)
{
	bool known = m->fate[seq % SPAN] != ABSENT;

	send_media(b, m, link, seq, made(m, seq), resent);
	raise_top(m, seq);
	if (known)
		look(b, NULL, SEQ_NONE);
	else if (!look(b, m, seq))
		put_held(b, m, seq);
}

/* A single number far from all others. */
static void stray(struct bench *b, struct model *m, unsigned link, unsigned how_far)
{
	uint32_t seq = seq_add(m->top, 40000 + how_far * 8000000);

	m->strays = true;
	send_media(b, m, link, seq, 0, false);
	must(look(b, m, seq));
}

/* The same after a silence, as when an encoder restarts and nobody tells. */
static void jump(struct bench *b, struct model *m, unsigned link, unsigned how_far)
{
	uint32_t seq = seq_add(m->top, 40000 + how_far * 8000000);

	pass_time(b, SEC(1) + 1);
	m->jumps = true;
	send_media(b, m, link, seq, 0, false);
	must(look(b, m, seq));
	m->top = seq_add(seq, 1);
	stray(b, m, link, how_far ^ 0x55);
}

static struct pkt *handshake(struct bench *b, uint32_t type, uint32_t from, uint32_t to,
			     uint32_t isn)
{
	struct pkt *p = control(b, SRT_HANDSHAKE, SRT_HANDSHAKE_LEN + 16);

	put_be32(p->data + 12, to);
	put_be32(p->data + 16, type == SRT_HS_INDUCTION ? 4 : 5);
	put_be16(p->data + 22, type == SRT_HS_INDUCTION ? 2 : 1);
	put_be32(p->data + 24, isn);
	put_be32(p->data + 28, 1500);
	put_be32(p->data + 32, 8192);
	put_be32(p->data + 36, type);
	put_be32(p->data + 40, from);
	if (type == SRT_HS_INDUCTION)
		p->len = SRT_HANDSHAKE_LEN;
	return p;
}

static struct pkt *conclusion(struct bench *b, uint32_t from, uint32_t to, uint32_t isn,
			      unsigned command, uint16_t latency)
{
	struct pkt *p = handshake(b, SRT_HS_CONCLUSION, from, to, isn);

	put_be16(p->data + 64, (uint16_t)command);
	put_be16(p->data + 66, 3);
	put_be32(p->data + 68, 0x10501);
	put_be32(p->data + 72, 0x3f);
	put_be16(p->data + 76, latency);
	put_be16(p->data + 78, latency);
	return p;
}

static void from_server(struct bench *b, const struct model *m, struct pkt *p)
{
	receiver_from_server(b->r, m->port, p, b->now, &b->out);
}

static void acknowledge(struct bench *b, struct model *m, uint32_t rtt)
{
	struct pkt *p = control(b, SRT_ACK, SRT_HEADER_LEN + 28);

	put_be32(p->data + 4, 1);
	put_be32(p->data + 12, m->caller);
	put_be32(p->data + 16, m->high);
	put_be32(p->data + 20, rtt);
	from_server(b, m, p);
	look(b, NULL, SEQ_NONE);
}

static void agree(struct bench *b, struct model *m, uint32_t isn, uint16_t latency)
{
	uint32_t caller = m->caller = m->caller + 100;

	from_link(b, m, 0, handshake(b, SRT_HS_INDUCTION, caller, 0, isn));
	look(b, NULL, SEQ_NONE);
	begin(m, isn);
	from_server(b, m, handshake(b, SRT_HS_INDUCTION, SERVER, caller, isn));
	from_link(b, m, 0, conclusion(b, caller, 0, isn, 1, latency));
	from_server(b, m, conclusion(b, SERVER, caller, isn, 2, latency));
	look(b, NULL, SEQ_NONE);
	m->base = latency ? b->now + MSEC(latency) : NEVER;
	acknowledge(b, m, 50000); /* a server that never says anything is not there for long */
}

static void ask_for(struct bench *b, struct model *m, unsigned back, unsigned count)
{
	uint32_t from = seq_add(m->top, SEQ_MASK + 1 - back), to = seq_add(from, count);
	struct pkt *p = control(b, SRT_NAK, SRT_HEADER_LEN + 8);

	put_be32(p->data + 12, m->caller);
	put_be32(p->data + 16, from | SEQ_NONE);
	put_be32(p->data + 20, to);
	from_server(b, m, p);
	look(b, NULL, SEQ_NONE);
	for (uint32_t seq = from; seq != seq_add(to, 1); seq = seq_add(seq, 1))
		if (m->fate[seq % SPAN] == PASSED)
			m->fate[seq % SPAN] = ABSENT;
}

static void step(struct bench *b, struct script *s)
{
	/* What happens most comes most. */
	static const enum step kinds[16] = {
		STEP_TIME,   STEP_TIME,    STEP_MEDIA, STEP_MEDIA,  STEP_MEDIA, STEP_MEDIA,
		STEP_MEDIA,  STEP_MEDIA,   STEP_MEDIA, STEP_RESENT, STEP_NAK,   STEP_ACK,
		STEP_REFUSE, STEP_SESSION, STEP_JUMP,  STEP_RELEASE,
	};
	unsigned kind = byte(s), who = byte(s), what = byte(s);
	struct model *m = &b->group[who % GROUPS];
	unsigned link = who / GROUPS % LINKS;

	switch (kind == 0xff ? STEP_OWN_PEER : kinds[kind % 16]) {
	case STEP_TIME:
		pass_time(b, (usspan)(what * what) * 10);
		break;
	case STEP_MEDIA:
	case STEP_RESENT:
		bring(b, m, link, seq_add(m->top, (uint32_t)(int8_t)what & SEQ_MASK),
		      kinds[kind % 16] == STEP_RESENT);
		break;
	case STEP_NAK:
		ask_for(b, m, what, byte(s));
		break;
	case STEP_ACK:
		acknowledge(b, m, what * 4000);
		break;
	case STEP_REFUSE:
		m->refuses = true;
		break;
	case STEP_SESSION:
		agree(b, m, SEQ_MASK - byte(s) * 1000, (uint16_t)(what * 8));
		break;
	case STEP_JUMP:
		jump(b, m, link, what);
		break;
	case STEP_RELEASE:
		receiver_release(b->r, b->now, &b->out);
		look(b, NULL, SEQ_NONE);
		break;
	case STEP_OWN_PEER:
		registry_port(&b->r->registry, m->port)->repairs = what % 2;
		break;
	}
	look_at_sums(b);
}

static void register_link(struct bench *b, struct model *m, unsigned link, uint8_t id[])
{
	struct pkt *p = packet(b, SRTLA_REG_LEN);

	srtla_build_reg(p->data, SRTLA_REG2, id);
	from_link(b, m, link, p);
	p = outbox_take(&b->out);
	must(p && srtla_type(p->data, p->len) == SRTLA_REG3);
	pkt_free(p);
}

static void register_group(struct bench *b, unsigned group)
{
	struct model *m = &b->group[group];
	uint8_t id[SRTLA_ID_LEN] = {(uint8_t)group};
	struct pkt *p = packet(b, SRTLA_REG_LEN);

	for (unsigned i = 0; i < LINKS; i++)
		m->link[i] = (struct endpoint){.family = FAMILY_V4,
					       .port = 4000,
					       .addr = {10, (uint8_t)group, (uint8_t)i, 1}};
	srtla_build_reg(p->data, SRTLA_REG1, id);
	from_link(b, m, 0, p);
	p = outbox_take(&b->out);
	must(p && srtla_type(p->data, p->len) == SRTLA_REG2);
	memcpy(id, p->data + 2, sizeof(id));
	pkt_free(p);
	for (unsigned i = 0; i < LINKS; i++)
		register_link(b, m, i, id);
	for (unsigned i = 0; i < b->out.note_count; i++)
		if (b->out.notes[i].kind == RECEIVER_GROUP_NEW)
			m->port = b->out.notes[i].port;
	outbox_clear_notes(&b->out);
	must(m->port != 0);
	m->base = NEVER;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct bench b;
	struct script script = {data, len};
	unsigned hold = byte(&script);

	memset(&b, 0, sizeof(b));
	b.now = SEC(1000);
	b.cfg = (struct receiver_config){
		.groups = GROUPS,
		.members = LINKS,
		.member_timeout = SEC(1000000), /* time passes faster here than links speak */
		.hold_packets = ROOM,
		.hold = hold % 4 == 2 ? -1 : hold % 4 == 3 ? MSEC(hold / 4) : 0,
		.readopt_key = {.bytes = {1}},
	};
	must(pkt_pool_init(&b.pool, POOL));
	outbox_init(&b.out);
	b.r = receiver_create(&b.cfg, &b.pool, b.now);
	must(b.r != NULL);
	for (unsigned i = 0; i < GROUPS; i++) {
		register_group(&b, i);
		agree(&b, &b.group[i], byte(&script) * 100, (uint16_t)(byte(&script) * 8));
	}
	for (int i = 0; i < STEPS && script.left > 0; i++)
		step(&b, &script);
	receiver_destroy(b.r);
	outbox_finish(&b.out);
	must(b.pool.in_use == 0);
	pkt_pool_finish(&b.pool);
	return 0;
}
