/* SPDX-License-Identifier: MIT */
#include "sender/interval.h"

#include <string.h>

enum { WHOLE = 1000 };

/* Nothing is known of a link that has just come. */
static const struct interval_figures unknown = {.loss = INTERVAL_NO_LOSS_KNOWN};

static bool same_link(const struct interval_link *before, const struct snapshot_link *l)
{
	return strcmp(before->name, l->name) == 0 && before->seen.bytes_out <= l->view.bytes_out;
}

/* What a port did before another link had it is not that link's. */
static void settle_ports(struct interval *v, const struct snapshot *s)
{
	for (unsigned i = 0; i < s->count; i++) {
		const struct snapshot_link *l = &s->link[i];
		struct interval_link *of = &v->link[l->view.port];

		if (same_link(of, l))
			continue;
		memset(of, 0, sizeof(*of));
		memcpy(of->name, l->name, sizeof(of->name));
	}
}

/*
 * Late-bound packets are followed one by one.  Of those that were bound at once only the NAKs
 * tell; they may name a packet twice.
 */
static int loss(const struct sender_link_view *now, const struct sender_link_view *before)
{
	uint64_t lost = now->lost - before->lost;
	uint64_t told = now->landed - before->landed + lost;

	if (now->flown == 0) {
		told = now->data_out - before->data_out;
		lost = now->naks - before->naks;
	}
	if (told == 0)
		return INTERVAL_NO_LOSS_KNOWN;
	return lost < told ? (int)(lost * WHOLE / told) : WHOLE;
}

/* The ends of a histogram are known to a fifth, its mean exactly: they keep their order. */
static void time_path(struct interval_figures *f, const struct histogram *path)
{
	f->timed = path->count > 0;
	f->rtt_mean = histogram_mean(path);
	f->rtt_least = earlier(histogram_percentile(path, 0), f->rtt_mean);
	f->rtt_most = later(histogram_percentile(path, WHOLE), f->rtt_mean);
}

static void add(struct histogram *sum, const struct histogram *h)
{
	sum->count += h->count;
	sum->sum += h->sum;
	for (unsigned i = 0; i < HISTOGRAM_PLACES; i++)
		sum->place[i] += h->place[i];
}

static uint64_t sent_by_all(const struct interval *v, const struct snapshot *s)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < s->count; i++) {
		const struct sender_link_view *l = &s->link[i].view;

		total += l->bytes_out - v->link[l->port].seen.bytes_out;
	}
	return total;
}

static void look_at_links(struct interval *v, const struct snapshot *s)
{
	uint64_t total;

	settle_ports(v, s);
	total = sent_by_all(v, s);
	memset(&v->path, 0, sizeof(v->path));
	for (unsigned i = 0; i < s->count; i++) {
		const struct sender_link_view *now = &s->link[i].view;
		struct interval_link *l = &v->link[now->port];
		uint64_t sent = now->bytes_out - l->seen.bytes_out;
		struct histogram path;

		histogram_since(&path, &now->path, &l->seen.path);
		add(&v->path, &path);
		l->figures.share = total ? (unsigned)(sent * WHOLE / total) : 0;
		l->figures.loss = loss(now, &l->seen);
		time_path(&l->figures, &path);
		l->seen = *now;
	}
}

static uint64_t per_second(uint64_t n, usspan lasted)
{
	uint64_t ms = (uint64_t)lasted / MSEC(1);

	return ms > 0 ? n * WHOLE / ms : 0;
}

void interval_look(struct interval *v, const struct snapshot *s)
{
	usspan lasted = v->ended ? s->now - v->ended : s->uptime;

	if (v->ended && lasted < INTERVAL_LEAST)
		return;
	v->app_rate = per_second((s->view.app_bytes_in - v->app_bytes) * 8, lasted);
	v->app_bytes = s->view.app_bytes_in;
	for (unsigned f = 0; f < FLOWS; f++) {
		histogram_since(&v->forward[f], &s->view.forward[f], &v->seen[f]);
		v->seen[f] = s->view.forward[f];
	}
	look_at_links(v, s);
	v->ended = s->now;
}

const struct interval_figures *interval_of(const struct interval *v, const struct snapshot_link *l)
{
	const struct interval_link *of = &v->link[l->view.port];

	return same_link(of, l) ? &of->figures : &unknown;
}
