/* SPDX-License-Identifier: MIT */
#include "lab/srt/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
	KNOWN = 24,
	HELP = KNOWN,
	PART = 32, /* of a range */
};

static bool within(const struct option_word *w, uint64_t value)
{
	return value >= w->least && value <= w->most;
}

/* A percentage may stand without its sign: the option's name says it. */
static bool read_figure(const struct option_word *w, const char *text, uint64_t *value)
{
	bool read = units_read(w->unit, text, value) ||
		    (w->unit == UNIT_PERCENT && units_read(UNIT_COUNT, text, value));

	return read && within(w, *value);
}

static bool read_range(const struct option_word *w, const char *text, uint64_t value[2])
{
	const char *colon = strchr(text, ':');
	char first[PART];

	if (!colon || (size_t)(colon - text) >= sizeof(first))
		return false;
	memcpy(first, text, (size_t)(colon - text));
	first[colon - text] = '\0';
	return read_figure(w, first, &value[0]) && read_figure(w, colon + 1, &value[1]) &&
	       value[0] <= value[1];
}

static bool take(const struct option_word *w, const char *text)
{
	switch (w->kind) {
	case OPTION_TEXT:
		*(const char **)w->into = text;
		return true;
	case OPTION_FLAG:
		*(bool *)w->into = true;
		return true;
	case OPTION_FIGURE:
		return read_figure(w, text, w->into);
	case OPTION_RANGE:
		return read_range(w, text, w->into);
	}
	return false;
}

/* Says what would have been right. */
static void blame(const struct option_word *w, const char *text, char why[OPTIONS_WHY])
{
	char least[PART], most[PART];

	units_text(w->unit, w->least, least, sizeof(least));
	units_text(w->unit, w->most, most, sizeof(most));
	snprintf(why, OPTIONS_WHY, "--%s: %.40s: wanted is %s%s, from %s to %s", w->name, text,
		 units_example(w->unit), w->kind == OPTION_RANGE ? ", a colon and another" : "",
		 least, most);
}

static void know(const struct option_word *table, struct option known[KNOWN + 2])
{
	int n = 0;

	for (; n < KNOWN && table[n].name; n++) {
		bool bare = table[n].kind == OPTION_FLAG;

		known[n] = (struct option){.name = table[n].name,
					   .has_arg = bare ? no_argument : required_argument,
					   .val = n};
	}
	known[n] = (struct option){.name = "help", .val = HELP};
	known[n + 1] = (struct option){.name = NULL};
}

enum options_verdict options_read(const struct option_word *table, int argc, char **argv,
				  const char **word, unsigned words, char why[OPTIONS_WHY])
{
	struct option known[KNOWN + 2];
	int which;

	know(table, known);
	opterr = 0;
	optind = 0; /* from the beginning, also when called again */
	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which == HELP)
			return OPTIONS_HELP;
		if (which == '?') {
			snprintf(why, OPTIONS_WHY, "%.100s: unknown, or its value is missing; see --help",
				 argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (!take(&table[which], optarg)) {
			blame(&table[which], optarg, why);
			return OPTIONS_WRONG;
		}
	}
	if ((unsigned)(argc - optind) != words) {
		snprintf(why, OPTIONS_WHY, "%u plain word%s wanted, not %d; see --help", words,
			 words == 1 ? " is" : "s are", argc - optind);
		return OPTIONS_WRONG;
	}
	for (unsigned i = 0; i < words; i++)
		word[i] = argv[optind + (int)i];
	return OPTIONS_FINE;
}
