/* SPDX-License-Identifier: MIT */
#include "receiver/reload.h"

#include <stdlib.h>
#include <string.h>

#include "receiver/shell.h"
#include "shared/io/log.h"

void reload_init(struct reload *r)
{
	memset(r, 0, sizeof(*r));
	reread_init(&r->reread);
}

void reload_finish(struct reload *r)
{
	free(r->stream_keys);
	reload_init(r);
}

void reload_want(struct reload *r, ustime now)
{
	reread_want(&r->reread, now);
}

ustime reload_deadline(const struct reload *r)
{
	return r->reread.due;
}

static void change_level(struct config *cfg, struct config *next)
{
	if (next->level != cfg->level)
		log_set_level(next->level);
	cfg->level = next->level;
	cfg->verbose = next->verbose;
	next->level_word = cfg->level_word; /* a word that nobody reads again */
}

/* Another list.  Whether there is one at all is for a restart to change. */
static void change_keys(struct reload *r, struct shell *s, const struct config *next, ustime now)
{
	char *copy;

	if (!s->cfg->stream_keys || !next->stream_keys ||
	    strcmp(s->cfg->stream_keys, next->stream_keys) == 0)
		return;
	copy = strdup(next->stream_keys);
	if (!copy)
		return;
	s->cfg->stream_keys = s->keylist.path = copy;
	free(r->stream_keys);
	r->stream_keys = copy;
	keylist_changed(&s->keylist, now);
}

static void read_again(struct reload *r, struct shell *s, ustime now)
{
	const char *path = s->cfg->config_path;
	struct config next;
	char why[CONFIG_WHY];

	if (config_read(&next, s->cfg->argc, s->cfg->argv, why) != CONFIG_RUN) {
		reread_refused(path, next.file.line, why);
		return;
	}
	change_level(s->cfg, &next);
	change_keys(r, s, &next, now);
	s->cfg->coalesce = s->pace.most = next.coalesce;
	reread_done(&r->reread, path, config_options, config_option_count, s->cfg, &next);
	config_finish(&next);
}

void reload_run(struct reload *r, struct shell *s, ustime now)
{
	if (reread_now(&r->reread, now))
		read_again(r, s, now);
}
