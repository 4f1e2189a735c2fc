/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_RECEIVER_REPORT_RIG_H
#define TESTS_UNIT_RECEIVER_REPORT_RIG_H

#include "shell_rig.h"

#include "receiver/history.h"

/*
 * Groups that came back after a restart, with members that this test plays past all sockets and in
 * a time of its own: what reports then tell of them.
 */
static ustime clock_now;

enum { CREDIT = 258 }; /* bytes that a member is taken to have sent when it comes back */

static inline int set_up(void **state)
{
	open_server(state);
	begin("--http off --control-socket off --group-files off --max-members 64 "
	      "5000 127.0.0.1 1");
	clock_now = loop_now(shell.door.loop);
	return 0;
}

/* The i-th member of every group of this mark. */
static inline struct endpoint member_at(unsigned mark, unsigned i)
{
	struct endpoint ep;

	assert_true(endpoint_parse("192.0.2.0", &ep));
	ep.addr[2] = (uint8_t)(mark >> 8);
	ep.addr[3] = (uint8_t)mark;
	ep.port = (uint16_t)(1000 + i);
	return ep;
}

/* On port `mark`, if that is free. */
static inline unsigned restore(unsigned mark, unsigned members)
{
	struct receiver_record rec = {.port = mark, .mark = {(uint8_t)mark, (uint8_t)(mark >> 8)},
				      .proved = true, .caller_id = 7, .server_id = 8,
				      .latency = 2000, .count = members};
	unsigned port;

	rec.origin = member_at(mark, 0);
	for (unsigned i = 0; i < members; i++)
		rec.member[i] = member_at(mark, i);
	port = receiver_restore(shell.door.receiver, &rec, clock_now, &shell.door.out);
	assert_true(port != 0);
	outbox_clear_notes(&shell.door.out);
	return port;
}

/* A media packet of so many bytes from that member, which goes on to the server. */
static inline void feed(unsigned mark, unsigned i, uint32_t seq, uint16_t len)
{
	struct pkt *p = pkt_get(&shell.door.pool);

	assert_non_null(p);
	p->len = len;
	p->peer = member_at(mark, i);
	memset(p->data, 'x', len);
	memset(p->data, 0, 16);
	put_be32(p->data, seq);
	receiver_from_net(shell.door.receiver, p, clock_now, &shell.door.out);
	outlet_drain(&shell.outlet, clock_now);
}

static inline struct receiver_group_view view(unsigned port)
{
	struct receiver_group_view v;

	assert_true(receiver_group_view(shell.door.receiver, port, clock_now, &v));
	return v;
}

/* Until the round that is due, or under way, has ended. */
static inline unsigned look(struct history *h)
{
	unsigned runs = 0;

	do {
		clock_now = later(clock_now, history_deadline(h));
		history_run(h, &shell.scene, clock_now);
		runs++;
	} while (history_deadline(h) - clock_now < MSEC(100));
	return runs;
}

#endif
