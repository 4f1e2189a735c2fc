/* SPDX-License-Identifier: MIT */
#include "sender/start.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "sender/linksock.h"
#include "shared/io/lookup.h"
#include "shared/io/startup.h"
#include "shared/io/statedir.h"

int start_listen(struct app *a, const struct config *cfg, char why[CONFIG_WHY])
{
	struct endpoint failed;
	int err = app_open(a, &cfg->listen, cfg->listen_port, &failed);

	return err ? startup_no_listen(&failed, -err, why) : 0;
}

int start_hint(struct hint *h, const struct config *cfg, char why[CONFIG_WHY])
{
	int err = hint_open(h, &cfg->hint);

	return err ? startup_no_listen(&cfg->hint, -err, why) : 0;
}

int start_uplinks(const struct config *cfg, struct uplinks *list, char why[CONFIG_WHY])
{
	int err;

	memset(list, 0, sizeof(*list));
	if (!cfg->uplinks_path)
		return 0;
	err = links_read(cfg->uplinks_path, list);
	links_tell_faults(cfg->uplinks_path, list);
	if (err == 0)
		return 0;
	snprintf(why, CONFIG_WHY, "uplinks file %.160s: %s", cfg->uplinks_path,
		 err == -ENODATA ? "no line gives an uplink" : strerror(-err));
	switch (err) {
	case -ENODATA:
	case -EFBIG:
		return EX_DATAERR;
	case -EACCES:
	case -EPERM:
		return EX_NOPERM;
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
		return EX_OSERR;
	default:
		return EX_NOINPUT;
	}
}

static struct ifaces_choice choice_of(const struct config *cfg)
{
	return (struct ifaces_choice){.names = cfg->iface, .exclude = cfg->exclude};
}

int start_links(struct links *ls, const struct config *cfg, const struct uplinks *list, ustime now,
		char why[CONFIG_WHY])
{
	const struct ifaces_choice choice = choice_of(cfg);
	int err;

	if (cfg->uplinks_path)
		return links_apply(ls, list, now) ? 0 : startup_failed("links", ENOMEM, why);
	err = links_follow(ls, &choice, now);
	return err ? startup_failed("interfaces", -err, why) : 0;
}

int start_host(struct host *h, struct loop *loop, const struct config *cfg, char why[CONFIG_WHY])
{
	int err = host_init(h, loop, cfg->host, cfg->host_port, cfg->dns);

	if (err == -EINVAL) {
		snprintf(why, CONFIG_WHY, "--dns %.160s: not a list of name servers", cfg->dns);
		return EX_USAGE;
	}
	return err ? startup_failed("resolver", -err, why) : 0;
}

static int check_uplinks(const struct uplinks *list, char why[CONFIG_WHY])
{
	char name[UPLINK_NAME];
	unsigned good = 0;

	for (unsigned i = 0; i < list->count; i++) {
		int err = linksock_try(&list->id[i]);

		printf("link %s: %s\n", uplink_id_print(&list->id[i], name),
		       err ? strerror(-err) : "good");
		good += err == 0;
	}
	if (good > 0)
		return 0;
	if (list->count)
		snprintf(why, CONFIG_WHY, "none of the %u uplinks can be used now", list->count);
	else
		snprintf(why, CONFIG_WHY, "no interface that is wanted leads to the receiver now");
	return EX_UNAVAILABLE;
}

/* What the kernel tells, for one look at it. */
struct look {
	struct netlink *netlink;
	struct ifaces *ifaces;
};

static void look_hear(void *arg, const struct netlink_news *news, ustime now)
{
	struct look *look = arg;

	(void)now;
	ifaces_hear(look->ifaces, news);
}

static bool look_leads(void *arg, const struct endpoint *to, const struct endpoint *from,
		       unsigned index)
{
	const struct look *look = arg;

	return netlink_way(look->netlink, to, from, index) == 0;
}

static void print_unfit(void *arg, const struct uplink_id *id, const char *why)
{
	char name[UPLINK_NAME];

	(void)arg;
	if (why)
		printf("no link %s: %s\n", uplink_id_print(id, name), why);
}

/* Which addresses would be links; each other one with its reason. */
static int look_around(struct look *look, const struct endpoint *host, struct uplinks *list)
{
	int err;

	look->netlink = netlink_create(NULL, look_hear, look);
	if (!look->netlink || !look->ifaces)
		return look->ifaces ? -errno : -ENOMEM;
	err = netlink_list(look->netlink, 0);
	ifaces_head_for(look->ifaces, FAMILY_V4, host[FAMILY_V4].family ? &host[FAMILY_V4] : NULL);
	ifaces_head_for(look->ifaces, FAMILY_V6, host[FAMILY_V6].family ? &host[FAMILY_V6] : NULL);
	ifaces_uplinks(look->ifaces, list);
	if (err == 0)
		ifaces_each(look->ifaces, print_unfit, NULL);
	return err;
}

/* The receiver first: whether an interface leads there is part of the choice. */
static int check_interfaces(const struct config *cfg, char why[CONFIG_WHY])
{
	struct ifaces_choice choice = choice_of(cfg);
	struct endpoint host[FAMILY_V6 + 1];
	struct look look = {0};
	struct uplinks list;
	int code = lookup_first(cfg->host, cfg->dns, host, why, CONFIG_WHY);
	int err;

	if (code)
		return code;
	choice.leads = look_leads;
	choice.arg = &look;
	look.ifaces = ifaces_create(&choice);
	err = look_around(&look, host, &list);
	netlink_destroy(look.netlink);
	ifaces_destroy(look.ifaces);
	return err ? startup_failed("interfaces", -err, why) : check_uplinks(&list, why);
}

static int check_file(const struct config *cfg, char why[CONFIG_WHY])
{
	struct uplinks list;
	int code = start_uplinks(cfg, &list, why);

	if (code == 0)
		code = check_uplinks(&list, why);
	return code ? code : lookup_print(cfg->host, cfg->dns, why, CONFIG_WHY);
}

int start_check(const struct config *cfg, char why[CONFIG_WHY])
{
	struct statedir state;
	struct app app;
	struct hint hint;
	int code = start_listen(&app, cfg, why);

	if (code)
		return code;
	code = start_hint(&hint, cfg, why);
	hint_close(&hint);
	app_close(&app);
	if (code)
		return code;
	statedir_choose(&state, "srtla_send", cfg->state_dir, &cfg->listen, cfg->listen_port);
	code = statedir_check(&state, why);
	if (code == 0)
		code = cfg->uplinks_path ? check_file(cfg, why) : check_interfaces(cfg, why);
	fflush(stdout);
	return code;
}
