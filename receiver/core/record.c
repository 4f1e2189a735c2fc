/* SPDX-License-Identifier: MIT */
#include "receiver/core/record.h"

#include <string.h>

#include "receiver/core/state.h"

uint64_t receiver_changes(const struct receiver *r)
{
	return r->changes;
}

static void record_members(const struct receiver *r, const struct group *g,
			   struct receiver_record *rec)
{
	for (unsigned i = 0; i < r->cfg.members; i++) {
		const struct member *m = &g->members[i];

		if (!m->group)
			continue;
		rec->member[rec->count] = m->who;
		rec->local[rec->count] = m->local;
		rec->count++;
	}
}

bool receiver_record(const struct receiver *r, unsigned port, struct receiver_record *rec)
{
	const struct group *g = registry_port(&r->registry, port);

	if (!g)
		return false;
	*rec = (struct receiver_record){
		.port = port,
		.origin = g->id.origin,
		.plain = g->plain,
		.proved = g->proved,
		.own_peer = g->own_peer,
		.server = g->server,
		.caller_id = g->session.caller_id,
		.server_id = g->session.server_id,
		.latency = g->session.latency,
		.stream_mark = receiver_stream_mark(r, g),
		.timed = g->playout.known,
		.timestamp = g->playout.stamp,
		.stamped = g->playout.at + g->playout.drift + r->enrol.boot_ahead,
	};
	memcpy(rec->mark, g->id.mark, sizeof(rec->mark));
	record_members(r, g, rec);
	return true;
}

/*
 * Timestamps wrap after 71.6 minutes, and are read as near the last one: that one is moved
 * on to now, however long nobody was here to follow it.
 */
static void resume_clock(struct group *g, const struct receiver_record *rec, ustime since_boot,
			 ustime now)
{
	usspan passed = since_boot > rec->stamped ? since_boot - rec->stamped : 0;

	g->playout.latency = MSEC(rec->latency);
	if (rec->timed)
		playout_resume(&g->playout, rec->timestamp + (uint32_t)passed,
			       now - since_boot + rec->stamped + passed);
}

static void restore_session(struct group *g, const struct receiver_record *rec)
{
	g->session.caller_id = rec->caller_id;
	g->session.server_id = rec->server_id;
	g->session.latency = rec->latency;
	g->session.timestamp = rec->timestamp;
	g->stream_mark = rec->stream_mark;
	g->plain = rec->plain;
	g->proved = rec->proved;
	g->own_peer = rec->own_peer;
	g->server = rec->server;
}

/*
 * A member has all the patience of one that was heard just now: it could not know that
 * nobody listened.
 */
static void restore_members(struct receiver *r, struct group *g, const struct receiver_record *rec,
			    ustime now)
{
	for (unsigned i = 0; i < rec->count && i < RECEIVER_MEMBERS; i++) {
		struct member *m;

		if (registry_member(&r->registry, &rec->member[i]))
			continue;
		m = registry_add(&r->registry, g, &rec->member[i]);
		if (!m)
			return;
		member_restored(m, now);
		m->local = rec->local[i];
	}
}

unsigned receiver_restore(struct receiver *r, const struct receiver_record *rec, ustime now,
			  struct outbox *out)
{
	struct group_id id = {.origin = rec->origin};
	struct note n = {.kind = RECEIVER_GROUP_RESTORED, .at = now, .who = rec->origin};
	struct group *g;

	memcpy(id.mark, rec->mark, sizeof(id.mark));
	if (registry_group(&r->registry, &id))
		return 0;
	registry_prefer(&r->registry, rec->port);
	g = registry_open(&r->registry, &id, now);
	if (!g)
		return 0;
	restore_session(g, rec);
	g->session_at = now;
	resume_clock(g, rec, now + r->enrol.boot_ahead, now);
	restore_members(r, g, rec, now);
	if (!g->proved)
		tenure_begin(&r->tenure, g);
	r->changes++;
	n.port = g->port;
	n.number = g->count;
	outbox_note(out, &n);
	return g->port;
}
