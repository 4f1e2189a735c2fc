/* SPDX-License-Identifier: MIT */
#include "sender/links.h"

#include <stdlib.h>
#include <string.h>

#include "sender/links_inside.h"

static int place_of(const struct uplinks *list, const struct uplink_id *id)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (uplink_id_equal(&list->id[i], id))
			return (int)i;
	}
	return -1;
}

void links_obey(const struct links *ls, struct uplinks *list)
{
	for (unsigned i = 0; i < ls->words; i++) {
		const struct links_word *w = &ls->word[i];
		int at = place_of(list, &w->id);

		if (w->without && at >= 0)
			uplinks_drop(list, (unsigned)at);
		else if (w->extra && at < 0)
			uplinks_add(list, &w->id, &w->terms);
		else if (!w->without && at >= 0)
			list->terms[at] = w->terms;
	}
}

/* What has been said of this uplink, or a place to say it; NULL when there is none left. */
static struct links_word *word_on(struct links *ls, const struct uplink_id *id)
{
	for (unsigned i = 0; i < ls->words; i++) {
		if (uplink_id_equal(&ls->word[i].id, id))
			return &ls->word[i];
	}
	if (ls->words == UPLINKS_MOST)
		return NULL;
	ls->word[ls->words] = (struct links_word){.id = *id};
	return &ls->word[ls->words++];
}

/* Says it, and lets it happen. */
static const char *say(struct links *ls, const struct links_word *word, ustime now)
{
	struct uplinks list = ls->list;
	unsigned words = ls->words;
	struct links_word *w = word_on(ls, &word->id);
	struct links_word before;

	if (!w)
		return "too much has been changed by hand: reload the list first";
	before = *w;
	*w = *word;
	if (links_apply(ls, &list, now))
		return NULL;
	*w = before;
	ls->words = words;
	return "out of memory";
}

const char *links_add(struct links *ls, const char *text, ustime now)
{
	struct links_word word = {.extra = true};
	struct uplinks one;

	uplinks_parse(&one, text, strlen(text));
	if (one.fault_count > 0)
		return one.fault[0].why;
	if (one.count != 1)
		return one.count ? "more than one uplink" : "not an IPv4 or IPv6 address";
	for (unsigned i = 0; i < ls->count; i++) {
		if (uplink_id_equal(&ls->uplink[i]->id, &one.id[0]))
			return "there is this link already";
	}
	if (ls->count == UPLINKS_MOST)
		return "there are 64 links already";
	word.id = one.id[0];
	word.terms = one.terms[0];
	return say(ls, &word, now);
}

const char *links_remove(struct links *ls, const char *name, ustime now)
{
	const struct uplink *u = links_find(ls, name);
	struct links_word word = {.without = true};

	if (!u)
		return "no such link";
	if (ls->count == 1)
		return "it is the only link";
	word.id = u->id;
	return say(ls, &word, now);
}

const char *links_set_terms(struct links *ls, const char *name, const struct sender_terms *terms,
			    ustime now)
{
	const struct uplink *u = links_find(ls, name);
	struct links_word word = {.terms = *terms};

	if (!u)
		return "no such link";
	word.id = u->id;
	for (unsigned i = 0; i < ls->words; i++)
		word.extra |= ls->word[i].extra && uplink_id_equal(&ls->word[i].id, &u->id);
	return say(ls, &word, now);
}

/* The one for which `is` holds. */
static struct uplink *only_one(const struct links *ls, const char *name,
			       bool (*is)(const struct uplink *u, const char *name))
{
	struct uplink *found = NULL;

	for (unsigned i = 0; i < ls->count; i++) {
		if (!is(ls->uplink[i], name))
			continue;
		if (found)
			return NULL;
		found = ls->uplink[i];
	}
	return found;
}

static bool is_named(const struct uplink *u, const char *name)
{
	char word[UPLINK_NAME];
	struct uplink_id id;

	if (strcmp(u->name, name) == 0)
		return true;
	if (strlen(name) >= sizeof(word))
		return false;
	memcpy(word, name, strlen(name) + 1);
	return !uplink_id_read(word, &id) && uplink_id_equal(&id, &u->id);
}

static bool has_device(const struct uplink *u, const char *name)
{
	return u->id.device[0] && strcmp(u->id.device, name) == 0;
}

static bool has_address(const struct uplink *u, const char *name)
{
	struct endpoint ep;

	if (!endpoint_parse(name, &ep))
		return false;
	endpoint_normalise(&ep);
	return endpoint_equal(&ep, &u->id.local);
}

struct uplink *links_find(const struct links *ls, const char *name)
{
	struct uplink *u = only_one(ls, name, is_named);
	char *end;
	unsigned long place;

	if (!u)
		u = only_one(ls, name, has_device);
	if (!u)
		u = only_one(ls, name, has_address);
	if (u || name[0] < '0' || name[0] > '9')
		return u;
	place = strtoul(name, &end, 10);
	return *end == '\0' && place < ls->count ? ls->uplink[place] : NULL;
}
