/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "sender/steer.h"
#include "sender/terms.h"
#include "shared/base/text.h"

enum {
	ADDED = 256,         /* a line of the uplinks file */
	VALID_MOST = 600000, /* ms; who knows more of the future than ten minutes says so again */
	REASON = 64,
	ONE = 1000,          /* a quality of 1 */
};

static json_t *link_object(const struct snapshot_link *l)
{
	const struct sender_link_view *v = &l->view;
	unsigned weight = l->terms.weight ? l->terms.weight : SENDER_WEIGHT;
	char address[ENDPOINT_TEXT];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:i, s:I, s:I, s:i, s:I}",
			 "link", l->name,
			 "device", l->device,
			 "address", endpoint_print(&l->local, address),
			 "state", v->shy ? "shy" : link_state_name(v->state),
			 "role", sender_role_name(l->terms.role),
			 "weight", (int)weight,
			 "cap_bps", l->terms.cap ? json_integer((json_int_t)l->terms.cap) : json_null(),
			 "reason", l->trouble ? rpc_string(l->trouble) : v->why ? rpc_string(v->why) : json_null(),
			 "rtt_ms", (int)((v->srtt + 500) / 1000),
			 "bitrate_bps", (json_int_t)(v->rate * 8),
			 "capacity_bps", (json_int_t)(v->capacity & INT64_MAX),
			 "in_flight", (int)v->in_flight,
			 "bytes_sent", (json_int_t)(v->bytes_out & INT64_MAX));
}

static const struct snapshot *look(const struct rpc_call *call)
{
	static struct snapshot snapshot;

	snapshot_take(steer_of(call)->scene, call->now, &snapshot);
	return &snapshot;
}

json_t *steer_link_list(const struct rpc_call *call, struct rpc_error *error)
{
	const struct snapshot *s = look(call);
	json_t *list = json_array();

	(void)error;
	for (unsigned i = 0; i < s->count; i++)
		json_array_append_new(list, link_object(&s->link[i]));
	return list;
}

/* As it is after the change. */
static json_t *one_link(const struct rpc_call *call, const struct uplink *u)
{
	const struct snapshot *s = look(call);

	for (unsigned i = 0; i < s->count; i++) {
		if (s->link[i].view.port == u->port)
			return link_object(&s->link[i]);
	}
	return json_null();
}

static struct uplink *find(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT], shown[REASON];
	const char *name = rpc_text(call, "link", 0, true, buf, error);
	struct uplink *u = name ? links_find(steer_of(call)->scene->links, name) : NULL;

	if (name && !u)
		rpc_fail(error, RPC_INVALID_PARAMS,
			 "link: %s is the name of none, or of several; link.list lists them",
			 text_escape(name, strlen(name), shown, sizeof(shown)));
	return u;
}

/* " role=backup", behind what there is. */
static bool add_term(const struct rpc_call *call, const char *name, unsigned place, char line[ADDED],
		     struct rpc_error *error)
{
	char buf[RPC_TEXT];
	const char *value = rpc_text(call, name, place, false, buf, error);
	size_t len = strlen(line);

	if (!value)
		return rpc_param(call, name, place) == NULL;
	snprintf(line + len, ADDED - len, " %s=%s", name, value);
	return true;
}

json_t *steer_link_add(const struct rpc_call *call, struct rpc_error *error)
{
	struct links *links = steer_of(call)->scene->links;
	char line[ADDED], buf[RPC_TEXT];
	const char *uplink = rpc_text(call, "uplink", 0, true, buf, error);
	const char *why;

	if (!uplink)
		return NULL;
	snprintf(line, sizeof(line), "%s", uplink);
	if (!add_term(call, "role", 1, line, error) || !add_term(call, "weight", 2, line, error) ||
	    !add_term(call, "cap", 3, line, error))
		return NULL;
	why = strpbrk(line, "\r\n") ? "more than one line" : links_add(links, line, call->now);
	if (why)
		return rpc_fail(error, RPC_REFUSED, "uplink: %s", why);
	return one_link(call, links->uplink[links->count - 1]);
}

json_t *steer_link_remove(const struct rpc_call *call, struct rpc_error *error)
{
	const struct uplink *u = find(call, error);
	char name[UPLINK_NAME];
	const char *why;

	if (!u)
		return NULL;
	memcpy(name, u->name, sizeof(name));
	why = links_remove(steer_of(call)->scene->links, name, call->now);
	if (why)
		return rpc_fail(error, RPC_REFUSED, "link: %s", why);
	return json_pack("{s:s}", "removed", name);
}

static json_t *set(const struct rpc_call *call, struct uplink *u, const struct sender_terms *terms,
		   struct rpc_error *error)
{
	const char *why = links_set_terms(steer_of(call)->scene->links, u->name, terms, call->now);

	if (why)
		return rpc_fail(error, RPC_REFUSED, "link: %s", why);
	return one_link(call, u);
}

/* One term, in the words of the uplinks file; the link's others stay. */
static json_t *set_term(const struct rpc_call *call, const char *name, const char *value,
			struct rpc_error *error)
{
	struct uplink *u = find(call, error);
	struct terms_reader r = {0};
	struct sender_terms terms;
	char word[REASON];
	const char *why;

	if (!u || !value)
		return NULL;
	terms = u->terms;
	snprintf(word, sizeof(word), "%s=%s", name, value);
	why = terms_read(&r, word);
	if (why)
		return rpc_fail(error, RPC_INVALID_PARAMS, "%s: %s", name, why);
	if (r.role)
		terms.role = r.terms.role;
	if (r.weight)
		terms.weight = r.terms.weight;
	if (r.cap)
		terms.cap = r.terms.cap;
	return set(call, u, &terms, error);
}

static struct steer_drained *drained(const struct rpc_call *call, const struct uplink *u)
{
	struct steer_drained *d = &steer_of(call)->drained[u->port];

	if (d->is && (u->terms.role != SENDER_OFF || !uplink_id_equal(&d->id, &u->id)))
		d->is = false;
	return d;
}

json_t *steer_link_role(const struct rpc_call *call, struct rpc_error *error)
{
	struct uplink *u = find(call, error);
	struct sender_terms terms;
	char buf[RPC_TEXT];

	if (!u)
		return NULL;
	if (rpc_param(call, "role", 1))
		return set_term(call, "role", rpc_text(call, "role", 1, true, buf, error), error);
	terms = u->terms;
	if (drained(call, u)->is)
		terms.role = drained(call, u)->role;
	return set(call, u, &terms, error);
}

json_t *steer_link_weight(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT];

	return set_term(call, "weight", rpc_text(call, "weight", 1, true, buf, error), error);
}

json_t *steer_link_cap(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT];
	const char *rate = rpc_text(call, "bps", 1, true, buf, error);
	struct uplink *u;
	struct sender_terms terms;

	if (!rate || strcmp(rate, "0") != 0)
		return set_term(call, "cap", rate, error);
	u = find(call, error);
	if (!u)
		return NULL;
	terms = u->terms;
	terms.cap = 0;
	return set(call, u, &terms, error);
}

json_t *steer_link_drain(const struct rpc_call *call, struct rpc_error *error)
{
	struct uplink *u = find(call, error);
	struct sender_terms terms;
	struct steer_drained *d;

	if (!u)
		return NULL;
	d = drained(call, u);
	if (!d->is)
		*d = (struct steer_drained){.is = true, .id = u->id, .role = u->terms.role};
	terms = u->terms;
	terms.role = SENDER_OFF;
	return set(call, u, &terms, error);
}

static bool read_quality(const struct rpc_call *call, unsigned *quality, struct rpc_error *error)
{
	const json_t *p = rpc_param(call, "quality", 1);
	double q = json_number_value(p);

	if (!json_is_number(p) || !(q >= 0 && q <= 1)) {
		rpc_fail(error, RPC_INVALID_PARAMS, "quality: a number from 0 to 1 is wanted");
		return false;
	}
	*quality = (unsigned)(q * ONE + 0.5);
	return true;
}

json_t *steer_link_hint(const struct rpc_call *call, struct rpc_error *error)
{
	struct door *door = steer_of(call)->scene->door;
	struct uplink *u = find(call, error);
	struct sender_link_hint hint = {0};
	char buf[RPC_TEXT], shown[REASON];
	const char *reason;
	int64_t valid, capacity;

	if (!u || !read_quality(call, &hint.quality, error) ||
	    !rpc_number(call, "valid_ms", 2, 0, VALID_MOST, -1, &valid, error) ||
	    !rpc_number(call, "capacity_bps", 3, 0, INT64_MAX, 0, &capacity, error))
		return NULL;
	reason = rpc_text(call, "reason", 4, false, buf, error);
	if (!reason && rpc_param(call, "reason", 4))
		return NULL;
	hint.valid = MSEC(valid);
	hint.capacity = (uint64_t)capacity;
	text_escape(reason ? reason : "", reason ? strlen(reason) : 0, shown, sizeof(shown));
	log_debug("event=link_hint link=%s quality=%u valid_ms=%lld capacity_bps=%llu why=\"%s\"",
		  u->name, hint.quality, (long long)valid, (unsigned long long)hint.capacity, shown);
	sender_link_hint(door->sender, u->port, &hint, call->now, &door->out);
	return json_pack("{s:s, s:f, s:I}", "link", u->name, "quality", hint.quality / (double)ONE,
			 "valid_ms", (json_int_t)valid);
}
