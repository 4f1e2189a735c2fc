/* SPDX-License-Identifier: MIT */
#include "sender/uplinks.h"

#include <stdio.h>
#include <string.h>

#include "sender/terms.h"
#include "shared/base/text.h"

enum { LINE = 256 }; /* longer than any line that makes sense */

static void fault(struct uplinks *up, unsigned line, unsigned other, const char *why,
		  const char *text)
{
	struct uplinks_fault *f;

	if (up->fault_count++ >= UPLINKS_FAULTS)
		return;
	f = &up->fault[up->fault_count - 1];
	f->line = line;
	f->other = other;
	f->why = why;
	text_escape(text, strlen(text), f->text, sizeof(f->text));
}

/* What the kernel takes for an interface name, less what would garble a log line. */
static bool device_name(const char *s)
{
	size_t len = strlen(s);
	size_t i;

	if (len == 0 || len >= UPLINK_DEVICE || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return false;
	for (i = 0; i < len; i++) {
		if (s[i] <= ' ' || s[i] > '~' || strchr("/:\"\\", s[i]))
			return false;
	}
	return true;
}

/* Why no link can start from this address, or NULL. */
static const char *unfit(const struct uplink_id *id)
{
	switch (endpoint_class(&id->local)) {
	case ENDPOINT_UNSPECIFIED:
		return "the unspecified address names no uplink";
	case ENDPOINT_MULTICAST:
		return "a multicast address names no uplink";
	case ENDPOINT_BROADCAST:
		return "the broadcast address names no uplink";
	case ENDPOINT_LINK_LOCAL:
		if (id->local.family == FAMILY_V6 && id->device[0] == '\0')
			return "a link-local address needs its interface, as in fe80::1%eth0";
		return NULL;
	case ENDPOINT_LOOPBACK:
	case ENDPOINT_UNICAST:
		return NULL;
	}
	return NULL;
}

const char *uplink_id_read(char *word, struct uplink_id *id)
{
	char *percent = strchr(word, '%');

	memset(id, 0, sizeof(*id));
	if (percent) {
		*percent = '\0';
		if (!device_name(percent + 1))
			return "no interface name after the %";
		memcpy(id->device, percent + 1, strlen(percent + 1));
	}
	if (!endpoint_parse(word, &id->local))
		return "not an IPv4 or IPv6 address";
	endpoint_normalise(&id->local);
	return unfit(id);
}

/* The next word, cut out of *at; NULL at the end.  A '#' before a word ends the line. */
static char *next_word(char **at)
{
	char *start = *at + strspn(*at, " \t\v\f\r");
	char *end = start + strcspn(start, " \t\v\f\r");

	if (*start == '\0' || *start == '#')
		return NULL;
	*at = *end == '\0' ? end : end + 1;
	*end = '\0';
	return start;
}

bool uplinks_add(struct uplinks *up, const struct uplink_id *id, const struct sender_terms *terms)
{
	if (up->count == UPLINKS_MOST)
		return false;
	up->line[up->count] = 0;
	up->terms[up->count] = *terms;
	up->id[up->count++] = *id;
	return true;
}

void uplinks_drop(struct uplinks *up, unsigned at)
{
	size_t after = --up->count - at;

	memmove(&up->id[at], &up->id[at + 1], after * sizeof(up->id[0]));
	memmove(&up->terms[at], &up->terms[at + 1], after * sizeof(up->terms[0]));
	memmove(&up->line[at], &up->line[at + 1], after * sizeof(up->line[0]));
}

static void add(struct uplinks *up, const struct uplink_id *id, const struct sender_terms *terms,
		unsigned line, const char *text)
{
	unsigned i;

	for (i = 0; i < up->count; i++) {
		if (uplink_id_equal(&up->id[i], id)) {
			fault(up, line, up->line[i], "listed already", text);
			return;
		}
	}
	if (uplinks_add(up, id, terms))
		up->line[up->count - 1] = line;
	else if (up->surplus++ == 0)
		up->first_surplus = line;
}

static void read_line(struct uplinks *up, char *text, unsigned line)
{
	struct terms_reader reader = {0};
	char whole[LINE];
	struct uplink_id id;
	const char *why;
	char *word;

	memcpy(whole, text, strlen(text) + 1);
	word = next_word(&text);
	if (!word)
		return;
	why = uplink_id_read(word, &id);
	while (!why && (word = next_word(&text)))
		why = terms_read(&reader, word);
	if (why)
		fault(up, line, 0, why, text_trim(whole));
	else
		add(up, &id, &reader.terms, line, text_trim(whole));
}

void uplinks_parse(struct uplinks *up, const char *text, size_t len)
{
	char buf[LINE];
	unsigned line = 0;
	long length;

	memset(up, 0, sizeof(*up));
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	while ((length = text_line(&text, &len, buf, sizeof(buf))) >= 0) {
		line++;
		if (buf[strspn(buf, " \t\v\f\r")] == '#')
			continue;
		if (memchr(buf, '\0', length < LINE ? (size_t)length : LINE - 1))
			fault(up, line, 0, "a zero byte", buf);
		else if (length >= LINE)
			fault(up, line, 0, "a line this long is no address", buf);
		else
			read_line(up, buf, line);
	}
}

bool uplink_id_equal(const struct uplink_id *a, const struct uplink_id *b)
{
	return strcmp(a->device, b->device) == 0 && endpoint_equal(&a->local, &b->local);
}

const char *uplink_id_print(const struct uplink_id *id, char buf[UPLINK_NAME])
{
	char address[ENDPOINT_TEXT];

	endpoint_print(&id->local, address);
	snprintf(buf, UPLINK_NAME, "%s%s%s", id->device, id->device[0] ? "/" : "", address);
	return buf;
}
