/* SPDX-License-Identifier: MIT */
#include "sender/notes.h"

#include <inttypes.h>
#include <stdio.h>

#include "shared/io/log.h"

enum { LINE = 256 };

/* How a kind of note reads: how loud it is and what its number counts. */
struct wording {
	bool loud;
	const char *number; /* NULL: it has none */
	int64_t unit;       /* the number is divided by this */
};

static const struct wording wordings[] = {
	[SENDER_LINK_UP] = {false, "after_ms", 1000},
	[SENDER_LINK_DOWN] = {true, NULL, 1},
	[SENDER_LINK_REFUSED] = {true, NULL, 1},
	[SENDER_LINK_ELSEWHERE] = {true, NULL, 1},
	[SENDER_LINK_MTU] = {true, "bytes", 1},
	[SENDER_GROUP_JOINED] = {false, NULL, 1},
	[SENDER_GROUP_LOST] = {true, NULL, 1},
	[SENDER_NO_LINKS] = {true, NULL, 1},
	[SENDER_NEVER_JOINED] = {true, NULL, 1},
	[SENDER_ENCODER_NEW] = {false, "socket_id", 1},
	[SENDER_ENCODER_IGNORED] = {true, NULL, 1},
	[SENDER_LATENCY] = {false, "ms", 1},
	[SENDER_LINK_SHY] = {false, NULL, 1},
	[SENDER_LINK_TRUSTED] = {false, "after_ms", 1000},
};

/* Adds to the line what fits. */
static size_t add(char line[LINE], size_t at, const char *key, const char *value, bool quoted)
{
	int n = snprintf(line + at, LINE - at, quoted ? " %s=\"%s\"" : " %s=%s", key, value);

	return n < 0 || at + (size_t)n >= LINE ? at : at + (size_t)n;
}

static void log_worded(const struct note *n, const char *link, const struct wording *w)
{
	char line[LINE] = "";
	char number[24];
	char who[ENDPOINT_TEXT];
	size_t at = 0;

	if (link)
		at = add(line, at, "link", link, false);
	if (n->who.family != FAMILY_NONE)
		at = add(line, at, "from", endpoint_print(&n->who, who), false);
	if (w->number) {
		snprintf(number, sizeof(number), "%" PRId64, n->number / w->unit);
		at = add(line, at, w->number, number, false);
	}
	if (n->why)
		add(line, at, "why", n->why, true);
	if (w->loud)
		log_warn("event=%s%s", sender_note_name(n->kind), line);
	else
		log_info("event=%s%s", sender_note_name(n->kind), line);
}

void note_log(const struct note *n, const char *link)
{
	static const struct wording plain = {false, NULL, 1};
	const struct wording *w = &plain;

	switch (n->kind) {
	/* Control panels search standard error for exactly these two sentences. */
	case SENDER_NEVER_JOINED:
		log_raw("Failed to establish any initial connections");
		break;
	case SENDER_NO_LINKS:
		log_raw("no available connections");
		break;
	case SENDER_PEER_KNOWN:
		log_info("event=%s peer=%s", sender_note_name(n->kind),
			 n->number ? "own" : "classic");
		return;
	case SENDER_MODE:
		log_info("event=%s mode=%s", sender_note_name(n->kind),
			 sender_mode_name((enum sender_mode)n->number));
		return;
	default:
		break;
	}
	if (n->kind < sizeof(wordings) / sizeof(wordings[0]))
		w = &wordings[n->kind];
	log_worded(n, link, w);
}
