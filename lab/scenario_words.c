/* SPDX-License-Identifier: MIT */
#include "lab/scenario_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"

enum { FIGURE = 32 };

bool scenario_fail(struct scenario_reader *r, const char *why, ...)
{
	int said = r->line > 0 ? snprintf(r->error, SCENARIO_ERROR, "%s:%u: ", r->path, r->line)
			       : snprintf(r->error, SCENARIO_ERROR, "%s: ", r->path);
	va_list args;

	if (said < 0 || said >= SCENARIO_ERROR)
		return false;
	va_start(args, why);
	vsnprintf(r->error + said, (size_t)(SCENARIO_ERROR - said), why, args);
	va_end(args);
	/* Words of the file stand in it, and this goes to a terminal. */
	for (char *c = r->error; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return false;
}

const char *scenario_next(struct scenario_reader *r)
{
	return r->at < r->words ? r->word[r->at++] : NULL;
}

bool scenario_skip(struct scenario_reader *r, const char *word)
{
	if (r->at == r->words || strcmp(r->word[r->at], word) != 0)
		return false;
	r->at++;
	return true;
}

bool scenario_done(struct scenario_reader *r)
{
	return r->at == r->words ||
	       scenario_fail(r, "nothing is expected behind \"%s\", and there is \"%s\"",
			     r->word[r->at - 1], r->word[r->at]);
}

bool scenario_figure(struct scenario_reader *r, const char *what, enum unit unit, uint64_t least,
		     uint64_t most, uint64_t *value)
{
	const char *word = scenario_next(r);
	char low[FIGURE], high[FIGURE];

	if (!word)
		return scenario_fail(r, "%s needs %s", what, units_example(unit));
	if (!units_read(unit, word, value))
		return scenario_fail(r, "%s needs %s, and \"%s\" is none", what,
				     units_example(unit), word);
	if (*value >= least && *value <= most)
		return true;
	units_text(unit, least, low, sizeof(low));
	units_text(unit, most, high, sizeof(high));
	return scenario_fail(r, "%s of \"%s\" is out of range: %s to %s", what, word, low, high);
}

bool scenario_take(struct scenario_reader *r, const struct scenario_key *k,
		   uint64_t value[READER_FIELDS])
{
	char what[2 * FIGURE];

	for (unsigned i = 0; i < READER_FIELDS && k->field[i].word; i++) {
		const struct scenario_field *f = &k->field[i];

		snprintf(what, sizeof(what), "%s%s%s", k->word, *f->word ? " " : "", f->word);
		if (*f->word && !scenario_skip(r, f->word))
			return scenario_fail(r, "%s needs the word \"%s\" and %s", k->word, f->word,
					     units_example(f->unit));
		if (!scenario_figure(r, what, f->unit, f->least, f->most, &value[i]))
			return false;
	}
	return true;
}

void scenario_store(void *owner, const struct scenario_key *k, const uint64_t value[READER_FIELDS])
{
	for (unsigned i = 0; i < READER_FIELDS && k->field[i].word; i++) {
		uint32_t small = (uint32_t)value[i];
		char *to = (char *)owner + k->field[i].offset;

		if (k->field[i].size == sizeof(small))
			memcpy(to, &small, sizeof(small));
		else
			memcpy(to, &value[i], sizeof(value[i]));
	}
}

bool scenario_once(struct scenario_reader *r, const char *word, unsigned bits, unsigned *given)
{
	if (*given & bits)
		return scenario_fail(
			r, "\"%s\" repeats or contradicts a key before it: leave one out", word);
	*given |= bits;
	return true;
}

/* "7" or "2-5" at *s, which is stepped over. */
static bool read_range(const char **s, unsigned *first, unsigned *last)
{
	char word[FIGURE];
	size_t len = strcspn(*s, ",");
	uint64_t a, b;
	char *dash;

	if (len >= sizeof(word))
		return false;
	memcpy(word, *s, len);
	word[len] = '\0';
	*s += len;
	dash = strchr(word, '-');
	if (dash)
		*dash = '\0';
	if (!text_number(word, 1, SCENARIO_LINKS, &a))
		return false;
	b = a;
	if (dash && (!text_number(dash + 1, 1, SCENARIO_LINKS, &b) || b <= a))
		return false;
	*first = (unsigned)a;
	*last = (unsigned)b;
	return true;
}

bool scenario_list(struct scenario_reader *r, uint64_t *links)
{
	const char *word = scenario_next(r), *s = word;
	unsigned first, last;

	*links = 0;
	if (!word)
		return scenario_fail(r, "the number of a link is needed, such as 2, 1-3 or 1,4-6");
	for (;;) {
		if (!read_range(&s, &first, &last))
			return scenario_fail(
				r, "\"%s\" names no links: write 2, 1-3 or 1,4-6, from 1 to %d",
				word, SCENARIO_LINKS);
		for (unsigned i = first; i <= last; i++) {
			uint64_t bit = UINT64_C(1) << (i - 1);

			if (*links & bit)
				return scenario_fail(r, "\"%s\" names link %u twice", word, i);
			*links |= bit;
		}
		if (*s == '\0')
			return true;
		s++;
	}
}

void scenario_ways(struct scenario_reader *r, bool *up, bool *down)
{
	*up = scenario_skip(r, "up");
	*down = !*up && scenario_skip(r, "down");
}

bool scenario_beside(const char *path, const char *name, const char *suffix, char buf[READER_PATH])
{
	const char *slash = strrchr(path, '/');
	int len = snprintf(buf, READER_PATH, "%.*s%s%s", slash ? (int)(slash - path + 1) : 0, path,
			   name, suffix);

	return len >= 0 && len < READER_PATH;
}
