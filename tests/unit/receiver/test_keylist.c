/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "receiver/keylist.h"

/* A list in a file of this test's own, before a receiver that nobody speaks to. */
static struct keylist list;
static struct hosts hosts;
static struct pkt_pool pool;
static struct receiver *receiver;
static struct loop *loop;
static char path[64];
static char why[CONFIG_WHY];

static void write_list(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void moved(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static int begin(void **state)
{
	const struct receiver_config cfg = {.groups = 4};
	const struct loop_hooks none = {0};
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/keylist-test-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || close(fd))
		return -1;
	loop = loop_create(&none);
	memset(&hosts, 0, sizeof(hosts));
	if (!loop || host_init(&hosts.host[0], loop, "127.0.0.1", 4001, NULL))
		return -1;
	hosts.host[0].moved = moved;
	hosts_init(&hosts, loop, NULL);
	if (!pkt_pool_init(&pool, 16))
		return -1;
	receiver = receiver_create(&cfg, &pool, SEC(1));
	return receiver ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	keylist_close(&list);
	receiver_destroy(receiver);
	pkt_pool_finish(&pool);
	hosts_finish(&hosts);
	loop_destroy(loop);
	return unlink(path);
}

static void start(const char *text)
{
	write_list(text);
	assert_int_equal(keylist_open(&list, path, why), 0);
	keylist_start(&list, receiver, &hosts, 4, SEC(1));
}

static void reload(const char *text, ustime now)
{
	write_list(text);
	keylist_changed(&list, now);
	assert_true(keylist_deadline(&list) <= now + MSEC(100));
	keylist_run(&list, keylist_deadline(&list));
	assert_int_equal(keylist_deadline(&list), NEVER);
}

static void assert_host(unsigned number, const char *name, uint16_t port)
{
	assert_non_null(hosts.host[number].name);
	assert_string_equal(hosts.host[number].name, name);
	assert_non_null(host_address(&hosts.host[number]));
	assert_int_equal(host_address(&hosts.host[number])->port, port);
}

static void servers_of_the_list_are_there_at_once(void **state)
{
	(void)state;
	start("one 127.0.0.2:4002\ntwo [::1]:4003\n");
	assert_host(1, "127.0.0.2", 4002);
	assert_host(2, "::1", 4003);
	assert_null(hosts.host[3].name);
	assert_true(hosts.host[2].moved == moved);
}

static void servers_that_stay_are_not_disturbed_by_a_reload(void **state)
{
	(void)state;
	start("one 127.0.0.2:4002\ntwo 127.0.0.3:4003\n");
	host_sent(&hosts.host[2], SEC(5));
	host_heard(&hosts.host[2]);
	reload("two 127.0.0.3:4003\nthree 127.0.0.4:4004\n", SEC(6));
	assert_host(2, "127.0.0.3", 4003);
	assert_true(hosts.host[2].proved);
	assert_int_equal(hosts.host[2].sent, SEC(5));
	assert_host(3, "127.0.0.4", 4004);

	/* The first was kept for streams that may have run there, and there are none. */
	reload("five 127.0.0.5:4005\n", SEC(7));
	assert_host(1, "127.0.0.5", 4005);
}

static void list_that_cannot_be_read_leaves_the_old_one(void **state)
{
	unsigned server;

	(void)state;
	start("one\n");
	assert_int_equal(unlink(path), 0);
	keylist_changed(&list, SEC(2));
	keylist_run(&list, SEC(2));
	assert_true(keys_find(list.file.keys, "one", &server));
	reload("two\n", SEC(3));
	assert_false(keys_find(list.file.keys, "one", &server));
	assert_true(keys_find(list.file.keys, "two", &server));
}

static void storm_of_signals_costs_ten_readings_a_second(void **state)
{
	unsigned readings = 0;

	(void)state;
	start("one\n");
	for (ustime now = SEC(2); now < SEC(3); now += MSEC(1)) {
		keylist_changed(&list, now);
		readings += keylist_deadline(&list) <= now;
		keylist_run(&list, now);
	}
	assert_in_range(readings, 9, 11);
}

static void without_a_list_there_is_nothing_to_read(void **state)
{
	(void)state;
	assert_int_equal(keylist_open(&list, NULL, why), 0);
	keylist_start(&list, receiver, &hosts, 4, SEC(1));
	keylist_changed(&list, SEC(2));
	assert_int_equal(keylist_deadline(&list), NEVER);
	keylist_run(&list, SEC(3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(servers_of_the_list_are_there_at_once, begin, end),
		cmocka_unit_test_setup_teardown(servers_that_stay_are_not_disturbed_by_a_reload,
						begin, end),
		cmocka_unit_test_setup_teardown(list_that_cannot_be_read_leaves_the_old_one, begin,
						end),
		cmocka_unit_test_setup_teardown(storm_of_signals_costs_ten_readings_a_second, begin,
						end),
		cmocka_unit_test_setup_teardown(without_a_list_there_is_nothing_to_read, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
