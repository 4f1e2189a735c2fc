/* SPDX-License-Identifier: MIT */
#include "lab/census_json.h"

static json_t *seconds(ustime t)
{
	return json_real((double)t / 1e6);
}

static json_t *milliseconds(usspan t)
{
	return json_real((double)t / 1e3);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static uint64_t bytes_sent(const struct census_link *l)
{
	uint64_t bytes = 0;

	for (int cause = 0; cause < CENSUS_CAUSES; cause++)
		bytes += l->sent[cause].bytes;
	return bytes;
}

static json_t *causes_json(const struct census_link *l)
{
	static const char *const name[CENSUS_CAUSES] = {
		[CENSUS_FIRST] = "first", [CENSUS_RESENT] = "resent",
		[CENSUS_FALSE_RESENT] = "false_resent", [CENSUS_COPY] = "copy",
		[CENSUS_SRT] = "srt", [CENSUS_SRTLA] = "srtla",
	};
	json_t *all = json_object();

	for (int i = 0; i < CENSUS_CAUSES; i++)
		json_object_set_new(all, name[i],
				    json_pack("{s:o, s:o}", "packets", number(l->sent[i].packets),
					      "bytes", number(l->sent[i].bytes)));
	return all;
}

static json_t *link_json(const struct census *c, unsigned link, uint64_t all)
{
	const struct census_link *l = &c->link[link];
	json_t *dropped = json_pack("{s:o, s:o, s:o, s:o}",
				    "overflow", number(l->dropped[ROAD_OVERFLOW]),
				    "lost", number(l->dropped[ROAD_LOST]),
				    "dark", number(l->dropped[ROAD_DARK]),
				    "too_long", number(l->dropped[ROAD_TOO_LONG]));

	return json_pack("{s:I, s:f, s:o, s:o, s:o}", "link", (json_int_t)link + 1,
			 "share", all ? (double)bytes_sent(l) / (double)all : 0.0,
			 "sent", causes_json(l), "dropped", dropped,
			 "queue_p95_ms", milliseconds(l->queue_p95));
}

static json_t *links_json(const struct census *c)
{
	json_t *links = json_array();
	uint64_t all = 0;

	for (unsigned i = 0; i < c->links; i++)
		all += bytes_sent(&c->link[i]);
	for (unsigned i = 0; i < c->links; i++)
		json_array_append_new(links, link_json(c, i, all));
	return links;
}

static json_t *outages_json(const struct census *c)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < c->outages; i++) {
		const struct census_outage *o = &c->outage[i];

		json_array_append_new(
			all, json_pack("{s:I, s:o, s:o, s:o, s:o}", "link", (json_int_t)o->link + 1,
				       "from_s", seconds(o->from), "until_s", seconds(o->until),
				       "last_into_dead_ms",
				       o->last_in > 0 ? milliseconds(o->last_in) : json_null(),
				       "back_in_use_ms",
				       o->back >= 0 ? milliseconds(o->back) : json_null()));
	}
	return all;
}

static json_t *rate(uint32_t bytes)
{
	return json_real((double)bytes * 8 / (double)CENSUS_BIN);
}

/* Every link has as many bins as the one that was used last, so that they can be added. */
static json_t *bins_json(const struct census_link *l, size_t bins)
{
	json_t *in = json_array(), *out = json_array(), *delay = json_array(),
	       *most = json_array(), *resent = json_array(), *dropped = json_array();

	for (size_t i = 0; i < bins; i++) {
		struct census_bin b = {0};

		if (i < l->bins)
			b = l->bin[i];
		json_array_append_new(in, rate(b.bytes_in));
		json_array_append_new(out, rate(b.bytes_out));
		json_array_append_new(delay, b.arrivals ? milliseconds((usspan)(b.delay_sum /
										b.arrivals))
							: json_null());
		json_array_append_new(most, b.arrivals ? milliseconds(b.delay_most) : json_null());
		json_array_append_new(resent, number(b.resent));
		json_array_append_new(dropped, number(b.dropped));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "in_mbps", in, "out_mbps", out,
			 "delay_ms", delay, "delay_max_ms", most, "resent", resent, "dropped",
			 dropped);
}

static json_t *series_json(const struct census *c)
{
	json_t *links = json_array();
	size_t bins = 0;

	for (unsigned i = 0; i < c->links; i++) {
		if (c->link[i].bins > bins)
			bins = c->link[i].bins;
	}
	for (unsigned i = 0; i < c->links; i++)
		json_array_append_new(links, bins_json(&c->link[i], bins));
	return json_pack("{s:f, s:o}", "bin_s", (double)CENSUS_BIN / 1e6, "links", links);
}

static json_t *marks_json(const struct census *c)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < c->marks; i++)
		json_array_append_new(all, json_pack("{s:o, s:I, s:b}", "t", seconds(c->mark[i].at),
						     "link", (json_int_t)c->mark[i].link + 1,
						     "lost", (int)c->mark[i].lost));
	return all;
}

json_t *census_json(const struct census *c)
{
	return json_pack("{s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o}", "links", links_json(c),
			 "wire", (double)census_wire(c) / 1e3, "naks", number(c->naks),
			 "nak_numbers", number(c->nak_numbers),
			 "false_naks", number(c->false_naks), "outages", outages_json(c),
			 "series", series_json(c), "marks", marks_json(c));
}

json_t *tally_json(const struct tally *t)
{
	return json_pack("{s:o, s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "made", number(t->made), "arrived", number(t->arrived),
			 "late", number(t->late),
			 "late_share", t->made ? (double)t->late / (double)t->made : 0.0,
			 "glitch_seconds", number(t->glitch_seconds), "lasts_s", seconds(t->lasts),
			 "stall_ms", milliseconds(t->stall), "stalls", number(t->stalls),
			 "delay_p50_ms", milliseconds(t->delay_p50),
			 "delay_p95_ms", milliseconds(t->delay_p95),
			 "delay_p99_ms", milliseconds(t->delay_p99),
			 "delay_p999_ms", milliseconds(t->delay_p999),
			 "delay_most_ms", milliseconds(t->delay_most));
}
