/* SPDX-License-Identifier: MIT */
#include "receiver/keylist.h"

#include <string.h>

#include "receiver/start.h"
#include "shared/io/log.h"
#include "shared/io/startup.h"

#define RELOAD_GAP MSEC(100) /* a storm of signals costs ten readings a second */

static void tell(const struct keylist *kl)
{
	size_t keys = keys_count(kl->file.keys);

	if (keys == 0)
		log_warn("event=stream_keys keys=0 bad_lines=%u why=\"nobody is let in\"",
			 kl->file.bad);
	else
		log_info("event=stream_keys keys=%zu servers=%u bad_lines=%u", keys,
			 keyfile_servers(&kl->file), kl->file.bad);
}

int keylist_open(struct keylist *kl, const char *path, char why[CONFIG_WHY])
{
	int code, err;

	memset(kl, 0, sizeof(*kl));
	kl->due = NEVER;
	if (!path)
		return 0;
	err = start_draw_key(&kl->key);
	if (err)
		return startup_failed("getrandom", -err, why);
	code = keyfile_read(&kl->file, NULL, path, &kl->key, why);
	if (code)
		return code;
	kl->path = path;
	tell(kl);
	return 0;
}

void keylist_close(struct keylist *kl)
{
	keyfile_finish(&kl->file);
	kl->path = NULL;
}

void keylist_start(struct keylist *kl, struct receiver *r, struct hosts *hs, unsigned groups,
		   ustime now)
{
	kl->receiver = r;
	kl->hosts = hs;
	kl->groups = groups;
	kl->read = now;
	if (!kl->path)
		return;
	receiver_set_keys(r, kl->file.keys);
	hosts_match(hs, &kl->file, now);
}

void keylist_changed(struct keylist *kl, ustime now)
{
	if (kl->path && kl->due == NEVER)
		kl->due = later(now, kl->read + RELOAD_GAP);
}

/* Streams go on when no key names their server any more; once they have ended, it may go. */
static void forget_unused(struct keylist *kl)
{
	bool used[HOSTS_MOST] = {false};

	for (unsigned port = 1; port <= kl->groups; port++) {
		unsigned number = receiver_group_server(kl->receiver, port);

		if (number < HOSTS_MOST)
			used[number] = true;
	}
	for (unsigned i = 0; i < KEYFILE_SERVERS; i++) {
		if (!kl->file.server[i].listed && !used[i + 1])
			memset(&kl->file.server[i], 0, sizeof(kl->file.server[i]));
	}
}

void keylist_run(struct keylist *kl, ustime now)
{
	struct keyfile next;
	char why[CONFIG_WHY];

	if (now < kl->due)
		return;
	kl->due = NEVER;
	kl->read = now;
	forget_unused(kl);
	if (keyfile_read(&next, &kl->file, kl->path, &kl->key, why) != 0) {
		log_warn("event=stream_keys_kept keys=%zu why=\"%s\"", keys_count(kl->file.keys),
			 why);
	} else {
		receiver_set_keys(kl->receiver, next.keys);
		keyfile_finish(&kl->file);
		kl->file = next;
		tell(kl);
	}
	hosts_match(kl->hosts, &kl->file, now);
}

ustime keylist_deadline(const struct keylist *kl)
{
	return kl->due;
}
