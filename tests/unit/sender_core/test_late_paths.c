/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

#include "shared/base/rng.h"

/* How the choice sees the links, remembered from packet to packet. */

enum { LINKS = 3, STEPS = 20000, FIRST = 1000, LATENCY = 500 };

static void assert_same(const struct late_paths *a, const struct late_paths *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->narrowest, b->narrowest);
	for (unsigned i = 0; i < a->count; i++) {
		const struct sched_path *x = &a->path[i], *y = &b->path[i];

		assert_int_equal(x->port, y->port);
		assert_int_equal(x->tier, y->tier);
		assert_int_equal(x->open, y->open);
		assert_int_equal(x->forward, y->forward);
		assert_int_equal(x->cost, y->cost);
		assert_int_equal(x->rate, y->rate);
		assert_int_equal(x->window, y->window);
		assert_int_equal(x->holds, y->holds);
		assert_int_equal(x->bytes, y->bytes);
	}
}

/* What is remembered is what would be found by looking anew; true when anything was. */
static bool check(struct rig *r)
{
	struct late *y = &r->s->late;
	struct late_paths kept;

	if (!y->paths.kept)
		return false;
	kept = *late_paths(r->s, r->now);
	y->paths.kept = false;
	assert_same(&kept, late_paths(r->s, r->now));
	y->paths = kept;
	return true;
}

static void disturb(struct rig *r, struct rng *rng)
{
	unsigned port = 1 + (unsigned)rng_below(rng, LINKS);
	struct sender_terms terms = {.role = (enum sender_role)rng_below(rng, 3),
				     .weight = 1 + (unsigned)rng_below(rng, 20)};

	switch (rng_below(rng, 4)) {
	case 0:
		sender_link_unsent(r->s, port, (size_t)rng_below(rng, 20000));
		break;
	case 1:
		sender_link_mtu(r->s, port, rng_below(rng, 2) ? 0 : 1400);
		break;
	case 2:
		terms.cap = rng_below(rng, 8) ? 0 : 2000000;
		sender_link_terms(r->s, port, &terms, r->now, &r->out);
		break;
	default:
		late_echo(r, port);
		break;
	}
	rig_collect(r);
}

/* Most of what was seen on this link arrives. */
static void report(struct rig *r, struct rng *rng, unsigned port)
{
	uint32_t seq[64];
	unsigned count = 0;

	for (unsigned i = 0; i < r->seen_count && count < 64; i++)
		if (r->seen[i]->port == port && srt_is_data(r->seen[i]->data, r->seen[i]->len) &&
		    rng_below(rng, 50) > 0)
			seq[count++] = be32(r->seen[i]->data);
	if (count > 0)
		late_report_of(r, port, seq, count);
}

static void links_are_seen_as_if_looked_at_anew_for_each_packet(void **state)
{
	struct rng rng;
	struct rig r;
	uint32_t seq = FIRST;
	unsigned kept = 0;

	(void)state;
	late_start(&r, SENDER_BALANCE, LINKS);
	late_agree(&r, LATENCY);
	late_meet(&r);
	rng_init(&rng, 5);
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned what = (unsigned)rng_below(&rng, 100);

		if (what < 60) {
			late_feed(&r, seq++, 1);
		} else if (what < 90) {
			rig_until(&r, r.now + (ustime)rng_below(&rng, MSEC(3)));
		} else if (what < 98) {
			for (unsigned port = 1; port <= LINKS; port++)
				report(&r, &rng, port);
			rig_clear(&r);
		} else if (rng_below(&rng, 10) == 0) {
			disturb(&r, &rng);
		}
		if (r.seen_count > RIG_SEEN / 2)
			rig_clear(&r);
		kept += check(&r);
	}
	assert_true(kept > STEPS / 10);
	rig_finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_seen_as_if_looked_at_anew_for_each_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
