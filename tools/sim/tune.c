/* SPDX-License-Identifier: MIT */
#include "tools/sim/tune.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"

enum { KNOWN = 400 };

#define SPAN(member)   {#member, true, offsetof(struct sender_tuning, member)}
#define NUMBER(member) {#member, false, offsetof(struct sender_tuning, member)}

/* Every field of struct sender_tuning: usspan or unsigned. */
static const struct tunable {
	const char *name;
	bool span;
	size_t offset;
} tunables[] = {
	SPAN(queue),
	SPAN(window),
	SPAN(backlog),
	NUMBER(follow),
	NUMBER(climb),
	SPAN(impatience),
	SPAN(feedback),
	SPAN(feedback_classic),
	SPAN(loss_cost),
	SPAN(loss_cost_classic),
	SPAN(probe),
	NUMBER(least),
	NUMBER(least_classic),
	NUMBER(reinject),
};

enum { TUNABLES = sizeof(tunables) / sizeof(tunables[0]) };

static const struct tunable *find(const char *name, size_t len)
{
	for (size_t i = 0; i < TUNABLES; i++)
		if (strlen(tunables[i].name) == len && memcmp(tunables[i].name, name, len) == 0)
			return &tunables[i];
	return NULL;
}

static void say_known(char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < TUNABLES && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? ", " : "",
				       tunables[i].name);
}

static bool set_span(struct sender_tuning *t, const struct tunable *f, const char *text)
{
	usspan span;

	if (!text_span(text, &span) || span < 0)
		return false;
	memcpy((char *)t + f->offset, &span, sizeof(span));
	return true;
}

static bool set_number(struct sender_tuning *t, const struct tunable *f, const char *text)
{
	uint64_t n;
	unsigned small;

	if (!text_number(text, 0, UINT_MAX, &n))
		return false;
	small = (unsigned)n;
	memcpy((char *)t + f->offset, &small, sizeof(small));
	return true;
}

bool tune_set(struct sender_tuning *t, const char *assignment, char *why, size_t size)
{
	size_t len = strcspn(assignment, "=");
	const struct tunable *f = assignment[len] ? find(assignment, len) : NULL;
	const char *value = assignment + len + 1;
	char known[KNOWN];

	if (!f) {
		say_known(known, sizeof(known));
		snprintf(why, size, "\"%s\" sets nothing: NAME=VALUE, of %s", assignment, known);
		return false;
	}
	if (f->span ? set_span(t, f, value) : set_number(t, f, value))
		return true;
	snprintf(why, size, "%s needs a %s, and \"%s\" is none", f->name,
		 f->span ? "time such as 60ms" : "number", value);
	return false;
}
