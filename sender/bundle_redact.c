/* SPDX-License-Identifier: MIT */
#include "sender/bundle.h"

#include <string.h>
#include <strings.h>

static const char *const secret[] = {"streamid", "stream_id", "stream-id", "passphrase"};

/* How long the name is that begins here and has a secret behind it; 0: none does. */
static size_t names_secret(const char *at)
{
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		size_t len = strlen(secret[i]);

		if (strncasecmp(at, secret[i], len) == 0)
			return len;
	}
	return 0;
}

/* From the end of a name to the value: "=", "%3D" in an URL within an URL, or "\": \"" in JSON. */
static size_t sign(const char *at)
{
	size_t len = strspn(at, "\"' \t");

	if (strncasecmp(at, "%3d", 3) == 0)
		return 3;
	if (at[len] != '=' && at[len] != ':')
		return 0;
	len++;
	return len + strspn(at + len, "\"' \t");
}

void bundle_redact(const char *text, bool words, FILE *to)
{
	const char *ends = words ? "&\"' \t\r\n" : "&\"'\r\n";

	while (*text) {
		size_t name = names_secret(text);
		size_t gap = name ? sign(text + name) : 0;

		if (gap == 0) {
			fputc(*text++, to);
			continue;
		}
		fwrite(text, 1, name + gap, to);
		fputs("***", to);
		text += name + gap;
		text += strcspn(text, ends);
	}
}
