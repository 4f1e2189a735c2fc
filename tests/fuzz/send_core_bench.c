/* SPDX-License-Identifier: MIT */
#include "send_core_bench.h"

#include <string.h>

#include "shared/wire/be.h"

unsigned bench_byte(struct bench *b)
{
	return b->at < b->end ? *b->at++ : 0;
}

struct pkt *bench_packet(struct bench *b)
{
	return pkt_get(&b->pool);
}

struct pkt *bench_control(struct bench *b, uint16_t type, uint16_t len)
{
	struct pkt *p = bench_packet(b);

	if (!p)
		return NULL;
	memset(p->data, 0, len);
	put_be16(p->data, (uint16_t)(0x8000 | type));
	put_be32(p->data + 8, (uint32_t)b->now);
	put_be32(p->data + 12, 7);
	p->len = len;
	return p;
}

uint16_t bench_make_data(uint8_t *data, uint32_t seq)
{
	uint16_t len = (uint16_t)(SRT_HEADER_LEN + seq % 3 * 650);

	memset(data, (int)(seq & 0xff), len);
	put_be32(data, seq);
	put_be32(data + 4, UINT32_C(0xc0000001));
	put_be32(data + 8, seq * 100);
	put_be32(data + 12, 9);
	return len;
}

static void look_at_data(struct bench *b, const struct pkt *p)
{
	static uint8_t was[PKT_CAP], is[PKT_CAP];
	uint32_t seq = be32(p->data);
	uint32_t *left = &b->left[seq % NUMBERS];
	struct srt_head head;

	must(srt_parse_head(p->data, p->len, &head));
	must(b->scripted || !head.resent || *left == seq + 1);
	*left = seq + 1;
	memcpy(is, p->data, p->len);
	must(bench_make_data(was, seq) == p->len || b->scripted);
	if (head.resent)
		srt_mark_resent(was);
	must(b->scripted || memcmp(is, was, p->len) == 0);
	if (p->port <= LINKS)
		b->sent[p->port][b->sent_at[p->port]++ % SENT] = seq;
}

bool bench_is_up(struct bench *b, unsigned port)
{
	const struct link *l = links_get(&b->s->links, port);

	return l && l->state == LINK_UP;
}

void bench_look_at_packets(struct bench *b)
{
	struct pkt *p;

	while ((p = outbox_take(&b->out))) {
		must(p->len <= PKT_CAP && p->port <= SENDER_LINKS);
		if (p->port != 0 && srt_is_data(p->data, p->len)) {
			must(b->were_up >> (p->port - 1) & 1 || bench_is_up(b, p->port));
			look_at_data(b, p);
		}
		if (p->port >= 1 && p->port <= LINKS) {
			memcpy(b->asked[p->port], p->data, p->len);
			b->asked_len[p->port] = p->len;
			pkt_free(b->last);
			b->last = p;
			continue;
		}
		pkt_free(p);
	}
	outbox_clear_notes(&b->out);
}

void bench_look_at_view(struct bench *b)
{
	struct sender_view v;

	sender_view(b->s, b->now, &v);
	must(v.live <= v.count);
	for (unsigned i = 0; i < v.count; i++) {
		must(v.link[i].window >= 1000 && v.link[i].window <= 60000);
		must(v.link[i].in_flight >= 0 && v.link[i].srtt >= 0);
	}
}
