/* SPDX-License-Identifier: MIT */
#ifndef LAB_SCENARIO_READER_H
#define LAB_SCENARIO_READER_H

#include "lab/scenario.h"
#include "lab/units.h"

enum {
	READER_WORDS = 64,  /* in one line */
	READER_LINE = 1000, /* bytes */
	READER_PATH = 1024,
	READER_FIELDS = 3,
};

/* A scenario in the making, and the line that is read. */
struct scenario_reader {
	struct scenario *s;
	const char *traces;
	char *error;
	const char *path; /* of the file in hand */
	unsigned line;
	char *word[READER_WORDS];
	unsigned words, at;
	unsigned statements; /* of this file, so far */
	unsigned once;       /* which of those that stand once it has had, by place in the table */
	bool timed;          /* it had one with a time */
	unsigned depth;      /* of files that are like others */
	uint64_t declared;   /* links, a bit each */
	bool absent;         /* a recording is not here, which `lack` says */
	char lack[SCENARIO_ERROR];
};

/* A figure behind a word, or alone ("") behind its key. */
struct scenario_field {
	const char *word;
	enum unit unit;
	uint64_t least, most;
	size_t offset, size; /* where its owner keeps it */
};

/*
 * A word with all of its figures in their order.  Of keys that share a bit one
 * statement has only one.
 */
struct scenario_key {
	const char *word;
	unsigned bits;
	struct scenario_field field[READER_FIELDS];
};

/* Writes `FILE:LINE: ...`; always false, as is every function here that fails. */
bool scenario_fail(struct scenario_reader *r, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* The next word, which is then taken, or NULL at the end of the line. */
const char *scenario_next(struct scenario_reader *r);

/* Takes the next word if it is this one. */
bool scenario_skip(struct scenario_reader *r, const char *word);

/* The line must be at its end. */
bool scenario_done(struct scenario_reader *r);

/* Takes a figure; `what` names it in errors. */
bool scenario_figure(struct scenario_reader *r, const char *what, enum unit unit, uint64_t least,
		     uint64_t most, uint64_t *value);

/* Takes the figures of a key, whose word has been taken. */
bool scenario_take(struct scenario_reader *r, const struct scenario_key *k,
		   uint64_t value[READER_FIELDS]);

/* Puts them where the key's owner keeps them. */
void scenario_store(void *owner, const struct scenario_key *k, const uint64_t value[READER_FIELDS]);

/* A statement with this key, besides those it has; false when they exclude each other. */
bool scenario_once(struct scenario_reader *r, const char *word, unsigned bits, unsigned *given);

/* Takes the name of a peer or a scenario; NULL when there is none. */
const char *scenario_word(struct scenario_reader *r);

/* Statements, whose first word has been taken. */
bool scenario_title(struct scenario_reader *r);
bool scenario_lasts(struct scenario_reader *r);
bool scenario_judged(struct scenario_reader *r);
bool scenario_vehicles(struct scenario_reader *r);
bool scenario_stream(struct scenario_reader *r);
bool scenario_server(struct scenario_reader *r);
bool scenario_peer(struct scenario_reader *r);
bool scenario_links(struct scenario_reader *r);
bool scenario_at(struct scenario_reader *r, ustime at);
bool scenario_every(struct scenario_reader *r);
bool scenario_limit(struct scenario_reader *r);

/* "1-3", "2", "1,4-6" -> a bit for each link; from a word that is taken. */
bool scenario_list(struct scenario_reader *r, uint64_t *links);

/* Takes "up" or "down", if one of them is next. */
void scenario_ways(struct scenario_reader *r, bool *up, bool *down);

/* The key of a link by its word, or NULL. */
struct scenario_link_key {
	struct scenario_key key;
	bool both; /* holds for both ways unless one is said, or upward only */
	int knob;  /* that turns on the way; or -1 */
};
const struct scenario_link_key *scenario_link_key(const char *word);

/* The words of all keys of a link, or of those that turn on the way. */
void scenario_link_words(bool turning, char *buf, size_t size);

/* Terms on which a link serves: their key has been taken; `given` as for scenario_once(). */
bool scenario_is_terms(const char *word);
bool scenario_terms(struct scenario_reader *r, const char *word, struct scenario_terms *terms,
		    unsigned *given);

/* Takes the name of a mode. */
bool scenario_mode(struct scenario_reader *r, enum scenario_mode *mode);

/* What a link follows in place of a fixed rate or delay. */
struct scenario_follow {
	bool trips;
	const struct recording *recording; /* NULL: a drive, one for each link */
	usspan from;
	uint32_t scale;
	uint64_t mean, seed; /* of a drive */
};

bool scenario_is_follow(const char *word);
bool scenario_follow(struct scenario_reader *r, const char *word, struct scenario_follow *f);

/* The drive of one way of one link; NULL when memory is short. */
const struct recording *scenario_drive(struct scenario_reader *r, const struct scenario_follow *f,
				       unsigned link, bool up);

/* A path in the folder of `path`: `name` with a suffix; false when it is too long. */
bool scenario_beside(const char *path, const char *name, const char *suffix, char buf[READER_PATH]);

#endif
