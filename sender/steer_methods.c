/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <string.h>

#include "sender/steer.h"

/* Who asks more often gets the same again: it costs nothing, and rates over no time say nothing. */
#define STATS_FRESH MSEC(100)
#define PAST_FRESH  SEC(1)

/* Words of other senders for what comes next to it here. */
static const struct {
	const char *word;
	enum sender_mode mode;
} elsewhere[] = {
	{"enhanced", SENDER_QUALITY},
	{"rtt-threshold", SENDER_BALANCE},
	{"edpf", SENDER_BALANCE},
};

struct steer *steer_of(const struct rpc_call *call)
{
	const struct desk *d = call->program;

	return d->arg;
}

static const struct snapshot *look(const struct rpc_call *call)
{
	static struct snapshot snapshot;

	snapshot_take(steer_of(call)->scene, call->now, &snapshot);
	return &snapshot;
}

static const char *peer_name(enum sender_peer peer)
{
	return peer == SENDER_PEER_OWN ? "own" : peer == SENDER_PEER_CLASSIC ? "classic" : "unknown";
}

static json_t *status(const struct rpc_call *call, struct rpc_error *error)
{
	const struct snapshot *s = look(call);
	const struct sender_view *v = &s->view;
	const struct desk *d = call->program;

	(void)error;
	return json_pack("{s:s, s:s, s:I, s:i, s:s, s:i, s:s, s:b, s:s, s:i, s:i, s:i, s:I, s:I, s:s, s:o}",
			 "program", d->program,
			 "version", d->version,
			 "uptime_s", (json_int_t)(s->uptime / SEC(1)),
			 "listen_port", (int)s->listen_port,
			 "host", s->host,
			 "port", (int)s->host_port,
			 "mode", sender_mode_name((enum sender_mode)v->mode),
			 "joined", (int)v->joined,
			 "peer", peer_name(v->peer),
			 "latency_ms", (int)v->latency,
			 "links", (int)s->count,
			 "live_links", (int)v->live,
			 "capacity_bps", (json_int_t)(v->capacity & INT64_MAX),
			 "safe_bps", (json_int_t)(v->safe_rate & INT64_MAX),
			 "log_level", log_level_name(log_level()),
			 "control", desk_control(d));
}

static const char *stats(const struct rpc_call *call, struct rpc_error *error)
{
	struct steer *s = steer_of(call);
	const char *text = desk_kept(&s->stats, call->now);

	if (!text) {
		text = report_json(&s->asked, look(call));
		text = desk_keep(&s->stats, text ? strdup(text) : NULL, text ? strlen(text) : 0,
				 call->now + STATS_FRESH);
	}
	return text ? text : rpc_fail(error, RPC_INTERNAL, "out of memory");
}

static const char *history(const struct rpc_call *call, struct rpc_error *error)
{
	struct steer *s = steer_of(call);
	const char *text = desk_kept(&s->past, call->now);
	size_t len = 0;
	char *made;

	if (!text) {
		made = history_json(s->history, &len);
		text = desk_keep(&s->past, made, len, call->now + PAST_FRESH);
	}
	return text ? text : rpc_fail(error, RPC_REFUSED, "there is no history");
}

static bool find_mode(const char *word, enum sender_mode *mode)
{
	for (unsigned m = 0; m < SENDER_MODES; m++) {
		*mode = (enum sender_mode)m;
		if (strcmp(word, sender_mode_name(*mode)) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		*mode = elsewhere[i].mode;
		if (strcmp(word, elsewhere[i].word) == 0)
			return true;
	}
	return false;
}

static json_t *mode(const struct rpc_call *call, struct rpc_error *error)
{
	static struct sender_view view;
	struct steer *s = steer_of(call);
	char buf[RPC_TEXT];
	const char *word = rpc_text(call, "mode", 0, false, buf, error);
	enum sender_mode wanted;

	if (!word && rpc_param(call, "mode", 0))
		return NULL;
	if (word && !find_mode(word, &wanted))
		return rpc_fail(error, RPC_INVALID_PARAMS,
				"mode: one of balance, redundant, auto, quality and classic is wanted");
	if (word)
		s->set_mode(s->arg, wanted, call->now);
	sender_view(s->scene->door->sender, call->now, &view);
	return json_pack("{s:s}", "mode", sender_mode_name((enum sender_mode)view.mode));
}

/* Without a word it would be a question, and who sets does not ask. */
static json_t *set_mode(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT];

	return rpc_text(call, "mode", 0, true, buf, error) ? mode(call, error) : NULL;
}

static json_t *reload(const struct rpc_call *call, struct rpc_error *error)
{
	struct steer *s = steer_of(call);

	(void)error;
	s->reload(s->arg, call->now);
	return json_pack("{s:b}", "ok", 1);
}

const struct rpc_method steer_methods[] = {
	{"status", "", "the stream and the program in a few lines", status, NULL},
	{"stats", "", "all figures, as in the stats file", NULL, stats},
	{"history", "", "the last ten minutes, a sample each second", NULL, history},
	{"mode", "mode?", "which mode is in force: balance, redundant, auto, quality, classic", mode, NULL},
	{"link.list", "", "the links, what each is for and how it does", steer_link_list, NULL},
	{"link.add", "uplink, role?, weight?, cap?", "one more link, \"192.168.8.100%usb1\"",
	 steer_link_add, NULL},
	{"link.remove", "link", "the end of a link", steer_link_remove, NULL},
	{"link.role", "link, role?", "normal, overflow, backup, off; without one, that of before link.drain",
	 steer_link_role, NULL},
	{"link.weight", "link, weight", "1 to 100, against the other links'", steer_link_weight, NULL},
	{"link.cap", "link, bps", "at most so many bit/s, as 4M; 0: no limit", steer_link_cap, NULL},
	{"link.drain", "link", "no new data on a link; what is under way arrives", steer_link_drain, NULL},
	{"link.hint", "link, quality, valid_ms, capacity_bps?, reason?",
	 "what somebody foresees: quality 0 to 1, for so long", steer_link_hint, NULL},
	{"subscribe", "topics, interval_ms?", "be told of stats, rate or event unasked", desk_subscribe, NULL},
	{"unsubscribe", "topics?", "no more of these, or of any", desk_unsubscribe, NULL},
	{"get_subscription_count", "", "how many clients have subscribed", desk_count, NULL},
	{"reload", "", "read the uplinks again, as SIGHUP does", reload, NULL},
	{"log.level", "level?", "which lines are printed: error, warn, info, debug", desk_log_level, NULL},
	{"version", "", "of the program", desk_version, NULL},
	{"methods", "", "this list", desk_methods, NULL},
	{"get_status", "", "the same as status", status, NULL},
	{"get_stats", "", "the same as stats", NULL, stats},
	{"set_mode", "mode", "the same as mode", set_mode, NULL},
	{"set_quality", "enabled", "do losses count in mode quality?", steer_set_quality, NULL},
	{"set_stall_deselect", "enabled?", "answered, and changes nothing", steer_set_stall, NULL},
	{"set_conn_timeout", "ms?", "answered, and changes nothing", steer_set_timeout, NULL},
};

const size_t steer_method_count = sizeof(steer_methods) / sizeof(steer_methods[0]);
