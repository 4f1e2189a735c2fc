/* SPDX-License-Identifier: MIT */
#include "sender/today.h"

#include <string.h>
#include <time.h>

static int day_of(int64_t wall_ms)
{
	time_t at = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (!localtime_r(&at, &tm))
		return 1;
	return tm.tm_year * 366 + tm.tm_yday + 1;
}

static void begin_day(struct today *t, int day)
{
	t->day = day;
	for (unsigned i = 0; i < TODAY_LINKS; i++)
		t->link[i].bytes = 0;
}

/* Its place; else one that is free, or whose link has been gone for the longest. */
static struct today_link *place_of(struct today *t, const char *name)
{
	struct today_link *best = &t->link[0];

	for (unsigned i = 0; i < TODAY_LINKS; i++) {
		struct today_link *l = &t->link[i];

		if (strcmp(l->name, name) == 0)
			return l;
		if (l->told_ms < best->told_ms)
			best = l;
	}
	memset(best, 0, sizeof(*best));
	strncpy(best->name, name, sizeof(best->name) - 1);
	return best;
}

uint64_t today_count(struct today *t, const char *name, unsigned port, uint64_t sent,
		     int64_t wall_ms)
{
	int day = day_of(wall_ms);
	struct today_link *l;

	if (day != t->day)
		begin_day(t, day);
	l = place_of(t, name);
	if (l->port != port || sent < l->seen)
		l->seen = 0;
	l->bytes += sent - l->seen;
	l->port = port;
	l->seen = sent;
	l->told_ms = wall_ms;
	return l->bytes;
}
