/* SPDX-License-Identifier: MIT */
#include "tests/bench/wire_samples.h"

#include <string.h>

#include "shared/base/seq.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/report.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"
#include "tests/sim/srt_build.h"

enum { SPREAD = 364 }; /* words of the longest NAK that libsrt sends */

struct wire_samples wire;
uint8_t wire_out[WIRE_CAP];
volatile uint32_t wire_found;

static size_t build_nak(uint8_t *buf, uint32_t from, size_t words)
{
	uint32_t list[SPREAD];

	for (size_t i = 0; i < words; i++) /* pairs: from, to */
		list[i] = (from + (uint32_t)(4 * i)) | (words > 1 && i % 2 == 0 ? SEQ_NONE : 0);
	return srt_build_nak(buf, list, words, 7, 0x51);
}

static void build_control(unsigned i)
{
	const struct srt_hello conclusion = {
		.version = 5,
		.extension = 5,
		.type = SRT_HS_CONCLUSION,
		.isn = 1000,
		.socket_id = 0x51,
		.command = 1,
		.recv_latency = 2000,
		.send_latency = 2000,
		.stream_id = "publish/live/vehicle-7",
		.timestamp = i,
	};

	wire.ack.len = srt_build_ack(wire.ack.data[i], i, 5000 + i, 61000, 4000, 8191, i, 0x51);
	wire.light.len = srt_build_light_ack(wire.light.data[i], 5000 + i, i, 0x51);
	wire.nak_one.len = build_nak(wire.nak_one.data[i], 5000 + i, 1);
	wire.nak_ranges.len = build_nak(wire.nak_ranges.data[i], 5000 + i, 20);
	wire.nak_full.len = build_nak(wire.nak_full.data[i], 5000 + i, SPREAD);
	wire.hello.len = srt_build_handshake(wire.hello.data[i], &conclusion);
	wire.alive.len = srt_build_keepalive(wire.alive.data[i], i, 0x51);
}

size_t wire_report(uint8_t *buf, unsigned serial)
{
	struct report_writer w;

	report_begin(&w, buf, (uint16_t)serial, 4000000 + serial * 40);
	for (unsigned link = 0; link < WIRE_REPORT_LINKS; link++) {
		report_add_link(&w, (uint8_t)link, serial * 2);
		for (unsigned i = link; i < WIRE_ARRIVALS; i += WIRE_REPORT_LINKS)
			report_add(&w, &(struct report_arrival){
				.seq = serial * 8 + i, .at = 4000000 - 80 + serial * 40 + 5 * i});
	}
	return report_end(&w);
}

static void build_srtla(unsigned i)
{
	struct keepalive k = {.time = 123456789 + i, .window = 20000, .in_flight = (int32_t)i};
	uint8_t id[SRTLA_ID_LEN];
	uint32_t seq[SRTLA_ACK_COUNT];

	memset(id, (int)i, sizeof(id));
	for (unsigned n = 0; n < SRTLA_ACK_COUNT; n++)
		seq[n] = 7000 + 10 * i + n;
	wire.extended.len = keepalive_build(wire.extended.data[i], &k);
	memcpy(wire.timed.data[i], wire.extended.data[i], wire.timed.len = KEEPALIVE_TIMED);
	memcpy(wire.bare.data[i], wire.extended.data[i], wire.bare.len = KEEPALIVE_BARE);
	k.greets = true;
	k.hello.role = KEEPALIVE_ROLE_SENDER;
	k.hello.version = KEEPALIVE_VERSION;
	wire.greeting.len = keepalive_build(wire.greeting.data[i], &k);
	wire.reg.len = srtla_build_reg(wire.reg.data[i], SRTLA_REG2, id);
	wire.reply.len = srtla_build_reply(wire.reply.data[i], SRTLA_REG3);
	wire.report.len = wire_report(wire.report.data[i], i);
	wire.srtla_ack.len = srtla_build_ack(wire.srtla_ack.data[i], seq, SRTLA_ACK_COUNT);
}

void wire_samples_init(void)
{
	for (unsigned i = 0; i < WIRE_SAMPLES; i++) {
		const struct srt_data d = {.seq = 5000 + i, .message = i, .payload = SRT_PAYLOAD};

		wire.media.len = srt_build_data(wire.media.data[i], &d);
		build_control(i);
		build_srtla(i);
	}
	session_init(&wire.session);
	wire.session.caller_id = 0x51;
	wire.session.server_id = 0x77;
}
