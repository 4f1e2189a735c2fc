/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "shared/base/rng.h"
#include "shared/base/seq.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/report.h"
#include "shared/wire/session.h"
#include "shared/wire/srtla.h"

/* One packet of every type that may come. */
enum { KINDS = 23 };

static struct bytes of_srtla(enum srtla_type type, size_t len)
{
	struct bytes b = {.len = len};

	for (size_t i = 0; i < len; i++)
		b.at[i] = (uint8_t)(i * 31);
	put_be16(b.at, (uint16_t)type);
	return b;
}

static struct bytes of_srt(enum srt_type type, size_t words)
{
	struct bytes b = control(type, 3, 4000, 0x51);

	for (size_t i = 0; i < words; i++)
		add32(&b, (uint32_t)(100 + i) | (i % 3 == 1 ? SEQ_NONE : 0));
	return b;
}

static struct bytes of_arrivals(void)
{
	struct bytes b = {.len = 0};
	struct report_writer w;

	report_begin(&w, b.at, 9, 5000);
	for (uint8_t link = 0; link < 3; link++) {
		report_add_link(&w, link, 500);
		for (uint32_t i = 0; i < 20; i++)
			report_add(&w, &(struct report_arrival){1000 + 97 * i * link, 4000 + 50 * i});
	}
	b.len = report_end(&w);
	return b;
}

static struct bytes kind(unsigned i)
{
	struct bytes b = {.len = 0};

	switch (i) {
	case 0:
		return data_packet(0x7fffffff, 1316);
	case 1:
		return ack_packet(4, 120);
	case 2:
		return handshake(SRT_HS_INDUCTION, 0x77, 0, 5);
	case 3:
	case 4:
		b = handshake(SRT_HS_CONCLUSION, 0x77, 0x51, 5);
		add_hs(&b, i == 3 ? HSREQ : HSRSP, 0xff, 2000, 120);
		add_stream_id(&b, "some/stream");
		return b;
	case 5:
		b.len = keepalive_build(b.at, &(struct keepalive){
						      .greets = true,
						      .hello = {KEEPALIVE_ROLE_SENDER, 1, 0},
						      .idle = true,
					      });
		return b;
	case 6:
		return of_srt(SRT_NAK, 40);
	case 7:
		return of_srt(SRT_USER, 20);
	case 8:
		return of_srtla(SRTLA_REG1, 258);
	case 9:
		return of_srtla(SRTLA_REG2, 258);
	case 10:
		return of_srtla(SRTLA_REG3, 32);
	case 11:
		return of_srtla(SRTLA_REG_ERR, 32);
	case 12:
		return of_srtla(SRTLA_REG_NGP, 32);
	case 13:
		return of_srtla(SRTLA_REG_NAK, 60);
	case 14:
		return of_srtla(SRTLA_ACK, 44);
	case 15:
		return of_srtla(SRTLA_UNKNOWN, 40);
	case 16:
		return of_srtla(SRTLA_KEEPALIVE, 200);
	case 22:
		return of_arrivals();
	default: /* 17..21 */
		return of_srt((enum srt_type)(SRT_CONGESTION + i - 17), 2);
	}
}

/* Bytes of ours, so that the sanitizers see each read beyond them. */
static uint32_t touch(const uint8_t *from, size_t len)
{
	return len ? (uint32_t)from[0] + from[len - 1] : 0;
}

static uint32_t read_srt(const uint8_t *data, size_t len)
{
	struct srt_head head;
	struct srt_ack ack;
	struct srt_nak nak;
	struct srt_handshake hs;
	uint32_t from, to, sum = 0;
	size_t length;
	char id[40];

	assert_int_equal(srt_parse_head(data, len, &head), len >= SRT_HEADER_LEN);
	if (srt_parse_ack(data, len, &ack))
		assert_false(ack.next & SEQ_NONE);
	if (srt_nak_begin(&nak, data, len, 90, 1000)) {
		for (; srt_nak_next(&nak, &from, &to); sum++)
			assert_true(from >= 90 && from <= to && to < 1090);
		assert_true(sum + nak.odd <= (len - 16) / 4);
	}
	if (srt_parse_handshake(data, len, &hs)) {
		if (hs.stream_id)
			assert_true(hs.stream_id + hs.stream_id_len <= data + len);
		sum += touch(hs.stream_id, hs.stream_id_len);
		length = srt_stream_id(&hs, id, sizeof(id));
		assert_int_equal(length, strlen(id));
	}
	return sum;
}

static void read_report(const uint8_t *data, size_t len)
{
	struct report_reader r;
	struct report_link link;
	struct report_arrival a;
	size_t count = 0;

	if (!report_open(&r, data, len))
		return;
	while (report_next_link(&r, &link)) {
		for (count += 3; report_next(&r, &a); count++) {
			assert_true(a.seq <= SEQ_MASK);
			assert_true((int32_t)(r.clock - a.at) >= 0);
		}
	}
	assert_true(2 * count <= len);
}

/* Reads it with everything that reads packets, as each end would. */
static void read_all(struct session *s, const uint8_t *data, size_t len)
{
	uint8_t *own = exactly(data, len);
	const uint8_t *id = srtla_reg_id(own, len);
	size_t numbers = srtla_ack_count(own, len);
	struct session before;
	struct keepalive k;

	read_srt(own, len);
	read_report(own, len);
	if (id)
		touch(id, SRTLA_ID_LEN);
	for (size_t i = 0; i < numbers; i++)
		srtla_ack_seq(own, i);
	if (session_from_caller(s, own, len, &before) == SESSION_BEGINS)
		assert_int_not_equal(s->caller_id, 0);
	if (session_from_server(s, own, len) == SESSION_AGREED)
		assert_int_not_equal(s->server_id, 0);
	assert_non_null(memchr(s->stream_id, '\0', sizeof(s->stream_id)));
	assert_int_equal(keepalive_parse(own, len, &k), srtla_type(own, len) == SRTLA_KEEPALIVE);
	if (keepalive_answer(own, len, 1)) {
		assert_memory_equal(own, data, KEEPALIVE_EXTENDED);
		assert_false(keepalive_answer(own, len, 1));
	} else {
		assert_memory_equal(own, data, len);
	}
	free(own);
}

static void f35_every_type_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KINDS; i++) {
		struct bytes b = kind(i);
		struct session s;

		session_init(&s);
		for (size_t len = 0; len <= b.len; len++)
			read_all(&s, b.at, len);
	}
}

static void f34_any_bit_may_flip(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KINDS; i++) {
		struct bytes b = kind(i);
		size_t bits = 8 * (b.len < 300 ? b.len : 300); /* the rest is payload */
		struct session s;

		session_init(&s);
		for (size_t bit = 0; bit < bits; bit++) {
			b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
			read_all(&s, b.at, b.len);
			b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* Many wrong bytes at once, words that mean much among them, in sessions that go on. */
static void f34_packets_may_be_wrong_in_many_places(void **state)
{
	static const uint32_t words[] = {0,          1,          0x7fffffff, 0x80000000, 0xffffffff,
					 0xfffffffd, 0x00010003, 0x0005ffff, 0x00020000, 1000};
	struct session s;
	struct rng r;

	(void)state;
	rng_init(&r, 17);
	session_init(&s);
	for (int round = 0; round < 40000; round++) {
		struct bytes b = kind((unsigned)rng_below(&r, KINDS));

		for (uint64_t n = rng_below(&r, 6); n > 0; n--) {
			if (rng_below(&r, 2))
				b.at[rng_below(&r, b.len)] = (uint8_t)rng_next(&r);
			else
				put_be32(b.at + 4 * rng_below(&r, b.len / 4),
					 words[rng_below(&r, sizeof(words) / 4)]);
		}
		read_all(&s, b.at, rng_below(&r, 4) ? b.len : rng_below(&r, b.len + 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f35_every_type_may_be_cut_anywhere),
		cmocka_unit_test(f34_any_bit_may_flip),
		cmocka_unit_test(f34_packets_may_be_wrong_in_many_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
