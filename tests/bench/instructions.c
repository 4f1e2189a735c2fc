/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <valgrind/callgrind.h>

#include "shared/wire/srt.h"
#include "tests/bench/must.h"
#include "tests/bench/stand.h"
#include "tests/bench/wire_cases.h"
#include "tests/bench/wire_samples.h"

/*
 * Does each thing that instructions.limits names some number of times and then
 * twice as often, under callgrind, which writes down how many instructions that
 * took.  The difference is what the calls cost, without the way there;
 * instructions.py works it out.  Packets are filled with their head alone, for
 * how libc copies the rest depends on the machine.
 */
enum {
	LINKS = 4,
	GROUPS = 100,
	WIRE_CALLS = 1000,
	BATCHES = 25, /* 4000 packets: ten of each member of the receiver */
};

static struct stand reference;
static struct sender_stand *sender;
static struct receiver_stand *receiver;

static unsigned forward_sender(unsigned times)
{
	CALLGRIND_TOGGLE_COLLECT;
	wire_forward_sender(times * WIRE_CALLS);
	CALLGRIND_TOGGLE_COLLECT;
	return times * WIRE_CALLS;
}

static unsigned forward_receiver(unsigned times)
{
	CALLGRIND_TOGGLE_COLLECT;
	wire_forward_receiver(times * WIRE_CALLS);
	CALLGRIND_TOGGLE_COLLECT;
	return times * WIRE_CALLS;
}

static unsigned build_keepalive(unsigned times)
{
	CALLGRIND_TOGGLE_COLLECT;
	wire_build_keepalive(times * WIRE_CALLS);
	CALLGRIND_TOGGLE_COLLECT;
	return times * WIRE_CALLS;
}

static unsigned build_srtla_ack(unsigned times)
{
	CALLGRIND_TOGGLE_COLLECT;
	wire_build_ack(times * WIRE_CALLS);
	CALLGRIND_TOGGLE_COLLECT;
	return times * WIRE_CALLS;
}

static unsigned pass(unsigned times)
{
	CALLGRIND_TOGGLE_COLLECT;
	stand_pass(&reference, times * WIRE_CALLS);
	CALLGRIND_TOGGLE_COLLECT;
	return times * WIRE_CALLS;
}

/* Media of the encoder, and what the receiver says of it; the named step alone counts. */
enum step { STEP_UP, STEP_SRTLA_ACK, STEP_SRT_ACK };

static unsigned sender_step(enum step counted, unsigned batches)
{
	unsigned calls = 0;

	for (unsigned i = 0; i < batches; i++) {
		for (enum step step = STEP_UP; step <= STEP_SRT_ACK; step++) {
			unsigned n = STAND_BATCH;

			if (step == counted)
				CALLGRIND_TOGGLE_COLLECT;
			if (step == STEP_UP)
				sender_stand_up(sender, n);
			else if (step == STEP_SRTLA_ACK)
				n = sender_stand_srtla_acks(sender);
			else
				n = sender_stand_srt_acks(sender);
			if (step == counted)
				CALLGRIND_TOGGLE_COLLECT;
			calls += step == counted ? n : 0;
		}
	}
	return calls;
}

static unsigned sender_up(unsigned times)
{
	return sender_step(STEP_UP, times * BATCHES);
}

static unsigned sender_srtla_ack(unsigned times)
{
	return sender_step(STEP_SRTLA_ACK, times * BATCHES);
}

static unsigned sender_srt_ack(unsigned times)
{
	return sender_step(STEP_SRT_ACK, times * BATCHES);
}

static unsigned receiver_up(unsigned times)
{
	unsigned n = times * BATCHES * STAND_BATCH;

	CALLGRIND_TOGGLE_COLLECT;
	receiver_stand_up(receiver, n);
	CALLGRIND_TOGGLE_COLLECT;
	return n;
}

static unsigned receiver_down(unsigned times)
{
	unsigned n = times * GROUPS * 5;

	CALLGRIND_TOGGLE_COLLECT;
	receiver_stand_down(receiver, n);
	CALLGRIND_TOGGLE_COLLECT;
	return n;
}

static const struct {
	const char *name; /* as in instructions.limits */
	unsigned (*run)(unsigned times);
} items[] = {
	{"forward-decision-sender", forward_sender},
	{"forward-decision-receiver", forward_receiver},
	{"build-keepalive", build_keepalive},
	{"build-srtla-ack", build_srtla_ack},
	{"packet-passed", pass},
	{"sender-media-up", sender_up},
	{"sender-srtla-ack", sender_srtla_ack},
	{"sender-srt-ack", sender_srt_ack},
	{"receiver-media-up", receiver_up},
	{"receiver-srt-ack-down", receiver_down},
};

int main(void)
{
	bench_must(RUNNING_ON_VALGRIND != 0);
	wire_samples_init();
	stand_init(&reference, SRT_HEADER_LEN);
	sender = sender_stand_create(LINKS, SRT_HEADER_LEN);
	receiver = receiver_stand_create(GROUPS, LINKS, SRT_HEADER_LEN);
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		items[i].run(1); /* tables and rings reach the state in which they stay */
		for (unsigned times = 1; times <= 2; times++) {
			char label[96];

			CALLGRIND_ZERO_STATS;
			snprintf(label, sizeof(label), "%u %s", items[i].run(times), items[i].name);
			CALLGRIND_DUMP_STATS_AT(label);
		}
	}
	sender_stand_destroy(sender);
	receiver_stand_destroy(receiver);
	stand_finish(&reference);
	return 0;
}
