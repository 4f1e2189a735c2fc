/* SPDX-License-Identifier: MIT */
#include "lab/scenario.h"

#include <jansson.h>

static double seconds(usspan us)
{
	return (double)us / 1e6;
}

static json_t *stream(const struct scenario *s)
{
	return json_pack("{s:I, s:i, s:i, s:i, s:I, s:I, s:f}", "rate", (json_int_t)s->stream.rate,
			 "fps", (int)s->stream.fps, "gop", (int)s->stream.gop, "key_percent",
			 (int)s->stream.key, "least", (json_int_t)s->least, "most",
			 (json_int_t)s->most, "latency_s", seconds(s->latency));
}

static json_t *terms(const struct scenario_terms *t)
{
	json_t *o = json_object();

	if (t->said & TERMS_ROLE)
		json_object_set_new(o, "role", json_string(scenario_role_name(t->role)));
	if (t->said & TERMS_WEIGHT)
		json_object_set_new(o, "weight", json_integer((json_int_t)t->weight));
	if (t->said & TERMS_CAP)
		json_object_set_new(o, "cap", json_integer((json_int_t)t->cap));
	return o;
}

static json_t *all_terms(const struct scenario *s)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < s->links; i++)
		if (json_array_append_new(all, terms(&s->link[i].terms)) != 0) {
			json_decref(all);
			return NULL;
		}
	return all;
}

static json_t *event(const struct scenario_event *e)
{
	static const struct {
		const char *name;
		bool link;
	} deeds[] = {
		[DEED_REBIND] = {"rebind", true},
		[DEED_READDRESS] = {"readdress", true},
		[DEED_REC_RESTART] = {"receiver", false},
		[DEED_SEND_RESTART] = {"sender", false},
		[DEED_SERVER_RESTART] = {"server", false},
		[DEED_ENCODER_RESTART] = {"encoder", false},
	};

	if (e->deed == DEED_TERMS)
		return json_pack("{s:f, s:s, s:i, s:o}", "at_s", seconds(e->at), "deed", "terms",
				 "link", (int)e->link + 1, "terms", terms(&e->terms));
	if (e->deed == DEED_MODE)
		return json_pack("{s:f, s:s, s:s}", "at_s", seconds(e->at), "deed", "mode", "mode",
				 scenario_mode_name(e->mode));
	if (deeds[e->deed].link)
		return json_pack("{s:f, s:s, s:i}", "at_s", seconds(e->at), "deed",
				 deeds[e->deed].name, "link", (int)e->link + 1);
	return json_pack("{s:f, s:s, s:f}", "at_s", seconds(e->at), "deed", deeds[e->deed].name,
			 "after_s", seconds(e->lasts));
}

static json_t *events(const struct scenario *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->events; i++)
		if (json_array_append_new(all, event(&s->event[i])) != 0) {
			json_decref(all);
			return NULL;
		}
	return all;
}

static json_t *limit(const struct scenario_limit *l)
{
	char text[SCENARIO_WORD], today[SCENARIO_WORD];
	json_t *o;

	scenario_metric_text(l->what, l->at_most, text, sizeof(text));
	o = json_pack("{s:s, s:I, s:s, s:b}", "metric", scenario_metric_name(l->what), "at_most",
		      (json_int_t)l->at_most, "text", text, "unmet", (int)l->unmet);
	if (o && l->unmet) {
		scenario_metric_text(l->what, l->today, today, sizeof(today));
		json_object_set_new(o, "today", json_integer((json_int_t)l->today));
		json_object_set_new(o, "today_text", json_string(today));
	}
	return o;
}

static json_t *limits(const struct scenario *s)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < s->limits; i++)
		if (json_array_append_new(all, limit(&s->limit[i])) != 0) {
			json_decref(all);
			return NULL;
		}
	return all;
}

struct json_t *scenario_json(const struct scenario *s)
{
	return json_pack(
		"{s:s, s:s, s:f, s:f, s:i, s:i, s:o, s:{s:i, s:b}, s:s, s:s, s:o, s:o, s:o}",
		"name", s->name, "title", s->title, "lasts_s", seconds(s->lasts), "judged_from_s",
		seconds(s->judged_from), "vehicles", (int)s->vehicles, "links", (int)s->links,
		"stream", stream(s), "server", "loss_ttl", (int)s->server.loss_ttl, "nak_report",
		(int)!s->server.no_nak_report, "sender", s->sender, "receiver", s->receiver,
		"terms", all_terms(s), "events", events(s), "limits", limits(s));
}
