/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "pair_world.h"
#include "shared/wire/be.h"

/*
 * Both cores, joined by a small network that loses, delays, turns round and doubles packets as
 * the script says; behind them an encoder and an SRT server that acknowledges what it has and
 * asks for what it lacks.  Links come up and the session is agreed on first, in fair weather.
 * Beyond send_core_check.h:
 *
 *	- the server gets nothing but what the encoder sent, byte for byte except for the R bit,
 *	- it gets no number twice, unless it asked again, or the group or the session is another,
 *	- what both drop, and what is still under way, comes home to the pools.
 */
enum { STEPS = 400 };

enum step {
	STEP_TIME,
	STEP_DATA,
	STEP_WEATHER,
	STEP_SERVER_ASKS, /* for what it has had, too */
	STEP_AGAIN,       /* the encoder sends an old number again */
	STEP_CARRIER,
	STEP_ERROR,
	STEP_MODE,
	STEP_TERMS,
	STEP_CONTROL,
	STEP_GARBAGE,
	STEP_KINDS,
};

static void encode(struct world *w, uint32_t nth)
{
	struct pkt *p = pkt_get(&w->up_pool);

	if (p)
		p->len = pair_make_data(p->data, seq_add(FIRST, nth));
	pair_app(w, p);
}

static void data(struct world *w, unsigned how)
{
	for (unsigned i = 0; i <= how % 16 && w->sent < NUMBERS; i++) {
		w->sent++;
		if (how < 0xf0 || i % 4 != 1) /* else it was lost on its way to the sender */
			encode(w, w->sent - 1);
	}
}

static void weather(struct world *w, unsigned link)
{
	w->weather[link] = (struct weather){.loss = pair_byte(w)};
	w->weather[link].twice = w->weather[link].loss / 2;
	w->weather[link].delay = MSEC(pair_byte(w) % 128);
	w->weather[link].jitter = MSEC(pair_byte(w) % 64);
}

static void garbage(struct world *w, unsigned link, bool down)
{
	struct pkt *p = pkt_get(&w->up_pool);
	size_t len = pair_byte(w), left = (size_t)(w->end - w->at);

	if (!p)
		return;
	if (len > left)
		len = left;
	memcpy(p->data, w->at, len);
	p->len = (uint16_t)len;
	w->at += len;
	/* Data of a stranger's making would be served, as SRT has no way to tell. */
	if (down || !srt_is_data(p->data, p->len))
		pair_set_out(w, link, down, p);
	pkt_free(p);
}

static void fail(struct world *w, unsigned how)
{
	static const int errors[] = {EAGAIN, ENOBUFS, EMSGSIZE, ENETUNREACH};
	struct pkt *p = w->refused;

	w->refused = NULL;
	sender_link_error(w->s, p ? p->port : 1, p, errors[how % 4], w->now, &w->up);
	pair_drain_sender(w);
}

static void step(struct world *w)
{
	enum step kind = (enum step)(pair_byte(w) % STEP_KINDS);
	unsigned how = pair_byte(w), link = 1 + how % LINKS;
	struct sender_terms terms = {.role = (enum sender_role)(how / LINKS % 4),
				     .weight = how / 16};

	switch (kind) {
	case STEP_TIME:
		pair_pass(w, MSEC(how % 128));
		break;
	case STEP_DATA:
		data(w, how);
		break;
	case STEP_WEATHER:
		weather(w, link);
		break;
	case STEP_SERVER_ASKS:
		if (w->port != 0 && w->sent > how)
			pair_server_asks(w, w->sent - 1 - how, 1 + pair_byte(w) % 8);
		break;
	case STEP_AGAIN:
		if (w->sent > how)
			encode(w, w->sent - 1 - how);
		break;
	case STEP_CARRIER:
		sender_link_carrier(w->s, link, how & 0x80 ? "no carrier" : NULL, w->now, &w->up);
		break;
	case STEP_ERROR:
		fail(w, how);
		break;
	case STEP_MODE:
		sender_set_mode(w->s, (enum sender_mode)(how % SENDER_MODES), w->now, &w->up);
		break;
	case STEP_TERMS:
		sender_link_terms(w->s, link, &terms, w->now, &w->up);
		break;
	case STEP_CONTROL:
		pair_app(w, pair_control(&w->up_pool, how & 1 ? SRT_ACKACK : SRT_KEEPALIVE, 9, 20));
		break;
	case STEP_GARBAGE:
		garbage(w, link, how & 0x80);
		break;
	case STEP_KINDS:
		break;
	}
	pair_drain_sender(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *script, size_t size)
{
	static struct world w;
	struct receiver_config rec = {.groups = 2, .members = 4, .hold_packets = HOLD};
	struct sender_config snd = {.half = {1, 2, 3}, .seed = 1};
	unsigned how, seed;

	memset(&w, 0, sizeof(w));
	w.at = script;
	w.end = script + size;
	w.now = SEC(5);
	w.server_due = w.now;
	how = pair_byte(&w);
	seed = pair_byte(&w);
	rng_init(&w.rng, seed);
	snd.mode = (enum sender_mode)(how % 16 % SENDER_MODES);
	snd.copies = how % 16 / SENDER_MODES % 3 + 2;
	rec.hold = how & 0x40 ? -1 : 0;
	must(pkt_pool_init(&w.up_pool, POOL) && pkt_pool_init(&w.down_pool, POOL));
	outbox_init(&w.up);
	outbox_init(&w.down);
	w.s = sender_create(&snd, &w.up_pool, w.now);
	w.r = receiver_create(&rec, &w.down_pool, w.now);
	must(w.s && w.r);
	receiver_set_boottime(w.r, SEC(100));
	pair_begin(&w, how & 0x80 ? 0 : 200 + seed);
	for (unsigned i = 0; i < STEPS && w.at < w.end; i++)
		step(&w);
	pair_end(&w);
	return 0;
}
