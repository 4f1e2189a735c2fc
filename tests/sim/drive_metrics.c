/* SPDX-License-Identifier: MIT */
#include "tests/sim/drive.h"

static void worst(uint64_t *metric, uint64_t value)
{
	if (value > *metric)
		*metric = value;
}

static uint64_t span(usspan us)
{
	return us < 0 ? UINT64_MAX : (uint64_t)us;
}

static void of_links(const struct census *c, uint64_t metric[METRICS])
{
	for (unsigned i = 0; i < c->links; i++)
		worst(&metric[METRIC_QUEUE_P95], span(c->link[i].queue_p95));
	for (unsigned i = 0; i < c->outages; i++) {
		worst(&metric[METRIC_LAST_INTO_DEAD], span(c->outage[i].last_in));
		worst(&metric[METRIC_BACK_IN_USE], span(c->outage[i].back));
	}
}

static void of_stream(const struct tally *t, const struct tally *oracle, uint64_t metric[METRICS])
{
	uint64_t late = tally_late_ppm(t), least = tally_late_ppm(oracle);

	worst(&metric[METRIC_LATE], late);
	worst(&metric[METRIC_LATE_OVER_ORACLE], late > least ? late - least : 0);
	worst(&metric[METRIC_DELAY_P50], span(t->delay_p50));
	worst(&metric[METRIC_DELAY_P99], span(t->delay_p99));
	worst(&metric[METRIC_DELAY_P999], span(t->delay_p999));
	worst(&metric[METRIC_STALL], span(t->stall));
	worst(&metric[METRIC_GLITCHES], t->glitch_seconds);
}

void drive_metrics(const struct drive *d, const struct tally *oracle, uint64_t metric[METRICS])
{
	for (int m = 0; m < METRICS; m++)
		metric[m] = 0;
	for (unsigned i = 0; i < d->vehicles; i++) {
		const struct drive_outcome *o = &d->vehicle[i];

		of_stream(&o->tally, &oracle[i], metric);
		of_links(&o->census, metric);
		worst(&metric[METRIC_WIRE], census_wire(&o->census));
		worst(&metric[METRIC_FALSE_NAKS], o->census.false_naks);
		worst(&metric[METRIC_SESSIONS], o->sessions);
		worst(&metric[METRIC_ADDED_P50], span(o->added_p50));
		worst(&metric[METRIC_ADDED_P99], span(o->added_p99));
		worst(&metric[METRIC_BACKUP_SHARE], o->backup_share);
	}
}
