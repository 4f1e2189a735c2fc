/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/noalbs.h"

/* Streams made by hand, and what a switcher reads of them. */
static struct receiver_group_view v;
static struct history_group_view past;

#define KEY "publish/live/feed1"

static int a_stream(void **state)
{
	(void)state;
	memset(&v, 0, sizeof(v));
	memset(&past, 0, sizeof(past));
	v.stream = RECEIVER_LIVE;
	v.session_age = SEC(83) + MSEC(900);
	v.latency = 2000;
	v.srt_rtt = 42300;
	v.missing = 7;
	v.up_packets = 1000;
	v.up_bytes = 1316000;
	v.count = 2;
	v.member[0].reports = true;
	v.member[0].srtt = 61;
	past.known = true;
	past.up_bps = 6123456;
	past.in_bps = 6500000;
	past.member[0] = (struct history_member_view){
		.id = 0x4d2fc15b, .bps = 4500000, .share = 692, .age = SEC(80), .jitter = 12500};
	past.member[1] = (struct history_member_view){
		.id = 0xbf51f69f, .bps = 2000000, .share = 308, .age = SEC(2)};
	return 0;
}

static json_t *answer(enum noalbs_shape shape)
{
	size_t len = 0;
	char *text = noalbs_text(shape, KEY, &v, &past, &len);
	json_t *root;

	assert_non_null(text);
	assert_int_equal(len, strlen(text));
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	free(text);
	return root;
}

/* Where the shape keeps it; NULL: there is none. */
static json_t *publisher(json_t *root, enum noalbs_shape shape)
{
	if (shape == NOALBS_OPENIRL)
		return json_object_get(root, "publisher");
	return json_object_get(json_object_get(root, "publishers"), KEY);
}

static void assert_whole(json_t *object, const char *key, int64_t n)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) != n)
		fail_msg("%s is not %lld but %s", key, (long long)n,
			 json_dumps(value, JSON_ENCODE_ANY));
}

/* Written with a point, to the thousandth. */
static void assert_real(json_t *object, const char *key, double n)
{
	json_t *value = json_object_get(object, key);
	double off;

	if (!json_is_real(value))
		fail_msg("%s is no real", key);
	off = json_real_value(value) - n;
	if (off > 0.001 || off < -0.001)
		fail_msg("%s is not %f but %f", key, n, json_real_value(value));
}

/* The bitrate that the switcher reads in this state; -1: it finds no publisher. */
static int64_t bitrate_when(enum noalbs_shape shape, enum receiver_stream stream)
{
	json_t *root, *object;
	int64_t n = -1;

	v.stream = stream;
	root = answer(shape);
	object = publisher(root, shape);
	if (object) {
		assert_true(json_is_integer(json_object_get(object, "bitrate")));
		n = json_integer_value(json_object_get(object, "bitrate"));
	}
	json_decref(root);
	return n;
}

static void an_sls_reader_finds_its_ten_fields(void **state)
{
	json_t *root = answer(NOALBS_SLS), *p = publisher(root, NOALBS_SLS);

	(void)state;
	assert_int_equal(json_object_size(p), 10);
	assert_whole(p, "bitrate", 6123);
	assert_whole(p, "bytesRcvDrop", 7 * 1316);
	assert_whole(p, "bytesRcvLoss", 7 * 1316);
	assert_real(p, "mbpsBandwidth", 6.5);
	assert_real(p, "mbpsRecvRate", 6.123456);
	assert_whole(p, "msRcvBuf", 2000);
	assert_whole(p, "pktRcvDrop", 7);
	assert_whole(p, "pktRcvLoss", 7);
	assert_real(p, "rtt", 42.3);
	assert_whole(p, "uptime", 83);
	json_decref(root);
}

static void a_belabox_reader_finds_its_three(void **state)
{
	json_t *root = answer(NOALBS_BELABOX), *p = publisher(root, NOALBS_BELABOX);

	(void)state;
	assert_int_equal(json_object_size(p), 3);
	assert_whole(p, "bitrate", 6123);
	assert_real(p, "rtt", 42.3);
	assert_whole(p, "dropped_pkts", 7);
	json_decref(root);
}

static void an_openirl_reader_finds_the_stream_and_its_links(void **state)
{
	json_t *root = answer(NOALBS_OPENIRL), *p = publisher(root, NOALBS_OPENIRL), *peer;

	(void)state;
	assert_whole(p, "bitrate", 6123);
	assert_whole(p, "buffer", 2000);
	assert_whole(p, "latency", 2000);
	assert_whole(p, "dropped_pkts", 7);
	assert_whole(p, "uptime", 83);
	assert_whole(p, "throughput", 6500);
	assert_real(p, "rtt", 42.3);
	assert_int_equal(json_array_size(json_object_get(p, "peers")), 2);
	peer = json_array_get(json_object_get(p, "peers"), 0);
	assert_string_equal(json_string_value(json_object_get(peer, "connection_id")), "4d2fc15b");
	assert_whole(peer, "bitrate", 4500);
	assert_real(peer, "rtt", 61);
	assert_real(peer, "jitter", 12.5);
	assert_whole(peer, "uptime", 80);
	peer = json_array_get(json_object_get(p, "peers"), 1);
	assert_real(peer, "rtt", 42.3); /* nobody tells that of the link itself */
	json_decref(root);
}

static void what_is_not_known_is_left_out_where_that_may_be(void **state)
{
	json_t *root;

	(void)state;
	v.srt_rtt = 0;
	v.latency = 0;
	root = answer(NOALBS_OPENIRL);
	assert_null(json_object_get(publisher(root, NOALBS_OPENIRL), "rtt"));
	assert_null(json_object_get(publisher(root, NOALBS_OPENIRL), "latency"));
	assert_whole(publisher(root, NOALBS_OPENIRL), "buffer", 0);
	json_decref(root);
	root = answer(NOALBS_BELABOX);
	assert_real(publisher(root, NOALBS_BELABOX), "rtt", 0);
	json_decref(root);
}

static void each_state_shows_as_the_shape_has_it(void **state)
{
	/* offline, starting, live, stalled, ended; -1: no publisher */
	static const int64_t wanted[][5] = {
		[NOALBS_SLS] = {-1, 0, 6123, -1, -1},
		[NOALBS_BELABOX] = {-1, 1, 6123, 0, -1},
		[NOALBS_OPENIRL] = {-1, 1, 6123, 0, -1},
	};

	(void)state;
	for (int shape = NOALBS_SLS; shape <= NOALBS_OPENIRL; shape++) {
		for (int s = RECEIVER_OFFLINE; s <= RECEIVER_ENDED; s++)
			assert_int_equal(bitrate_when((enum noalbs_shape)shape,
						      (enum receiver_stream)s),
					 wanted[shape][s]);
	}
}

static void a_stream_without_a_rate_leaves_the_scene(void **state)
{
	static const uint64_t rates[] = {0, 999, 1999};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		past.up_bps = rates[i];
		assert_int_equal(bitrate_when(NOALBS_SLS, RECEIVER_LIVE), 0);
		assert_int_equal(bitrate_when(NOALBS_BELABOX, RECEIVER_LIVE), 1);
		assert_int_equal(bitrate_when(NOALBS_OPENIRL, RECEIVER_LIVE), 1);
	}
	past.up_bps = 6000000;
	past.known = false;
	assert_int_equal(bitrate_when(NOALBS_SLS, RECEIVER_LIVE), 0);
	past.known = true;
	past.up_bps = 2000;
	assert_int_equal(bitrate_when(NOALBS_BELABOX, RECEIVER_LIVE), 2);
}

static void no_stream_is_no_publisher(void **state)
{
	(void)state;
	for (int shape = NOALBS_SLS; shape <= NOALBS_OPENIRL; shape++) {
		size_t len = 0;
		char *text = noalbs_text((enum noalbs_shape)shape, KEY, NULL, NULL, &len);

		assert_non_null(text);
		assert_null(strstr(text, KEY));
		assert_string_equal(text, shape == NOALBS_OPENIRL
						  ? "{\"status\":\"ok\"}"
						  : "{\"status\":\"ok\",\"publishers\":{}}");
		free(text);
	}
}

static void numbers_stay_within_what_readers_take(void **state)
{
	json_t *root;

	(void)state;
	past.up_bps = UINT64_MAX / 2;
	v.missing = UINT32_MAX;
	root = answer(NOALBS_BELABOX);
	assert_whole(publisher(root, NOALBS_BELABOX), "bitrate", INT32_MAX);
	assert_whole(publisher(root, NOALBS_BELABOX), "dropped_pkts", INT32_MAX);
	json_decref(root);
	root = answer(NOALBS_OPENIRL);
	assert_whole(publisher(root, NOALBS_OPENIRL), "dropped_pkts", UINT32_MAX);
	json_decref(root);
}

static void a_key_of_any_bytes_harms_nothing(void **state)
{
	size_t len = 0;
	char *text;

	(void)state;
	text = noalbs_text(NOALBS_SLS, "\"},\n{\"", &v, &past, &len);
	assert_non_null(strstr(text, "\"\\\"},\\n{\\\"\":{\"bitrate\":6123"));
	free(text);
	text = noalbs_text(NOALBS_SLS, "\xff\xfe", &v, &past, &len); /* no UTF-8, so no JSON */
	assert_string_equal(text, "{\"status\":\"ok\",\"publishers\":{}}");
	free(text);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup(f, a_stream)
	const struct CMUnitTest tests[] = {
		RUNS(an_sls_reader_finds_its_ten_fields),
		RUNS(a_belabox_reader_finds_its_three),
		RUNS(an_openirl_reader_finds_the_stream_and_its_links),
		RUNS(what_is_not_known_is_left_out_where_that_may_be),
		RUNS(each_state_shows_as_the_shape_has_it),
		RUNS(a_stream_without_a_rate_leaves_the_scene),
		RUNS(no_stream_is_no_publisher),
		RUNS(numbers_stay_within_what_readers_take),
		RUNS(a_key_of_any_bytes_harms_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
