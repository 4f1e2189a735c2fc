/* SPDX-License-Identifier: MIT */
#include "lab/emulator/report.h"

#include <inttypes.h>
#include <jansson.h>

#include "lab/census_json.h"

enum { NS_PER_US = 1000, US_PER_MS = 1000 };

#define US_PER_S 1e6

static json_t *whole(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *ms(int64_t us)
{
	return json_real((double)us / US_PER_MS);
}

static usspan lasted(const struct emulator *e)
{
	return e->started_at == NEVER ? 0 : (e->ended_at - e->started_at) / NS_PER_US;
}

/* A run in which packets were lost that no road lost does not count either. */
static json_t *timing(const struct emulator *e)
{
	const struct timing *t = &e->timing;
	bool whole_run = e->drops.no_room == 0 && e->drops.missed == 0;

	return json_pack("{so so so so so so so sb sb}", "p50_ms", ms(timing_percentile(t, 500)),
			 "p99_ms", ms(timing_percentile(t, 990)), "p999_ms",
			 ms(timing_percentile(t, 999)), "max_ms", ms(t->most / NS_PER_US),
			 "packets", whole(t->packets), "wake_p50_ms",
			 ms(timing_percentile(&e->naps, 500)), "wake_p99_ms",
			 ms(timing_percentile(&e->naps, 990)), "real_time", (int)e->real_time,
			 "valid", (int)(timing_valid(t) && whole_run));
}

static json_t *cpu(const struct emulator *e)
{
	struct emulator_cpu now = emulator_cpu();
	usspan user = now.user - e->cpu_before.user, system = now.system - e->cpu_before.system;
	usspan lasts = lasted(e);

	return json_pack("{sf sf sf}", "user_s", (double)user / US_PER_S, "system_s",
			 (double)system / US_PER_S, "share_of_core",
			 lasts > 0 ? (double)(user + system) / (double)lasts : 0);
}

static json_t *drops(const struct emulator_drops *d)
{
	return json_pack("{so so so so so so}", "not_ipv4", whole(d->not_ipv4), "nowhere",
			 whole(d->nowhere), "unmapped", whole(d->unmapped), "no_room",
			 whole(d->no_room), "unsent", whole(d->unsent), "missed", whole(d->missed));
}

static json_t *road(const struct road *r, unsigned vehicle, unsigned link, const char *direction)
{
	const struct road_tally *t = &r->tally;
	char print[17];

	snprintf(print, sizeof(print), "%016" PRIx64, t->fingerprint);
	return json_pack("{si si ss so so so so so so so so so so ss}", "vehicle", vehicle + 1,
			 "link", link + 1, "direction", direction, "packets_in",
			 whole(t->packets_in), "bytes_in", whole(t->bytes_in), "packets_out",
			 whole(t->packets_out), "bytes_out", whole(t->bytes_out), "overflow",
			 whole(t->overflow), "lost", whole(t->lost), "dark", whole(t->dark),
			 "too_long", whole(t->too_long), "doubled", whole(t->doubled), "damaged",
			 whole(t->damaged), "fingerprint", print);
}

static json_t *roads(const struct emulator *e)
{
	json_t *all = json_array();

	for (unsigned v = 0; v < e->vehicles; v++) {
		for (unsigned n = 0; n < e->scenario->links; n++) {
			const struct way *w = &e->vehicle[v].way[n];

			json_array_append_new(all, road(&w->up, v, n, "up"));
			json_array_append_new(all, road(&w->down, v, n, "down"));
		}
	}
	return all;
}

static json_t *vehicles(struct emulator *e)
{
	json_t *all = json_array();

	for (unsigned v = 0; v < e->vehicles; v++)
		json_array_append_new(all, census_json(&e->vehicle[v].census));
	return all;
}

bool report_write(struct emulator *e, FILE *out)
{
	json_t *j = json_pack("{sf so so so so so so}", "lasts_s", (double)lasted(e) / US_PER_S,
			      "timing", timing(e), "cpu", cpu(e), "drops", drops(&e->drops),
			      "held_at_most", whole(e->queue.most), "roads", roads(e), "vehicles",
			      vehicles(e));
	bool written = j && json_dumpf(j, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0 &&
		       fputc('\n', out) != EOF && fflush(out) == 0;

	json_decref(j);
	return written;
}
