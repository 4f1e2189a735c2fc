/* SPDX-License-Identifier: MIT */
#include "receiver/jsontext.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROOM = 4096,  /* at first */
	DIGITS = 20,  /* of the longest number */
	ESCAPED = 6,  /* a byte as \u00XX */
};

static bool make_room(struct jsontext *j, size_t more)
{
	size_t room = j->room ? j->room : ROOM;
	char *text;

	while (room - j->len < more)
		room *= 2;
	if (room == j->room || j->failed)
		return !j->failed;
	text = realloc(j->text, room);
	if (!text) {
		j->failed = true;
		return false;
	}
	j->text = text;
	j->room = room;
	return true;
}

static void put(struct jsontext *j, const char *s, size_t len)
{
	if (!make_room(j, len))
		return;
	memcpy(j->text + j->len, s, len);
	j->len += len;
}

static void put_escaped(struct jsontext *j, const char *s)
{
	static const char hex[] = "0123456789abcdef";

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char code[ESCAPED] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

		if (c == '"' || c == '\\' || c < 0x20 || c >= 0x7f)
			put(j, code, ESCAPED);
		else
			put(j, s, 1);
	}
}

/* What stands before a value. */
static void begin(struct jsontext *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
	if (!key)
		return;
	put(j, "\"", 1);
	put(j, key, strlen(key));
	put(j, "\":", 2);
}

void jsontext_open(struct jsontext *j, const char *key, char bracket)
{
	begin(j, key);
	put(j, &bracket, 1);
	j->comma = false;
}

void jsontext_close(struct jsontext *j, char bracket)
{
	put(j, &bracket, 1);
	j->comma = true;
}

static void put_digits(struct jsontext *j, uint64_t n)
{
	char digit[DIGITS];
	unsigned at = DIGITS;

	do {
		digit[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	put(j, digit + at, DIGITS - at);
}

void jsontext_number(struct jsontext *j, const char *key, uint64_t n)
{
	begin(j, key);
	put_digits(j, n & INT64_MAX); /* readers take more for negative */
}

void jsontext_word(struct jsontext *j, const char *key, const char *s)
{
	begin(j, key);
	put(j, "\"", 1);
	put_escaped(j, s);
	put(j, "\"", 1);
}

void jsontext_null(struct jsontext *j, const char *key)
{
	begin(j, key);
	put(j, "null", 4);
}

void jsontext_maybe(struct jsontext *j, const char *key, bool known, int64_t n)
{
	if (!known) {
		jsontext_null(j, key);
		return;
	}
	begin(j, key);
	if (n < 0)
		put(j, "-", 1);
	put_digits(j, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

char *jsontext_finish(struct jsontext *j, size_t *len)
{
	put(j, "", 1); /* a zero behind it, for who takes it for a string */
	if (j->failed) {
		free(j->text);
		return NULL;
	}
	*len = j->len - 1;
	return j->text;
}
