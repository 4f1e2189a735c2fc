/* SPDX-License-Identifier: MIT */
#include "tests/sim/classic_model.h"

#define TIMEOUT SEC(4)
#define CIRCLE  UINT32_C(0x7fffffff)

enum {
	LEAST = 1000,
	START = 20000,
	MOST = 60000,
	LOSS = 100,
};

int32_t model_distance(uint32_t a, uint32_t b)
{
	int64_t d = (int64_t)((a - b) & CIRCLE);

	return (int32_t)(d >= INT64_C(0x40000000) ? d - INT64_C(0x80000000) : d);
}

static void empty_log(struct model_link *l)
{
	for (unsigned i = 0; i < MODEL_LOG; i++)
		l->log[i] = -1;
}

void model_init(struct model *m, unsigned links)
{
	*m = (struct model){.count = links};
	for (unsigned i = 0; i < links; i++) {
		m->link[i].window = START;
		empty_log(&m->link[i]);
	}
}

/* The place of seq in a log, or -1. */
static int find(const struct model_link *l, uint32_t seq)
{
	for (unsigned i = 0; i < MODEL_LOG; i++)
		if (i != l->at && l->log[i] == (int64_t)seq)
			return (int)i;
	return -1;
}

int model_send_control(const struct model *m)
{
	int best = -1;
	int32_t best_score = -1;

	for (unsigned i = 0; i < m->count; i++) {
		const struct model_link *l = &m->link[i];
		int32_t score = l->window / (l->in_flight + 1);

		if (l->up && score > best_score) {
			best = (int)i;
			best_score = score;
		}
	}
	return best;
}

static void forget_far(struct model *m)
{
	for (unsigned i = 0; i < m->count; i++)
		for (unsigned k = 0; k < MODEL_LOG; k++)
			if (m->link[i].log[k] >= 0 &&
			    model_distance(m->newest, (uint32_t)m->link[i].log[k]) >= MODEL_FAR)
				m->link[i].log[k] = -1;
}

static void number_sent(struct model *m, uint32_t seq)
{
	int32_t ahead = model_distance(seq, m->newest);

	if (m->any && (ahead >= MODEL_FAR || ahead <= -MODEL_FAR))
		model_session(m);
	if (m->any && ahead <= 0)
		return;
	m->any = true;
	m->newest = seq;
	forget_far(m);
}

int model_send_data(struct model *m, uint32_t seq)
{
	int best = model_send_control(m);
	struct model_link *l;
	int old;

	if (best < 0)
		return -1;
	l = &m->link[best];
	number_sent(m, seq);
	old = find(l, seq);
	if (old >= 0)
		l->log[old] = -1;
	l->log[l->at] = seq;
	l->at = (l->at + 1) % MODEL_LOG;
	l->in_flight++;
	return best;
}

void model_srt_ack(struct model *m, uint32_t next)
{
	int32_t ahead = model_distance(next, m->newest);

	if (!m->any || ahead > 1 || ahead < -MODEL_FAR)
		return;
	for (unsigned i = 0; i < m->count; i++) {
		struct model_link *l = &m->link[i];

		l->in_flight = 0;
		for (unsigned k = 0; k < MODEL_LOG; k++) {
			if (k == l->at || l->log[k] < 0)
				continue;
			if (model_distance((uint32_t)l->log[k], next) < 0)
				l->log[k] = -1;
			else
				l->in_flight++;
		}
	}
}

static void lost(struct model *m, uint32_t seq)
{
	for (unsigned i = 0; i < m->count; i++) {
		struct model_link *l = &m->link[i];
		int at = l->up ? find(l, seq) : -1;

		if (at < 0)
			continue;
		l->log[at] = -1;
		l->window = l->window - LOSS < LEAST ? LEAST : l->window - LOSS;
		return;
	}
}

static void lost_range(struct model *m, uint32_t from, uint32_t to)
{
	uint32_t length = (to - from) & CIRCLE;
	uint32_t seq = (m->newest - (MODEL_FAR - 1)) & CIRCLE;

	if (model_distance(to, from) < 0)
		return;
	for (unsigned i = 0; i < MODEL_FAR; i++, seq = (seq + 1) & CIRCLE)
		if (((seq - from) & CIRCLE) <= length)
			lost(m, seq);
}

void model_srt_nak(struct model *m, const uint32_t *words, size_t count)
{
	for (size_t i = 0; m->any && i < count; i++) {
		if (!(words[i] & UINT32_C(0x80000000))) {
			lost_range(m, words[i], words[i]);
		} else if (i + 1 < count && !(words[i + 1] & UINT32_C(0x80000000))) {
			lost_range(m, words[i] & CIRCLE, words[i + 1]);
			i++;
		}
	}
}

static void acked(struct model *m, uint32_t seq)
{
	for (unsigned i = 0; i < m->count; i++) {
		struct model_link *l = &m->link[i];
		int at = l->up ? find(l, seq) : -1;

		if (at < 0)
			continue;
		if (l->in_flight > 0)
			l->in_flight--;
		l->log[at] = -1;
		if (l->in_flight * 1000 > l->window)
			l->window += 29;
		return;
	}
}

void model_srtla_ack(struct model *m, const uint32_t *seq, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		acked(m, seq[i]);
		for (unsigned k = 0; k < m->count; k++)
			if (m->link[k].up)
				m->link[k].window =
					m->link[k].window + 1 > MOST ? MOST : m->link[k].window + 1;
	}
}

void model_session(struct model *m)
{
	m->any = false;
	for (unsigned i = 0; i < m->count; i++) {
		m->link[i].in_flight = 0;
		empty_log(&m->link[i]);
	}
}

void model_heard(struct model *m, unsigned link, ustime now)
{
	m->link[link].heard = now;
}

void model_joined(struct model *m, unsigned link, ustime now)
{
	m->link[link].up = true;
	m->link[link].heard = now;
}

void model_time(struct model *m, ustime now)
{
	for (unsigned i = 0; i < m->count; i++) {
		struct model_link *l = &m->link[i];

		if (!l->up || now - l->heard < TIMEOUT)
			continue;
		l->up = false;
		l->window = LEAST;
		l->in_flight = 0;
		empty_log(l);
	}
}
