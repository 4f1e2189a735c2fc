/* SPDX-License-Identifier: MIT */
#include "sender/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sender/shell.h"
#include "shared/io/log.h"

void reload_init(struct reload *r)
{
	memset(r, 0, sizeof(*r));
	reread_init(&r->reread);
}

void reload_finish(struct reload *r)
{
	free(r->uplinks);
	free(r->iface);
	free(r->exclude);
	free(r->stats);
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

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/*
 * Makes *field say `text`, in a copy that lives in *own; what it said before is handed back, to be
 * freed when nobody points there any more.  Without memory, nothing changes.
 */
static char *change_text(const char **field, char **own, const char *text)
{
	char *before = *own, *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return NULL;
	*field = *own = copy;
	return before;
}

static void change_mode(struct shell *s, const struct config *next, ustime now)
{
	if (next->mode != s->cfg->mode) {
		s->mode = next->mode;
		sender_set_mode(s->door.sender, next->mode, now, &s->door.out);
	}
	s->cfg->mode = next->mode;
	s->cfg->mode_word = next->mode_word;
	s->cfg->classic = next->classic;
}

static void change_level(struct config *cfg, struct config *next)
{
	if (next->level != cfg->level)
		log_set_level(next->level);
	cfg->level = next->level;
	cfg->verbose = next->verbose;
	next->level_word = cfg->level_word; /* a word that nobody reads again */
}

static void change_stats(struct reload *r, struct shell *s, const struct config *next, ustime now)
{
	struct config *cfg = s->cfg;

	if (!same(cfg->stats_path, next->stats_path)) {
		char *before = change_text(&cfg->stats_path, &r->stats, next->stats_path);

		report_finish(&s->report);
		report_init(&s->report, cfg->stats_path, next->stats_interval, now);
		free(before);
	}
	s->report.interval = cfg->stats_interval = next->stats_interval;
	s->report.next = earlier(s->report.next, now + cfg->stats_interval);
}

static bool follow(struct shell *s, ustime now)
{
	const struct ifaces_choice choice = {.names = s->cfg->iface, .exclude = s->cfg->exclude};
	int err = links_follow(&s->links, &choice, now);

	if (err)
		log_warn("event=uplinks_refused why=\"interfaces: %s\" links=%u", strerror(-err),
			 s->links.count);
	return err == 0;
}

/* Where the links come from: another file, or other interfaces; of those nobody keeps the names. */
static void change_links(struct reload *r, struct shell *s, const struct config *next, ustime now)
{
	struct config *cfg = s->cfg;
	char *before;

	if (same(cfg->uplinks_path, next->uplinks_path) && same(cfg->iface, next->iface) &&
	    same(cfg->exclude, next->exclude) && cfg->automatic == next->automatic)
		return;
	free(change_text(&cfg->iface, &r->iface, next->iface));
	free(change_text(&cfg->exclude, &r->exclude, next->exclude));
	cfg->automatic = next->automatic;
	if (!next->uplinks_path && !follow(s, now))
		return;
	before = change_text(&cfg->uplinks_path, &r->uplinks, next->uplinks_path);
	if (cfg->uplinks_path)
		links_read_from(&s->links, cfg->uplinks_path, now);
	free(before);
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
	change_mode(s, &next, now);
	change_links(r, s, &next, now);
	change_stats(r, s, &next, now);
	s->cfg->coalesce = s->pace.most = next.coalesce;
	reread_done(&r->reread, path, config_options, config_option_count, s->cfg, &next);
	config_finish(&next);
}

void reload_run(struct reload *r, struct shell *s, ustime now)
{
	if (reread_now(&r->reread, now))
		read_again(r, s, now);
}
