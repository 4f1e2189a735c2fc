/* SPDX-License-Identifier: MIT */
#include "sender/doctor_choice.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "sender/ifaces.h"
#include "sender/links.h"
#include "sender/start.h"
#include "shared/io/netlink.h"

static int from_file(struct doctor_choice *c, const char *path, char why[CONFIG_WHY])
{
	static struct uplinks list;
	const struct config cfg = {.uplinks_path = path};
	enum log_level before = log_level();
	int code;

	log_set_level(LOG_LEVEL_WARN); /* lines that give no link are told */
	code = start_uplinks(&cfg, &list, why);
	log_set_level(before);
	for (unsigned i = 0; code == 0 && i < list.count; i++)
		c->id[c->count++] = list.id[i];
	return code;
}

/* What hears of interfaces while they are listed. */
struct listing {
	struct netlink *netlink;
	struct ifaces *ifaces;
	struct doctor_choice *choice;
};

static bool leads(void *arg, const struct endpoint *to, const struct endpoint *from, unsigned index)
{
	const struct listing *l = arg;

	return netlink_way(l->netlink, to, from, index) == 0;
}

static void hear(void *arg, const struct netlink_news *news, ustime now)
{
	struct listing *l = arg;

	(void)now;
	ifaces_hear(l->ifaces, news);
}

/* Where an address does not serve, it is worth a word if its interface might be meant. */
static void leave_out(void *arg, const struct uplink_id *id, const char *why)
{
	struct doctor_choice *c = ((struct listing *)arg)->choice;
	enum endpoint_class class = endpoint_class(&id->local);

	if (!why || strcmp(why, "not named") == 0 || class == ENDPOINT_LOOPBACK ||
	    (class == ENDPOINT_LINK_LOCAL && id->local.family == FAMILY_V6) ||
	    c->left_out == UPLINKS_MOST)
		return;
	c->other[c->left_out] = *id;
	c->why[c->left_out++] = why;
}

static void take(struct listing *l, const struct endpoint host[FAMILY_V6 + 1])
{
	static struct uplinks list;
	struct doctor_choice *c = l->choice;

	for (unsigned f = FAMILY_V4; f <= FAMILY_V6; f++)
		ifaces_head_for(l->ifaces, (enum family)f, host[f].family ? &host[f] : NULL);
	ifaces_uplinks(l->ifaces, &list);
	for (unsigned i = 0; i < list.count; i++) {
		if (host[list.id[i].local.family].family)
			c->id[c->count++] = list.id[i];
		else
			leave_out(l, &list.id[i], "the receiver has no address of this family");
	}
	ifaces_each(l->ifaces, leave_out, l);
}

static bool has_link(const struct doctor_choice *c, const char *device)
{
	for (unsigned i = 0; i < c->count; i++) {
		if (strcmp(c->id[i].device, device) == 0)
			return true;
	}
	return false;
}

static const char *reason(const struct doctor_choice *c, const char *device)
{
	for (unsigned i = 0; i < c->left_out; i++) {
		if (strcmp(c->other[i].device, device) == 0)
			return c->why[i];
	}
	return "there is no such interface, or it has no address";
}

/* Who names an interface, and not a pattern, expects a link there. */
static void miss_names(struct doctor_choice *c, const char *names)
{
	for (;;) {
		struct uplink_id *id = &c->id[c->count];
		size_t len;

		names += strspn(names, ", \t");
		len = strcspn(names, ", \t");
		if (len == 0 || c->count == UPLINKS_MOST)
			return;
		*id = (struct uplink_id){0};
		memcpy(id->device, names, len < sizeof(id->device) ? len : sizeof(id->device) - 1);
		names += len;
		if (strpbrk(id->device, "*?[") || has_link(c, id->device))
			continue;
		c->unfit[c->count++] = reason(c, id->device);
	}
}

static int by_interface(struct doctor_choice *c, const struct doctor_words *w,
			const struct endpoint host[FAMILY_V6 + 1], char why[CONFIG_WHY])
{
	struct listing l = {.choice = c};
	const struct ifaces_choice wanted = {
		.names = w->iface, .exclude = w->exclude, .leads = leads, .arg = &l};
	int err = -ENOMEM;

	l.netlink = netlink_create(NULL, hear, &l);
	if (!l.netlink) {
		snprintf(why, CONFIG_WHY, "the kernel does not tell of interfaces (%s): name the "
			 "uplinks in a BIND_IPS_FILE", strerror(errno));
		return EX_OSERR;
	}
	l.ifaces = ifaces_create(&wanted);
	if (l.ifaces)
		err = netlink_list(l.netlink, 0);
	if (err == 0)
		take(&l, host);
	else
		snprintf(why, CONFIG_WHY, "interfaces: %s", strerror(-err));
	ifaces_destroy(l.ifaces);
	netlink_destroy(l.netlink);
	if (err == 0 && w->iface)
		miss_names(c, w->iface);
	return err ? EX_OSERR : 0;
}

int doctor_choose(struct doctor_choice *c, const struct doctor_words *w,
		  const struct endpoint host[FAMILY_V6 + 1], char why[CONFIG_WHY])
{
	memset(c, 0, sizeof(*c));
	return w->uplinks_path ? from_file(c, w->uplinks_path, why) : by_interface(c, w, host, why);
}
