/* SPDX-License-Identifier: MIT */
#include "sender/outlet.h"

#include <assert.h>

#include "sender/notes.h"

enum { SENDS_A_TURN = 4 * DOOR_PACKETS }; /* refused packets come round again; not for ever */

/* Everything that changes who is up comes by here. */
static void tell_notes(struct outlet *o, ustime now)
{
	struct outbox *out = &o->door->out;
	unsigned i;

	for (i = 0; i < out->note_count; i++) {
		const struct note *n = &out->notes[i];
		const struct uplink *u = links_by_port(o->links, n->port);

		note_log(n, u ? u->name : NULL);
		if (n->kind == SENDER_LINK_UP)
			host_links_live(o->host);
		else if (n->kind == SENDER_NO_LINKS || n->kind == SENDER_NEVER_JOINED)
			host_links_dead(o->host, now);
	}
	if (out->note_count > 0)
		keep_touch(o->keep, now);
	outbox_clear_notes(out);
}

static_assert(SENDER_LINKS <= 64, "a bit for each link");

/*
 * So many packets at the most, each to the socket by which it leaves; returns how many, and in
 * `links` a bit for each link that has some, from port 1 on.
 */
static unsigned sort_packets(struct outlet *o, unsigned most, uint64_t *links)
{
	struct pkt *p;
	unsigned n;

	for (n = 0; n < most && (p = outbox_take(&o->door->out)) != NULL; n++) {
		struct uplink *u = links_by_port(o->links, p->port);

		if (p->port == 0) {
			app_put(o->app, p);
		} else if (u) {
			uplink_put(u, p);
			*links |= UINT64_C(1) << (u->port - 1);
		} else {
			o->door->homeless++;
			pkt_free(p);
		}
	}
	return n;
}

/* A refusal goes back into the core, which may put the packet on another link. */
static void send_packets(struct outlet *o, ustime now)
{
	unsigned left = SENDS_A_TURN;

	while (left > 0 && o->door->out.packets.count > 0) {
		uint64_t links = 0;

		left -= sort_packets(o, left, &links);
		app_flush(o->app);
		for (unsigned port = 1; links != 0; port++, links >>= 1) {
			if (links & 1)
				uplink_flush(links_by_port(o->links, port), now);
		}
	}
}

/* Links that want another socket get it now, and say at once what they have to say. */
static void reopen(struct outlet *o, ustime now)
{
	unsigned port, n;

	for (n = 0; n < SENDER_LINKS && (port = sender_next_reopen(o->door->sender)) != 0; n++) {
		struct uplink *u = links_by_port(o->links, port);

		if (u)
			uplink_reopen(u, now);
	}
}

void outlet_flush(struct outlet *o, ustime now)
{
	tell_notes(o, now);
	send_packets(o, now);
	reopen(o, now);
	send_packets(o, now);
	tell_notes(o, now);
}
