/* SPDX-License-Identifier: MIT */
#include "lab/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/scenario_reader.h"

enum { DEPTH = 8 }; /* of scenarios that are like others */

static bool read_file(struct scenario_reader *r, const char *path);

/* What the other scenario says, except its limits, is where this one begins. */
static bool take_like(struct scenario_reader *r)
{
	struct scenario_reader outer = *r;
	const char *name = scenario_word(r);
	char path[READER_PATH];
	bool ok;

	if (!name)
		return false;
	if (r->statements > 1)
		return scenario_fail(r, "like is the first statement or none");
	if (r->depth == DEPTH)
		return scenario_fail(r, "like goes round, or is deeper than %d scenarios", DEPTH);
	if (!scenario_beside(r->path, name, ".scn", path))
		return scenario_fail(r, "the path of %s is too long", name);
	r->depth++;
	r->statements = r->once = 0;
	r->timed = false;
	ok = read_file(r, path);
	if (!ok)
		return false;
	r->path = outer.path;
	r->line = outer.line;
	r->words = r->at = 0;
	r->statements = 1;
	r->once = outer.once;
	r->timed = false;
	r->depth--;
	r->s->limits = 0;
	return true;
}

static const struct statement {
	const char *word;
	bool once;
	bool (*take)(struct scenario_reader *r);
} statements[] = {
	{"like", true, take_like},
	{"scenario", true, scenario_title},
	{"lasts", true, scenario_lasts},
	{"judged", true, scenario_judged},
	{"vehicles", true, scenario_vehicles},
	{"stream", true, scenario_stream},
	{"server", true, scenario_server},
	{"sender", true, scenario_peer},
	{"receiver", true, scenario_peer},
	{"link", false, scenario_links},
	{"links", false, scenario_links},
	{"every", false, scenario_every},
	{"limit", false, scenario_limit},
};

static bool take_at(struct scenario_reader *r, const char *when)
{
	uint64_t at;

	if (!units_read(UNIT_SPAN, when, &at))
		return scenario_fail(r, "\"t=%s\" is no moment: write one such as t=30s", when);
	return scenario_at(r, (ustime)at);
}

static bool take_statement(struct scenario_reader *r)
{
	const char *word = scenario_next(r);

	r->statements++;
	if (strncmp(word, "t=", 2) == 0)
		return take_at(r, word + 2);
	for (unsigned i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		const struct statement *st = &statements[i];

		if (strcmp(st->word, word) != 0)
			continue;
		if (st->once && (r->once & 1u << i))
			return scenario_fail(r, "%s stands here already: a scenario has one", word);
		r->once |= 1u << i;
		return st->take(r) && scenario_done(r);
	}
	return scenario_fail(
		r,
		"\"%s\" begins no statement: there are scenario, like, lasts, judged, vehicles, "
		"stream, server, sender, receiver, links, t=, every and limit",
		word);
}

/* Cuts a line into words, up to a remark. */
static bool split(struct scenario_reader *r, char *line)
{
	r->words = r->at = 0;
	for (;;) {
		line += strspn(line, " \t");
		if (*line == '\0' || *line == '#')
			return true;
		if (r->words == READER_WORDS)
			return scenario_fail(r, "has more than %d words: make two lines of it",
					     READER_WORDS);
		r->word[r->words++] = line;
		line += strcspn(line, " \t");
		if (*line)
			*line++ = '\0';
	}
}

static bool read_lines(struct scenario_reader *r, FILE *f)
{
	char line[READER_LINE];

	while (fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, "\n");

		r->line++;
		if (len == sizeof(line) - 1)
			return scenario_fail(r, "is longer than %d bytes: make two lines of it",
					     READER_LINE - 2);
		if (line[len] == '\0' && !feof(f))
			return scenario_fail(r, "holds a zero byte: this is no text");
		if (len > 0 && line[len - 1] == '\r')
			len--;
		line[len] = '\0';
		if (!split(r, line) || (r->words > 0 && !take_statement(r)))
			return false;
	}
	return !ferror(f) || scenario_fail(r, "cannot be read: %s", strerror(errno));
}

static bool read_file(struct scenario_reader *r, const char *path)
{
	FILE *f = fopen(path, "r");
	bool ok;

	if (!f)
		return scenario_fail(r, "%s%scannot be read: %s", r->line ? path : "",
				     r->line ? " " : "", strerror(errno));
	r->path = path;
	r->line = 0;
	ok = read_lines(r, f);
	fclose(f);
	return ok;
}

/* Whether something that is limited can be measured at all. */
static bool has_outage(const struct scenario *s)
{
	for (size_t i = 0; i < s->turns; i++)
		if (s->turn[i].dark && s->turn[i].up)
			return true;
	return false;
}

/* What only the whole can tell. */
static bool make_sense(struct scenario_reader *r)
{
	const struct scenario *s = r->s;

	for (unsigned i = 0; i < s->links; i++)
		if (!(r->declared >> i & 1))
			return scenario_fail(r, "link %u is missing: there is a link %u", i + 1,
					     s->links);
	if (!*s->title)
		return scenario_fail(r, "has no title: begin with scenario and a few words");
	if (s->links == 0)
		return scenario_fail(r, "has no links: add one, such as links 1-2 rate 5M");
	if (s->stream.rate == 0)
		return scenario_fail(r, "has no stream: add one, such as stream rate 6M");
	if (s->most > 0 && (s->stream.rate < s->least || s->stream.rate > s->most))
		return scenario_fail(r, "the stream's rate lies outside of its adaptive range");
	if (s->judged_from >= s->lasts)
		return scenario_fail(r, "is judged from after its end: let it last longer");
	for (unsigned i = 0; i < s->limits; i++) {
		enum scenario_metric m = s->limit[i].what;

		if ((m == METRIC_LAST_INTO_DEAD || m == METRIC_BACK_IN_USE) && !has_outage(s))
			return scenario_fail(r, "limits %s, and no link is ever dark upward",
					     scenario_metric_name(m));
	}
	return true;
}

static void begin(struct scenario *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t len = strlen(name);

	if (len > 4 && strcmp(name + len - 4, ".scn") == 0)
		len -= 4;
	if (len >= SCENARIO_WORD)
		len = SCENARIO_WORD - 1;
	memset(s, 0, sizeof(*s));
	memcpy(s->name, name, len);
	s->lasts = SEC(120);
	s->judged_from = SEC(5);
	s->vehicles = 1;
	s->latency = SEC(1);
	s->stream = (struct encoder_config){.fps = 30, .gop = 60, .key = 500};
}

enum scenario_verdict scenario_read(const char *path, const char *traces, struct scenario *s,
				    char error[SCENARIO_ERROR])
{
	struct scenario_reader r = {.s = s, .traces = traces, .error = error, .path = path};

	begin(s, path);
	error[0] = '\0';
	if (!read_file(&r, path) || !make_sense(&r)) {
		scenario_finish(s);
		return SCENARIO_WRONG;
	}
	if (r.absent) {
		memcpy(error, r.lack, SCENARIO_ERROR);
		scenario_finish(s);
		return SCENARIO_ABSENT;
	}
	return SCENARIO_READ;
}
