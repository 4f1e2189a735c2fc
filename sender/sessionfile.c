/* SPDX-License-Identifier: MIT */
#include "sender/sessionfile.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"

/* Adds to the text; it is long enough for all that there is to say. */
__attribute__((format(printf, 3, 4)))
static size_t add(char text[SESSIONFILE], size_t at, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text + at, SESSIONFILE - at, fmt, args);
	va_end(args);
	return n < 0 || (size_t)n >= SESSIONFILE - at ? at : at + (size_t)n;
}

size_t sessionfile_print(const struct sessionfile *f, char text[SESSIONFILE])
{
	const struct sender_record *r = &f->record;
	char id[2 * SRTLA_ID_LEN + 1], word[STATEWORD_ADDRESS];
	size_t at = add(text, 0, "host %u %s\n", f->host_port, f->host);

	for (unsigned family = FAMILY_V4; family <= FAMILY_V6; family++) {
		if (f->address[family].family != FAMILY_NONE)
			at = add(text, at, "address %s\n",
				 stateword_address(&f->address[family], word));
	}
	text_hex(r->id, SRTLA_ID_LEN, id);
	at = add(text, at, "group %s\n", id);
	if (r->encoder.family != FAMILY_NONE)
		at = add(text, at,
			 "encoder %s caller=%" PRIu32 " callee=%" PRIu32 " latency=%u\n",
			 stateword_address(&r->encoder, word), r->caller_id, r->server_id,
			 r->latency);
	for (unsigned i = 0; i < f->count; i++) {
		const struct uplink_id *id_of = &f->link[i].id;
		char address[ENDPOINT_TEXT];

		at = add(text, at, "link %u %s%s%s\n", f->link[i].port,
			 endpoint_print(&id_of->local, address), id_of->device[0] ? "%" : "",
			 id_of->device);
	}
	return at;
}

static bool read_host(char *rest, struct sessionfile *f)
{
	char *port = strsep(&rest, " ");

	if (f->host[0] || !rest || rest[0] == '\0' || strlen(rest) >= sizeof(f->host) ||
	    !stateword_read_u16(port, &f->host_port))
		return false;
	memcpy(f->host, rest, strlen(rest) + 1);
	return true;
}

static bool read_address(char *rest, struct sessionfile *f)
{
	struct endpoint ep;

	if (!stateword_read_address(rest, &ep) || ep.family == FAMILY_NONE)
		return false;
	f->address[ep.family] = ep;
	return true;
}

static bool read_group(char *rest, struct sessionfile *f)
{
	if (f->record.whole)
		return false;
	f->record.whole = text_unhex(rest, f->record.id, SRTLA_ID_LEN);
	return f->record.whole;
}

/* The value of a word that begins with this key, or NULL. */
static const char *value_of(const char *word, const char *key)
{
	size_t len = strlen(key);

	return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static bool read_encoder(char *rest, struct sessionfile *f)
{
	struct sender_record *r = &f->record;
	const char *value;
	char *word = strsep(&rest, " ");

	if (r->encoder.family != FAMILY_NONE || !stateword_read_address(word, &r->encoder) ||
	    r->encoder.family == FAMILY_NONE)
		return false;
	while ((word = strsep(&rest, " ")) != NULL) {
		if ((value = value_of(word, "caller")) && !stateword_read_u32(value, &r->caller_id))
			return false;
		if ((value = value_of(word, "callee")) && !stateword_read_u32(value, &r->server_id))
			return false;
		if ((value = value_of(word, "latency")) && !stateword_read_u16(value, &r->latency))
			return false;
	}
	return true;
}

static bool read_link(char *rest, struct sessionfile *f)
{
	char *port = strsep(&rest, " ");

	if (!rest || f->count == UPLINKS_MOST ||
	    !stateword_read_u16(port, &f->link[f->count].port) ||
	    uplink_id_read(rest, &f->link[f->count].id) != NULL)
		return false;
	f->count++;
	return true;
}

static const struct {
	const char *word;
	bool (*read)(char *rest, struct sessionfile *f);
} lines[] = {
	{"host", read_host},
	{"address", read_address},
	{"group", read_group},
	{"encoder", read_encoder},
	{"link", read_link},
};

enum { LINES = sizeof(lines) / sizeof(lines[0]) };

static bool read_line(char *line, struct sessionfile *f)
{
	char *word = strsep(&line, " ");

	for (size_t i = 0; i < LINES; i++) {
		if (strcmp(lines[i].word, word) == 0)
			return line && lines[i].read(line, f);
	}
	return true;
}

bool sessionfile_read(char *text, struct sessionfile *f)
{
	memset(f, 0, sizeof(*f));
	while (text && text[0] != '\0') {
		char *line = strsep(&text, "\n");

		/* A line without its end is one that was cut off. */
		if (!text || !read_line(line, f))
			return false;
	}
	return f->record.whole && f->host[0] != '\0';
}

uint16_t sessionfile_port(const struct sessionfile *f, const struct uplink_id *id)
{
	for (unsigned i = 0; i < f->count; i++) {
		if (uplink_id_equal(&f->link[i].id, id))
			return f->link[i].port;
	}
	return 0;
}
