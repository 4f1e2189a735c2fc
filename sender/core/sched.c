/* SPDX-License-Identifier: MIT */
#include "sender/core/sched.h"

static const struct sched_rule *const rules[] = {
	[SENDER_CLASSIC] = &sched_classic,
};

const struct sched_rule *sched_rule(enum sender_mode mode)
{
	return rules[mode];
}
