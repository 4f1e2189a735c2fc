/* SPDX-License-Identifier: MIT */
#include "lab/srt/media.h"

#include <string.h>

#include "lab/srt/moment.h"
#include "lab/srt/program.h"
#include "lab/srt/stamp.h"

enum { BITS_PER_MBIT = 1000000, US_PER_MS = 1000 };

#define LOOK MSEC(ABR_EVERY_MS)
#define SETTLE MSEC(500) /* after the latency, until the last packet has surely been played */

void media_init(struct media *m, const struct media_config *cfg, struct ledger *l,
		struct caller *c)
{
	struct abr_config abr = {cfg->least, cfg->most, c->cfg.latency};

	*m = (struct media){.cfg = *cfg, .ledger = l, .caller = c};
	m->stream = stamp_stream(cfg->stream_id);
	m->number = ledger_made(l);
	m->rates = json_array();
	encoder_init(&m->encoder, &cfg->stream);
	abr_init(&m->abr, &abr, cfg->stream.rate);
}

void media_finish(struct media *m)
{
	json_decref(m->rates);
}

static void adapt(struct media *m, const SRT_TRACEBSTATS *figures, ustime now)
{
	struct abr_sample sample = {
		.rtt = (usspan)(figures->msRTT * US_PER_MS),
		.waiting = caller_waiting(m->caller),
		.throughput = (uint64_t)(figures->mbpsSendRate * BITS_PER_MBIT),
	};

	encoder_set_rate(&m->encoder, abr_sample(&m->abr, &sample, now));
}

/* What encoders do each 20 ms, whatever they encode. */
static void look(struct media *m, ustime now)
{
	SRT_TRACEBSTATS figures;
	bool before = m->caller->state == CALLER_TALKS;
	bool talks = caller_run(m->caller, now, &figures);

	if (m->cfg.most > 0 && before && talks)
		adapt(m, &figures, now);
	if (m->began > 0 && m->ended == 0 && now >= m->next_rate) {
		json_array_append_new(m->rates, program_whole(m->encoder.cfg.rate));
		m->next_rate += MEDIA_RATE_STEP;
	}
	m->next_look = later(m->next_look + LOOK, now);
}

static void make_packet(struct media *m, size_t len, ustime now)
{
	struct stamp s = {.stream = m->stream, .number = m->number++, .made = now, .len = len};
	uint8_t message[ENCODER_PAYLOAD];

	stamp_write(&s, message);
	if (s.number >= m->ledger->room)
		m->unrecorded++;
	ledger_make(m->ledger, s.number, now); /* first, since the sink is quick */
	m->made++;
	m->bytes += len;
	switch (caller_send(m->caller, message, len, now)) {
	case CALLER_SENT:
		m->sent++;
		break;
	case CALLER_REFUSED:
		m->refused++;
		break;
	case CALLER_NOBODY:
		m->unconnected++;
		break;
	}
}

/* Its packets were all there at the same moment; the last is long enough for its stamp. */
static void make_frame(struct media *m, ustime due, ustime now)
{
	size_t left = encoder_frame(&m->encoder);

	m->behind_most = later(m->behind_most, now - due);
	while (left > 0) {
		size_t len = left < ENCODER_PAYLOAD ? left : ENCODER_PAYLOAD;

		left -= len;
		make_packet(m, len < STAMP_LEN ? STAMP_LEN : len, now);
	}
}

static void await_connection(struct media *m)
{
	while (m->caller->state != CALLER_TALKS && program_told() == 0) {
		look(m, moment_now());
		moment_sleep_until(m->next_look);
	}
}

static void play(struct media *m)
{
	ustime end = m->cfg.lasts == NEVER ? NEVER : m->began + m->cfg.lasts;

	while (program_told() == 0) {
		ustime due = m->began + encoder_due(&m->encoder), now;

		if (due >= end)
			break;
		moment_sleep_until(earlier(due, m->next_look));
		now = moment_now();
		if (now >= m->next_look)
			look(m, now);
		if (now >= due)
			make_frame(m, due, now);
	}
}

/* The connection stays until the sink has played all of it; told twice, we do not wait. */
static void see_it_through(struct media *m)
{
	ustime until = moment_now() + caller_latency(m->caller) + SETTLE;
	unsigned told = program_told();

	while (m->caller->state == CALLER_TALKS && program_told() == told) {
		ustime now = moment_now();

		if (now >= until)
			break;
		look(m, now);
		moment_sleep_until(earlier(m->next_look, until));
	}
}

void media_run(struct media *m)
{
	m->next_look = moment_now();
	await_connection(m);
	if (m->caller->state != CALLER_TALKS)
		return;
	m->began = m->next_rate = moment_now();
	puts("ready");
	fflush(stdout);
	play(m);
	m->ended = moment_now();
	see_it_through(m);
}
