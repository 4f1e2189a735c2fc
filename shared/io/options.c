/* SPDX-License-Identifier: MIT */
#include "shared/io/options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>
#include <strings.h>

#include "shared/base/text.h"
#include "shared/base/time.h"

enum {
	ROWS = 96,      /* a program with more options than this has another problem */
	LONG = 0x100,   /* getopt_long() answers LONG + row; letters are below */
	NAME_MOST = 32, /* a longer word resembles no option */
	SHOWN = 48,     /* of a wrong value */
	COLUMN = 28,    /* where the text of --help begins */
	WIDTH = 80,
};

/* The table as getopt_long() wants it. */
struct spelled {
	struct option longs[ROWS + 1];
	char letters[2 * ROWS + 2];
};

static bool takes_value(enum option_kind kind)
{
	return kind != OPTION_FLAG && kind != OPTION_IGNORED;
}

static void spell(const struct option_row *rows, size_t count, struct spelled *s)
{
	char *at = s->letters;

	memset(s, 0, sizeof(*s));
	*at++ = ':'; /* tell a missing value from an unknown option */
	for (size_t i = 0; i < count; i++) {
		bool value = takes_value(rows[i].kind);

		s->longs[i] = (struct option){
			.name = rows[i].name,
			.has_arg = value ? required_argument : no_argument,
			.val = LONG + (int)i,
		};
		if (rows[i].letter) {
			*at++ = rows[i].letter;
			if (value)
				*at++ = ':';
		}
	}
}

/* The row that getopt_long() means, NULL for one that does not exist. */
static const struct option_row *row_of(const struct option_row *rows, size_t count, int val)
{
	if (val >= LONG)
		return (size_t)(val - LONG) < count ? &rows[val - LONG] : NULL;
	for (size_t i = 0; i < count; i++) {
		if (val && rows[i].letter == val)
			return &rows[i];
	}
	return NULL;
}

static void print_span(uint64_t us, char *buf, size_t size)
{
	unsigned long long n = us;

	if (n % 1000000 == 0)
		snprintf(buf, size, "%llus", n / 1000000);
	else if (n % 1000 == 0)
		snprintf(buf, size, "%llums", n / 1000);
	else
		snprintf(buf, size, "%lluus", n);
}

static bool read_number(const struct option_row *row, const char *text, void *field, char *why,
			size_t size)
{
	char shown[SHOWN];
	uint64_t n;

	if (text_number(text, row->min, row->max, &n)) {
		memcpy(field, &n, sizeof(n));
		return true;
	}
	snprintf(why, size, "option --%s: \"%s\" is %s (%llu..%llu)", row->name,
		 text_escape(text, strlen(text), shown, sizeof(shown)),
		 text_number(text, 0, UINT64_MAX, &n) ? "out of range" : "not a number",
		 (unsigned long long)row->min, (unsigned long long)row->max);
	return false;
}

static bool read_span(const struct option_row *row, const char *text, void *field, char *why,
		      size_t size)
{
	uint64_t most = row->max ? row->max : INT64_MAX;
	char shown[SHOWN], min[32], max[32];
	int64_t us;
	bool read = text_span(text, &us);

	if (read && us >= 0 && (uint64_t)us >= row->min && (uint64_t)us <= most) {
		usspan span = us;

		memcpy(field, &span, sizeof(span));
		return true;
	}
	text_escape(text, strlen(text), shown, sizeof(shown));
	print_span(row->min, min, sizeof(min));
	print_span(most, max, sizeof(max));
	if (!read)
		snprintf(why, size, "option --%s: \"%s\" is not a time (250ms, 4s)", row->name,
			 shown);
	else if (row->max)
		snprintf(why, size, "option --%s: \"%s\" is out of range (%s..%s)", row->name,
			 shown, min, max);
	else
		snprintf(why, size, "option --%s: \"%s\" is less than %s", row->name, shown, min);
	return false;
}

static bool read_choice(const struct option_row *row, const char *text, void *field, char *why,
			size_t size)
{
	size_t len = strlen(text);
	const char *word = row->words;
	char shown[SHOWN];

	for (int place = 0; word; place++) {
		size_t n = strcspn(word, "|");

		if (n == len && memcmp(word, text, n) == 0) {
			memcpy(field, &place, sizeof(place));
			return true;
		}
		word = word[n] ? word + n + 1 : NULL;
	}
	snprintf(why, size, "option --%s: \"%s\" is none of %s", row->name,
		 text_escape(text, len, shown, sizeof(shown)), row->words);
	return false;
}

static bool read_list(const struct option_row *row, const char *text, void *field, char *why,
		      size_t size)
{
	struct option_list *list = field;

	if (list->count == OPTION_LIST_MOST) {
		snprintf(why, size, "option --%s is given more than %d times", row->name,
			 OPTION_LIST_MOST);
		return false;
	}
	list->at[list->count++] = text;
	return true;
}

static bool read_text(const struct option_row *row, const char *text, void *field, char *why,
		      size_t size)
{
	char reason[ARGUMENTS_WHY];

	if (row->check && !row->check(text, reason)) {
		snprintf(why, size, "%s", reason);
		return false;
	}
	memcpy(field, &text, sizeof(text));
	return true;
}

static bool read_value(const struct option_row *row, const char *text, void *into, char *why,
		       size_t size)
{
	void *field = (char *)into + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		memcpy(field, &(bool){true}, sizeof(bool));
		return true;
	case OPTION_NUMBER:
		return read_number(row, text, field, why, size);
	case OPTION_SPAN:
		return read_span(row, text, field, why, size);
	case OPTION_TEXT:
		return read_text(row, text, field, why, size);
	case OPTION_LIST:
		return read_list(row, text, field, why, size);
	case OPTION_CHOICE:
		return read_choice(row, text, field, why, size);
	case OPTION_IGNORED:
	case OPTION_IGNORED_VALUE:
		return true;
	}
	return true;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Characters to insert, remove or replace (Levenshtein 1965), row by row. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t cost[NAME_MOST + 1];

	for (size_t j = 0; j <= b_len; j++)
		cost[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t corner = cost[0];

		cost[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t replace = corner + (a[i - 1] != b[j - 1]);

			corner = cost[j];
			cost[j] = least(replace, least(cost[j - 1], cost[j]) + 1);
		}
	}
	return cost[b_len];
}

/* One slip may be, and one more for each four letters. */
const char *options_nearest(const struct option_row *rows, size_t count, const char *name,
			    size_t len)
{
	size_t best = 2 + len / 4;
	const char *found = NULL;

	if (len > NAME_MOST)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t row_len = strlen(rows[i].name), off;

		if (!rows[i].help || row_len > NAME_MOST)
			continue;
		off = distance(name, len, rows[i].name, row_len);
		if (off < best) {
			best = off;
			found = rows[i].name;
		}
	}
	return found;
}

/* getopt_long() takes the beginning of a name when only one begins so. */
static bool begins_several(const struct option_row *rows, size_t count, const char *name,
			   size_t len)
{
	size_t hits = 0;

	for (size_t i = 0; i < count; i++)
		hits += strncmp(rows[i].name, name, len) == 0;
	return hits > 1;
}

/* An option that the table does not have; `word` is the argument it stood in. */
static void explain_unknown(const struct option_row *rows, size_t count, const char *word,
			    char *why, size_t size)
{
	const char *name = word + strspn(word, "-"), *meant;
	size_t len = strcspn(name, "=");
	char shown[SHOWN];

	text_escape(name, len, shown, sizeof(shown));
	meant = options_nearest(rows, count, name, len);
	if (len && begins_several(rows, count, name, len))
		snprintf(why, size, "option --%s: several begin so; write it in full", shown);
	else if (meant)
		snprintf(why, size, "option --%s: unknown; did you mean --%s?", shown, meant);
	else
		snprintf(why, size, "option --%s: unknown", shown);
}

static void explain_letter(int letter, char *why, size_t size)
{
	char raw = (char)letter, shown[SHOWN];

	snprintf(why, size, "option -%s: unknown", text_escape(&raw, 1, shown, sizeof(shown)));
}

int options_parse(const struct option_row *rows, size_t count, int argc, char **argv, void *into,
		  char *why, size_t why_size)
{
	const struct option_row *row;
	struct spelled s;
	int val;

	assert(count <= ROWS);
	if (argc < 1)
		return 0;
	spell(rows, count, &s);
	opterr = 0;
	optind = 0; /* forget an earlier argv, and the place in it */
	while ((val = getopt_long(argc, argv, s.letters, s.longs, NULL)) != -1) {
		row = row_of(rows, count, val == ':' || val == '?' ? optopt : val);
		if (!row && optopt)
			explain_letter(optopt, why, why_size);
		else if (!row)
			explain_unknown(rows, count, argv[optind - 1], why, why_size);
		else if (val == ':')
			snprintf(why, why_size, "option --%s: %s is missing", row->name,
				 row->value ? row->value : "its value");
		else if (val == '?')
			snprintf(why, why_size, "option --%s: takes no value", row->name);
		else if (read_value(row, optarg, into, why, why_size))
			continue;
		return -1;
	}
	return optind;
}

/* `_` and `-` are the same in a file. */
static bool same_name(const char *a, const char *b)
{
	while (*a && (*a == *b || (*a == '_' && *b == '-') || (*a == '-' && *b == '_')))
		a++, b++;
	return *a == *b;
}

static bool read_yes_or_no(const struct option_row *row, const char *word, bool *yes, char *why,
			   size_t size)
{
	static const char *const words[] = {"no", "false", "off", "0", "yes", "true", "on", "1"};
	enum { WORDS = sizeof(words) / sizeof(words[0]), FIRST_YES = WORDS / 2 };
	char shown[SHOWN];

	for (unsigned i = 0; i < WORDS; i++) {
		if (strcasecmp(word, words[i]) == 0) {
			*yes = i >= FIRST_YES;
			return true;
		}
	}
	snprintf(why, size, "option --%s: \"%s\" is neither yes nor no", row->name,
		 text_escape(word, strlen(word), shown, sizeof(shown)));
	return false;
}

static bool refuse_name(const struct option_row *rows, size_t count, const char *name, char *why,
			size_t size)
{
	char shown[SHOWN];
	size_t len = strlen(name);
	const char *meant = options_nearest(rows, count, name, len);

	text_escape(name, len, shown, sizeof(shown));
	snprintf(why, size, "unknown option \"%s\"%s%s%s", shown,
		 meant ? ": did you mean " : "", meant ? meant : "", meant ? "?" : "");
	return false;
}

bool options_set(const struct option_row *rows, size_t count, const char *name, const char *value,
		 void *into, char *why, size_t why_size)
{
	const struct option_row *row = NULL;
	bool yes;

	for (size_t i = 0; i < count && !row; i++) {
		if (same_name(name, rows[i].name))
			row = &rows[i];
	}
	if (!row)
		return refuse_name(rows, count, name, why, why_size);
	if (row->typed) {
		snprintf(why, why_size, "option --%s is for the command line alone", row->name);
		return false;
	}
	if (row->kind != OPTION_FLAG)
		return read_value(row, value, into, why, why_size);
	if (!read_yes_or_no(row, value, &yes, why, why_size))
		return false;
	memcpy((char *)into + row->offset, &yes, sizeof(yes));
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_list(const struct option_list *a, const struct option_list *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++) {
		if (!same_text(a->at[i], b->at[i]))
			return false;
	}
	return a->count == b->count;
}

static bool same_value(const struct option_row *row, const void *a, const void *b)
{
	const void *one = (const char *)a + row->offset, *other = (const char *)b + row->offset;
	const char *text, *other_text;

	switch (row->kind) {
	case OPTION_FLAG:
		return memcmp(one, other, sizeof(bool)) == 0;
	case OPTION_NUMBER:
		return memcmp(one, other, sizeof(uint64_t)) == 0;
	case OPTION_SPAN:
		return memcmp(one, other, sizeof(usspan)) == 0;
	case OPTION_CHOICE:
		return memcmp(one, other, sizeof(int)) == 0;
	case OPTION_TEXT:
		memcpy(&text, one, sizeof(text));
		memcpy(&other_text, other, sizeof(other_text));
		return same_text(text, other_text);
	case OPTION_LIST:
		return same_list(one, other);
	case OPTION_IGNORED:
	case OPTION_IGNORED_VALUE:
		return true;
	}
	return true;
}

/* Another name of an option that stands before it. */
static bool is_alias(const struct option_row *rows, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (rows[j].offset == rows[i].offset && rows[j].kind == rows[i].kind)
			return true;
	}
	return false;
}

char *options_differing(const struct option_row *rows, size_t count, const void *a, const void *b,
			char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (is_alias(rows, i) || same_value(&rows[i], a, b))
			continue;
		snprintf(buf + len, size - len, "%s%s", len ? "," : "", rows[i].name);
		len += strlen(buf + len);
	}
	return buf;
}

/* `text` from COLUMN on, broken between words; the first line stands at `at` already. */
static void print_wrapped(const char *text, size_t at, FILE *to)
{
	while (*text) {
		size_t word = strcspn(text, " ");

		if (at > COLUMN && at + 1 + word >= WIDTH) {
			fputc('\n', to);
			at = 0;
		} else if (at > COLUMN) {
			fputc(' ', to);
			at++;
		}
		for (; at < COLUMN; at++)
			fputc(' ', to);
		fwrite(text, 1, word, to);
		at += word;
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

void options_help(const struct option_row *rows, size_t count, FILE *to)
{
	for (size_t i = 0; i < count; i++) {
		const struct option_row *row = &rows[i];
		const char *value = row->value ? row->value : row->words ? row->words : "VALUE";
		char letter[8] = "    ", left[96];
		int len;

		if (!row->help)
			continue;
		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		len = snprintf(left, sizeof(left), "  %s--%s%s%s", letter, row->name,
			       takes_value(row->kind) ? " " : "",
			       takes_value(row->kind) ? value : "");
		fputs(left, to);
		if (len >= COLUMN) {
			fputc('\n', to);
			len = 0;
		}
		print_wrapped(row->help, (size_t)len, to);
	}
}
