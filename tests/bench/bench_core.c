/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench.h"
#include "tests/bench/heap.h"
#include "tests/bench/stand.h"

/*
 * What a packet costs in each core, with few and many links and groups, beside
 * getting, filling, passing on and freeing the same packet with no core at all.
 */
enum { BATCHES = 200 }; /* a round of one size: each of 16 000 members speaks twice */

static const unsigned links[] = {1, 4, 16};
static const unsigned groups[] = {1, 100, 1000};

enum {
	LINKS = sizeof(links) / sizeof(links[0]),
	GROUPS = sizeof(groups) / sizeof(groups[0]),
	SIZES = LINKS * GROUPS,
};

/* The receivers' sizes: few links first, and of these few groups first. */
static unsigned links_of(unsigned size)
{
	return links[size / GROUPS];
}

static unsigned groups_of(unsigned size)
{
	return groups[size % GROUPS];
}

/* What a stand did in a round, added up over its batches. */
struct span {
	uint64_t began, asked_before;
	uint64_t ns, calls, asked;
};

static void begin(struct span *s)
{
	s->asked_before = heap_asked();
	s->began = bench_clock();
}

static void end(struct span *s, uint64_t calls)
{
	s->ns += bench_clock() - s->began;
	s->asked += heap_asked() - s->asked_before;
	s->calls += calls;
}

static void take(struct bench_row *row, const struct span *s)
{
	bench_add(row, s->ns, s->calls, s->asked);
}

static void measure_reference(struct stand *st, struct bench_row *row)
{
	struct span s = {0};

	begin(&s);
	stand_pass(st, BATCHES * STAND_BATCH);
	end(&s, BATCHES * STAND_BATCH);
	take(row, &s);
}

/* A sender's three rows are LINKS apart. */
static void measure_sender(struct sender_stand *st, struct bench_row *row, unsigned batches)
{
	struct span up = {0}, srtla = {0}, srt = {0};

	for (unsigned i = 0; i < batches; i++) {
		begin(&up);
		sender_stand_up(st, STAND_BATCH);
		end(&up, STAND_BATCH);
		begin(&srtla);
		end(&srtla, sender_stand_srtla_acks(st));
		begin(&srt);
		end(&srt, sender_stand_srt_acks(st));
	}
	if (!row)
		return;
	take(row, &up);
	take(row + LINKS, &srtla);
	take(row + 2 * LINKS, &srt);
}

/* The other rule chooses for media alone: it hears of losses, and here is none. */
static void measure_quality(struct sender_stand *st, struct bench_row *row, unsigned batches)
{
	struct span up = {0};

	for (unsigned i = 0; i < batches; i++) {
		begin(&up);
		sender_stand_up(st, STAND_BATCH);
		end(&up, STAND_BATCH);
		sender_stand_srtla_acks(st);
		sender_stand_srt_acks(st);
	}
	if (row)
		take(row, &up);
}

/* A receiver's two rows are SIZES apart. */
static void measure_receiver(struct receiver_stand *st, struct bench_row *row, unsigned batches)
{
	struct span up = {0}, down = {0};

	for (unsigned i = 0; i < batches; i++) {
		begin(&up);
		receiver_stand_up(st, STAND_BATCH);
		end(&up, STAND_BATCH);
		begin(&down);
		receiver_stand_down(st, STAND_BATCH / 8);
		end(&down, STAND_BATCH / 8);
	}
	if (!row)
		return;
	take(row, &up);
	take(row + SIZES, &down);
}

static struct bench_row *name_sender(struct bench *b)
{
	static const char *const what[] = {
		"sender: media packet up",
		"sender: SRTLA ACK of ten",
		"sender: copy of an SRT ACK",
	};
	unsigned first = b->rows;

	for (unsigned i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		for (unsigned l = 0; l < LINKS; l++)
			bench_row(b, 0, "%s, %u links", what[i], links[l]);
		bench_span(b, b->rows - LINKS, "%s, over links", what[i]);
	}
	return &b->row[first];
}

/* Classic's rows of the same begin at `classic`. */
static struct bench_row *name_quality(struct bench *b, const struct bench_row *classic)
{
	unsigned first = b->rows;

	for (unsigned l = 0; l < LINKS; l++)
		bench_pair(b, bench_row(b, 0, "sender: by quality, %u links", links[l]),
			   classic + l, "quality / classic, %u links", links[l]);
	return &b->row[first];
}

/* Only houses of the most links; packets of groups in turn, so that many wait at a time. */
static void measure_swapped(struct receiver_stand *st, struct bench_row *row, unsigned batches)
{
	struct span s = {0};

	begin(&s);
	for (unsigned i = 0; i < batches; i++)
		receiver_stand_swapped(st, STAND_BATCH);
	end(&s, (uint64_t)batches * STAND_BATCH);
	if (row)
		take(row, &s);
}

static struct bench_row *name_swapped(struct bench *b)
{
	unsigned first = b->rows;

	for (unsigned g = 0; g < GROUPS; g++)
		bench_row(b, 0, "receiver: the same in disorder, %4u groups x %2u", groups[g],
			  links[LINKS - 1]);
	bench_span(b, first, "receiver: media in disorder, over groups");
	return &b->row[first];
}

/* A copy for each member is the work itself: only houses of equal groups compare. */
static struct bench_row *name_receiver(struct bench *b)
{
	const char *up = "receiver: media packet up";
	const char *down = "receiver: SRT ACK down";
	unsigned first = b->rows;

	for (unsigned i = 0; i < SIZES; i++)
		bench_row(b, 0, "%s, %4u groups x %2u", up, groups_of(i), links_of(i));
	bench_span(b, first, "%s, over all", up);
	for (unsigned l = 0; l < LINKS; l++) {
		for (unsigned g = 0; g < GROUPS; g++)
			bench_row(b, 0, "%s, %4u groups x %2u", down, groups[g], links[l]);
		bench_span(b, b->rows - GROUPS, "%s to %u, over groups", down, links[l]);
	}
	return &b->row[first];
}

static void create(struct sender_stand **sender, struct sender_stand **quality,
		   struct receiver_stand **receiver, struct receiver_stand **swapped)
{
	for (unsigned i = 0; i < LINKS; i++) {
		sender[i] = sender_stand_create(SENDER_CLASSIC, links[i], SRT_PACKET);
		measure_sender(sender[i], NULL, BATCHES);
		quality[i] = sender_stand_create(SENDER_QUALITY, links[i], SRT_PACKET);
		measure_quality(quality[i], NULL, BATCHES);
	}
	for (unsigned i = 0; i < SIZES; i++) {
		receiver[i] = receiver_stand_create(groups_of(i), links_of(i), SRT_PACKET);
		measure_receiver(receiver[i], NULL, BATCHES);
	}
	for (unsigned i = 0; i < GROUPS; i++) {
		swapped[i] = receiver_stand_create(groups[i], links[LINKS - 1], SRT_PACKET);
		measure_swapped(swapped[i], NULL, BATCHES);
	}
}

int main(int argc, char **argv)
{
	static struct bench b;
	static struct stand reference;
	struct sender_stand *sender[LINKS], *quality[LINKS];
	struct receiver_stand *receiver[SIZES], *swapped[GROUPS];
	struct bench_row *reference_row, *sender_row, *quality_row, *receiver_row, *swapped_row;

	bench_begin(&b, "core", argc, argv);
	reference_row = bench_row(&b, 0, "reference: a packet got, filled, passed and freed");
	sender_row = name_sender(&b);
	quality_row = name_quality(&b, sender_row);
	receiver_row = name_receiver(&b);
	swapped_row = name_swapped(&b);
	stand_init(&reference, SRT_PACKET);
	create(sender, quality, receiver, swapped);
	for (unsigned round = 0; round < BENCH_ROUNDS; round++) {
		measure_reference(&reference, reference_row);
		for (unsigned i = 0; i < LINKS; i++) {
			measure_sender(sender[i], sender_row + i, BATCHES);
			measure_quality(quality[i], quality_row + i, BATCHES);
		}
		for (unsigned i = 0; i < SIZES; i++)
			measure_receiver(receiver[i], receiver_row + i, BATCHES);
		for (unsigned i = 0; i < GROUPS; i++)
			measure_swapped(swapped[i], swapped_row + i, BATCHES);
	}
	for (unsigned i = 0; i < LINKS; i++) {
		sender_stand_destroy(sender[i]);
		sender_stand_destroy(quality[i]);
	}
	for (unsigned i = 0; i < SIZES; i++)
		receiver_stand_destroy(receiver[i]);
	for (unsigned i = 0; i < GROUPS; i++)
		receiver_stand_destroy(swapped[i]);
	stand_finish(&reference);
	return bench_end(&b);
}
