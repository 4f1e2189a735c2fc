/* SPDX-License-Identifier: MIT */
#include "receiver/keep.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "receiver/groupline.h"
#include "shared/io/log.h"
#include "shared/io/startup.h"
#include "shared/io/statefile.h"
#include "shared/io/stateword.h"

#define SOON    MSEC(20)  /* what a registration and a handshake change goes into one write */
#define BETWEEN MSEC(100) /* writes, at least; */
#define AGAIN   SEC(1)    /* after one that failed, at least */
#define SLICE   MSEC(2)   /* between two parts of composing it */

enum {
	SHARE = 20, /* of the time, one part may go into writing */
	SLICE_GROUPS = 32, /* some 3 ms at the worst, of 64 members each */
};

static ustime clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return SEC(ts.tv_sec) + ts.tv_nsec / 1000;
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

int keep_open(struct keep *k, const struct config *cfg, char why[CONFIG_WHY])
{
	uint8_t boot[BOOT_ID];
	int code, err;

	memset(k, 0, sizeof(*k));
	k->due = NEVER;
	k->patience = cfg->group_timeout;
	statedir_choose(&k->dir, "srtla_rec", cfg->state_dir, &cfg->bind, cfg->listen_port);
	code = statedir_open(&k->dir, why);
	if (code)
		return code;
	boot_id(boot);
	err = cookiekeys_load(&k->keys, &k->dir, boot);
	if (err)
		return startup_failed("getrandom", -err, why);
	tell_trouble(k, k->dir.path, cookiekeys_save(&k->keys, &k->dir));
	return 0;
}

void keep_close(struct keep *k)
{
	free(k->port);
	free(k->text);
	k->port = NULL;
	k->text = NULL;
	k->receiver = NULL;
}

/* Room for so many bytes more. */
static bool make_room(struct keep *k, size_t more)
{
	size_t room = k->room ? k->room : 65536;
	char *text;

	while (room - k->len < more)
		room *= 2;
	if (room == k->room)
		return true;
	text = realloc(k->text, room);
	if (!text)
		return false;
	k->text = text;
	k->room = room;
	return true;
}

static bool begin(struct keep *k, ustime now)
{
	k->len = 0;
	k->took = 0;
	k->groups = 0;
	k->seen = k->composed = receiver_changes(k->receiver);
	if (!make_room(k, STATEWORD_TITLE))
		return false;
	k->len = stateword_title(KEEP_TITLE, k->keys.boot_id, now + k->boot_ahead, k->text);
	k->next = 1;
	return true;
}

static bool add_group(struct keep *k, unsigned port)
{
	uint16_t local = servers_local_port(k->servers, port);
	struct receiver_record rec;

	k->port[port - 1] = local;
	if (!receiver_record(k->receiver, port, &rec))
		return true;
	if (!make_room(k, GROUPLINE + 1))
		return false;
	k->len += groupline_print(&rec, local, k->text + k->len);
	k->text[k->len++] = '\n';
	k->groups++;
	return true;
}

/*
 * Some more groups; k->next is past the last one when that was all.  Many groups are
 * spread over several turns, as each line stands for itself.  False when memory is short.
 */
static bool compose(struct keep *k, unsigned most, ustime now)
{
	if (k->next == 0 && !begin(k, now))
		return false;
	for (; most > 0 && k->next <= k->servers->limit; k->next++) {
		unsigned before = k->groups;

		if (!add_group(k, k->next))
			return false;
		most -= k->groups - before;
	}
	return true;
}

/* 0 or -errno; 1 when there is more to compose first. */
static int write_some(struct keep *k, const char *path, unsigned most, ustime now)
{
	int err;

	if (!compose(k, most, now))
		return -ENOMEM;
	if (k->next <= k->servers->limit)
		return 1;
	err = cookiekeys_save(&k->keys, &k->dir);
	return err ? err : statefile_replace(path, k->text, k->len, 0600);
}

static void write_now(struct keep *k, unsigned most, ustime now)
{
	ustime began = clock_now();
	char path[PATH_MAX];
	int err;

	k->due = NEVER;
	if (!statedir_file(&k->dir, "groups", "", path))
		return;
	err = write_some(k, path, most, now);
	k->took += clock_now() - began;
	if (err > 0) {
		k->due = now + SLICE;
		return;
	}
	k->next = 0;
	tell_trouble(k, path, err);
	k->after = now + later(err ? AGAIN : BETWEEN, SHARE * k->took);
	if (err || receiver_changes(k->receiver) != k->composed)
		k->due = k->after;
	else if (k->groups > 0)
		k->due = now + KEEP_REFRESH;
}

void keep_look(struct keep *k, ustime now)
{
	uint64_t changes;

	if (!k->receiver)
		return;
	changes = receiver_changes(k->receiver);
	if (changes == k->seen)
		return;
	k->seen = changes;
	k->due = earlier(k->due, later(now + SOON, k->after));
}

void keep_tick(struct keep *k, usspan boot_ahead, ustime now)
{
	k->boot_ahead = boot_ahead;
	if (!k->receiver)
		return;
	handover_follow(k->handover, k->servers);
	for (unsigned port = 1; port <= k->servers->limit; port++) {
		if (receiver_group_serial(k->receiver, port) != 0 &&
		    servers_local_port(k->servers, port) != k->port[port - 1]) {
			k->due = earlier(k->due, later(now, k->after));
			return;
		}
	}
}

void keep_run(struct keep *k, ustime now)
{
	if (now < k->due)
		return;
	write_now(k, SLICE_GROUPS, now);
	handover_follow(k->handover, k->servers);
}

ustime keep_deadline(const struct keep *k)
{
	return k->due;
}

void keep_end(struct keep *k, ustime now)
{
	if (!k->receiver || receiver_changes(k->receiver) == 0)
		return;
	k->next = 0;
	write_now(k, UINT_MAX, now);
	handover_follow(k->handover, k->servers);
}

bool keep_restore(struct keep *k, struct receiver *r, struct servers *ss, struct handover *h,
		  usspan boot_ahead, ustime now, struct outbox *out)
{
	char path[PATH_MAX];

	k->port = calloc(ss->limit, sizeof(*k->port));
	if (!k->port)
		return false;
	k->receiver = r;
	k->servers = ss;
	k->handover = h;
	k->boot_ahead = boot_ahead;
	if (statedir_file(&k->dir, "groups", "", path))
		keep_read(k, path, now, out);
	handover_refuse_rest(h);
	keep_look(k, now);
	return true;
}
