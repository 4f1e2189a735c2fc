/* SPDX-License-Identifier: MIT */
#include "lab/scenario_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"

/* A drive is longer than most runs, and the same whatever the run lasts. */
#define DRIVE SEC(600)

/* Words behind the file, by the kinds that take them. */
enum option {
	FROM = 1 << 0,
	SCALE = 1 << 1,
	STEP = 1 << 2,
	PLACE = 1 << 3,
};

static const struct kind {
	const char *word;
	enum recording_kind kind;
	unsigned options;
	usspan step;
} kinds[] = {
	{"chances", RECORDING_CHANCES, FROM | SCALE, 0},
	{"rates", RECORDING_RATES, FROM | SCALE | STEP | PLACE, MSEC(100)},
	{"trips", RECORDING_TRIPS, FROM | STEP | PLACE, MSEC(200)},
};

/* What was asked of a recording. */
struct request {
	const struct kind *kind;
	const char *file;
	unsigned given;
	struct recording_place place;
	uint64_t from, scale, step;
};

static const struct kind *find_kind(const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].word, word) == 0)
			return &kinds[i];
	return NULL;
}

bool scenario_is_follow(const char *word)
{
	return find_kind(word) || strcmp(word, "drive") == 0;
}

/* It belongs to the scenario from here on. */
static const struct recording *keep(struct scenario_reader *r, struct recording *recording)
{
	struct scenario *s = r->s;
	struct recording **all;

	if (!recording)
		return NULL;
	all = realloc(s->recording, (s->recordings + 1) * sizeof(struct recording *));
	if (!all) {
		recording_destroy(recording);
		return NULL;
	}
	s->recording = all;
	all[s->recordings++] = recording;
	return recording;
}

const struct recording *scenario_drive(struct scenario_reader *r, const struct scenario_follow *f,
				       unsigned link, bool up)
{
	uint64_t seed = f->seed * 2 * SCENARIO_LINKS + 2 * link + up;

	return keep(r, recording_drive(f->mean, seed, DRIVE));
}

static bool take_drive(struct scenario_reader *r, struct scenario_follow *f)
{
	f->seed = 1;
	if (!scenario_skip(r, "mean"))
		return scenario_fail(r, "drive needs the word \"mean\" and %s",
				     units_example(UNIT_RATE));
	if (!scenario_figure(r, "drive mean", UNIT_RATE, 1000, UINT64_C(100000000000), &f->mean))
		return false;
	return !scenario_skip(r, "seed") ||
	       scenario_figure(r, "drive seed", UNIT_COUNT, 0, 1000000, &f->seed);
}

static bool take_place(struct scenario_reader *r, struct request *q, bool row)
{
	const char *word = scenario_next(r);
	uint64_t number;

	if (!word)
		return scenario_fail(r, "%s needs %s", row ? "row" : "column",
				     row ? "a number from 1" : "a name or a number from 1");
	if (text_number(word, 1, 1000000, &number)) {
		q->place.column = row ? 1 : (unsigned)number;
		q->place.row = row ? (unsigned)number : 0;
		return true;
	}
	if (row || (*word >= '0' && *word <= '9'))
		return scenario_fail(r, "\"%s\" is no %s: they are numbered from 1", word,
				     row ? "row" : "column");
	q->place.name = word;
	return true;
}

static bool take_option(struct scenario_reader *r, struct request *q, unsigned option)
{
	uint64_t day = (uint64_t)SEC(86400);

	switch (option) {
	case FROM:
		return scenario_figure(r, "from", UNIT_SPAN, 0, day, &q->from);
	case SCALE:
		return scenario_figure(r, "scale", UNIT_RATIO, 1, 1000000, &q->scale);
	case STEP:
		return scenario_figure(r, "step", UNIT_SPAN, 1000, day, &q->step);
	default:
		return take_place(r, q, strcmp(r->word[r->at - 1], "row") == 0);
	}
}

static unsigned find_option(const struct kind *k, const char *word)
{
	static const struct {
		const char *word;
		unsigned option;
	} words[] = {
		{"from", FROM}, {"scale", SCALE}, {"step", STEP}, {"column", PLACE}, {"row", PLACE},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].option & k->options;
	return 0;
}

static bool take_request(struct scenario_reader *r, struct request *q)
{
	unsigned option;

	q->file = scenario_next(r);
	if (!q->file)
		return scenario_fail(r, "%s needs the name of a file", q->kind->word);
	q->step = (uint64_t)q->kind->step;
	while (r->at < r->words && (option = find_option(q->kind, r->word[r->at])) != 0) {
		r->at++;
		if (!scenario_once(r, r->word[r->at - 1], option, &q->given) ||
		    !take_option(r, q, option))
			return false;
	}
	if ((q->kind->options & PLACE) && !(q->given & PLACE))
		return scenario_fail(
			r, "%s needs to know where in the table: column NAME, column 2 or row 2",
			q->kind->word);
	q->place.step = (usspan)q->step;
	return true;
}

static bool is_there(const char *path)
{
	FILE *f = fopen(path, "r");

	if (f)
		fclose(f);
	return f != NULL;
}

/* Beside the scenario, then among the traces. */
static bool find_file(const struct scenario_reader *r, const char *file, char path[READER_PATH])
{
	int len;

	if (!scenario_beside(*file == '/' ? "" : r->path, file, "", path))
		return false;
	if (is_there(path) || *file == '/' || !r->traces)
		return is_there(path);
	len = snprintf(path, READER_PATH, "%s/%s", r->traces, file);
	return len >= 0 && len < READER_PATH && is_there(path);
}

/* The rest is still worth reading: a mistake in it is worse than what lacks here. */
static struct recording *stand_in(struct scenario_reader *r, const struct request *q)
{
	struct recording *recording = recording_drive(1000000, 0, DRIVE);
	char *error = r->error;

	r->error = r->lack;
	if (!r->absent)
		scenario_fail(r,
			      "the recording %s is not here, neither beside the scenario nor in "
			      "%s: put it there",
			      q->file,
			      r->traces ? r->traces : "a folder of traces, which is not named");
	r->error = error;
	r->absent = true;
	if (recording)
		recording->kind = q->kind->kind;
	return recording;
}

static struct recording *load(struct scenario_reader *r, const struct request *q)
{
	char path[READER_PATH], error[RECORDING_ERROR];
	struct recording *recording;

	if (!find_file(r, q->file, path)) {
		recording = stand_in(r, q);
		if (!recording)
			scenario_fail(r, "no memory");
		return recording;
	}
	recording = q->kind->kind == RECORDING_CHANCES
			    ? recording_read_chances(path, error)
			    : recording_read_table(path, q->kind->kind, &q->place, error);
	if (!recording) {
		scenario_fail(r, "%s", error);
	} else if ((usspan)q->from >= recording->lasts) {
		scenario_fail(r, "%s ends before it would begin, after %lld ms: begin earlier",
			      q->file, (long long)(recording->lasts / 1000));
		recording_destroy(recording);
		recording = NULL;
	}
	return recording;
}

bool scenario_follow(struct scenario_reader *r, const char *word, struct scenario_follow *f)
{
	struct request q = {.kind = find_kind(word)};
	struct recording *recording;

	*f = (struct scenario_follow){0};
	if (!q.kind)
		return take_drive(r, f);
	if (!take_request(r, &q))
		return false;
	recording = load(r, &q);
	if (!recording)
		return false;
	f->recording = keep(r, recording);
	f->trips = q.kind->kind == RECORDING_TRIPS;
	f->from = (usspan)q.from;
	f->scale = (uint32_t)q.scale;
	return f->recording || scenario_fail(r, "no memory");
}
