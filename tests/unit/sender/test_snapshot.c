/* SPDX-License-Identifier: MIT */
#include "sender/snapshot.h"

#include "tests/unit/sender/door_rig.h"

#include <errno.h>

static struct host host;
static struct links links;
static struct app app;
static struct snapshot s;
static const struct config cfg = {.listen_port = 9000, .host = "127.0.0.1", .host_port = 5000};
static const struct scene scene = {
	.cfg = &cfg, .door = &door, .app = &app, .host = &host, .links = &links, .began = 0};

static void flush(void *arg, ustime now)
{
	(void)arg;
	(void)now;
	outbox_finish(&door.out);
}

static void apply(const char *text)
{
	struct uplinks list;

	uplinks_parse(&list, text, strlen(text));
	assert_true(links_apply(&links, &list, loop_now(door.loop)));
}

static int open_rig(void **state)
{
	(void)state;
	rig_open(BATCH_PLAIN);
	rig_host(&host, 5000);
	memset(&app, 0, sizeof(app));
	links_init(&links, &door, &host, "ips", false);
	links.settle = flush;
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	links_finish(&links);
	host_finish(&host);
	rig_close();
	return 0;
}

static void take(void)
{
	snapshot_take(&scene, loop_now(door.loop), &s);
}

static void links_stand_in_the_order_of_the_file(void **state)
{
	(void)state;
	apply("127.0.1.2\n127.0.1.3 role=backup weight=7\n");
	apply("127.0.1.9\n127.0.1.3 role=backup weight=7\n127.0.1.2\n");
	take();
	assert_int_equal(s.count, 3);
	assert_string_equal(s.link[0].name, "127.0.1.9");
	assert_string_equal(s.link[1].name, "127.0.1.3");
	assert_string_equal(s.link[2].name, "127.0.1.2");
	assert_int_equal(s.link[1].terms.role, SENDER_BACKUP);
	assert_int_equal(s.link[1].terms.weight, 7);
	assert_int_equal(s.link[2].view.port, 1);
	assert_true(s.link[0].open);
	assert_int_equal(s.listen_port, 9000);
	assert_int_equal(s.address[0].port, 5000);
	assert_int_equal(s.address[1].family, FAMILY_NONE);
}

static void a_link_without_a_socket_says_why(void **state)
{
	(void)state;
	apply("192.0.2.77\n"); /* nobody has this address */
	take();
	assert_false(s.link[0].open);
	assert_string_equal(snapshot_link_reason(&s.link[0]), strerror(EADDRNOTAVAIL));
	assert_string_equal(snapshot_link_state(&s.link[0]), "down");
}

static void what_is_lost_beside_the_core_is_told_too(void **state)
{
	struct snapshot_count drop[SNAPSHOT_DROPS];

	(void)state;
	app.refused = 11;
	door.homeless = 12;
	door.kernel_drops = 13;
	take();
	snapshot_drops(&s, drop);
	assert_string_equal(drop[SNAPSHOT_DROPS - 2].name, "not_to_encoder");
	assert_int_equal(drop[SNAPSHOT_DROPS - 2].count, 11);
	assert_string_equal(drop[SNAPSHOT_DROPS - 1].name, "homeless");
	assert_int_equal(drop[SNAPSHOT_DROPS - 1].count, 12);
	assert_int_equal(s.traffic.kernel_drops, 13);
	for (unsigned i = 0; i < SNAPSHOT_DROPS; i++)
		assert_non_null(drop[i].name);
}

static void every_drop_has_its_own_name(void **state)
{
	struct snapshot_count drop[SNAPSHOT_DROPS];
	uint64_t *of_core = (uint64_t *)(void *)&s.view.drops, sum = 0;
	enum { CAUSES = sizeof(s.view.drops) / sizeof(uint64_t) };

	(void)state;
	memset(&s, 0, sizeof(s));
	for (unsigned i = 0; i < CAUSES; i++)
		of_core[i] = UINT64_C(1) << i;
	snapshot_drops(&s, drop);
	for (unsigned i = 0; i < SNAPSHOT_DROPS; i++) {
		sum += drop[i].count;
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(drop[i].name, drop[k].name);
	}
	assert_int_equal(sum, (UINT64_C(1) << CAUSES) - 1);
}

static void refusals_without_a_name_are_told_as_one(void **state)
{
	struct batch_refusal *r = s.traffic.count.refusal;
	struct snapshot_count told[SNAPSHOT_REFUSALS];

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(snapshot_refusals(&s, told), 0);
	for (unsigned i = 0; i < BATCH_ERRORS; i++)
		r[i] = (struct batch_refusal){.err = 1000 + (int)i, .count = 1};
	r[0].err = EAGAIN;
	r[BATCH_ERRORS - 1].err = ENOBUFS; /* this place counts many */
	assert_int_equal(snapshot_refusals(&s, told), 2);
	assert_string_equal(told[0].name, "EAGAIN");
	assert_string_equal(told[1].name, "other");
	assert_int_equal(told[1].count, BATCH_ERRORS - 1);
}

static void the_start_stays_where_it_is(void **state)
{
	int64_t began;

	(void)state;
	take();
	began = s.began_ms;
	assert_in_range(s.wall_ms - s.uptime / MSEC(1) - began + 1000, 0, 2000);
	run_a_moment();
	take();
	assert_int_equal(s.began_ms, began);
}

static void the_receiver_is_called_by_its_kind(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	assert_string_equal(snapshot_peer(&s), "unknown");
	s.view.peer = SENDER_PEER_OWN;
	assert_string_equal(snapshot_peer(&s), "own");
	s.view.peer = SENDER_PEER_CLASSIC;
	assert_string_equal(snapshot_peer(&s), "classic");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(links_stand_in_the_order_of_the_file),
		TEST(a_link_without_a_socket_says_why),
		TEST(what_is_lost_beside_the_core_is_told_too),
		TEST(the_start_stays_where_it_is),
		cmocka_unit_test(every_drop_has_its_own_name),
		cmocka_unit_test(refusals_without_a_name_are_told_as_one),
		cmocka_unit_test(the_receiver_is_called_by_its_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
