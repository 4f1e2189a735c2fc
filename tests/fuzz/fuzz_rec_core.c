/* SPDX-License-Identifier: MIT */
#include "rec_core_world.h"

#include <errno.h>
#include <string.h>

#include "shared/wire/be.h"
#include "shared/wire/srt.h"

/*
 * A script over the whole receiver core: how it is configured, then time that passes,
 * datagrams of a few addresses, packets and errors of the SRT server, and restarts.
 * Registrations have steps of their own, since nobody guesses a cookie.  After each step:
 *
 *	- every packet is home in the pool, was in the outbox, or waits in the core, and the
 *	  core knows where,
 *	- what came in went out or waits, or one more drop is counted,
 *	- an answer goes to who asked, and is at most three times as long,
 *	- over the whole script no address got more than three times what came from it, but for
 *	  one ACK a second where the address has proved itself,
 *	- strangers hear nothing, unless they register or call,
 *	- a group that is proved and has a member that was heard lately is still there,
 *	- nothing is overdue once the time has been told,
 *	- now and then, and at the end, the tables agree with each other.
 */
/* The next `want` bytes of the script as a packet; shorter where the script ends. */
static struct pkt *scripted(struct world *w, size_t want)
{
	struct pkt *p = pkt_get(&w->pool);
	size_t left = (size_t)(w->end - w->at);

	must(p != NULL);
	if (want > left)
		want = left;
	memcpy(p->data, w->at, want);
	w->at += want;
	p->len = (uint16_t)want;
	return p;
}

static bool may_speak(struct world *w, const struct endpoint *who, const struct pkt *p)
{
	enum srtla_type type = srtla_type(p->data, p->len);

	return type == SRTLA_REG1 || type == SRTLA_REG2 || w->cfg.plain_srt ||
	       registry_member(&w->r->registry, who);
}

static void net(struct world *w, unsigned from, struct pkt *p)
{
	struct endpoint who = world_address(from);
	uint64_t before = world_ended(w);
	size_t asked = p->len, count;
	bool heard;

	p->peer = who;
	p->local = world_address(0);
	endpoint_normalise(&who);
	heard = may_speak(w, &who, p);
	world_scale(w, &who)->in += world_on_wire(&who, p->len);
	receiver_from_net(w->r, p, w->now, &w->out);
	count = world_drain(w, &who, asked);
	must(count > 0 || world_ended(w) > before);
	must(count == 0 || heard);
}

static void reg1(struct world *w)
{
	uint8_t id[SRTLA_ID_LEN];
	struct pkt *p = pkt_get(&w->pool);
	unsigned from = world_byte(w);

	must(p != NULL);
	memset(id, world_byte(w) % 4, sizeof(id));
	p->len = (uint16_t)srtla_build_reg(p->data, SRTLA_REG1, id);
	net(w, from, p);
}

/* With an id given out before, or a bit next to it. */
static void reg2(struct world *w)
{
	struct pkt *p = pkt_get(&w->pool);
	unsigned from = world_byte(w), id = world_byte(w), flip;

	must(p != NULL);
	p->len = (uint16_t)srtla_build_reg(p->data, SRTLA_REG2, w->id[id % IDS]);
	if (id >= 0xc0) {
		flip = world_byte(w);
		p->data[2 + flip] ^= (uint8_t)(1 << id % 8);
	}
	net(w, from, p);
}

static void media(struct world *w)
{
	unsigned from = world_byte(w);
	struct pkt *p = pkt_get(&w->pool);

	must(p != NULL);
	memset(p->data, 0, 16);
	p->data[3] = world_byte(w);
	p->len = 16;
	net(w, from, p);
}

/* A caller's handshake: socket ids 1 to 4; stream id a, b, x or none. */
static void calls(struct world *w)
{
	static const uint8_t streams[] = {'a', 'b', 'x', 0};
	unsigned from = world_byte(w), what = world_byte(w);
	struct pkt *p = pkt_get(&w->pool);
	bool concludes = what & 1;
	uint8_t *sid;

	must(p != NULL);
	memset(p->data, 0, SRT_HANDSHAKE_LEN + 24);
	put_be32(p->data, UINT32_C(0x80000000));
	put_be32(p->data + 16, concludes ? 5 : 4);
	put_be32(p->data + 20, concludes ? 5 : 2);
	put_be32(p->data + 36, concludes ? SRT_HS_CONCLUSION : SRT_HS_INDUCTION);
	put_be32(p->data + 40, 1 + (what >> 3 & 3));
	put_be32(p->data + 44, concludes ? w->cookie : 0);
	put_be32(p->data + 64, 0x00010003); /* HSREQ, three words */
	sid = p->data + 80;
	put_be32(sid, 0x00050001); /* stream id, one word, the first character last */
	put_be32(sid + 4, streams[what >> 1 & 3]);
	p->len = (uint16_t)(!concludes  ? SRT_HANDSHAKE_LEN
			    : what & 32 ? SRT_HANDSHAKE_LEN + 16
					: SRT_HANDSHAKE_LEN + 24);
	net(w, from, p);
}

static void from_server(struct world *w, unsigned port, struct pkt *p)
{
	uint64_t before = world_ended(w);
	size_t count;

	receiver_from_server(w->r, port, p, w->now, &w->out);
	count = world_drain(w, NULL, 0);
	must(count > 0 || world_ended(w) > before);
	must(count <= MEMBERS + HOLD);
}

static void server_speaks(struct world *w)
{
	unsigned port = world_byte(w) % (GROUPS + 2);

	from_server(w, port, scripted(w, world_byte(w)));
}

/* What a server says to a caller of calls(): handshakes, a full ACK, a NAK, a goodbye. */
static void server_serves(struct world *w)
{
	unsigned port = world_byte(w) % (GROUPS + 2), what = world_byte(w);
	struct pkt *p = pkt_get(&w->pool);
	static const uint16_t type[] = {0, 0, 0, SRT_ACK, SRT_ACK, SRT_NAK, SRT_SHUTDOWN, SRT_USER};
	static const uint32_t shake[] = {SRT_HS_INDUCTION, SRT_HS_CONCLUSION, SRT_HS_REFUSAL + 10};
	static const uint16_t len[] = {64, 64, 64, 44, 44, 20, 20, 48};

	must(p != NULL);
	memset(p->data, 0, SRT_HANDSHAKE_LEN);
	put_be16(p->data, (uint16_t)(0x8000 | type[what & 7]));
	put_be32(p->data + 12, 1 + (what >> 3 & 3));
	put_be32(p->data + 16, what >> 5);
	if (type[what & 7] == SRT_HANDSHAKE) {
		put_be32(p->data + 16, 5);
		put_be32(p->data + 36, shake[what & 7]);
		put_be32(p->data + 40, 9);
		put_be32(p->data + 44, what);
	}
	p->len = len[what & 7];
	from_server(w, port, p);
}

static void server_fails(struct world *w)
{
	static const int errors[] = {ECONNREFUSED, EAGAIN, ENOBUFS, EHOSTUNREACH};
	unsigned port = world_byte(w) % (GROUPS + 2), what = world_byte(w);
	struct pkt *p = what & 4 ? scripted(w, 16) : NULL;
	uint64_t before = world_ended(w);
	bool cost = p != NULL;

	receiver_server_error(w->r, port, p, errors[what % 4], w->now, &w->out);
	must(world_drain(w, NULL, 0) == 0);
	must(world_ended(w) == before + cost);
}

/* Up to 51 s at once; a deadline that has passed was kept or is now. */
static void time_passes(struct world *w)
{
	uint8_t step = world_byte(w);

	w->now += step < 128 ? MSEC(step) : MSEC(400) * (step - 127);
	world_note_safe(w);
	receiver_run(w->r, w->now, &w->out);
	must(receiver_deadline(w->r) > w->now);
	world_drain(w, NULL, 0);
}

static void start(struct world *w)
{
	w->r = receiver_create(&w->cfg, &w->pool, w->now);
	must(w->r != NULL);
	receiver_set_boottime(w->r, SEC(100));
	receiver_set_keys(w->r, w->keys);
}

/* All groups come back as they were. */
static void restart(struct world *w)
{
	static struct receiver_record rec[GROUPS + 1];
	bool there[GROUPS + 1];
	bool orderly = world_byte(w) & 1;

	if (w->restarts++ >= RESTARTS)
		return;
	if (orderly)
		receiver_release(w->r, w->now, &w->out);
	world_drain(w, NULL, 0);
	for (unsigned port = 1; port <= GROUPS; port++)
		there[port] = receiver_record(w->r, port, &rec[port]);
	receiver_destroy(w->r);
	must(w->pool.in_use == 0);
	start(w);
	for (unsigned port = 1; port <= GROUPS; port++) {
		if (!there[port])
			continue;
		must(receiver_restore(w->r, &rec[port], w->now, &w->out) == port);
		for (unsigned i = 0; i < rec[port].count; i++) {
			must(registry_member(&w->r->registry, &rec[port].member[i]));
			world_scale(w, &rec[port].member[i])->in +=
				world_on_wire(&rec[port].member[i], SRTLA_REG_LEN);
		}
	}
	world_drain(w, NULL, 0);
	memset(w->safe, 0, sizeof(w->safe)); /* they have other serials now */
}

static void step(struct world *w)
{
	unsigned from;

	world_note_safe(w);
	switch (world_byte(w) % 11) {
	case 0:
		time_passes(w);
		break;
	case 1:
		from = world_byte(w);
		net(w, from, scripted(w, world_byte(w)));
		break;
	case 2:
		reg1(w);
		break;
	case 3:
		reg2(w);
		break;
	case 4:
		media(w);
		break;
	case 5:
		server_speaks(w);
		break;
	case 6:
		server_fails(w);
		break;
	case 7:
		from = world_byte(w);
		net(w, from, scripted(w, 8u * world_byte(w)));
		break;
	case 8:
		restart(w);
		break;
	case 9:
		calls(w);
		break;
	default:
		server_serves(w);
		break;
	}
	world_check_safe(w);
}

/* The first byte of the script. */
static void configure(struct world *w)
{
	unsigned how = world_byte(w);

	w->cfg.groups = how & 1 ? 3 : GROUPS;
	w->cfg.members = MEMBERS;
	w->cfg.hold_packets = HOLD;
	w->cfg.hold = how & 2 ? -1 : how & 4 ? MSEC(20) : 0;
	w->cfg.gate_off = how & 8;
	w->cfg.plain_srt = how & 16;
	if (!(how & 32))
		return;
	w->keys = keys_create(&w->cfg.table_key);
	must(w->keys && keys_add(w->keys, "a", 0) && keys_add(w->keys, "b", 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.at = data, .end = data + size, .now = SEC(5)};

	must(pkt_pool_init(&w.pool, POOL));
	outbox_init(&w.out);
	configure(&w);
	start(&w);
	for (unsigned i = 0; i < STEPS && w.at < w.end; i++) {
		step(&w);
		if (i % 64 == 0)
			world_check_tables(&w);
	}
	world_check_tables(&w);
	receiver_destroy(w.r);
	keys_destroy(w.keys);
	outbox_finish(&w.out);
	must(w.pool.in_use == 0);
	pkt_pool_finish(&w.pool);
	return 0;
}
