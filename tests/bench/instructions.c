/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <valgrind/callgrind.h>

#include "shared/wire/srt.h"
#include "tests/bench/must.h"
#include "tests/bench/pair.h"
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
	SESSION = 1000, /* packets of a whole session */
	BURST = 8,      /* of one of 65 Mbit/s */
	CROWD = 1000,   /* groups */
};

static struct stand reference;
static struct sender_stand *sender, *quality;
static struct receiver_stand *receiver, *reporter, *lone, *crowd;
static struct pair *own, *narrow, *wide, *fast, *plain;

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

static unsigned build_report(unsigned times)
{
	CALLGRIND_TOGGLE_COLLECT;
	wire_build_report(times * WIRE_CALLS);
	CALLGRIND_TOGGLE_COLLECT;
	return times * WIRE_CALLS;
}

static unsigned read_report(unsigned times)
{
	CALLGRIND_TOGGLE_COLLECT;
	wire_read_report(times * WIRE_CALLS);
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

static unsigned sender_step(struct sender_stand *st, enum step counted, unsigned batches)
{
	unsigned calls = 0;

	for (unsigned i = 0; i < batches; i++) {
		for (enum step step = STEP_UP; step <= STEP_SRT_ACK; step++) {
			unsigned n = STAND_BATCH;

			if (step == counted)
				CALLGRIND_TOGGLE_COLLECT;
			if (step == STEP_UP)
				sender_stand_up(st, n);
			else if (step == STEP_SRTLA_ACK)
				n = sender_stand_srtla_acks(st);
			else
				n = sender_stand_srt_acks(st);
			if (step == counted)
				CALLGRIND_TOGGLE_COLLECT;
			calls += step == counted ? n : 0;
		}
	}
	return calls;
}

static unsigned sender_up(unsigned times)
{
	return sender_step(sender, STEP_UP, times * BATCHES);
}

static unsigned quality_up(unsigned times)
{
	return sender_step(quality, STEP_UP, times * BATCHES);
}

static unsigned sender_srtla_ack(unsigned times)
{
	return sender_step(sender, STEP_SRTLA_ACK, times * BATCHES);
}

static unsigned sender_srt_ack(unsigned times)
{
	return sender_step(sender, STEP_SRT_ACK, times * BATCHES);
}

static unsigned media_up(struct receiver_stand *st, unsigned n)
{
	CALLGRIND_TOGGLE_COLLECT;
	receiver_stand_up(st, n);
	CALLGRIND_TOGGLE_COLLECT;
	return n;
}

static unsigned receiver_up(unsigned times)
{
	return media_up(receiver, times * BATCHES * STAND_BATCH);
}

/* The same for senders that want reports, and these in both their copies. */
static unsigned reporter_up(unsigned times)
{
	return media_up(reporter, times * BATCHES * STAND_BATCH);
}

/* So long that the server must speak as well, or it would be asked whether it is there. */
static unsigned lone_up(unsigned times)
{
	unsigned n = 0;

	for (unsigned i = 0; i < times * BATCHES; i++) {
		n += media_up(lone, STAND_BATCH);
		receiver_stand_down(lone, 1);
	}
	return n;
}

/* Each member speaks once, or twice. */
static unsigned crowd_up(unsigned times)
{
	return media_up(crowd, times * CROWD * STAND_LINKS);
}

static unsigned receiver_down(unsigned times)
{
	unsigned n = times * GROUPS * 5;

	CALLGRIND_TOGGLE_COLLECT;
	receiver_stand_down(receiver, n);
	CALLGRIND_TOGGLE_COLLECT;
	return n;
}

static void toggle(void)
{
	CALLGRIND_TOGGLE_COLLECT;
}

/* One step of late binding, by how often it is taken. */
static unsigned step_of(struct pair *pr, enum pair_step step, unsigned times)
{
	unsigned calls = pair_pass(pr, times * SESSION, UINT32_C(1) << step, toggle);

	bench_must(calls > 0);
	return calls;
}

/* All that one end does for a media packet. */
static unsigned sender_of(struct pair *pr, unsigned times)
{
	pair_pass(pr, times * SESSION, (UINT32_C(1) << PAIR_SENDER) - 1, toggle);
	return times * SESSION;
}

static unsigned receiver_of(struct pair *pr, unsigned times)
{
	pair_pass(pr, times * SESSION,
		  (UINT32_C(1) << PAIR_STEPS) - (UINT32_C(1) << PAIR_SENDER), toggle);
	return times * SESSION;
}

static unsigned own_up(unsigned times)
{
	return step_of(own, PAIR_MEDIA, times);
}

static unsigned own_control(unsigned times)
{
	return step_of(own, PAIR_CONTROL, times);
}

static unsigned own_srtla_ack(unsigned times)
{
	return step_of(own, PAIR_SRTLA_ACK, times);
}

static unsigned own_srt_ack(unsigned times)
{
	return step_of(own, PAIR_SRT, times);
}

static unsigned own_report(unsigned times)
{
	return step_of(own, PAIR_REPORT, times);
}

static unsigned own_run(unsigned times)
{
	return step_of(own, PAIR_RUN, times);
}

static unsigned own_sender(unsigned times)
{
	return sender_of(own, times);
}

static unsigned own_receiver(unsigned times)
{
	return receiver_of(own, times);
}

static unsigned fast_up(unsigned times)
{
	return step_of(fast, PAIR_MEDIA, times);
}

static unsigned fast_sender(unsigned times)
{
	return sender_of(fast, times);
}

static unsigned fast_receiver(unsigned times)
{
	return receiver_of(fast, times);
}

static unsigned narrow_sender(unsigned times)
{
	return sender_of(narrow, times);
}

static unsigned wide_sender(unsigned times)
{
	return sender_of(wide, times);
}

static unsigned plain_up(unsigned times)
{
	return step_of(plain, PAIR_MEDIA, times);
}

static unsigned plain_srtla_ack(unsigned times)
{
	return step_of(plain, PAIR_SRTLA_ACK, times);
}

static unsigned plain_srt_ack(unsigned times)
{
	return step_of(plain, PAIR_SRT, times);
}

static unsigned plain_sender(unsigned times)
{
	return sender_of(plain, times);
}

static unsigned plain_receiver(unsigned times)
{
	return receiver_of(plain, times);
}

static const struct {
	const char *name; /* as in instructions.limits */
	unsigned (*run)(unsigned times);
} items[] = {
	{"forward-decision-sender", forward_sender},
	{"forward-decision-receiver", forward_receiver},
	{"build-keepalive", build_keepalive},
	{"build-srtla-ack", build_srtla_ack},
	{"build-report", build_report},
	{"read-report", read_report},
	{"packet-passed", pass},
	{"sender-media-up", sender_up},
	{"sender-media-up-quality", quality_up},
	{"sender-srtla-ack", sender_srtla_ack},
	{"sender-srt-ack", sender_srt_ack},
	{"receiver-media-up", receiver_up},
	{"receiver-media-reported", reporter_up},
	{"receiver-media-up-1x1", lone_up},
	{"receiver-media-up-1000x16", crowd_up},
	{"receiver-srt-ack-down", receiver_down},
	{"balance-media-up", own_up},
	{"balance-control", own_control},
	{"balance-srtla-ack", own_srtla_ack},
	{"balance-srt-ack", own_srt_ack},
	{"balance-report", own_report},
	{"balance-run", own_run},
	{"balance-sender", own_sender},
	{"balance-receiver", own_receiver},
	{"balance-fast-media-up", fast_up},
	{"balance-fast-sender", fast_sender},
	{"balance-fast-sender-1-link", narrow_sender},
	{"balance-fast-sender-16-links", wide_sender},
	{"balance-fast-receiver", fast_receiver},
	{"balance-plain-media-up", plain_up},
	{"balance-plain-srtla-ack", plain_srtla_ack},
	{"balance-plain-srt-ack", plain_srt_ack},
	{"balance-plain-sender", plain_sender},
	{"balance-plain-receiver", plain_receiver},
};

int main(void)
{
	bench_must(RUNNING_ON_VALGRIND != 0);
	wire_samples_init();
	stand_init(&reference, SRT_HEADER_LEN);
	sender = sender_stand_create(SENDER_CLASSIC, LINKS, SRT_HEADER_LEN);
	quality = sender_stand_create(SENDER_QUALITY, LINKS, SRT_HEADER_LEN);
	receiver = receiver_stand_create(GROUPS, LINKS, SRT_HEADER_LEN);
	reporter = receiver_stand_create(GROUPS, LINKS, SRT_HEADER_LEN);
	receiver_stand_greet(reporter);
	lone = receiver_stand_create(1, 1, SRT_HEADER_LEN);
	crowd = receiver_stand_create(CROWD, STAND_LINKS, SRT_HEADER_LEN);
	own = pair_create(&(struct pair_config){.mode = SENDER_BALANCE, .links = LINKS, .burst = 1});
	narrow = pair_create(&(struct pair_config){.mode = SENDER_BALANCE, .links = 1, .burst = BURST});
	wide = pair_create(&(struct pair_config){
		.mode = SENDER_BALANCE, .links = STAND_LINKS, .burst = BURST});
	fast = pair_create(&(struct pair_config){.mode = SENDER_BALANCE, .links = LINKS, .burst = BURST});
	plain = pair_create(&(struct pair_config){
		.mode = SENDER_BALANCE, .links = LINKS, .burst = 1, .classic = true});
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
	sender_stand_destroy(quality);
	receiver_stand_destroy(receiver);
	receiver_stand_destroy(reporter);
	receiver_stand_destroy(lone);
	receiver_stand_destroy(crowd);
	pair_destroy(own);
	pair_destroy(narrow);
	pair_destroy(wide);
	pair_destroy(fast);
	pair_destroy(plain);
	stand_finish(&reference);
	return 0;
}
