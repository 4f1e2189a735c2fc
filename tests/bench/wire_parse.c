/* SPDX-License-Identifier: MIT */
#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/report.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"
#include "tests/bench/wire_cases.h"
#include "tests/bench/wire_samples.h"

enum { HELD = 8192 }; /* numbers that who reads a NAK has in flight */

/* What the sender reads of a packet of the encoder before it chooses a link. */
void wire_forward_sender(unsigned n)
{
	uint32_t sum = 0;
	struct srt_head h;

	for (unsigned i = 0; i < n; i++)
		if (srt_parse_head(wire_at(&wire.media, i), wire.media.len, &h) && !h.control &&
		    !h.resent)
			sum += h.seq;
	wire_found = sum;
}

/* What the receiver reads of a packet of a member before it goes to the server. */
void wire_forward_receiver(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *p = wire_at(&wire.media, i);

		if (srtla_type(p, wire.media.len) == SRTLA_NOT_OURS &&
		    srt_is_data(p, wire.media.len))
			sum += be32(p);
	}
	wire_found = sum;
}

static void parse_control_head(unsigned n)
{
	uint32_t sum = 0;
	struct srt_head h;

	for (unsigned i = 0; i < n; i++)
		if (srt_parse_head(wire_at(&wire.ack, i), wire.ack.len, &h) && h.control)
			sum += h.type;
	wire_found = sum;
}

static void parse_ack_of(const struct wire_sample *s, unsigned n)
{
	uint32_t sum = 0;
	struct srt_ack a;

	for (unsigned i = 0; i < n; i++)
		if (srt_parse_ack(wire_at(s, i), s->len, &a))
			sum += a.next;
	wire_found = sum;
}

static void parse_ack(unsigned n)
{
	parse_ack_of(&wire.ack, n);
}

static void parse_light_ack(unsigned n)
{
	parse_ack_of(&wire.light, n);
}

static void walk_nak(const struct wire_sample *s, unsigned n)
{
	uint32_t sum = 0;
	uint32_t from, to;
	struct srt_nak it;

	for (unsigned i = 0; i < n; i++) {
		if (!srt_nak_begin(&it, wire_at(s, i), s->len, 4000, HELD))
			continue;
		while (srt_nak_next(&it, &from, &to))
			sum += to - from;
	}
	wire_found = sum;
}

static void walk_nak_one(unsigned n)
{
	walk_nak(&wire.nak_one, n);
}

static void walk_nak_ranges(unsigned n)
{
	walk_nak(&wire.nak_ranges, n);
}

static void walk_nak_full(unsigned n)
{
	walk_nak(&wire.nak_full, n);
}

static void parse_handshake(unsigned n)
{
	uint32_t sum = 0;
	struct srt_handshake hs;

	for (unsigned i = 0; i < n; i++)
		if (srt_parse_handshake(wire_at(&wire.hello, i), wire.hello.len, &hs))
			sum += hs.socket_id;
	wire_found = sum;
}

static void parse_stream_id(unsigned n)
{
	uint32_t sum = 0;
	struct srt_handshake hs;
	char text[SESSION_STREAM_ID];

	for (unsigned i = 0; i < n; i++)
		if (srt_parse_handshake(wire_at(&wire.hello, i), wire.hello.len, &hs))
			sum += (uint32_t)srt_stream_id(&hs, text, sizeof(text));
	wire_found = sum;
}

static void watch_server(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += session_from_server(&wire.session, wire_at(&wire.ack, i), wire.ack.len);
	wire_found = sum;
}

static void watch_caller(unsigned n)
{
	uint32_t sum = 0;
	struct session before;

	for (unsigned i = 0; i < n; i++)
		sum += session_from_caller(&wire.session, wire_at(&wire.alive, i), wire.alive.len,
					   &before);
	wire_found = sum;
}

static void tell_type(unsigned n)
{
	uint32_t sum = 0;
	const struct wire_sample *kinds[] = {
		&wire.media, &wire.bare, &wire.srtla_ack, &wire.reg,
		&wire.reply, &wire.ack,  &wire.greeting,
	};
	const size_t count = sizeof(kinds) / sizeof(kinds[0]);

	for (unsigned i = 0; i < n; i++) {
		const struct wire_sample *s = kinds[i % count];

		sum += srtla_type(wire_at(s, i), s->len);
	}
	wire_found = sum;
}

static void read_reg(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += *srtla_reg_id(wire_at(&wire.reg, i), wire.reg.len);
	wire_found = sum;
}

static void read_srtla_ack(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *p = wire_at(&wire.srtla_ack, i);
		size_t count = srtla_ack_count(p, wire.srtla_ack.len);

		for (size_t k = 0; k < count; k++)
			sum += srtla_ack_seq(p, k);
	}
	wire_found = sum;
}

void wire_read_report(unsigned n)
{
	uint32_t sum = 0;
	struct report_reader r;
	struct report_link link;
	struct report_arrival a;

	for (unsigned i = 0; i < n; i++) {
		if (!report_open(&r, wire_at(&wire.report, i), wire.report.len))
			continue;
		while (report_next_link(&r, &link)) {
			while (report_next(&r, &a))
				sum += a.seq + a.at;
		}
	}
	wire_found = sum;
}

static void parse_keepalive(const struct wire_sample *s, unsigned n)
{
	uint32_t sum = 0;
	struct keepalive k;

	for (unsigned i = 0; i < n; i++)
		if (keepalive_parse(wire_at(s, i), s->len, &k))
			sum += (uint32_t)k.time;
	wire_found = sum;
}

static void parse_bare(unsigned n)
{
	parse_keepalive(&wire.bare, n);
}

static void parse_timed(unsigned n)
{
	parse_keepalive(&wire.timed, n);
}

static void parse_extended(unsigned n)
{
	parse_keepalive(&wire.extended, n);
}

static void parse_greeting(unsigned n)
{
	parse_keepalive(&wire.greeting, n);
}

const struct wire_case wire_parse_cases[] = {
	{"forward decision of the sender", wire_forward_sender, 6},
	{"forward decision of the receiver", wire_forward_receiver, 6},
	{"parse SRT control head", parse_control_head, 0},
	{"parse SRT ACK", parse_ack, 0},
	{"parse SRT light ACK", parse_light_ack, 0},
	{"walk SRT NAK of one number", walk_nak_one, 0},
	{"walk SRT NAK of 10 ranges", walk_nak_ranges, 0},
	{"walk SRT NAK of 182 ranges", walk_nak_full, 0},
	{"parse SRT handshake", parse_handshake, 0},
	{"parse SRT handshake, and its stream id as text", parse_stream_id, 0},
	{"session: an ACK of the server passes", watch_server, 0},
	{"session: a keepalive of the caller passes", watch_caller, 0},
	{"tell the SRTLA type, of seven kinds", tell_type, 0},
	{"read the id of a REG2", read_reg, 0},
	{"read an SRTLA ACK of ten", read_srtla_ack, 0},
	{"read a report of 16 arrivals", wire_read_report, 0},
	{"parse keepalive, bare", parse_bare, 0},
	{"parse keepalive, with time", parse_timed, 0},
	{"parse keepalive, extended", parse_extended, 0},
	{"parse keepalive, extended with hello", parse_greeting, 0},
	{NULL, NULL, 0},
};
