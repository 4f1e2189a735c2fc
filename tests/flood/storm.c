/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "shared/wire/be.h"
#include "tests/flood/flood.h"
#include "tests/sim/srt_build.h"

/* Floods of strangers, with newcomers among them who mean well. */

enum { NEWCOMERS = 5, LINKS = 2 };

#define PATIENCE (1000 * CLOCK_MS) /* after which a classic sender asks again */

/* A flood on its way. */
struct storm {
	struct flood f;
	struct flood_pace pace;
	uint64_t begins, ends;
	uint64_t seconds;
	uint8_t packet[SRT_PACKET];
	size_t len;
	uint64_t beside; /* CPU time of the stream beside, ns a second */
	struct target before, warm, after; /* warm: what it ever touches it has touched */
};

static struct spot anybody(struct rng *rng)
{
	uint64_t r = rng_next(rng);

	return (struct spot){UINT32_C(11) << 24 | (uint32_t)(r & 0xffffff),
			     (uint16_t)(1024 + (r >> 32) % 60000)};
}

/* Newcomers come in the first half, so that each has the other for its patience. */
static void let_come(struct storm *s, uint64_t now)
{
	uint64_t each = (s->ends - s->begins) / (2 * (NEWCOMERS + 1));
	struct caller *c;

	if (s->f.callers == NEWCOMERS || now - s->begins < each * (s->f.callers + 1))
		return;
	c = flood_call_afar(&s->f, LINKS);
	c->links_only = true;
	c->again = PATIENCE;
}

static void tell_newcomers(const struct flood *f)
{
	uint64_t slowest = 0;
	unsigned in = 0;

	for (unsigned i = 0; i < f->callers; i++) {
		const struct caller *c = &f->caller[i];

		if (c->state != CALLER_IN)
			continue;
		in++;
		if (c->done - c->began > slowest)
			slowest = c->done - c->began;
	}
	flood_tell("newcomers", "%u", f->callers);
	flood_tell("newcomers_in", "%u", in);
	flood_tell("newcomer_slowest_ms", "%.1f", (double)slowest / 1e6);
}

/* What each packet has that the one before had not. */
static void vary(struct storm *s)
{
	put_be64(s->packet + s->len - 64, rng_next(&s->f.rng));
}

static void begin(struct storm *s, unsigned pid, const uint64_t *number)
{
	memset(s, 0, sizeof(*s));
	flood_open(&s->f, pid, NEWCOMERS, false);
	flood_part_processors(pid); /* neither rage nor work shall wait for the other */
	s->pace.rate = number[0];
	s->seconds = number[1];
}

static void rage(struct storm *s)
{
	uint64_t now = clock_ns();
	struct target quiet;

	quiet = target_look(s->f.pid);
	flood_rest(&s->f, 0, 0, now + CLOCK_S / 2);
	s->before = target_look(s->f.pid);
	s->beside = 2 * (s->before.cpu - quiet.cpu);
	now = clock_ns();
	s->begins = s->pace.began = now;
	s->ends = now + s->seconds * CLOCK_S;
	while (now < s->ends) {
		unsigned n = flood_due(&s->pace, now);

		for (unsigned i = 0; i < n; i++) {
			vary(s);
			crowd_send(&s->f.crowd, anybody(&s->f.rng), s->packet, s->len);
		}
		if (n == 0)
			flood_rest(&s->f, 0, s->f.callers, 0);
		else
			flood_pump(&s->f, 0, s->f.callers);
		now = clock_ns();
		let_come(s, now);
		if (s->warm.rss == 0 && now - s->begins > (s->ends - s->begins) / 4)
			s->warm = target_look(s->f.pid);
	}
	flood_rest(&s->f, 0, s->f.callers, now + CLOCK_S / 2);
	s->after = target_look(s->f.pid);
}

static void tell(struct storm *s)
{
	const struct crowd *c = &s->f.crowd;
	uint64_t lost = s->after.drops - s->before.drops;
	double all = (double)(s->after.cpu - s->before.cpu);
	double seconds = (double)s->seconds + 0.5;
	double own = all - (double)s->beside * seconds;
	uint64_t read = c->sent > lost ? c->sent - lost : 1;

	flood_tell("packets", "%llu", (unsigned long long)c->sent);
	flood_tell("packets_a_second", "%.0f", (double)c->sent / (double)s->seconds);
	flood_tell("socket_drops", "%llu", (unsigned long long)lost);
	flood_tell("bytes_back_per_byte", "%.3f", (double)c->heard_bytes / (double)c->sent_bytes);
	flood_tell("rss_grown_kib", "%lld",
		   ((long long)s->after.rss - (long long)s->warm.rss) / 1024);
	flood_tell("rss_kib", "%llu", (unsigned long long)s->after.rss / 1024);
	flood_tell("cpu_us_a_packet", "%.3f", own / 1000 / (double)read);
	flood_tell("cpu_share", "%.3f", all / seconds / 1e9);
	tell_newcomers(&s->f);
	flood_close(&s->f);
}

void flood_blind(unsigned pid, const uint64_t *number)
{
	static struct storm s;
	uint8_t id[SRTLA_ID_LEN];

	begin(&s, pid, number);
	rng_fill(&s.f.rng, id, sizeof(id));
	s.len = srtla_build_reg(s.packet, SRTLA_REG1, id);
	rage(&s);
	tell(&s);
}

void flood_strangers(unsigned pid, const uint64_t *number)
{
	static struct storm s;
	struct srt_data d = {.seq = 1, .message = 1, .dest = 1, .payload = SRT_PAYLOAD};

	begin(&s, pid, number);
	s.len = srt_build_data(s.packet, &d);
	rage(&s);
	tell(&s);
}
