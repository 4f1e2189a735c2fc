/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "sender/links_inside.h"
#include "shared/io/log.h"

#define GATHER   MSEC(50)  /* one change of the system is a handful of news */
#define ASK      SEC(1)    /* again, when the kernel would not answer */
#define TAKEOVER MSEC(100) /* between looks at whether a new link has taken the old one's place */

void links_choose_soon(struct links *ls, bool ask, ustime at)
{
	if (!ls->ifaces)
		return;
	ls->ask |= ask;
	ls->choose_at = earlier(ls->choose_at, at);
}

void links_hear_interfaces(struct links *ls, const struct netlink_news *news, ustime now)
{
	if (ls->ifaces && ifaces_hear(ls->ifaces, news))
		links_choose_soon(ls, news->what == NETLINK_MISSED, now + GATHER);
}

static bool leads(void *arg, const struct endpoint *to, const struct endpoint *from, unsigned index)
{
	const struct links *ls = arg;

	return netlink_way(ls->netlink, to, from, index) == 0;
}

/* 0 or -errno.  What is chosen stays so through this. */
static int ask_kernel(struct links *ls, ustime now)
{
	int err;

	ifaces_doubt(ls->ifaces);
	err = netlink_list(ls->netlink, now);
	if (err == 0)
		ifaces_forget_doubtful(ls->ifaces);
	ls->ask = err != 0;
	return err;
}

static const struct sender_link_view *view_of(const struct sender_view *v, const struct uplink *u)
{
	for (unsigned i = 0; i < v->count; i++) {
		if (v->link[i].port == u->port)
			return &v->link[i];
	}
	return NULL;
}

static bool delivers(const struct sender_view *v, const struct uplink *u)
{
	const struct sender_link_view *l = view_of(v, u);

	return l && l->state == LINK_UP && !l->shy;
}

static bool is_in(const struct uplinks *list, const struct uplink_id *id)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (uplink_id_equal(&list->id[i], id))
			return true;
	}
	return false;
}

/* Is this one of the list a way on for what that link carries? */
static bool same_way(const struct uplink_id *a, const struct uplink_id *b)
{
	return a->local.family == b->local.family && strcmp(a->device, b->device) == 0;
}

/* Whether a link of the list delivers in place of u: one of its interface, or else any. */
static bool has_heir(const struct links *ls, const struct uplinks *list, const struct uplink *u,
		     const struct sender_view *v)
{
	bool heir = false, others = false, born = false;

	for (unsigned i = 0; i < list->count; i++)
		born |= same_way(&list->id[i], &u->id);
	for (unsigned i = 0; i < ls->count; i++) {
		const struct uplink *other = ls->uplink[i];

		if (!is_in(list, &other->id) || !delivers(v, other))
			continue;
		others = true;
		heir |= same_way(&other->id, &u->id);
	}
	return born ? heir : others;
}

/* A link whose address is still there goes when another has taken its place, and not before. */
static void keep_until_replaced(struct links *ls, struct uplinks *list, ustime now)
{
	static const struct sender_terms usual;
	static struct sender_view v;
	struct uplinks chosen = *list;
	bool seen = false;

	for (unsigned i = 0; i < ls->count; i++) {
		const struct uplink *u = ls->uplink[i];

		if (is_in(&chosen, &u->id) || !is_in(&ls->list, &u->id) ||
		    !ifaces_has(ls->ifaces, &u->id))
			continue;
		if (!seen)
			sender_view(ls->door->sender, now, &v);
		seen = true;
		if (delivers(&v, u) && !has_heir(ls, &chosen, u, &v) &&
		    uplinks_add(list, &u->id, &usual))
			links_choose_soon(ls, false, now + TAKEOVER);
	}
}

/* Each once, until it is otherwise. */
static void tell_extremes(struct links *ls, const struct uplinks *list)
{
	bool none = ls->count == 0 && host_known(ls->host);

	if (none && !ls->none)
		log_warn("event=no_uplinks why=\"no interface that is wanted leads to the receiver\"");
	if (list->surplus && list->surplus != ls->left_out)
		log_warn("event=uplinks_surplus most=%d left_out=%u", UPLINKS_MOST, list->surplus);
	ls->none = none;
	ls->left_out = list->surplus;
}

static bool choose(struct links *ls, ustime now)
{
	static const enum family families[] = {FAMILY_V4, FAMILY_V6};
	struct uplinks list;
	bool whole;

	for (unsigned i = 0; i < 2; i++)
		ifaces_head_for(ls->ifaces, families[i], host_address(ls->host, families[i]));
	ifaces_uplinks(ls->ifaces, &list);
	keep_until_replaced(ls, &list, now);
	whole = links_apply(ls, &list, now);
	/* The receiver may get an address of the other family later. */
	for (unsigned i = 0; i < 2; i++) {
		if (ifaces_waits_for(ls->ifaces, families[i]))
			host_family_gap(ls->host, now);
	}
	tell_extremes(ls, &list);
	return whole;
}

void links_choose(struct links *ls, ustime now)
{
	if (ls->ask)
		ask_kernel(ls, now);
	ls->choose_at = ls->ask ? now + ASK : NEVER;
	choose(ls, now);
}

int links_follow(struct links *ls, const struct ifaces_choice *choice, ustime now)
{
	struct ifaces_choice ours = *choice;
	struct ifaces *before = ls->ifaces;
	int err;

	if (!ls->netlink)
		return -ls->no_netlink;
	ours.leads = leads;
	ours.arg = ls;
	ls->ifaces = ifaces_create(&ours);
	err = ls->ifaces ? ask_kernel(ls, now) : -ENOMEM;
	if (err) {
		ifaces_destroy(ls->ifaces);
		ls->ifaces = before;
		return err;
	}
	ifaces_destroy(before);
	ls->path = NULL;
	ls->reload_at = NEVER;
	ls->again = false;
	ls->words = 0;
	ls->choose_at = NEVER;
	return choose(ls, now) ? 0 : -ENOMEM;
}

void links_read_from(struct links *ls, const char *path, ustime now)
{
	ifaces_destroy(ls->ifaces);
	ls->ifaces = NULL;
	ls->choose_at = NEVER;
	ls->path = path;
	links_file_changed(ls, now);
}
