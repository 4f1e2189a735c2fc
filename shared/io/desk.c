/* SPDX-License-Identifier: MIT */
#include "shared/io/desk.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "shared/io/log.h"
#include "shared/io/rundir.h"

enum { HOUR_MS = 3600 * 1000 };

#define LOOK MSEC(100) /* how soon subscribers of events hear of a line */

static void heard(void *arg, struct control_client *from, const char *line, size_t len, ustime now)
{
	const struct desk *d = arg;
	char *answer = rpc_answer(d->methods, d->method_count, arg, from, line, len, now);

	if (answer)
		control_send(from, answer, strlen(answer));
	free(answer);
}

static const char *what_is_wrong(int err)
{
	switch (err) {
	case EADDRINUSE:
		return "another program listens there";
	case ENOTSOCK:
		return "there is a file of that name which is no socket";
	case ENAMETOOLONG:
		return "the path is longer than the 107 bytes that a socket's may have";
	}
	return strerror(err);
}

/* False: it was said that there is to be none, or nobody said and there is no place. */
static bool choose(struct desk *d, const char *option)
{
	if (option)
		snprintf(d->path, sizeof(d->path), "%s", strcmp(option, "off") == 0 ? "" : option);
	else if (!rundir_file(d->program, d->port, ".sock", d->path)) {
		d->path[0] = '\0';
		log_info("event=no_control why=\"no directory for it: /run/%s is not there, and "
			 "XDG_RUNTIME_DIR not set\"", d->program);
	}
	return d->path[0] != '\0';
}

int desk_open(struct desk *d, struct loop *loop, const char *option, char why[ARGUMENTS_WHY])
{
	int err;

	d->control = NULL;
	d->look_at = 0;
	if (!choose(d, option))
		return 0;
	err = -control_create(&d->control, loop, d->path, heard, d);
	if (!err) {
		log_info("event=control path=%s", d->path);
		return 0;
	}
	if (option)
		snprintf(why, ARGUMENTS_WHY, "--control-socket %.100s: %s", d->path,
			 what_is_wrong(err));
	else
		log_warn("event=no_control path=%s why=\"%s\"", d->path, what_is_wrong(err));
	d->path[0] = '\0';
	return option ? EX_CANTCREAT : 0;
}

void desk_close(struct desk *d)
{
	control_destroy(d->control);
	d->control = NULL;
}

static void publish(struct desk *d, unsigned topic, const char *text, ustime now)
{
	char *line = rpc_notification(d->topics[topic].name, text ? text : "null");

	if (line)
		control_publish(d->control, topic, line, strlen(line), now);
	free(line);
}

static void publish_line(struct desk *d, unsigned topic, const struct log_recent *r, ustime now)
{
	json_t *j = json_pack("{s:I, s:s, s:o}", "wall_ms", (json_int_t)r->wall_ms, "level",
			      log_level_name(r->level), "text", rpc_string(r->text));
	char *text = json_dumps(j, JSON_COMPACT);

	publish(d, topic, text, now);
	json_decref(j);
	free(text);
}

/* What was printed since the last look; of very much, the latest. */
static void publish_lines(struct desk *d, unsigned topic, ustime now)
{
	uint64_t all = log_said();
	uint64_t new = all - d->told;
	unsigned count = log_recent_count();

	d->look_at = now + LOOK;
	d->told = all;
	for (unsigned i = new < count ? count - (unsigned)new : 0; i < count; i++)
		publish_line(d, topic, log_recent(i), now);
}

void desk_run(struct desk *d, ustime now)
{
	control_run(d->control, now);
	for (unsigned i = 0; d->control && i < d->topic_count; i++) {
		const struct desk_topic *t = &d->topics[i];

		if (now < control_wanted(d->control, i))
			continue;
		if (t->text)
			publish(d, i, t->text(d->arg, now), now);
		else if (now >= d->look_at)
			publish_lines(d, i, now);
	}
}

ustime desk_deadline(const struct desk *d)
{
	ustime at = control_deadline(d->control);

	for (unsigned i = 0; d->control && i < d->topic_count; i++) {
		ustime wanted = control_wanted(d->control, i);

		at = earlier(at, d->topics[i].text || wanted == NEVER ? wanted : d->look_at);
	}
	return at;
}

static int find_topic(const struct desk *d, const char *name)
{
	for (unsigned i = 0; name && i < d->topic_count; i++) {
		if (strcmp(d->topics[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

/*
 * The n-th topic that is asked for: "topics" is a list or one of them, and an array of params is such a
 * list.  NULL: there are no more.
 */
static const json_t *asked_topic(const struct rpc_call *call, size_t n)
{
	const json_t *t = json_is_array(call->params) ? call->params : rpc_param(call, "topics", 0);

	if (!t)
		t = rpc_param(call, "topic", 0);
	if (json_is_array(t))
		return json_array_get(t, n);
	return n == 0 ? t : NULL;
}

static json_t *no_topic(const struct desk *d, struct rpc_error *error)
{
	char names[ARGUMENTS_WHY / 2] = "";
	size_t len = 0;

	for (unsigned i = 0; i < d->topic_count && len < sizeof(names) - 1; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					d->topics[i].name);
	return rpc_fail(error, RPC_INVALID_PARAMS, "topics: a list of some of these is wanted: %s",
			names);
}

static bool subscribe(const struct rpc_call *call, int topic, int64_t interval_ms)
{
	const struct desk *d = call->program;
	const struct desk_topic *t = &d->topics[topic];
	usspan interval = interval_ms ? later(MSEC(interval_ms), t->least) : t->usual;

	if (!call->from)
		return false;
	return control_subscribe(call->from, (unsigned)topic, t->text ? interval : 0, call->now);
}

/* A panel that knows topics of other programs too gets what there is, and hears what there is not. */
json_t *desk_subscribe(const struct rpc_call *call, struct rpc_error *error)
{
	struct desk *d = call->program;
	json_t *subscribed, *ignored;
	int64_t interval_ms = 0;
	const json_t *t;

	if (!json_is_array(call->params) &&
	    !rpc_number(call, "interval_ms", 0, 0, HOUR_MS, 0, &interval_ms, error))
		return NULL;
	subscribed = json_array();
	ignored = json_array();
	for (size_t i = 0; (t = asked_topic(call, i)) != NULL; i++) {
		int topic = find_topic(d, json_string_value(t));

		if (topic < 0) {
			json_array_append_new(ignored, json_deep_copy(t));
			continue;
		}
		if (!d->topics[topic].text && control_wanted(d->control, (unsigned)topic) == NEVER)
			d->told = log_said();
		if (subscribe(call, topic, interval_ms)) {
			json_array_append_new(subscribed, json_string(d->topics[topic].name));
			continue;
		}
		json_decref(subscribed);
		json_decref(ignored);
		return rpc_fail(error, RPC_REFUSED, "%d clients have subscribed already",
				CONTROL_SUBSCRIBERS);
	}
	if (json_array_size(subscribed) > 0)
		return json_pack("{s:o, s:o}", "subscribed", subscribed, "ignored", ignored);
	json_decref(subscribed);
	json_decref(ignored);
	return no_topic(d, error);
}

json_t *desk_unsubscribe(const struct rpc_call *call, struct rpc_error *error)
{
	const struct desk *d = call->program;
	const json_t *t = asked_topic(call, 0);

	(void)error;
	for (unsigned i = 0; call->from && !t && i < d->topic_count; i++)
		control_unsubscribe(call->from, i);
	for (size_t i = 0; call->from && (t = asked_topic(call, i)) != NULL; i++) {
		int topic = find_topic(d, json_string_value(t));

		if (topic >= 0)
			control_unsubscribe(call->from, (unsigned)topic);
	}
	return json_pack("{s:b}", "ok", 1);
}

json_t *desk_count(const struct rpc_call *call, struct rpc_error *error)
{
	const struct desk *d = call->program;

	(void)error;
	return json_pack("{s:i}", "count", (int)control_subscribers(d->control));
}

json_t *desk_log_level(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT];
	const char *word = rpc_text(call, "level", 0, false, buf, error);
	enum log_level level;

	if (!word && rpc_param(call, "level", 0))
		return NULL;
	if (word && !log_level_parse(word, &level))
		return rpc_fail(error, RPC_INVALID_PARAMS,
				"level: one of error, warn, info and debug is wanted");
	/* While the one that shows more is in force. */
	if (word && level < log_level())
		log_info("event=log_level level=%s", log_level_name(level));
	if (word && level > log_level()) {
		log_set_level(level);
		log_info("event=log_level level=%s", log_level_name(level));
	}
	if (word)
		log_set_level(level);
	return json_pack("{s:s}", "level", log_level_name(log_level()));
}

json_t *desk_version(const struct rpc_call *call, struct rpc_error *error)
{
	const struct desk *d = call->program;

	(void)error;
	return json_pack("{s:s, s:s, s:i}", "program", d->program, "version", d->version, "port",
			 (int)d->port);
}

json_t *desk_methods(const struct rpc_call *call, struct rpc_error *error)
{
	const struct desk *d = call->program;
	json_t *list = json_array();

	(void)error;
	for (size_t i = 0; i < d->method_count; i++) {
		const struct rpc_method *m = &d->methods[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", m->name, "params",
						      m->params, "help", m->help));
	}
	return list;
}

json_t *desk_control(const struct desk *d)
{
	struct control_counts n = control_counts(d->control);

	return json_pack("{s:s, s:i, s:i, s:I, s:I}", "path", d->path, "clients", (int)n.clients,
			 "subscribers", (int)control_subscribers(d->control), "requests",
			 (json_int_t)n.requests, "cut", (json_int_t)n.cut);
}
