/* SPDX-License-Identifier: MIT */
#include "receiver/core/playout.h"

enum { DRIFT_SAMPLES = 1000 };

#define DRIFT_STEP MSEC(5) /* of the base, when the mean has gone further */

void playout_init(struct playout *p)
{
	*p = (struct playout){0};
}

void playout_begin(struct playout *p, uint32_t timestamp, ustime now)
{
	usspan latency = p->latency;

	*p = (struct playout){.known = true, .stamp = timestamp, .at = now, .latency = latency};
}

void playout_resume(struct playout *p, uint32_t timestamp, ustime at)
{
	p->known = true;
	p->stamp = timestamp;
	p->at = at;
}

/* Timestamps wrap after 71.6 minutes: each is read as near the latest. */
static ustime moment(struct playout *p, uint32_t timestamp)
{
	int32_t ahead = (int32_t)(timestamp - p->stamp);
	ustime at = p->at + ahead;

	if (ahead > 0) {
		p->stamp = timestamp;
		p->at = at;
	}
	return at;
}

void playout_heard(struct playout *p, uint32_t timestamp)
{
	if (p->known)
		moment(p, timestamp);
}

ustime playout_time(struct playout *p, uint32_t timestamp)
{
	if (!p->known || p->latency == 0)
		return NEVER;
	return moment(p, timestamp) + p->latency + p->drift;
}

void playout_ackack(struct playout *p, uint32_t timestamp, usspan rtt, ustime now)
{
	usspan mean;

	if (!p->known || rtt == 0)
		return;
	if (p->first_rtt == 0)
		p->first_rtt = rtt;
	p->drift_sum += now - moment(p, timestamp) - (rtt - p->first_rtt) / 2;
	if (++p->drift_count < DRIFT_SAMPLES)
		return;
	mean = p->drift_sum / DRIFT_SAMPLES;
	p->drift_sum = 0;
	p->drift_count = 0;
	if (mean > DRIFT_STEP || mean < -DRIFT_STEP) {
		usspan step = mean < 0 ? -DRIFT_STEP : DRIFT_STEP;

		p->at += step;
		mean -= step;
	}
	p->drift = mean;
}
