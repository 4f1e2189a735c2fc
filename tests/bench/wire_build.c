/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "shared/wire/keepalive.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"
#include "tests/bench/wire_cases.h"
#include "tests/bench/wire_samples.h"

static void build_keepalive(unsigned n, bool greets)
{
	uint32_t sum = 0;
	struct keepalive k = {
		.window = 20000,
		.rate = 250000,
		.greets = greets,
		.hello = {.role = KEEPALIVE_ROLE_SENDER, .version = KEEPALIVE_VERSION},
	};

	for (unsigned i = 0; i < n; i++) {
		k.time = i;
		sum += (uint32_t)keepalive_build(wire_out, &k);
	}
	wire_found = sum;
}

void wire_build_keepalive(unsigned n)
{
	build_keepalive(n, false);
}

static void build_greeting(unsigned n)
{
	build_keepalive(n, true);
}

static void answer_greeting(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		memcpy(wire_out, wire_at(&wire.greeting, i), wire.greeting.len);
		sum += keepalive_answer(wire_out, wire.greeting.len, 0);
	}
	wire_found = sum;
}

void wire_build_ack(unsigned n)
{
	uint32_t sum = 0;
	uint32_t seq[SRTLA_ACK_COUNT] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

	for (unsigned i = 0; i < n; i++) {
		seq[SRTLA_ACK_COUNT - 1] = i;
		sum += (uint32_t)srtla_build_ack(wire_out, seq, SRTLA_ACK_COUNT);
	}
	wire_found = sum;
}

void wire_build_report(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += (uint32_t)wire_report(wire_out, i);
	wire_found = sum;
}

static void build_reg(unsigned n)
{
	uint32_t sum = 0;
	const uint8_t *id = srtla_reg_id(wire.reg.data[0], wire.reg.len);

	for (unsigned i = 0; i < n; i++)
		sum += (uint32_t)srtla_build_reg(wire_out, SRTLA_REG1, id);
	wire_found = sum;
}

static void build_reply(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += (uint32_t)srtla_build_reply(wire_out, SRTLA_REG3);
	wire_found = sum;
}

static void build_shutdown(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += (uint32_t)srt_build_shutdown(wire_out, 0x77, i);
	wire_found = sum;
}

static void mark_resent(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		srt_mark_resent(wire.media.data[i % WIRE_SAMPLES]);
		wire.media.data[i % WIRE_SAMPLES][4] &= 0xfb;
	}
}

const struct wire_case wire_build_cases[] = {
	{"build keepalive, extended", wire_build_keepalive, 8},
	{"build keepalive, extended with hello", build_greeting, 8},
	{"answer keepalive with hello", answer_greeting, 0},
	{"build SRTLA ACK of ten", wire_build_ack, 8},
	{"build report of 16 arrivals", wire_build_report, 0},
	{"build REG1", build_reg, 0},
	{"build REG3", build_reply, 0},
	{"build SRT SHUTDOWN", build_shutdown, 0},
	{"mark a data packet as resent", mark_resent, 0},
	{NULL, NULL, 0},
};
