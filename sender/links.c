/* SPDX-License-Identifier: MIT */
#include "sender/links.h"

#include <errno.h>
#include <string.h>

#include "sender/links_inside.h"
#include "sender/terms.h"
#include "shared/io/log.h"

#define RELOAD_GAP  MSEC(100) /* a storm of signals costs ten readings a second */
#define LOOK_GAP    MSEC(100) /* the same for a storm of routes */
#define SECOND_LOOK SEC(1)    /* control panels signal while they still write */

void links_plan(struct links_plan *plan, const struct uplink_id *running, unsigned count,
		const struct uplinks *list)
{
	unsigned i, j;

	memset(plan, 0, sizeof(*plan));
	for (i = 0; i < list->count; i++) {
		plan->running[i] = -1;
		for (j = 0; j < count; j++) {
			if (!uplink_id_equal(&running[j], &list->id[i]))
				continue;
			plan->running[i] = (int)j;
			plan->keep[j] = true;
			plan->kept++;
			break;
		}
	}
	plan->added = list->count - plan->kept;
	plan->removed = count - plan->kept;
}

/* Any of them may have cost somebody his route, which of some changes nobody tells. */
static void hear(void *arg, const struct netlink_news *news, ustime now)
{
	struct links *ls = arg;

	for (unsigned i = 0; i < ls->count; i++)
		uplink_hear(ls->uplink[i], news, now);
	links_hear_interfaces(ls, news, now);
	ls->look_at = earlier(ls->look_at, later(now, ls->looked + LOOK_GAP));
}

void links_init(struct links *ls, struct door *door, struct host *host, const char *path,
		bool any_source)
{
	memset(ls, 0, sizeof(*ls));
	ls->door = door;
	ls->host = host;
	ls->path = path;
	ls->any_source = any_source;
	ls->reload_at = NEVER;
	ls->look_at = NEVER;
	ls->choose_at = NEVER;
	ls->netlink = netlink_create(door->loop, hear, ls);
	if (ls->netlink)
		return;
	ls->no_netlink = errno;
	if (errno != ENOSYS)
		log_warn("event=no_netlink why=\"%s\"", strerror(errno));
}

void links_finish(struct links *ls)
{
	unsigned i;

	for (i = 0; i < ls->count; i++)
		uplink_destroy(ls->uplink[i]);
	netlink_destroy(ls->netlink);
	ifaces_destroy(ls->ifaces);
	memset(ls, 0, sizeof(*ls));
}

static void remove_link(struct links *ls, struct uplink *u, ustime now)
{
	log_info("event=link_removed link=%s", u->name);
	sender_link_remove(ls->door->sender, u->port, now, &ls->door->out);
	ls->settle(ls->arg, now);
	ls->by_port[u->port] = NULL;
	uplink_destroy(u);
}

/* The core hears of it when something has changed, or all is new. */
static void set_terms(struct links *ls, struct uplink *u, const struct sender_terms *terms,
		      ustime now)
{
	char text[TERMS_TEXT];

	if (terms_equal(&u->terms, terms))
		return;
	u->terms = *terms;
	log_info("event=link_terms link=%s %s", u->name, terms_print(terms, text));
	sender_link_terms(ls->door->sender, u->port, terms, now, &ls->door->out);
}

/* The socket first: what the core has to say at once should find it open. */
static struct uplink *add_link(struct links *ls, const struct uplink_id *id, unsigned rank,
			       ustime now)
{
	struct uplink *u = uplink_create(id, ls->door, ls->host, ls->any_source);

	if (!u)
		return NULL;
	log_info("event=link_added link=%s", u->name);
	u->ground.netlink = ls->netlink;
	if (ls->before)
		u->local_port = sessionfile_port(ls->before, id);
	uplink_run(u, now);
	u->port = sender_link_add(ls->door->sender, rank, now, &ls->door->out);
	if (u->port == 0) {
		uplink_destroy(u);
		return NULL;
	}
	ls->by_port[u->port] = u;
	return u;
}

static void tell(const struct links *ls, const struct links_plan *plan)
{
	if (plan->added == 0 && plan->removed == 0)
		return;
	log_info("event=uplinks %s%s%slinks=%u added=%u removed=%u", ls->path ? "file=" : "",
		 ls->path ? ls->path : "", ls->path ? " " : "", ls->count, plan->added,
		 plan->removed);
}

/* Makes the links exactly these. */
static bool become(struct links *ls, const struct uplinks *list, ustime now)
{
	struct uplink_id ids[UPLINKS_MOST] = {0};
	struct uplink *old[UPLINKS_MOST];
	struct links_plan plan;
	unsigned i, count = ls->count;

	for (i = 0; i < count; i++) {
		old[i] = ls->uplink[i];
		ids[i] = old[i]->id;
	}
	links_plan(&plan, ids, count, list);
	for (i = 0; i < count; i++) {
		if (!plan.keep[i])
			remove_link(ls, old[i], now);
	}
	ls->count = 0;
	for (i = 0; i < list->count; i++) {
		struct uplink *u;

		if (plan.running[i] >= 0) {
			u = old[plan.running[i]];
			sender_link_rank(ls->door->sender, u->port, i);
		} else {
			u = add_link(ls, &list->id[i], i, now);
		}
		if (!u)
			continue;
		set_terms(ls, u, &list->terms[i], now);
		ls->uplink[ls->count++] = u;
	}
	tell(ls, &plan);
	return ls->count == list->count;
}

bool links_apply(struct links *ls, const struct uplinks *list, ustime now)
{
	struct uplinks wanted = *list;

	ls->list = *list;
	links_obey(ls, &wanted);
	return become(ls, &wanted, now);
}

void links_file_changed(struct links *ls, ustime now)
{
	ustime at = later(now, ls->loaded + RELOAD_GAP);

	if (ls->ifaces) {
		ls->words = 0;
		links_choose_soon(ls, true, now);
		return;
	}
	ls->reload_at = ls->again ? at : earlier(ls->reload_at, at);
	ls->again = false;
}

static void reload(struct links *ls, ustime now)
{
	struct uplinks list;
	int err = links_read(ls->path, &list);

	/* The first look speaks; the second only when it finds something else. */
	if (err && !ls->again)
		log_warn("event=uplinks_refused file=%s why=\"%s\" links=%u", ls->path,
			 err == -ENODATA ? "no line gives an uplink" : strerror(-err), ls->count);
	if (!ls->again)
		links_tell_faults(ls->path, &list);
	if (!err && !ls->again)
		ls->words = 0;
	if (!err)
		links_apply(ls, &list, now);
	ls->loaded = now;
	ls->reload_at = ls->again ? NEVER : now + SECOND_LOOK;
	ls->again = !ls->again;
}

void links_run(struct links *ls, ustime now)
{
	unsigned i;

	if (now >= ls->reload_at)
		reload(ls, now);
	if (now >= ls->choose_at)
		links_choose(ls, now);
	for (i = 0; i < ls->count; i++)
		uplink_run(ls->uplink[i], now);
	if (now < ls->look_at)
		return;
	ls->look_at = NEVER;
	ls->looked = now;
	for (i = 0; i < ls->count; i++)
		uplink_look(ls->uplink[i], now);
}

ustime links_deadline(const struct links *ls)
{
	ustime next = earlier(ls->choose_at, earlier(ls->reload_at, ls->look_at));
	unsigned i;

	for (i = 0; i < ls->count; i++)
		next = earlier(next, uplink_deadline(ls->uplink[i]));
	return next;
}

void links_host_moved(struct links *ls, ustime now)
{
	unsigned i;

	for (i = 0; i < ls->count; i++)
		uplink_host_moved(ls->uplink[i], now);
	links_choose_soon(ls, false, now);
}

struct uplink *links_by_port(const struct links *ls, unsigned port)
{
	return port <= SENDER_LINKS ? ls->by_port[port] : NULL;
}
