/* SPDX-License-Identifier: MIT */
#include "receiver/groupline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/io/stateword.h"

/* The port of a group in the core is checked against the groups that there are. */
enum { PORT_MOST = 1 << 20 };

/* A line on its way from the file. */
struct reading {
	struct receiver_record *rec;
	uint16_t *local;
};

/* Adds to the line; it is long enough for all that a record can say. */
__attribute__((format(printf, 3, 4)))
static size_t add(char line[GROUPLINE], size_t at, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line + at, GROUPLINE - at, fmt, args);
	va_end(args);
	return n < 0 || (size_t)n >= GROUPLINE - at ? at : at + (size_t)n;
}

static size_t add_flags(char line[GROUPLINE], size_t at, const struct receiver_record *rec)
{
	const bool is[] = {rec->plain, rec->proved, rec->own_peer};
	const char *word[] = {"plain", "proved", "own"};
	const char *before = " is=";

	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++) {
		if (!is[i])
			continue;
		at = add(line, at, "%s%s", before, word[i]);
		before = ",";
	}
	return at;
}

size_t groupline_print(const struct receiver_record *rec, uint16_t local, char line[GROUPLINE])
{
	char mark[2 * RECEIVER_MARK_LEN + 1], who[STATEWORD_ADDRESS],
		here[STATEWORD_ADDRESS];
	size_t at = 0;

	text_hex(rec->mark, sizeof(rec->mark), mark);
	at = add(line, at, "group port=%u local=%u mark=%s origin=%s server=%u", rec->port, local,
		 mark, stateword_address(&rec->origin, who), rec->server);
	at = add(line, at, " caller=%" PRIu32 " callee=%" PRIu32 " latency=%u", rec->caller_id,
		 rec->server_id, rec->latency);
	if (rec->stream_mark)
		at = add(line, at, " stream=%" PRIx64, rec->stream_mark);
	if (rec->timed)
		at = add(line, at, " clock=%" PRIu32 "@%" PRId64, rec->timestamp, rec->stamped);
	at = add_flags(line, at, rec);
	for (unsigned i = 0; i < rec->count; i++)
		at = add(line, at, " member=%s,%s", stateword_address(&rec->member[i], who),
			 stateword_address(&rec->local[i], here));
	return at;
}

static bool read_port(char *value, struct reading *r)
{
	uint64_t number;

	if (!text_number(value, 1, PORT_MOST, &number))
		return false;
	r->rec->port = (unsigned)number;
	return true;
}

static bool read_local(char *value, struct reading *r)
{
	return stateword_read_u16(value, r->local);
}

static bool read_mark(char *value, struct reading *r)
{
	return text_unhex(value, r->rec->mark, sizeof(r->rec->mark));
}

static bool read_origin(char *value, struct reading *r)
{
	return stateword_read_address(value, &r->rec->origin) && r->rec->origin.family != FAMILY_NONE;
}

static bool read_server(char *value, struct reading *r)
{
	uint64_t number;

	if (!text_number(value, 0, PORT_MOST, &number))
		return false;
	r->rec->server = (unsigned)number;
	return true;
}

static bool read_caller(char *value, struct reading *r)
{
	return stateword_read_u32(value, &r->rec->caller_id);
}

static bool read_callee(char *value, struct reading *r)
{
	return stateword_read_u32(value, &r->rec->server_id);
}

static bool read_latency(char *value, struct reading *r)
{
	return stateword_read_u16(value, &r->rec->latency);
}

static bool read_stream(char *value, struct reading *r)
{
	char *end;

	errno = 0;
	r->rec->stream_mark = strtoull(value, &end, 16);
	return errno == 0 && end != value && *end == '\0' && strspn(value, "0123456789abcdef") > 0;
}

static bool read_clock(char *value, struct reading *r)
{
	char *at = strchr(value, '@');
	uint64_t number;

	if (!at)
		return false;
	*at++ = '\0';
	/* A moment before boot is none of this boot's. */
	if (!stateword_read_u32(value, &r->rec->timestamp) || !text_number(at, 0, INT64_MAX, &number))
		return false;
	r->rec->stamped = (ustime)number;
	r->rec->timed = true;
	return true;
}

static bool read_flags(char *value, struct reading *r)
{
	char *rest = value;

	for (char *word; (word = strsep(&rest, ",")) != NULL;) {
		r->rec->plain |= strcmp(word, "plain") == 0;
		r->rec->proved |= strcmp(word, "proved") == 0;
		r->rec->own_peer |= strcmp(word, "own") == 0;
	}
	return true;
}

static bool read_member(char *value, struct reading *r)
{
	struct receiver_record *rec = r->rec;
	char *here = strchr(value, ',');

	if (!here || rec->count == RECEIVER_MEMBERS)
		return false;
	*here++ = '\0';
	if (!stateword_read_address(value, &rec->member[rec->count]) ||
	    !stateword_read_address(here, &rec->local[rec->count]) ||
	    rec->member[rec->count].family == FAMILY_NONE)
		return false;
	rec->count++;
	return true;
}

enum { WANTED = 4 }; /* of the keys, the first ones, without which there is no group */

static const struct {
	const char *key;
	bool (*read)(char *value, struct reading *r);
} keys[] = {
	{"port", read_port},
	{"local", read_local},
	{"mark", read_mark},
	{"origin", read_origin},
	{"server", read_server},
	{"caller", read_caller},
	{"callee", read_callee},
	{"latency", read_latency},
	{"stream", read_stream},
	{"clock", read_clock},
	{"is", read_flags},
	{"member", read_member}, /* the only one that is repeated */
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* Which of the keys it is; KEYS for none of ours. */
static size_t find_key(const char *word)
{
	size_t i;

	for (i = 0; i < KEYS && strcmp(keys[i].key, word) != 0; i++)
		;
	return i;
}

bool groupline_read(char *line, struct receiver_record *rec, uint16_t *local)
{
	struct reading r = {.rec = rec, .local = local};
	unsigned there = 0;
	char *word = strsep(&line, " ");

	memset(rec, 0, sizeof(*rec));
	*local = 0;
	if (strcmp(word, "group") != 0)
		return false;
	while ((word = strsep(&line, " ")) != NULL) {
		char *value = strchr(word, '=');
		size_t i;

		if (!value)
			return false;
		*value++ = '\0';
		i = find_key(word);
		if (i == KEYS)
			continue;
		if ((there >> i & 1 && i != KEYS - 1) || !keys[i].read(value, &r))
			return false;
		there |= 1U << i;
	}
	return (there & ((1U << WANTED) - 1)) == (1U << WANTED) - 1;
}
