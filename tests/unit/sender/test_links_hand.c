/* SPDX-License-Identifier: MIT */
#include "sender/links.h"

#include "tests/unit/sender/door_rig.h"

#include <stdio.h>
#include <stdlib.h>

static struct host host;
static struct links links;
static int far;

static void settle(void *arg, ustime now)
{
	struct pkt *p;

	(void)arg, (void)now;
	while ((p = outbox_take(&door.out)) != NULL)
		pkt_free(p);
	outbox_clear_notes(&door.out);
}

static ustime now(void)
{
	return loop_now(door.loop);
}

static void apply(const char *text)
{
	struct uplinks list;

	uplinks_parse(&list, text, strlen(text));
	assert_true(links_apply(&links, &list, now()));
	settle(NULL, now());
}

static int open_rig(void **state)
{
	rig_open(io_of(state));
	far = open_at("127.0.0.1", 0);
	rig_host(&host, port_of(far));
	links_init(&links, &door, &host, "/nowhere", false);
	links.settle = settle;
	apply("127.0.0.2\n127.0.0.3 weight=5\n");
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	links_finish(&links);
	settle(NULL, now());
	host_finish(&host);
	close(far);
	rig_close();
	return 0;
}

static void link_is_added_behind_the_others_and_none_is_touched(void **state)
{
	struct uplink *first = links.uplink[0];

	(void)state;
	assert_null(links_add(&links, "127.0.0.4 role=backup cap=4M", now()));
	assert_int_equal(links.count, 3);
	assert_ptr_equal(links.uplink[0], first);
	assert_string_equal(links.uplink[2]->name, "127.0.0.4");
	assert_int_equal(links.uplink[2]->terms.role, SENDER_BACKUP);
	assert_int_equal(links.uplink[2]->terms.cap, 4000000);
}

static void what_is_no_new_uplink_is_refused_with_its_reason(void **state)
{
	static const char *const bad[][2] = {
		{"127.0.0.3", "there is this link already"},
		{"hello", "not an IPv4 or IPv6 address"},
		{"", "not an IPv4 or IPv6 address"},
		{"# 127.0.0.9", "not an IPv4 or IPv6 address"},
		{"127.0.0.8\n127.0.0.9", "more than one uplink"},
		{"fe80::1", "a link-local address needs its interface, as in fe80::1%eth0"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(links_add(&links, bad[i][0], now()), bad[i][1]);
	assert_non_null(links_add(&links, "127.0.0.9 weight=heavy", now()));
	assert_int_equal(links.count, 2);
	assert_string_equal(links_remove(&links, "usb7", now()), "no such link");
	assert_string_equal(links_set_terms(&links, "usb7", &(struct sender_terms){0}, now()),
			    "no such link");
}

static void link_is_removed_but_not_the_last_one(void **state)
{
	(void)state;
	assert_null(links_remove(&links, "127.0.0.2", now()));
	assert_int_equal(links.count, 1);
	assert_string_equal(links.uplink[0]->name, "127.0.0.3");
	assert_string_equal(links_remove(&links, "127.0.0.3", now()), "it is the only link");
	assert_int_equal(links.count, 1);
}

static void sixty_four_links_are_enough(void **state)
{
	char text[32];

	(void)state;
	for (unsigned i = 4; i < 4 + UPLINKS_MOST - 2; i++) {
		snprintf(text, sizeof(text), "127.0.0.%u", i);
		assert_null(links_add(&links, text, now()));
	}
	assert_int_equal(links.count, UPLINKS_MOST);
	assert_string_equal(links_add(&links, "127.0.1.1", now()), "there are 64 links already");
}

static void terms_of_one_link_change(void **state)
{
	const struct sender_terms off = {.role = SENDER_OFF, .weight = 7};

	(void)state;
	assert_null(links_set_terms(&links, "1", &off, now()));
	assert_int_equal(links.uplink[1]->terms.role, SENDER_OFF);
	assert_int_equal(links.uplink[1]->terms.weight, 7);
	assert_int_equal(links.uplink[0]->terms.role, SENDER_NORMAL);
}

static void what_was_said_outlives_other_words_and_other_lists(void **state)
{
	const struct sender_terms off = {.role = SENDER_OFF};

	(void)state;
	assert_null(links_remove(&links, "127.0.0.2", now()));
	assert_null(links_add(&links, "127.0.0.4", now()));
	assert_null(links_set_terms(&links, "127.0.0.4", &off, now()));
	apply("127.0.0.2\n127.0.0.3\n127.0.0.5\n");
	assert_int_equal(links.count, 3);
	assert_string_equal(links.uplink[0]->name, "127.0.0.3");
	assert_string_equal(links.uplink[1]->name, "127.0.0.5");
	assert_string_equal(links.uplink[2]->name, "127.0.0.4");
	assert_int_equal(links.uplink[2]->terms.role, SENDER_OFF);
	assert_null(links_add(&links, "127.0.0.2", now()));
	assert_null(links_remove(&links, "127.0.0.4", now()));
	assert_int_equal(links.count, 3);
	assert_string_equal(links.uplink[0]->name, "127.0.0.2");
}

static char path[] = "/tmp/test_links_hand.XXXXXX";

static void list_that_is_reloaded_overrides_what_was_said_and_one_refused_does_not(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	links.path = path;
	assert_null(links_add(&links, "127.0.0.4", now()));
	links_file_changed(&links, now());
	links_run(&links, now() + SEC(1));
	assert_int_equal(links.count, 3);
	assert_int_equal(links.words, 1);
	assert_int_equal(write(fd, "127.0.0.3\n", 10), 10);
	links_file_changed(&links, now() + SEC(2));
	links_run(&links, now() + SEC(3));
	assert_int_equal(links.count, 1);
	assert_string_equal(links.uplink[0]->name, "127.0.0.3");
	/* The second look after the same signal leaves alone what was said since. */
	assert_null(links_add(&links, "127.0.0.6", now() + SEC(3)));
	links_run(&links, now() + SEC(5));
	assert_int_equal(links.count, 2);
	close(fd);
	unlink(path);
}

static void link_is_found_by_name_interface_address_or_place(void **state)
{
	(void)state;
	apply("127.0.0.2%lo\n127.0.0.2\n127.0.0.3\n::1%lo\n");
	assert_ptr_equal(links_find(&links, "lo/127.0.0.2"), links.uplink[0]);
	assert_ptr_equal(links_find(&links, "127.0.0.2%lo"), links.uplink[0]);
	assert_ptr_equal(links_find(&links, "127.0.0.2"), links.uplink[1]);
	assert_ptr_equal(links_find(&links, "::1"), links.uplink[3]);
	assert_ptr_equal(links_find(&links, "0:0::1"), links.uplink[3]);
	assert_ptr_equal(links_find(&links, "2"), links.uplink[2]);
	assert_null(links_find(&links, "lo")); /* two have it */
	assert_null(links_find(&links, "4"));
	assert_null(links_find(&links, "2x"));
	assert_null(links_find(&links, ""));
	apply("127.0.0.2%lo\n127.0.0.3\n");
	assert_ptr_equal(links_find(&links, "lo"), links.uplink[0]);
	assert_ptr_equal(links_find(&links, "127.0.0.2"), links.uplink[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(link_is_added_behind_the_others_and_none_is_touched, BATCH_PLAIN),
		WITH(what_is_no_new_uplink_is_refused_with_its_reason, BATCH_PLAIN),
		WITH(link_is_removed_but_not_the_last_one, BATCH_PLAIN),
		WITH(sixty_four_links_are_enough, BATCH_PLAIN),
		WITH(terms_of_one_link_change, BATCH_PLAIN),
		WITH(what_was_said_outlives_other_words_and_other_lists, BATCH_PLAIN),
		WITH(list_that_is_reloaded_overrides_what_was_said_and_one_refused_does_not,
		     BATCH_PLAIN),
		WITH(link_is_found_by_name_interface_address_or_place, BATCH_PLAIN),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
