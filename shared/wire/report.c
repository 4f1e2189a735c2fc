/* SPDX-License-Identifier: MIT */
#include "shared/wire/report.h"

#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

/*
 * The head: type, version, how many links, serial, clock.  Then each link: its number, how many
 * arrivals, the total, and the arrivals.  The first of them is its SRT number and how long
 * before the clock it came; each of the others is the step of the number from the one before,
 * forward and backward in turn (0, -1, 1, -2, ...), and the time since then.  Times and steps
 * are seven bits a byte, the lowest first; the top bit says that more follows.
 */
enum {
	VERSION = 1,
	VERSION_AT = 2,
	LINKS_AT = 3,
	SERIAL_AT = 4,
	CLOCK_AT = 6,
	HEAD = 10,

	RECORDS_AT = 1, /* in a link's block */
	TOTAL_AT = 2,
	LINK_HEAD = 6,

	VARINT_MOST = 5,
	RECORD_MOST = 2 * VARINT_MOST,
};

void report_begin(struct report_writer *w, uint8_t *buf, uint16_t serial, uint32_t clock)
{
	*w = (struct report_writer){.buf = buf, .len = HEAD};
	put_be16(buf, SRTLA_REPORT);
	buf[VERSION_AT] = VERSION;
	buf[LINKS_AT] = 0;
	put_be16(buf + SERIAL_AT, serial);
	put_be32(buf + CLOCK_AT, clock);
}

bool report_add_link(struct report_writer *w, uint8_t conn_id, uint32_t total)
{
	uint8_t *block = w->buf + w->len;

	w->link_at = 0;
	if (w->buf[LINKS_AT] == UINT8_MAX || w->len + LINK_HEAD > REPORT_MAX)
		return false;
	w->link_at = w->len;
	w->buf[LINKS_AT]++;
	block[0] = conn_id;
	block[RECORDS_AT] = 0;
	put_be32(block + TOTAL_AT, total);
	w->len += LINK_HEAD;
	return true;
}

/* Returns where to go on. */
static uint8_t *put_varint(uint8_t *at, uint32_t v)
{
	for (; v > 0x7f; v >>= 7)
		*at++ = (uint8_t)(v | 0x80);
	*at++ = (uint8_t)v;
	return at;
}

/* Small for small steps, whichever way they go. */
static uint32_t fold(int32_t step)
{
	return step < 0 ? 2 * (uint32_t)-(step + 1) + 1 : 2 * (uint32_t)step;
}

static uint32_t unfold(uint32_t seq, uint32_t v)
{
	return (v & 1 ? seq - v / 2 - 1 : seq + v / 2) & SEQ_MASK;
}

bool report_add(struct report_writer *w, const struct report_arrival *a)
{
	uint8_t *records = w->buf + w->link_at + RECORDS_AT;
	uint8_t *at = w->buf + w->len;

	if (w->link_at == 0 || *records == REPORT_LINK_RECORDS || w->len > REPORT_MAX - RECORD_MOST)
		return false;
	if (*records == 0) {
		put_be32(at, a->seq & SEQ_MASK);
		at = put_varint(at + 4, be32(w->buf + CLOCK_AT) - a->at);
	} else {
		at = put_varint(at, fold(seq_diff(a->seq, w->before.seq)));
		at = put_varint(at, a->at - w->before.at);
	}
	w->len = (size_t)(at - w->buf);
	(*records)++;
	w->before = *a;
	return true;
}

size_t report_end(const struct report_writer *w)
{
	return w->len;
}

/* Nothing more can be read: what stands there is not what the counts say. */
static bool spoilt(struct report_reader *r)
{
	r->links = r->records = 0;
	return false;
}

bool report_open(struct report_reader *r, const uint8_t *data, size_t len)
{
	if (srtla_type(data, len) != SRTLA_REPORT || len < HEAD || data[VERSION_AT] != VERSION)
		return false;
	*r = (struct report_reader){
		.at = data + HEAD,
		.end = data + len,
		.serial = be16(data + SERIAL_AT),
		.clock = be32(data + CLOCK_AT),
		.links = data[LINKS_AT],
	};
	return true;
}

bool report_next_link(struct report_reader *r, struct report_link *link)
{
	struct report_arrival unread;

	while (report_next(r, &unread))
		continue;
	if (r->links == 0 || r->end - r->at < LINK_HEAD)
		return spoilt(r);
	link->conn_id = r->at[0];
	link->records = r->at[RECORDS_AT];
	link->total = be32(r->at + TOTAL_AT);
	r->at += LINK_HEAD;
	r->links--;
	r->records = link->records;
	r->first = true;
	return true;
}

static bool get_long_varint(struct report_reader *r, uint32_t *v)
{
	*v = 0;
	for (unsigned shift = 0; shift < 7 * VARINT_MOST && r->at < r->end; shift += 7) {
		uint8_t byte = *r->at++;

		if (shift == 28 && byte > 0x0f)
			return false; /* more than 32 bits */
		*v |= (uint32_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

/* Nearly all of them are one byte. */
static inline bool get_varint(struct report_reader *r, uint32_t *v)
{
	if (r->at == r->end || *r->at > 0x7f)
		return get_long_varint(r, v);
	*v = *r->at++;
	return true;
}

static bool get_first(struct report_reader *r)
{
	uint32_t age;

	if (r->end - r->at < 4 || be32(r->at) > SEQ_MASK)
		return false;
	r->before.seq = be32(r->at);
	r->at += 4;
	if (!get_varint(r, &age) || age > INT32_MAX)
		return false;
	r->before.at = r->clock - age;
	return true;
}

static bool get_further(struct report_reader *r)
{
	uint32_t step, since;

	if (!get_varint(r, &step) || !get_varint(r, &since) || since > r->clock - r->before.at)
		return false; /* nothing can come after the report of it was written */
	r->before.seq = unfold(r->before.seq, step);
	r->before.at += since;
	return true;
}

bool report_next(struct report_reader *r, struct report_arrival *a)
{
	if (r->records == 0)
		return false;
	if (!(r->first ? get_first(r) : get_further(r)))
		return spoilt(r);
	r->first = false;
	r->records--;
	*a = r->before;
	return true;
}
