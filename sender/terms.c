/* SPDX-License-Identifier: MIT */
#include "sender/terms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"

enum {
	WEIGHT_MOST = 100,
	NUMBER = 24,       /* longer than any number that makes sense */
	CAP_LEAST = 16000, /* bit/s: a full packet, and some registration, in a second */
};

#define CAP_MOST UINT64_C(100000000000)

static const char twice[] = "a term that stands there twice";

static const char *read_role(struct terms_reader *r, const char *value)
{
	unsigned role;

	if (r->role)
		return twice;
	for (role = SENDER_NORMAL; role <= SENDER_OFF; role++) {
		if (strcmp(value, sender_role_name((enum sender_role)role)) == 0)
			break;
	}
	if (role > SENDER_OFF)
		return "no role; there are normal, overflow, backup and off";
	r->role = true;
	r->terms.role = (enum sender_role)role;
	return NULL;
}

/* Other senders have other limits, and no list shall lose a link over them. */
static const char *read_weight(struct terms_reader *r, const char *value)
{
	uint64_t n;

	if (r->weight)
		return twice;
	if (!text_number(value, 0, UINT32_MAX, &n))
		return "no weight; a number from 1 to 100 is";
	r->weight = true;
	r->terms.weight = n < 1 ? 1 : n > WEIGHT_MOST ? WEIGHT_MOST : (unsigned)n;
	return NULL;
}

/* "4M", "2.5m", "800k", "1G" or plain bit/s; at most three digits behind the point. */
static bool read_rate(const char *text, uint64_t *rate)
{
	static const char units[] = "kKmMgG";
	size_t len = strlen(text);
	uint64_t unit = 1, whole, part = 0;
	char number[NUMBER], *point;
	const char *found;

	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, text, len + 1);
	found = strchr(units, number[len - 1]);
	if (found) {
		number[len - 1] = '\0';
		for (long i = 0; i <= (found - units) / 2; i++)
			unit *= 1000;
	}
	point = strchr(number, '.');
	if (point) {
		size_t digits = strlen(point + 1);

		*point = '\0';
		if (unit == 1 || digits > 3 || !text_number(point + 1, 0, 999, &part))
			return false;
		for (; digits < 3; digits++)
			part *= 10;
	}
	if (!text_number(number, 0, CAP_MOST / unit, &whole))
		return false;
	*rate = whole * unit + part * (unit / 1000);
	return *rate >= CAP_LEAST && *rate <= CAP_MOST;
}

static const char *read_cap(struct terms_reader *r, const char *value)
{
	if (r->cap)
		return twice;
	if (!read_rate(value, &r->terms.cap))
		return "no rate from 16k to 100G bit/s, such as cap=4M";
	r->cap = true;
	return NULL;
}

const char *terms_read(struct terms_reader *r, const char *word)
{
	if (strncmp(word, "role=", 5) == 0)
		return read_role(r, word + 5);
	if (strncmp(word, "weight=", 7) == 0)
		return read_weight(r, word + 7);
	if (strncmp(word, "cap=", 4) == 0)
		return read_cap(r, word + 4);
	if (word[strspn(word, "0123456789")] == '\0')
		return read_weight(r, word);
	return "more than an address and role=, weight= or cap=";
}

/* A weight that is not said is the ordinary one. */
static unsigned weight(const struct sender_terms *t)
{
	return t->weight ? t->weight : SENDER_WEIGHT;
}

bool terms_equal(const struct sender_terms *a, const struct sender_terms *b)
{
	return a->role == b->role && weight(a) == weight(b) && a->cap == b->cap;
}

const char *terms_print(const struct sender_terms *terms, char buf[TERMS_TEXT])
{
	int n = snprintf(buf, TERMS_TEXT, "role=%s weight=%u", sender_role_name(terms->role),
			 weight(terms));

	if (terms->cap && n > 0 && n < TERMS_TEXT)
		snprintf(buf + n, TERMS_TEXT - (size_t)n, " cap=%" PRIu64, terms->cap);
	return buf;
}
