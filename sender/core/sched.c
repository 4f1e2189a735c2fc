/* SPDX-License-Identifier: MIT */
#include "sender/core/sched.h"

static const struct sched_rule *const rules[] = {
	[SENDER_CLASSIC] = &sched_classic,
	[SENDER_QUALITY] = &sched_quality,
};

const struct sched_rule *sched_rule(enum sender_mode mode)
{
	return mode < sizeof(rules) / sizeof(rules[0]) && rules[mode] ? rules[mode]
								      : &sched_classic;
}

void sched_init(struct sched *s, enum sender_mode mode, unsigned without)
{
	*s = (struct sched){.without = without};
	sched_set_mode(s, mode);
}

void sched_set_mode(struct sched *s, enum sender_mode mode)
{
	s->rule = sched_rule(mode);
	s->stale_from = s->rule->prepare ? 0 : NEVER;
}

void sched_set_without(struct sched *s, unsigned without)
{
	s->without = without;
	s->stale_from = s->rule->prepare ? 0 : NEVER;
}

void sched_prepare(struct sched *s, struct links *ls, ustime now)
{
	s->ask.without = s->without;
	s->rule->prepare(ls, s->without, now);
	s->stale_from = now + s->rule->fresh;
}
