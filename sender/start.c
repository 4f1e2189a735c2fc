/* SPDX-License-Identifier: MIT */
#include "sender/start.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "sender/links.h"
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
	int err = links_read(cfg->uplinks_path, list);

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
	snprintf(why, CONFIG_WHY, "none of the %u uplinks can be used now", list->count);
	return EX_UNAVAILABLE;
}

int start_check(const struct config *cfg, char why[CONFIG_WHY])
{
	struct statedir state;
	struct uplinks list;
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
	code = start_uplinks(cfg, &list, why);
	statedir_choose(&state, "srtla_send", cfg->state_dir, &cfg->listen, cfg->listen_port);
	if (code == 0)
		code = statedir_check(&state, why);
	if (code == 0)
		code = check_uplinks(&list, why);
	if (code == 0)
		code = lookup_print(cfg->host, cfg->dns, why, CONFIG_WHY);
	fflush(stdout);
	return code;
}
