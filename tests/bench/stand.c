/* SPDX-License-Identifier: MIT */
#include "tests/bench/stand.h"

#include <string.h>

#include "shared/wire/be.h"
#include "tests/bench/must.h"

enum { PACKETS = 2048 }; /* of which a thousand may wait */

void stand_init(struct stand *st, size_t filled)
{
	const struct srt_data d = {.message = 1, .dest = 0x77, .payload = SRT_PAYLOAD};

	memset(st, 0, sizeof(*st));
	bench_must(pkt_pool_init(&st->pool, PACKETS));
	outbox_init(&st->out);
	st->now = SEC(1000) * 1000;
	st->filled = filled;
	srt_build_data(st->media, &d);
}

void stand_finish(struct stand *st)
{
	outbox_finish(&st->out);
	pkt_pool_finish(&st->pool);
}

ustime stand_now(const struct stand *st)
{
	return st->now / 1000;
}

struct pkt *stand_packet(struct stand *st, const void *data, size_t len)
{
	struct pkt *p = pkt_get(&st->pool);

	bench_must(p != NULL);
	memcpy(p->data, data, len);
	p->len = (uint16_t)len;
	return p;
}

struct pkt *stand_media(struct stand *st, uint32_t seq)
{
	struct pkt *p = stand_packet(st, st->media, st->filled);

	put_be32(p->data, seq);
	p->len = SRT_PACKET;
	return p;
}

void stand_pass(struct stand *st, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		outbox_put(&st->out, 1, stand_media(st, i));
		pkt_free(outbox_take(&st->out));
	}
}
