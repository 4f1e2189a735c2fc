/* SPDX-License-Identifier: MIT */
#include "receiver/hosts.h"

#include <string.h>

#include "shared/io/log.h"

void hosts_init(struct hosts *hs, struct loop *loop, const char *dns)
{
	hs->loop = loop;
	hs->dns = dns;
	hs->used = 1;
}

static void vacate(struct host *h)
{
	if (h->name)
		host_finish(h);
	memset(h, 0, sizeof(*h));
}

void hosts_finish(struct hosts *hs)
{
	for (unsigned i = 0; i < HOSTS_MOST; i++)
		vacate(&hs->host[i]);
	hs->used = 0;
}

static bool is(const struct host *h, const struct keyfile_server *s)
{
	return h->name && strcmp(h->name, s->host) == 0 && h->port == s->port;
}

static void occupy(struct hosts *hs, unsigned i, const struct keyfile_server *s, ustime now)
{
	struct host *h = &hs->host[i];
	int err;

	memcpy(hs->name[i], s->host, sizeof(hs->name[i]));
	err = host_init(h, hs->loop, hs->name[i], s->port, hs->dns);
	if (err) {
		log_warn("event=host_unknown host=%s why=\"%s\"", s->host, strerror(-err));
		memset(h, 0, sizeof(*h));
		return;
	}
	h->moved = hs->host[0].moved;
	h->arg = hs->host[0].arg;
	host_run(h, now);
}

void hosts_match(struct hosts *hs, const struct keyfile *kf, ustime now)
{
	hs->used = 1;
	for (unsigned i = 1; i < HOSTS_MOST; i++) {
		const struct keyfile_server *s = &kf->server[i - 1];

		if (s->host[0])
			hs->used = i + 1;
		if (is(&hs->host[i], s))
			continue;
		vacate(&hs->host[i]);
		if (s->host[0])
			occupy(hs, i, s, now);
	}
}

void hosts_run(struct hosts *hs, ustime now)
{
	for (unsigned i = 0; i < hs->used; i++) {
		if (hs->host[i].name)
			host_run(&hs->host[i], now);
	}
}

ustime hosts_deadline(const struct hosts *hs, ustime now)
{
	ustime due = NEVER;

	for (unsigned i = 0; i < hs->used; i++) {
		if (hs->host[i].name)
			due = earlier(due, host_deadline(&hs->host[i], now));
	}
	return due;
}
