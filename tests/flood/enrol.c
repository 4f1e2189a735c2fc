/* SPDX-License-Identifier: MIT */
#include "tests/flood/flood.h"

/*
 * Somebody with a /24 of his own, or with many machines all over, registers as many groups
 * as he can, each in full, and keeps them alive, while newcomers come from elsewhere.
 */
enum { NEWCOMERS = 5, LINKS = 2, HOSTS = 254, PORTS = 30000, WIDE = 1 << 23 };

#define NET      UINT32_C(0x0c223800) /* 12.34.56.0/24 */
#define PATIENCE (1000 * CLOCK_MS)    /* after which a classic sender asks again */
#define LOOK     (5 * CLOCK_MS)       /* between two looks at who has to repeat itself */

struct enrolment {
	struct flood f;
	struct flood_pace pace;
	unsigned wanted;                   /* groups of the attacker */
	bool wide;                         /* each from another network */
	struct caller *newcomer[NEWCOMERS];
	unsigned newcomers;
	uint64_t begins, ends, looks;
};

static struct spot one_of(const struct enrolment *e, unsigned n)
{
	if (e->wide)
		return crowd_spot(WIDE + n);
	return (struct spot){NET + 1 + n % HOSTS, (uint16_t)(PORTS + n / HOSTS)};
}

static bool is_newcomer(const struct enrolment *e, const struct caller *c)
{
	for (unsigned i = 0; i < e->newcomers; i++)
		if (e->newcomer[i] == c)
			return true;
	return false;
}

static void attack(struct enrolment *e, unsigned n)
{
	for (; n > 0 && e->f.callers - e->newcomers < e->wanted; n--) {
		struct spot spot = one_of(e, e->f.callers);

		flood_call(&e->f, &spot, 1)->links_only = true;
	}
}

static void let_come(struct enrolment *e, uint64_t now)
{
	uint64_t each = (e->ends - e->begins) / (2 * (NEWCOMERS + 1));
	struct caller *c;

	if (e->newcomers == NEWCOMERS || now - e->begins < each * (e->newcomers + 1))
		return;
	c = flood_call_afar(&e->f, LINKS);
	c->links_only = true;
	c->again = PATIENCE;
	e->newcomer[e->newcomers++] = c;
}

/* All who are in say so, and, if they are to look alive, something like media too. */
static void speak_up(struct enrolment *e, bool media)
{
	struct flood_pace pace = {.began = clock_ns(), .rate = 20000};

	for (unsigned i = 0; i < e->f.callers;) {
		for (unsigned n = flood_due(&pace, clock_ns()); n > 0 && i < e->f.callers; n--) {
			struct caller *c = &e->f.caller[i++];

			if (c->state != CALLER_IN)
				continue;
			caller_keepalive(c, &e->f.crowd);
			if (media && !is_newcomer(e, c))
				caller_media(c, 0, 1, 0, 64, &e->f.crowd);
		}
		flood_rest(&e->f, 0, 0, 0);
	}
}

static void rage(struct enrolment *e)
{
	uint64_t now = clock_ns(), spoke = now;

	e->begins = e->pace.began = now;
	while (now < e->ends) {
		bool looks = now >= e->looks;

		attack(e, flood_due(&e->pace, now));
		let_come(e, now);
		flood_rest(&e->f, 0, looks ? e->f.callers : 0, 0);
		if (looks)
			e->looks = now + LOOK;
		if (now - spoke > CLOCK_S) {
			speak_up(e, true);
			spoke = now;
		}
		now = clock_ns();
	}
}

/* Whoever the receiver knows gets his keepalive back. */
static void count(struct enrolment *e, uint64_t *slowest, unsigned known[2], unsigned ever[2])
{
	for (unsigned i = 0; i < e->f.callers; i++)
		e->f.caller[i].echoes = 0;
	speak_up(e, false);
	flood_rest(&e->f, 0, 0, clock_ns() + CLOCK_S / 5);
	for (unsigned i = 0; i < e->f.callers; i++) {
		const struct caller *c = &e->f.caller[i];
		bool fresh = is_newcomer(e, c);

		ever[fresh] += c->state == CALLER_IN;
		known[fresh] += c->echoes > 0;
		if (fresh && c->state == CALLER_IN && c->done - c->began > *slowest)
			*slowest = c->done - c->began;
	}
}

void flood_enrol(unsigned pid, const uint64_t *number)
{
	static struct enrolment e;
	unsigned known[2] = {0}, ever[2] = {0};
	struct target before, after;
	uint64_t slowest = 0;

	e.wanted = (unsigned)number[0];
	e.wide = number[2] != 0;
	e.pace.rate = number[0] / (number[1] ? number[1] : 1) + 1;
	flood_open(&e.f, pid, e.wanted + NEWCOMERS, false);
	before = target_look(pid);
	e.ends = clock_ns() + (number[1] + 1) * CLOCK_S;
	rage(&e);
	count(&e, &slowest, known, ever);
	after = target_look(pid);
	flood_tell("asked", "%u", e.f.callers - e.newcomers);
	flood_tell("groups_ever", "%u", ever[false]);
	flood_tell("groups_now", "%u", known[false]);
	flood_tell("newcomers", "%u", e.newcomers);
	flood_tell("newcomers_in", "%u", ever[true]);
	flood_tell("newcomers_now", "%u", known[true]);
	flood_tell("newcomer_slowest_ms", "%.1f", (double)slowest / 1e6);
	flood_tell("rss_kib", "%llu", (unsigned long long)after.rss / 1024);
	flood_tell("rss_grown_kib", "%lld", ((long long)after.rss - (long long)before.rss) / 1024);
	flood_tell("cpu_share", "%.3f",
		   (double)(after.cpu - before.cpu) / 1e9 / (double)(number[1] + 1));
	flood_close(&e.f);
}
