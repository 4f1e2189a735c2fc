/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/base/seq.h"
#include "tests/sim/classic_race.h"

enum { POOL = 256 };

uint64_t race_below(struct race *r, uint64_t n)
{
	return rng_below(&r->rng, n);
}

bool race_one_in(struct race *r, uint64_t n)
{
	return race_below(r, n) == 0;
}

static struct pkt *packet(struct race *r, const uint8_t *data, size_t len)
{
	struct pkt *p = pkt_get(&r->pool);

	assert_non_null(p);
	memcpy(p->data, data, len);
	p->len = (uint16_t)len;
	return p;
}

void race_from_link(struct race *r, unsigned place, const uint8_t *data, size_t len)
{
	model_heard(&r->model, place, r->now);
	sender_from_link(r->core, r->port[place], packet(r, data, len), r->now, &r->out);
}

/* The receiver's answer to a registration. */
static void answer_reg(struct race *r, unsigned place, const uint8_t *data, size_t len)
{
	uint8_t buf[PKT_CAP];

	if (srtla_type(data, len) == SRTLA_REG1) {
		memcpy(r->id, srtla_reg_id(data, len), SRTLA_HALF_LEN);
		rng_fill(&r->rng, r->id + SRTLA_HALF_LEN, SRTLA_HALF_LEN);
		r->group = true;
		len = srtla_build_reg(buf, SRTLA_REG2, r->id);
	} else if (!r->group || memcmp(srtla_reg_id(data, len), r->id, SRTLA_ID_LEN) != 0) {
		len = srtla_build_reply(buf, SRTLA_REG_NGP);
	} else {
		len = srtla_build_reply(buf, SRTLA_REG3);
		model_joined(&r->model, place, r->now);
	}
	sender_from_link(r->core, r->port[place], packet(r, buf, len), r->now, &r->out);
}

void race_pump(struct race *r)
{
	struct pkt *p;

	while ((p = outbox_take(&r->out))) {
		unsigned place = p->port ? r->place[p->port] : 0;

		switch (p->port ? srtla_type(p->data, p->len) : SRTLA_UNKNOWN) {
		case SRTLA_REG1:
		case SRTLA_REG2:
			if (!r->silent[place])
				answer_reg(r, place, p->data, p->len);
			break;
		case SRTLA_KEEPALIVE:
			if (!r->silent[place])
				race_from_link(r, place, p->data, p->len);
			break;
		case SRTLA_NOT_OURS:
			r->left_by = (int)place;
			break;
		default:
			break; /* to the encoder */
		}
		pkt_free(p);
	}
	outbox_clear_notes(&r->out);
}

void race_pass_time(struct race *r, usspan span)
{
	ustime until = r->now + span;

	while (sender_deadline(r->core) <= until) {
		r->now = later(r->now, sender_deadline(r->core));
		sender_run(r->core, r->now, &r->out);
		model_time(&r->model, r->now);
		race_pump(r);
	}
	r->now = until;
	model_time(&r->model, r->now);
}

void race_from_app(struct race *r, const uint8_t *data, size_t len)
{
	struct pkt *p = packet(r, data, len);

	endpoint_parse("127.0.0.1", &p->peer);
	p->peer.port = 9999;
	r->left_by = RACE_NOTHING;
	sender_from_app(r->core, p, r->now, &r->out);
	race_pump(r);
}

void race_begin(struct race *r, uint64_t seed)
{
	struct sender_config cfg = {.mode = SENDER_CLASSIC, .seed = seed};
	unsigned links;

	memset(r, 0, sizeof(*r));
	r->seed = seed;
	rng_init(&r->rng, seed);
	links = 1 + (unsigned)race_below(r, MODEL_LINKS);
	r->now = (ustime)race_below(r, SEC(100000));
	r->next = race_one_in(r, 2) ? SEQ_MASK - (uint32_t)race_below(r, 10000)
				    : (uint32_t)rng_next(&r->rng) & SEQ_MASK;
	r->acked = r->next;
	r->feedback = 230;
	model_init(&r->model, links);
	assert_true(pkt_pool_init(&r->pool, POOL));
	outbox_init(&r->out);
	rng_fill(&r->rng, cfg.half, sizeof(cfg.half));
	r->core = sender_create(&cfg, &r->pool, r->now);
	assert_non_null(r->core);
	/* Added in another order than that of their ranks. */
	for (unsigned i = 0; i < links; i++) {
		unsigned place = (i + (unsigned)seed) % links;
		unsigned port = i + 1;

		r->place[port] = place;
		r->port[place] = port;
		assert_int_equal(sender_link_add(r->core, place, r->now, &r->out), port);
	}
	race_pump(r);
	race_pass_time(r, SEC(3));
}

void race_end(struct race *r)
{
	sender_destroy(r->core);
	outbox_finish(&r->out);
	pkt_pool_finish(&r->pool);
}
