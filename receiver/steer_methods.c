/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <string.h>

#include "receiver/report.h"
#include "receiver/steer.h"

#define GROUPS_FRESH MSEC(100)
#define PAST_FRESH   SEC(1)

static struct steer *steer_of(const struct rpc_call *call)
{
	const struct desk *d = call->program;

	return d->arg;
}

static json_t *status(const struct rpc_call *call, struct rpc_error *error)
{
	const struct steer *s = steer_of(call);
	struct history_totals totals;
	struct receiver_view v;

	(void)error;
	receiver_view(s->scene->door->receiver, call->now, &v);
	history_totals(s->history, &totals);
	return json_pack("{s:s, s:s, s:I, s:i, s:s, s:i, s:i, s:i, s:i, s:i, s:I, s:i, s:i, s:s, s:o}",
			 "program", s->desk.program,
			 "version", s->desk.version,
			 "uptime_s", (json_int_t)((call->now - s->scene->began) / SEC(1)),
			 "listen_port", (int)s->desk.port,
			 "host", s->scene->hosts->host[0].name,
			 "port", (int)s->scene->hosts->host[0].port,
			 "groups", (int)v.groups,
			 "groups_room", (int)v.groups_room,
			 "members", (int)v.members,
			 "unproved", (int)v.unproved,
			 "bitrate_bps", (json_int_t)(totals.up_bps & INT64_MAX),
			 "held", (int)v.held,
			 "held_room", (int)v.held_room,
			 "log_level", log_level_name(log_level()),
			 "control", desk_control(&s->desk));
}

static const char *stats(const struct rpc_call *call, struct rpc_error *error)
{
	const char *text = steer_stats(steer_of(call), call->now);

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

static json_t *group_line(const struct steer *s, unsigned port, ustime now)
{
	struct receiver_group_view v;
	struct history_group_view past;
	char name[SCENE_NAME];

	if (!receiver_group_view(s->scene->door->receiver, port, now, &v))
		return NULL;
	history_group(s->history, &v, now, &past);
	scene_group_name(v.serial, v.port, name);
	return json_pack("{s:s, s:s, s:s, s:I, s:i, s:I, s:I, s:i, s:i}",
			 "group", name,
			 "state", receiver_stream_name(v.stream),
			 "peer", scene_peer(&v),
			 "session_s", (json_int_t)(v.session_age / SEC(1)),
			 "links", (int)v.count,
			 "bitrate_bps", (json_int_t)(past.up_bps & INT64_MAX),
			 "rtt_ms", (json_int_t)((v.srt_rtt + 500) / 1000),
			 "held", (int)v.order.held,
			 "missing", (int)v.missing);
}

/* A thousand groups take their time to be looked at, so not more often than somebody can read. */
static const char *groups(const struct rpc_call *call, struct rpc_error *error)
{
	struct steer *s = steer_of(call);
	const char *text = desk_kept(&s->groups, call->now);
	json_t *list;
	char *made;

	if (text)
		return text;
	list = json_array();
	for (unsigned port = 1; port <= s->scene->groups; port++) {
		if (receiver_group_serial(s->scene->door->receiver, port) != 0)
			json_array_append_new(list, group_line(s, port, call->now));
	}
	made = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	text = desk_keep(&s->groups, made, made ? strlen(made) : 0, call->now + GROUPS_FRESH);
	return text ? text : rpc_fail(error, RPC_INTERNAL, "out of memory");
}

static const char *group(const struct rpc_call *call, struct rpc_error *error)
{
	struct steer *s = steer_of(call);
	char buf[RPC_TEXT];
	const char *name = rpc_text(call, "group", 0, true, buf, error);
	const char *text;
	size_t len = 0;
	char *made;

	if (!name)
		return NULL;
	made = report_group_json(s->scene, s->history, name, call->now, &len);
	text = desk_keep(&s->group, made, len, call->now);
	return text ? text : rpc_fail(error, RPC_INVALID_PARAMS,
				      "group: no group has this name; groups lists them");
}

static json_t *reload(const struct rpc_call *call, struct rpc_error *error)
{
	struct steer *s = steer_of(call);

	(void)error;
	s->reload(s->arg, call->now);
	return json_pack("{s:b}", "ok", 1);
}

const struct rpc_method steer_methods[] = {
	{"status", "", "the program in a few lines", status, NULL},
	{"stats", "", "all figures", NULL, stats},
	{"groups", "", "a line for each group", NULL, groups},
	{"group", "group", "all figures of one group and its links", NULL, group},
	{"history", "", "the last ten minutes, a sample each second", NULL, history},
	{"subscribe", "topics, interval_ms?", "be told of stats or event unasked", desk_subscribe, NULL},
	{"unsubscribe", "topics?", "no more of these, or of any", desk_unsubscribe, NULL},
	{"get_subscription_count", "", "how many clients have subscribed", desk_count, NULL},
	{"reload", "", "read the stream keys again, as SIGHUP does", reload, NULL},
	{"log.level", "level?", "which lines are printed: error, warn, info, debug", desk_log_level, NULL},
	{"version", "", "of the program", desk_version, NULL},
	{"methods", "", "this list", desk_methods, NULL},
	{"get_status", "", "the same as status", status, NULL},
	{"get_stats", "", "the same as stats", NULL, stats},
};

const size_t steer_method_count = sizeof(steer_methods) / sizeof(steer_methods[0]);
