/* SPDX-License-Identifier: MIT */
#include "web/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/io/log.h"

static void put_text(FILE *to, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20)
			fprintf(to, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else
			putc(c, to);
	}
}

static void put_event(FILE *to, const struct log_recent *e)
{
	fprintf(to, "{\"wall_ms\":%" PRId64 ",\"level\":\"%s\",\"text\":\"", e->wall_ms,
		log_level_name(e->level));
	put_text(to, e->text);
	fputs("\"}", to);
}

char *events_json(size_t *len)
{
	unsigned count = log_recent_count();
	char *text = NULL;
	FILE *to = open_memstream(&text, len);
	bool whole;

	if (!to)
		return NULL;
	fputs("{\"schema_version\":1,\"events\":[", to);
	for (unsigned i = 0; i < count; i++) {
		if (i)
			putc(',', to);
		put_event(to, log_recent(i));
	}
	fputs("]}\n", to);
	whole = !ferror(to);
	if (fclose(to) == 0 && whole)
		return text;
	free(text);
	return NULL;
}
