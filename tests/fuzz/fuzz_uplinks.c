/* SPDX-License-Identifier: MIT */

/* An uplinks file of any bytes; the same text in another system's manner gives the same links. */
#include "fuzz.h"

#include <string.h>

#include "sender/terms.h"
#include "sender/uplinks.h"

static struct uplinks plain, other;

/* Every link is one that could be bound, none twice, in the order of lines. */
static void assert_sound(const struct uplinks *up)
{
	must(up->count <= UPLINKS_MOST);
	for (unsigned i = 0; i < up->count; i++) {
		enum endpoint_class class = endpoint_class(&up->id[i].local);

		must(class != ENDPOINT_UNSPECIFIED && class != ENDPOINT_MULTICAST &&
		     class != ENDPOINT_BROADCAST);
		must(memchr(up->id[i].device, '\0', UPLINK_DEVICE));
		must(i == 0 || up->line[i] > up->line[i - 1]);
		must(up->terms[i].role <= SENDER_OFF && up->terms[i].weight <= 100);
		must(up->terms[i].cap == 0 || up->terms[i].cap >= 16000);
		for (unsigned j = 0; j < i; j++)
			must(!uplink_id_equal(&up->id[i], &up->id[j]));
	}
	for (unsigned i = 0; i < up->fault_count && i < UPLINKS_FAULTS; i++) {
		must(up->fault[i].why);
		must(up->fault[i].other < up->fault[i].line);
	}
}

/* The same text with a byte order mark and CRLF. */
static char *foreign(const char *text, size_t size, size_t *len)
{
	char *out = malloc(2 * size + 3);

	must(out);
	memcpy(out, "\xef\xbb\xbf", 3);
	*len = 3;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
			out[(*len)++] = '\r';
		out[(*len)++] = text[i];
	}
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char *twin;
	size_t len;

	uplinks_parse(&plain, text, size);
	assert_sound(&plain);
	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return 0;
	twin = foreign(text, size, &len);
	uplinks_parse(&other, twin, len);
	must(other.count == plain.count);
	must(other.surplus == plain.surplus);
	must(memcmp(other.id, plain.id, plain.count * sizeof(plain.id[0])) == 0);
	for (unsigned i = 0; i < plain.count; i++)
		must(terms_equal(&other.terms[i], &plain.terms[i]));
	free(twin);
	return 0;
}
