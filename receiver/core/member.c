/* SPDX-License-Identifier: MIT */
#include "receiver/core/member.h"

#include "receiver/core/registry.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/srt.h"

/* A pause that ends a batch: well above the gaps of a running stream. */
#define ACK_PAUSE MSEC(50)

/* How much of a packet is IP and UDP, and how many bytes may go back for one that came. */
enum { HEADERS_V4 = 20 + 8, HEADERS_V6 = 40 + 8, BACK = 3 };

/* Senders of old take a link for dead after four seconds without an answer. */
#define ACK_EACH SEC(1)

void member_heard(struct member *m, const struct pkt *p, ustime now)
{
	m->heard = now;
	m->local = p->local;
	m->packets_in++;
	m->bytes_in += p->len;
}

static void leave_queue(struct member *m, struct ack_queue *q)
{
	*(m->due_prev ? &m->due_prev->due_next : &q->first) = m->due_next;
	*(m->due_next ? &m->due_next->due_prev : &q->last) = m->due_prev;
}

static void queue_last(struct member *m, struct ack_queue *q)
{
	m->due_prev = q->last;
	m->due_next = NULL;
	*(q->last ? &q->last->due_next : &q->first) = m;
	q->last = m;
}

void member_rest(struct member *m, struct ack_queue *q)
{
	if (m->owed_count > 0)
		leave_queue(m, q);
	m->owed_count = 0;
}

void member_data(struct member *m, uint32_t seq, const struct turn *t)
{
	struct ack_queue *q = &t->registry->due;

	m->data_in++;
	if (m->group->plain)
		return;
	if (m->owed_count > 0)
		leave_queue(m, q);
	queue_last(m, q);
	m->due = t->now + ACK_PAUSE;
	m->owed[m->owed_count++] = seq;
	if (m->owed_count == SRTLA_ACK_COUNT)
		member_acknowledge(m, t);
}

void member_acknowledge(struct member *m, const struct turn *t)
{
	uint32_t count = m->owed_count;
	struct pkt *ack = turn_packet(t);

	member_rest(m, &t->registry->due);
	if (!ack)
		return;
	ack->len = (uint16_t)srtla_build_ack(ack->data, m->owed, count);
	member_send(m, ack, t);
}

bool member_keepalive(struct member *m, struct pkt *p, const struct turn *t, uint32_t *abilities)
{
	struct keepalive k;
	bool parsed = keepalive_parse(p->data, p->len, &k), greeted;

	*abilities = parsed && k.greets ? k.hello.abilities : 0;
	if (parsed && k.extended) {
		m->naks_lately = m->reports && k.naks > m->naks ? k.naks - m->naks : 0;
		m->reports = true;
		m->reported = t->now;
		m->conn_id = k.conn_id;
		m->window = k.window;
		m->in_flight = k.in_flight;
		m->srtt = k.srtt;
		m->naks = k.naks;
		m->rate = k.rate;
	}
	if (parsed && k.idle) {
		m->idle = true;
		m->idle_seq = k.idle_seq;
	}
	greeted = keepalive_answer(p->data, p->len, KEEPALIVE_REPORTS);
	member_give(m, p, t);
	return greeted;
}

void member_restored(struct member *m, ustime now)
{
	m->heard = now;
	m->packets_in = 1;
	m->bytes_in = SRTLA_REG_LEN;
}

static uint64_t on_wire(const struct member *m, uint64_t packets, uint64_t bytes)
{
	return bytes + packets * (m->who.family == FAMILY_V4 ? HEADERS_V4 : HEADERS_V6);
}

static bool is_ack(const struct pkt *p)
{
	return p->len >= SRT_HEADER_LEN && be16(p->data) == (0x8000 | SRT_ACK);
}

bool member_affords(const struct member *m, size_t len)
{
	return on_wire(m, m->packets_out + 1, m->bytes_out + len) <=
	       BACK * on_wire(m, m->packets_in, m->bytes_in);
}

bool member_takes(const struct member *m, const struct pkt *p, ustime now)
{
	if (member_affords(m, p->len))
		return true;
	return (m->acked == 0 || now - m->acked >= ACK_EACH) && is_ack(p) &&
	       endpoint_equal(&m->group->id.origin, &m->who);
}

void member_send(struct member *m, struct pkt *p, const struct turn *t)
{
	if (member_affords(m, p->len))
		member_give(m, p, t);
	else
		turn_drop(&t->drops->budget, p);
}

void member_give(struct member *m, struct pkt *p, const struct turn *t)
{
	if (is_ack(p))
		m->acked = t->now;
	p->peer = m->who;
	p->local = m->local;
	m->packets_out++;
	m->bytes_out += p->len;
	outbox_put(t->out, 0, p);
}
