/* SPDX-License-Identifier: MIT */
#include <jansson.h>

#include "sender/steer.h"

/* What panels that were written for other senders call; what they cannot have here, they hear. */

enum {
	/* What makes SENDER_QUALITY look at losses and round trips at all. */
	SCORES = SENDER_QUALITY_AGE | SENDER_QUALITY_GRACE | SENDER_QUALITY_BURSTS |
		 SENDER_QUALITY_RTT,
};

/* The parameters, by name where they have names, all of which change nothing. */
static json_t *ignored(const struct rpc_call *call, const char *why)
{
	json_t *params = call->params ? json_deep_copy(call->params) : json_object();

	return json_pack("{s:b, s:o, s:s}", "applied", 0, "ignored", params, "why", why);
}

json_t *steer_set_quality(const struct rpc_call *call, struct rpc_error *error)
{
	const struct scene *scene = steer_of(call)->scene;
	const json_t *enabled = rpc_param(call, "enabled", 0);
	unsigned without = scene->cfg->quality_without;

	if (!json_is_boolean(enabled))
		return rpc_fail(error, RPC_INVALID_PARAMS, "enabled: true or false is wanted");
	without = json_is_true(enabled) ? without & ~(unsigned)SCORES : without | SCORES;
	sender_quality_without(scene->door->sender, without);
	return json_pack("{s:b, s:b}", "applied", 1, "enabled", json_is_true(enabled));
}

json_t *steer_set_stall(const struct rpc_call *call, struct rpc_error *error)
{
	(void)error;
	return ignored(call, "a link that delivers nothing is always left out, "
			     "and its own figures say how soon");
}

json_t *steer_set_timeout(const struct rpc_call *call, struct rpc_error *error)
{
	(void)error;
	return ignored(call, "--link-timeout says it at the start");
}
