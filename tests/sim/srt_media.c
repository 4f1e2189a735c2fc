/* SPDX-License-Identifier: MIT */
#include "shared/base/seq.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/srt_caller.h"

#define SAMPLE MSEC(ABR_EVERY_MS)

static void make_packet(struct srt_caller *c, size_t payload)
{
	uint64_t number = c->media_made++;

	c->tally.media_bytes += payload;
	if (c->ledger)
		ledger_make(c->ledger, number, c->world->now);
	if (c->state == CALLER_STREAMS)
		srt_sender_take(c, number, payload);
	else
		c->tally.unsent++;
}

/* Its packets were all there at the same moment; the last is long enough for its number. */
static void make_frame(struct srt_caller *c)
{
	size_t left = encoder_frame(&c->encoder);

	while (left > 0) {
		size_t payload = left < SRT_PAYLOAD ? left : SRT_PAYLOAD;

		left -= payload;
		make_packet(c, payload < SRT_PAYLOAD_LEAST ? SRT_PAYLOAD_LEAST : payload);
	}
}

static void media_due(void *who)
{
	struct srt_caller *c = who;

	make_frame(c);
	timer_set(&c->media, c->media_began + encoder_due(&c->encoder));
}

/* It looks at its socket, if that is connected. */
static void sample_due(void *who)
{
	struct srt_caller *c = who;
	struct abr_sample sample = {
		.rtt = c->rtt,
		.waiting = (c->next - c->acked) & SEQ_MASK,
		.throughput = c->bytes * 8 * (SEC(1) / SAMPLE),
	};

	c->bytes = 0;
	if (c->state == CALLER_STREAMS)
		encoder_set_rate(&c->encoder, abr_sample(&c->abr, &sample, c->world->now));
	timer_set(&c->sample, c->world->now + SAMPLE);
}

void srt_media_init(struct srt_caller *c)
{
	timer_init(&c->media, c->world, media_due, c);
	timer_init(&c->sample, c->world, sample_due, c);
}

void srt_media_start(struct srt_caller *c)
{
	struct abr_config abr = {c->cfg.least, c->cfg.most, MSEC(c->cfg.latency)};

	encoder_init(&c->encoder, &c->cfg.media);
	c->media_began = c->world->now;
	timer_set(&c->media, c->world->now);
	if (c->cfg.most == 0)
		return;
	abr_init(&c->abr, &abr, c->cfg.media.rate);
	timer_set(&c->sample, c->world->now + SAMPLE);
}

void srt_media_stop(struct srt_caller *c)
{
	timer_set(&c->media, NEVER);
	timer_set(&c->sample, NEVER);
}
