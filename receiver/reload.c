/* SPDX-License-Identifier: MIT */
#include "receiver/reload.h"

#include <stdlib.h>
#include <string.h>

#include "receiver/shell.h"
#include "shared/base/text.h"
#include "shared/io/log.h"

#define RELOAD_GAP MSEC(100) /* a storm of signals costs ten readings a second */

enum { SHOWN = 256 };

void reload_init(struct reload *r)
{
	memset(r, 0, sizeof(*r));
	r->due = NEVER;
}

void reload_finish(struct reload *r)
{
	free(r->stream_keys);
	reload_init(r);
}

void reload_want(struct reload *r, ustime now)
{
	r->due = earlier(r->due, later(now, r->read + RELOAD_GAP));
}

ustime reload_deadline(const struct reload *r)
{
	return r->due;
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

/* What could not change is told, each set of it once. */
static void tell_rest(struct reload *r, const struct config *cfg, const struct config *next)
{
	char names[RELOAD_TOLD];

	options_differing(config_options, config_option_count, cfg, next, names, sizeof(names));
	if (names[0] && strcmp(names, r->told) != 0)
		log_warn("event=config_restart_wanted options=\"%s\"", names);
	memcpy(r->told, names, sizeof(names));
}

static void read_again(struct reload *r, struct shell *s, ustime now)
{
	const char *path = s->cfg->config_path;
	struct config next;
	char why[CONFIG_WHY], shown[CONFIG_WHY], file[SHOWN];

	text_escape(path, strlen(path), file, sizeof(file));
	if (config_read(&next, s->cfg->argc, s->cfg->argv, why) != CONFIG_RUN) {
		log_warn("event=config_refused file=\"%s\" line=%u why=\"%s\"", file,
			 next.file.line, text_escape(why, strlen(why), shown, sizeof(shown)));
		return;
	}
	change_level(s->cfg, &next);
	change_keys(r, s, &next, now);
	s->cfg->coalesce = s->pace.most = next.coalesce;
	log_info("event=config_read file=\"%s\"", file);
	tell_rest(r, s->cfg, &next);
	config_finish(&next);
}

void reload_run(struct reload *r, struct shell *s, ustime now)
{
	if (now < r->due)
		return;
	r->due = NEVER;
	r->read = now;
	read_again(r, s, now);
}
