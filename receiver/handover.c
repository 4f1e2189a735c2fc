/* SPDX-License-Identifier: MIT */
#include "receiver/handover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/log.h"
#include "shared/io/service.h"

enum { FRONT_SOCKETS = 8, NAME = sizeof(((struct handed *)0)->name) };

#define MEDIA        "media"
#define REGISTRATION "registration"

static void name_of(uint16_t local_port, char name[NAME])
{
	snprintf(name, NAME, "group-%u", local_port);
}

static void take_in(void *arg, int fd, const char *name)
{
	struct handover *h = arg;
	struct handed *d = &h->handed[h->count];

	if (h->count == h->limit + FRONT_SOCKETS || strlen(name) >= NAME) {
		log_warn("event=descriptor_unknown name=\"%.24s\"", name);
		close(fd);
		return;
	}
	d->fd = fd;
	snprintf(d->name, NAME, "%s", name);
	h->count++;
}

bool handover_init(struct handover *h, unsigned groups)
{
	memset(h, 0, sizeof(*h));
	if (!service_there())
		return true;
	h->handed = calloc(groups + FRONT_SOCKETS, sizeof(*h->handed));
	h->port = calloc(groups, sizeof(*h->port));
	if (!h->handed || !h->port) {
		handover_finish(h);
		return false;
	}
	h->limit = groups;
	service_kept(take_in, h);
	return true;
}

static int find(const struct handover *h, const char *name)
{
	for (unsigned i = 0; i < h->count; i++) {
		if (strcmp(h->handed[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

/* The socket that was kept under this name, now the caller's, or -1. */
static int take(struct handover *h, const char *name)
{
	int at = find(h, name);
	int fd;

	if (at < 0)
		return -1;
	fd = h->handed[at].fd;
	h->handed[at] = h->handed[--h->count];
	return fd;
}

static void refuse(int fd, const char *name)
{
	if (fd < 0)
		return;
	service_drop(name);
	close(fd);
}

static bool fits(const struct front *f, const struct endpoint *at, uint16_t port)
{
	if (f->local.port != port)
		return false;
	return at->family == FAMILY_NONE ? endpoint_class(&f->local) == ENDPOINT_UNSPECIFIED
					 : endpoint_same_host(&f->local, at);
}

bool handover_open_front(struct handover *h, struct front *f, const struct endpoint *at,
			 uint16_t port)
{
	int media = take(h, MEDIA), registration = take(h, REGISTRATION);

	if (media >= 0 && front_adopt(f, media, registration) == 0) {
		if (fits(f, at, port))
			return true;
		front_close(f);
		service_drop(MEDIA);
		service_drop(REGISTRATION);
		return false;
	}
	refuse(media, MEDIA);
	refuse(registration, REGISTRATION);
	return false;
}

void handover_keep_front(const struct front *f)
{
	if (!service_there())
		return;
	service_keep(front_media_fd(f), MEDIA);
	if (front_registration_fd(f) >= 0)
		service_keep(front_registration_fd(f), REGISTRATION);
}

bool handover_adopt(struct handover *h, struct servers *ss, unsigned port, uint16_t local_port)
{
	char name[NAME];
	int fd;

	if (port > h->limit)
		return false;
	name_of(local_port, name);
	fd = take(h, name);
	if (fd >= 0 && servers_adopt(ss, port, fd)) {
		h->port[port - 1] = local_port;
		return true;
	}
	refuse(fd, name);
	return false;
}

void handover_refuse_rest(struct handover *h)
{
	while (h->count > 0) {
		h->count--;
		refuse(h->handed[h->count].fd, h->handed[h->count].name);
	}
}

void handover_follow(struct handover *h, const struct servers *ss)
{
	char name[NAME];

	for (unsigned port = 1; port <= h->limit; port++) {
		int fd = servers_fd(ss, port);
		uint16_t local = fd < 0 ? 0 : servers_local_port(ss, port);
		uint16_t *kept = &h->port[port - 1];

		if (local == *kept)
			continue;
		if (*kept) {
			name_of(*kept, name);
			service_drop(name);
			*kept = 0;
		}
		if (!local)
			continue;
		name_of(local, name);
		if (service_keep(fd, name))
			*kept = local;
	}
}

void handover_finish(struct handover *h)
{
	for (unsigned i = 0; i < h->count; i++)
		close(h->handed[i].fd);
	free(h->handed);
	free(h->port);
	memset(h, 0, sizeof(*h));
}
