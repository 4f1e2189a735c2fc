/* SPDX-License-Identifier: MIT */
#include "lab/scenario_reader.h"

#include <stdio.h>
#include <string.h>

enum { FIGURE = 64 };

static const struct {
	const char *name;
	enum unit unit;
} metrics[METRICS] = {
	[METRIC_LATE] = {"late", UNIT_SHARE},
	[METRIC_LATE_OVER_ORACLE] = {"late-over-oracle", UNIT_SHARE},
	[METRIC_WIRE] = {"wire", UNIT_RATIO},
	[METRIC_DELAY_P50] = {"delay-p50", UNIT_SPAN},
	[METRIC_DELAY_P99] = {"delay-p99", UNIT_SPAN},
	[METRIC_DELAY_P999] = {"delay-p999", UNIT_SPAN},
	[METRIC_STALL] = {"stall", UNIT_SPAN},
	[METRIC_GLITCHES] = {"glitches", UNIT_COUNT},
	[METRIC_FALSE_NAKS] = {"false-naks", UNIT_COUNT},
	[METRIC_LAST_INTO_DEAD] = {"last-into-dead", UNIT_SPAN},
	[METRIC_BACK_IN_USE] = {"back-in-use", UNIT_SPAN},
	[METRIC_QUEUE_P95] = {"queue-p95", UNIT_SPAN},
	[METRIC_SESSIONS] = {"sessions", UNIT_COUNT},
	[METRIC_ADDED_P50] = {"added-p50", UNIT_SPAN},
	[METRIC_ADDED_P99] = {"added-p99", UNIT_SPAN},
	[METRIC_BACKUP_SHARE] = {"backup-share", UNIT_SHARE},
};

const char *scenario_metric_name(enum scenario_metric m)
{
	return metrics[m].name;
}

void scenario_metric_text(enum scenario_metric m, uint64_t value, char *buf, size_t size)
{
	if (value == UINT64_MAX)
		snprintf(buf, size, "never");
	else
		units_text(metrics[m].unit, value, buf, size);
}

static bool find_metric(const char *word, enum scenario_metric *m)
{
	for (unsigned i = 0; i < METRICS; i++) {
		*m = (enum scenario_metric)i;
		if (strcmp(metrics[i].name, word) == 0)
			return true;
	}
	return false;
}

static bool unknown(struct scenario_reader *r, const char *word)
{
	char all[256];
	size_t at = 0;

	for (unsigned i = 0; i < METRICS && at < sizeof(all); i++)
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s", i ? ", " : "",
				       metrics[i].name);
	return scenario_fail(r, "\"%s\" is nothing that can be limited: there are %s", word, all);
}

/* A figure that may stand apart from its unit, as scenario_metric_text() writes it. */
static bool figure(struct scenario_reader *r, enum scenario_metric m, const char *what, bool never,
		   uint64_t *value)
{
	const char *example = units_example(metrics[m].unit);
	char all[FIGURE] = "";

	while (r->at < r->words && strcmp(r->word[r->at], "today") != 0) {
		const char *word = scenario_next(r);

		if (strlen(all) + strlen(word) >= sizeof(all))
			return scenario_fail(r, "%s needs %s, and there is more", what, example);
		strcat(all, word);
	}
	if (never && strcmp(all, "never") == 0) {
		*value = UINT64_MAX;
		return true;
	}
	if (!*all)
		return scenario_fail(r, "%s needs %s", what, example);
	return units_read(metrics[m].unit, all, value) ||
	       scenario_fail(r, "%s needs %s, and \"%s\" is none", what, example, all);
}

bool scenario_limit(struct scenario_reader *r)
{
	const char *word = scenario_next(r);
	struct scenario *s = r->s;
	struct scenario_limit l = {0};

	if (!word)
		return scenario_fail(r, "limit needs something to limit, such as late 0.1%%");
	if (!find_metric(word, &l.what))
		return unknown(r, word);
	for (unsigned i = 0; i < s->limits; i++)
		if (s->limit[i].what == l.what)
			return scenario_fail(r, "%s is limited twice: leave one out", word);
	if (!figure(r, l.what, word, false, &l.at_most))
		return false;
	l.unmet = scenario_skip(r, "today");
	if (l.unmet && !figure(r, l.what, "today", true, &l.today))
		return false;
	if (l.unmet && l.today <= l.at_most)
		return scenario_fail(r, "%s holds today: leave out \"today\"", word);
	if (!scenario_done(r))
		return false;
	_Static_assert((int)METRICS <= (int)SCENARIO_LIMITS, "there is a place for each");
	s->limit[s->limits++] = l;
	return true;
}
