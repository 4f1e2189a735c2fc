/* SPDX-License-Identifier: MIT */
#include "told.h"

#include "receiver/core/arrivals.h"

static void link_whose_name_does_not_fit_is_left_out(void **state)
{
	uint8_t data[KEEPALIVE_MOST];
	struct scene x;

	(void)state;
	begin_reported(&x, 2);
	send_net(&x.s, link_of(1, 1), data, greeting(data, 256 - BY_SENDER, KEEPALIVE_REPORTS, 60));
	bring(&x, 0, 0);
	bring(&x, 1, 1);
	pass(&x.s, 0);
	assert_told(&x, "70+1: 0");
	end(&x);
}

static void reports_come_less_often_where_they_would_cost_too_much(void **state)
{
	/* ms between packets of 1332 bytes, and how often a report may come then, in ms. */
	static const unsigned rows[][2] = {{1, 10}, {5, 10}, {20, 20}, {38, 40}};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		unsigned reports, gap = rows[i][0];
		struct scene x;

		begin_reported(&x, 1);
		for (unsigned ms = 0; ms < 4000; ms += gap) {
			if (ms == 0 || ms / 1000 != (ms - gap) / 1000)
				greet_as(&x, 0, KEEPALIVE_REPORTS);
			bring(&x, 0, ms / gap);
			pass(&x.s, MSEC(gap));
			discard(&x.s);
		}
		reports = (unsigned)group_view(&x.s, x.port).reports;
		assert_in_range(reports, 4000 / rows[i][1] * 8 / 10, 4000 / rows[i][1] * 11 / 10);
		end(&x);
	}
}

/* 20 Mbit/s over four links: 1.6 % a copy. */
static void reports_of_a_busy_stream_cost_a_few_hundredths_of_it(void **state)
{
	uint64_t in = 0, out = 0;
	struct scene x;
	struct seen seen;

	(void)state;
	begin_reported(&x, 4);
	for (unsigned n = 0; n < 2000; n++) {
		bring(&x, n % 4, n);
		in += MEDIA;
		pass(&x.s, 500);
		while (take(&x.s, &seen)) {
			if (srtla_type(seen.data, seen.len) == SRTLA_REPORT)
				out += seen.len + 28;
		}
	}
	assert_in_range(out * 1000 / in, 10, 40); /* in thousandths, both copies */
	end(&x);
}

static void what_fills_a_report_is_told_at_once(void **state)
{
	struct scene x;
	struct told r;
	unsigned news;

	(void)state;
	begin_reported(&x, 2);
	earn(&x, 1);
	bring(&x, 0, 0);
	pass(&x.s, 0);
	take_pair(&x);
	for (news = 1; news < ARRIVALS_NEWS; news++)
		bring(&x, 0, news);
	pass(&x.s, 0);
	assert_int_equal(count_reports(&x), 0);
	bring(&x, 0, news++);
	r = take_pair(&x);
	assert_memory_equal(r.text, "70+121: 0 1 ", 12);
	assert_string_equal(strrchr(r.text, ' '), " 120");
	end(&x);
}

static void burst_is_told_whole_before_we_have_the_time_to_say_anything(void **state)
{
	unsigned first = 0, reports = 0;
	struct scene x;
	struct told r;

	(void)state;
	begin_reported(&x, 2);
	earn(&x, 1);
	for (unsigned n = 0; n < 1000; n++)
		bring(&x, 0, n);
	ten_milliseconds_pass(&x);
	while (take_report(&x, &r)) {
		char begins[32], last[16];
		unsigned told = first + ARRIVALS_NEWS < 1000 ? first + ARRIVALS_NEWS : 1000;

		/* each repeats the one before, and goes over two links */
		snprintf(begins, sizeof(begins), "70+%u: %u ", told,
			 first < ARRIVALS_NEWS ? 0 : first - ARRIVALS_NEWS);
		snprintf(last, sizeof(last), " %u", told - 1);
		assert_memory_equal(r.text, begins, strlen(begins));
		assert_string_equal(strrchr(r.text, ' '), last);
		first += reports++ % 2 ? ARRIVALS_NEWS : 0;
	}
	assert_int_equal(reports, 2 * 9);
	end(&x);
}

static void reports_keep_to_what_came_from_the_address(void **state)
{
	static const uint8_t runt[16] = {0};
	struct scene x;
	uint64_t in, out;
	struct receiver_group_view v;

	(void)state;
	begin_reported(&x, 2);
	for (unsigned n = 0; n < 4000; n++) {
		uint8_t data[16];

		memcpy(data, runt, sizeof(runt));
		put_be32(data, seq_add(x.first, n));
		send_net(&x.s, link_of(1, 0), data, sizeof(data));
		pass(&x.s, MSEC(110));
		discard(&x.s);
	}
	v = group_view(&x.s, x.port);
	assert_true(v.reports > 3000);
	assert_true(view(&x.s).drops.budget > 100);
	for (unsigned i = 0; i < v.count; i++) {
		in = v.member[i].bytes_in + 28 * v.member[i].packets_in;
		out = v.member[i].bytes_out + 28 * v.member[i].packets_out;
		assert_true(out <= 3 * in);
	}
	end(&x);
}

static void want_of_packets_costs_the_report_and_is_counted(void **state)
{
	struct pkt_list hoard = {0};
	struct scene x;
	struct told r;
	struct pkt *p;
	uint16_t serial;

	(void)state;
	begin_reported(&x, 2);
	bring(&x, 0, 0);
	pass(&x.s, 0);
	serial = take_pair(&x).serial;
	bring(&x, 0, 1);
	discard(&x.s);
	while ((p = pkt_get(&x.s.pool)))
		pkt_list_push(&hoard, p);
	ten_milliseconds_pass(&x);
	assert_int_equal(view(&x.s).drops.pool, 1);
	while ((p = pkt_list_pop(&hoard)))
		pkt_free(p);
	ten_milliseconds_pass(&x);
	r = take_pair(&x);
	assert_string_equal(r.text, "70+2: 1");
	assert_int_equal(r.serial, (uint16_t)(serial + 2));
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_whose_name_does_not_fit_is_left_out),
		cmocka_unit_test(reports_come_less_often_where_they_would_cost_too_much),
		cmocka_unit_test(reports_of_a_busy_stream_cost_a_few_hundredths_of_it),
		cmocka_unit_test(what_fills_a_report_is_told_at_once),
		cmocka_unit_test(burst_is_told_whole_before_we_have_the_time_to_say_anything),
		cmocka_unit_test(reports_keep_to_what_came_from_the_address),
		cmocka_unit_test(want_of_packets_costs_the_report_and_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
