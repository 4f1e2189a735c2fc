/* SPDX-License-Identifier: MIT */
#include "receiver/outlet.h"

#include <errno.h>

#include "receiver/notes.h"

enum {
	SENDS_EACH = 2, /* to servers in a turn, for each datagram that it brought: backlogs end */
	SENDS = SENDS_EACH * FRONT_READS, /* or so many, as if it had brought all that it may */
	SHED = FRONT_READS, /* waiting packets that go at once when they are short */
};

/*
 * The group on this port has gone: nothing that is for it may reach the next
 * one that gets the port.
 */
static void forget_group(struct outlet *o, unsigned port)
{
	struct outbox *out = &o->door->out;
	size_t n;

	servers_close(o->servers, port);
	o->servers->stale += turnstile_forget(&o->turnstile, port);
	for (n = out->packets.count; n > 0; n--) {
		struct pkt *p = outbox_take(out);

		if (p->port != port) {
			outbox_put(out, p->port, p);
			continue;
		}
		o->servers->stale++;
		pkt_free(p);
	}
}

static void tell_notes(struct outlet *o)
{
	struct outbox *out = &o->door->out;
	unsigned i;

	for (i = 0; i < out->note_count; i++) {
		note_log(&out->notes[i]);
		if (out->notes[i].kind == RECEIVER_GROUP_GONE)
			forget_group(o, out->notes[i].port);
	}
	outbox_clear_notes(out);
}

/* Found no room in front of the turnstile: the core forgets that it has passed. */
static void give_back(struct outlet *o, struct pkt *p, ustime now)
{
	if (p)
		receiver_server_error(o->door->receiver, p->port, p, ENOBUFS, now, &o->door->out);
}

/* What waits must not keep the rest from being heard. */
static void keep_reserve(struct outlet *o, ustime now)
{
	const struct pkt_pool *pool = &o->door->pool;
	struct pkt_list shed = {0};

	if (pool->size - pool->in_use >= OUTLET_RESERVE)
		return;
	turnstile_shed(&o->turnstile, SHED, &shed);
	while (shed.count > 0)
		give_back(o, pkt_list_pop(&shed), now);
}

/*
 * What is for a server waits for its group's turn, under the serial that says which group that
 * is, though the port may be another's by then.
 */
static void sort_packets(struct outlet *o, ustime now)
{
	struct pkt *p;

	while ((p = outbox_take(&o->door->out)) != NULL) {
		uint32_t serial;

		if (p->port == 0) {
			front_send(o->front, p);
			continue;
		}
		serial = receiver_group_serial(o->door->receiver, p->port);
		if (serial != 0) {
			give_back(o, turnstile_put(&o->turnstile, serial, p), now);
			continue;
		}
		o->servers->stale++;
		pkt_free(p);
	}
	if (front_waiting(o->front) >= DOOR_FULL)
		front_flush(o->front);
	keep_reserve(o, now);
}

/* So many packets at the most, each group in its turn. */
static void send_packets(struct outlet *o, size_t most, ustime now)
{
	uint32_t serial;
	struct pkt *p;

	while (most-- > 0 && (p = turnstile_take(&o->turnstile, &serial)) != NULL)
		servers_put(o->servers, serial, p);
	servers_flush(o->servers, now);
}

/* What the core has told and put out so far. */
static void settle(void *arg, ustime now)
{
	struct outlet *o = arg;

	tell_notes(o);
	sort_packets(o, now);
	tell_notes(o);
}

bool outlet_init(struct outlet *o, struct door *door, struct front *front, struct servers *servers,
		 unsigned groups)
{
	o->door = door;
	o->front = front;
	o->servers = servers;
	door->settle = settle;
	door->arg = o;
	return turnstile_init(&o->turnstile, groups);
}

void outlet_finish(struct outlet *o)
{
	turnstile_finish(&o->turnstile);
}

/* Answers go first: what they wait for here, a member takes for its way. */
static void send_all(struct outlet *o, size_t most, ustime now)
{
	settle(o, now);
	front_flush(o->front);
	send_packets(o, most, now);
	settle(o, now);
	front_flush(o->front);
}

void outlet_flush(struct outlet *o, ustime now)
{
	uint64_t came = o->front->packets_in - o->brought;

	o->brought = o->front->packets_in;
	send_all(o, came * SENDS_EACH > SENDS ? came * SENDS_EACH : SENDS, now);
}

void outlet_drain(struct outlet *o, ustime now)
{
	send_all(o, SIZE_MAX, now);
}

bool outlet_waits(const struct outlet *o)
{
	return o->turnstile.count > 0;
}
