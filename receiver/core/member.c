/* SPDX-License-Identifier: MIT */
#include "receiver/core/member.h"

#include "receiver/core/registry.h"
#include "shared/wire/keepalive.h"

/* A pause that ends a batch: well above the gaps of a running stream. */
#define ACK_PAUSE MSEC(50)

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
	struct pkt *ack = pkt_get(t->pool);

	member_rest(m, &t->registry->due);
	if (!ack) {
		t->drops->pool++;
		return;
	}
	ack->len = (uint16_t)srtla_build_ack(ack->data, m->owed, count);
	member_send(m, ack, t);
}

bool member_keepalive(struct member *m, struct pkt *p, const struct turn *t)
{
	struct keepalive k;
	bool greeted;

	if (keepalive_parse(p->data, p->len, &k) && k.extended) {
		m->reports = true;
		m->reported = t->now;
		m->window = k.window;
		m->in_flight = k.in_flight;
		m->srtt = k.srtt;
		m->naks = k.naks;
		m->rate = k.rate;
	}
	greeted = keepalive_answer(p->data, p->len, 0);
	member_send(m, p, t);
	return greeted;
}

void member_send(struct member *m, struct pkt *p, const struct turn *t)
{
	p->peer = m->who;
	p->local = m->local;
	m->packets_out++;
	m->bytes_out += p->len;
	outbox_put(t->out, 0, p);
}
