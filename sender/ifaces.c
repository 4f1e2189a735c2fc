/* SPDX-License-Identifier: MIT */
#include "sender/ifaces_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

struct ifaces *ifaces_create(const struct ifaces_choice *choice)
{
	struct ifaces *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->choice = *choice;
	f->names = choice->names ? strdup(choice->names) : NULL;
	f->exclude = choice->exclude ? strdup(choice->exclude) : NULL;
	if ((choice->names && !f->names) || (choice->exclude && !f->exclude)) {
		ifaces_destroy(f);
		return NULL;
	}
	return f;
}

void ifaces_destroy(struct ifaces *f)
{
	if (!f)
		return;
	free(f->names);
	free(f->exclude);
	free(f->iface);
	free(f->address);
	free(f);
}

void ifaces_head_for(struct ifaces *f, enum family family, const struct endpoint *host)
{
	f->host[family] = host ? *host : (struct endpoint){0};
}

/* The place of the first interface with this index, or a greater one. */
static unsigned place_of(const struct ifaces *f, unsigned index)
{
	unsigned low = 0, high = f->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (f->iface[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct iface *iface_find(const struct ifaces *f, unsigned index)
{
	unsigned at = place_of(f, index);

	return at < f->count && f->iface[at].index == index ? &f->iface[at] : NULL;
}

/* Makes room for one more of `size` bytes; false when memory is short. */
static bool grow(void **array, unsigned count, unsigned *room, size_t size)
{
	unsigned more = *room ? 2 * *room : FIRST_ROOM;
	void *larger;

	if (count < *room)
		return true;
	larger = realloc(*array, more * size);
	if (!larger)
		return false;
	*array = larger;
	*room = more;
	return true;
}

static void forget_addresses(struct ifaces *f, unsigned index)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < f->addresses; i++) {
		if (f->address[i].index != index)
			f->address[kept++] = f->address[i];
	}
	f->addresses = kept;
}

void ifaces_doubt(struct ifaces *f)
{
	for (unsigned i = 0; i < f->count; i++)
		f->iface[i].doubtful = true;
	for (unsigned i = 0; i < f->addresses; i++)
		f->address[i].doubtful = true;
}

void ifaces_forget_doubtful(struct ifaces *f)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < f->count; i++) {
		if (!f->iface[i].doubtful)
			f->iface[kept++] = f->iface[i];
	}
	f->count = kept;
	kept = 0;
	for (unsigned i = 0; i < f->addresses; i++) {
		if (!f->address[i].doubtful)
			f->address[kept++] = f->address[i];
	}
	f->addresses = kept;
}

static bool interface_gone(struct ifaces *f, unsigned index)
{
	unsigned at = place_of(f, index);

	if (!iface_find(f, index))
		return false;
	memmove(&f->iface[at], &f->iface[at + 1], (--f->count - at) * sizeof(f->iface[0]));
	forget_addresses(f, index);
	return true;
}

static bool interface_is(struct ifaces *f, const struct netlink_news *news)
{
	unsigned at = place_of(f, news->index);
	struct iface now = {.index = news->index,
			    .loopback = news->loopback,
			    .up = news->up,
			    .carrier = news->carrier};
	struct iface *known;

	memcpy(now.device, news->device, sizeof(now.device));
	if (iface_find(f, news->index)) {
		known = &f->iface[at];
		known->doubtful = false;
		if (known->up == now.up && known->carrier == now.carrier &&
		    strcmp(known->device, now.device) == 0)
			return false;
		*known = now;
		return true;
	}
	if (!grow((void **)&f->iface, f->count, &f->room, sizeof(f->iface[0])))
		return false;
	memmove(&f->iface[at + 1], &f->iface[at], (f->count++ - at) * sizeof(f->iface[0]));
	f->iface[at] = now;
	return true;
}

static struct iface_address *find_address(const struct ifaces *f, unsigned index,
					  const struct endpoint *ep)
{
	for (unsigned i = 0; i < f->addresses; i++) {
		if (f->address[i].index == index && endpoint_equal(&f->address[i].ep, ep))
			return &f->address[i];
	}
	return NULL;
}

static bool address_gone(struct ifaces *f, const struct netlink_news *news)
{
	struct iface_address *a = find_address(f, news->index, &news->address);

	if (!a)
		return false;
	memmove(a, a + 1, (size_t)(f->address + --f->addresses - a) * sizeof(*a));
	return true;
}

static bool comes_after(const struct iface_address *a, const struct iface_address *b)
{
	return a->index != b->index ? a->index > b->index : a->ep.family > b->ep.family;
}

static bool address_is(struct ifaces *f, const struct netlink_news *news)
{
	struct iface_address *a = find_address(f, news->index, &news->address);
	struct iface_address now = {.index = news->index,
				    .ep = news->address,
				    .tentative = news->tentative,
				    .duplicate = news->duplicate,
				    .deprecated = news->deprecated,
				    .temporary = news->temporary,
				    .why = "not looked at yet"};
	unsigned at;

	if (a) {
		bool same = a->tentative == now.tentative && a->duplicate == now.duplicate &&
			    a->deprecated == now.deprecated && a->temporary == now.temporary;

		now.chosen = a->chosen;
		now.why = a->why;
		*a = now;
		return !same;
	}
	if (!grow((void **)&f->address, f->addresses, &f->address_room, sizeof(now)))
		return false;
	for (at = f->addresses++; at > 0 && comes_after(&f->address[at - 1], &now); at--)
		f->address[at] = f->address[at - 1];
	f->address[at] = now;
	return true;
}

bool ifaces_hear(struct ifaces *f, const struct netlink_news *news)
{
	switch (news->what) {
	case NETLINK_INTERFACE:
		return news->gone ? interface_gone(f, news->index) : interface_is(f, news);
	case NETLINK_ADDRESS:
		return news->gone ? address_gone(f, news) : address_is(f, news);
	case NETLINK_ROUTES:
		return !f->names; /* who is named need not lead anywhere now */
	case NETLINK_MISSED:
		break;
	}
	return true;
}

static void id_of(const struct iface *i, const struct iface_address *a, struct uplink_id *id)
{
	static_assert(sizeof(id->device) == sizeof(i->device), "the kernel's length");
	memcpy(id->device, i->device, sizeof(id->device));
	id->local = a->ep;
}

void ifaces_uplinks(struct ifaces *f, struct uplinks *up)
{
	static const struct sender_terms usual;
	struct uplink_id id;

	memset(up, 0, sizeof(*up));
	ifaces_judge(f);
	for (unsigned i = 0; i < f->addresses; i++) {
		if (!f->address[i].chosen)
			continue;
		id_of(iface_find(f, f->address[i].index), &f->address[i], &id);
		up->surplus += !uplinks_add(up, &id, &usual);
	}
}

const char *ifaces_unfit(const struct ifaces *f, unsigned index, const struct endpoint *address)
{
	const struct iface_address *a = find_address(f, index, address);

	return a ? a->why : "not an address of this interface";
}

bool ifaces_has(const struct ifaces *f, const struct uplink_id *id)
{
	for (unsigned i = 0; i < f->addresses; i++) {
		const struct iface_address *a = &f->address[i];
		const struct iface *at = iface_find(f, a->index);

		if (at && endpoint_equal(&a->ep, &id->local) && strcmp(at->device, id->device) == 0)
			return !a->tentative && !a->duplicate;
	}
	return false;
}

void ifaces_each(const struct ifaces *f,
		 void (*fn)(void *arg, const struct uplink_id *id, const char *why), void *arg)
{
	for (unsigned i = 0; i < f->addresses; i++) {
		const struct iface *at = iface_find(f, f->address[i].index);
		struct uplink_id id;

		if (!at)
			continue;
		id_of(at, &f->address[i], &id);
		fn(arg, &id, f->address[i].why);
	}
}
