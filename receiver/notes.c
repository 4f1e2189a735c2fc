/* SPDX-License-Identifier: MIT */
#include "receiver/notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/io/log.h"

enum { LINE = 256 };

/* How a kind of note reads: how loud it is and what its number counts. */
struct wording {
	bool loud;
	const char *number; /* NULL: it has none */
};

static const struct wording wordings[] = {
	[RECEIVER_SESSION_NEW] = {false, "socket_id"},
	[RECEIVER_SESSION_AGREED] = {false, "latency_ms"},
	[RECEIVER_SESSION_REFUSED] = {true, NULL},
	[RECEIVER_SERVER_AWAY] = {true, NULL},
	[RECEIVER_FULL] = {true, NULL},
	[RECEIVER_GROUP_RESTORED] = {false, "members"},
	[RECEIVER_SESSION_LOST] = {true, NULL},
	[RECEIVER_LOGIN_REFUSED] = {true, NULL},
	[RECEIVER_PENALTY] = {true, "seconds"},
};

/* Adds to the line what fits. */
static size_t add(char line[LINE], size_t at, const char *key, const char *value, bool quoted)
{
	int n = snprintf(line + at, LINE - at, quoted ? " %s=\"%s\"" : " %s=%s", key, value);

	return n < 0 || at + (size_t)n >= LINE ? at : at + (size_t)n;
}

void note_log(const struct note *n)
{
	static const struct wording plain = {false, NULL};
	const struct wording *w = &plain;
	const char *why = n->why;
	char line[LINE] = "";
	char number[24];
	char who[ENDPOINT_TEXT];
	size_t at = 0;

	if (n->kind < sizeof(wordings) / sizeof(wordings[0]))
		w = &wordings[n->kind];
	if (n->kind == RECEIVER_SERVER_AWAY)
		why = strerror((int)n->number);
	if (n->port) {
		snprintf(number, sizeof(number), "%u", n->port);
		at = add(line, at, "group", number, false);
	}
	if (n->who.family != FAMILY_NONE)
		at = add(line, at, "from", endpoint_print(&n->who, who), false);
	if (w->number) {
		snprintf(number, sizeof(number), "%" PRId64, n->number);
		at = add(line, at, w->number, number, false);
	}
	if (why)
		add(line, at, "why", why, true);
	if (w->loud)
		log_warn("event=%s%s", receiver_note_name(n->kind), line);
	else
		log_info("event=%s%s", receiver_note_name(n->kind), line);
}
