/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_RECEIVER_CORE_TOLD_H
#define TESTS_UNIT_RECEIVER_CORE_TOLD_H

#include "scene.h"

#include "shared/wire/keepalive.h"
#include "shared/wire/report.h"

/* A scene whose sender wants reports of what arrives, and how these read. */

enum { BY_SENDER = 70, SOME = 2048 };

/* A report as it came out, with its arrivals as text: "70+3: 0 2 1, 71+1: 5" by link and total. */
struct told {
	uint16_t serial;
	uint32_t clock;
	struct endpoint to;
	char text[SOME];
};

static inline uint32_t ticks(ustime at)
{
	return (uint32_t)(at / REPORT_TICK);
}

/* The sender numbers its links from BY_SENDER on. */
static inline size_t greeting(uint8_t *data, unsigned link, uint32_t abilities, uint32_t srtt)
{
	struct keepalive k = {
		.greets = true, .conn_id = BY_SENDER + link, .window = 20000, .srtt = srtt,
		.hello = {.role = KEEPALIVE_ROLE_SENDER, .version = KEEPALIVE_VERSION,
			  .abilities = abilities}};

	return keepalive_build(data, &k);
}

static inline void greet_as(struct scene *x, unsigned link, uint32_t abilities)
{
	uint8_t data[KEEPALIVE_MOST];

	send_net(&x->s, link_of(1, link), data, greeting(data, link, abilities, 60 + 10 * link));
	discard(&x->s);
}

/* So many links of a sender that wants reports; nothing has come over them yet. */
static inline void begin_reported(struct scene *x, unsigned links)
{
	begin(x, links, 2000);
	for (unsigned i = 0; i < links; i++)
		greet_as(x, i, KEEPALIVE_REPORTS);
	discard(&x->s);
}

static inline void say(struct told *r, const char *format, unsigned a, unsigned b)
{
	size_t len = strlen(r->text);

	assert_in_range(snprintf(r->text + len, SOME - len, format, a, b), 1, SOME - 1 - len);
}

static inline void read_report(struct scene *x, const struct seen *seen, struct told *r)
{
	struct report_reader reader;
	struct report_link link;
	struct report_arrival a;

	*r = (struct told){.to = seen->peer};
	assert_true(report_open(&reader, seen->data, seen->len));
	r->serial = reader.serial;
	r->clock = reader.clock;
	while (report_next_link(&reader, &link)) {
		say(r, *r->text ? ", %u+%u:" : "%u+%u:", link.conn_id, link.total);
		while (report_next(&reader, &a))
			say(r, " %u", (a.seq - x->first) & SEQ_MASK, 0);
	}
}

/* The oldest report that waits; false when there is none.  Other packets are thrown away. */
static inline bool take_report(struct scene *x, struct told *r)
{
	struct seen seen;

	while (take(&x->s, &seen)) {
		if (srtla_type(seen.data, seen.len) != SRTLA_REPORT)
			continue;
		assert_int_equal(seen.port, 0);
		read_report(x, &seen, r);
		return true;
	}
	return false;
}

static inline unsigned count_reports(struct scene *x)
{
	struct told r;
	unsigned count = 0;

	while (take_report(x, &r))
		count++;
	return count;
}

/* One report came out, in as many copies as there are links, two at most. */
static inline void assert_told(struct scene *x, const char *text)
{
	struct told r;

	assert_true(take_report(x, &r));
	assert_string_equal(r.text, text);
	if (group_view(&x->s, x->port).count > 1)
		assert_true(take_report(x, &r));
	assert_string_equal(r.text, text);
	assert_false(take_report(x, &r));
}

/* Takes one report and its copy. */
static inline struct told take_pair(struct scene *x)
{
	struct told r, copy;

	assert_true(take_report(x, &r));
	assert_true(take_report(x, &copy));
	assert_int_equal(r.serial, copy.serial);
	assert_string_equal(r.text, copy.text);
	assert_false(endpoint_equal(&r.to, &copy.to));
	return r;
}

/* Some packets from before the first: with what they weigh, the link can afford long reports. */
static inline void earn(struct scene *x, unsigned link)
{
	for (unsigned i = 0; i < 5; i++)
		bring(x, link, 0 - ++x->old);
	pass(&x->s, SEC(1));
	discard(&x->s);
}

static inline void ten_milliseconds_pass(struct scene *x)
{
	pass(&x->s, MSEC(10));
}

#endif
