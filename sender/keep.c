/* SPDX-License-Identifier: MIT */
#include "sender/keep.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "shared/io/log.h"
#include "shared/io/statefile.h"

#define SOON     MSEC(20)  /* what a registration and a handshake change goes into one write */
#define BETWEEN  MSEC(250) /* writes, at least */
#define AGAIN    SEC(1)    /* after one that failed */
#define REFRESH  SEC(60)   /* the file says when its writer was last alive */
#define PATIENCE SEC(300)  /* for who is away longer, no receiver keeps a group */

static bool path_of(const struct keep *k, char path[PATH_MAX])
{
	return statedir_file(&k->dir, "session", "", path);
}

/* Why the life before, as far as this text tells, is of no use; NULL when it is. */
static const char *judge(struct keep *k, char *text, usspan since_boot, bool *harmless)
{
	char *end = strchr(text, '\n');
	usspan age;

	*harmless = false;
	if (!end)
		return "not a file of a session";
	*end = '\0';
	switch (stateword_read_title(text, SESSIONFILE_TITLE, k->boot, since_boot, &age)) {
	case STATEWORD_FOREIGN:
		return "not a file of a session";
	case STATEWORD_OLD:
		age = NEVER;
		break;
	case STATEWORD_GOOD:
		break;
	}
	*harmless = age > PATIENCE + REFRESH;
	if (*harmless)
		return "too old";
	if (!sessionfile_read(end + 1, &k->before))
		return "malformed";
	*harmless = true;
	if (strcmp(k->before.host, k->cfg->host) != 0 || k->before.host_port != k->cfg->host_port)
		return "of another receiver";
	return NULL;
}

static void read_before(struct keep *k, ustime since_boot)
{
	static char text[STATEWORD_TITLE + SESSIONFILE];
	char path[PATH_MAX];
	const char *why;
	bool harmless = false;
	long len;

	if (!path_of(k, path))
		return;
	len = statefile_read(path, text, sizeof(text));
	if (len == -ENOENT)
		return;
	if (len == -EPERM)
		why = "others may read it";
	else if (len < 0)
		why = strerror((int)-len);
	else if (memchr(text, '\0', (size_t)len))
		why = "not a file of a session";
	else
		why = judge(k, text, since_boot, &harmless);
	k->found = !why;
	if (!why)
		log_info("event=state_read file=\"%s\" links=%u", path, k->before.count);
	else if (harmless)
		log_info("event=state_unused file=\"%s\" why=\"%s\"", path, why);
	else
		log_warn("event=state_unread file=\"%s\" why=\"%s\"", path, why);
}

int keep_open(struct keep *k, const struct config *cfg, char why[CONFIG_WHY])
{
	int code;

	memset(k, 0, sizeof(*k));
	k->cfg = cfg;
	k->due = NEVER;
	statedir_choose(&k->dir, "srtla_send", cfg->state_dir, &cfg->listen, cfg->listen_port);
	code = statedir_open(&k->dir, why);
	if (code)
		return code;
	boot_id(k->boot);
	read_before(k, boot_now());
	return 0;
}

const struct sender_record *keep_record(const struct keep *k)
{
	return k->found ? &k->before.record : NULL;
}

void keep_follow(struct keep *k, struct sender *s, const struct host *h, const struct links *ls)
{
	k->sender = s;
	k->host = h;
	k->links = ls;
}

/* What there is to say now; 0 when there is no group to go on in. */
static size_t compose(const struct keep *k, char text[SESSIONFILE])
{
	struct sessionfile f = {.host_port = k->cfg->host_port};

	sender_save(k->sender, &f.record);
	if (!f.record.whole)
		return 0;
	snprintf(f.host, sizeof(f.host), "%s", k->cfg->host);
	for (unsigned family = FAMILY_V4; family <= FAMILY_V6; family++) {
		const struct endpoint *at = host_address(k->host, (enum family)family);

		if (at)
			f.address[family] = *at;
	}
	for (unsigned i = 0; i < k->links->count; i++) {
		const struct uplink *u = k->links->uplink[i];

		if (u->local_port == 0)
			continue;
		f.link[f.count].id = u->id;
		f.link[f.count++].port = u->local_port;
	}
	return sessionfile_print(&f, text);
}

static int write_file(struct keep *k, const char *path)
{
	static char whole[STATEWORD_TITLE + SESSIONFILE];
	size_t len = stateword_title(SESSIONFILE_TITLE, k->boot, boot_now(), whole);

	memcpy(whole + len, k->text, k->len);
	return statefile_replace(path, whole, len + k->len, 0600);
}

/* One line for as long as it lasts. */
static void tell_trouble(struct keep *k, const char *path, int err)
{
	if (err && !k->failing)
		log_warn("event=state_unwritten file=\"%s\" why=\"%s\"", path, strerror(-err));
	if (!err && k->failing)
		log_info("event=state_written file=\"%s\"", path);
	k->failing = err != 0;
}

static void write_now(struct keep *k, bool refresh, ustime now)
{
	static char text[SESSIONFILE];
	char path[PATH_MAX];
	size_t len;
	int err;

	k->due = k->written ? k->written + REFRESH : NEVER;
	if (!path_of(k, path))
		return;
	len = compose(k, text);
	if (len == 0 || (!refresh && !k->failing && len == k->len && !memcmp(text, k->text, len)))
		return;
	k->len = len;
	memcpy(k->text, text, len);
	err = write_file(k, path);
	tell_trouble(k, path, err);
	k->after = now + (err ? AGAIN : BETWEEN);
	k->written = now;
	k->due = err ? k->after : now + REFRESH;
}

void keep_touch(struct keep *k, ustime now)
{
	if (k->sender)
		k->due = earlier(k->due, later(now + SOON, k->after));
}

void keep_run(struct keep *k, ustime now)
{
	if (now >= k->due)
		write_now(k, k->written && now >= k->written + REFRESH, now);
}

ustime keep_deadline(const struct keep *k)
{
	return k->due;
}

void keep_end(struct keep *k, ustime now)
{
	if (k->sender)
		write_now(k, true, now);
}
