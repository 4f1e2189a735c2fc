/* SPDX-License-Identifier: MIT */
#include "sender/links.h"

#include "tests/unit/sender/door_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

/* Each test has a network of its own, where the receiver is beyond a default route. */
static struct host host;
static struct links links;
static int home = -1;

static void settle(void *arg, ustime now)
{
	struct pkt *p;

	(void)arg, (void)now;
	while ((p = outbox_take(&door.out)) != NULL)
		pkt_free(p);
	outbox_clear_notes(&door.out);
}

static void here(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "ip -batch - <<'END'\n%s\nEND\n", command);
	if (system(line) != 0)
		fail_msg("ip will not: %s", command);
}

/* Until the news of the kernel have come and what follows from them is done. */
static void let_it_happen(void)
{
	for (unsigned i = 0; i < 6; i++) {
		run_a_moment();
		links_run(&links, loop_now(door.loop));
		settle(NULL, 0);
	}
}

static const char *names(void)
{
	static char all[UPLINKS_MOST * UPLINK_NAME];

	all[0] = '\0';
	for (unsigned i = 0; i < links.count; i++)
		sprintf(all + strlen(all), "%s%s", i ? " " : "", links.uplink[i]->name);
	return all;
}

static void follow(const char *iface, const char *exclude)
{
	const struct ifaces_choice choice = {.names = iface, .exclude = exclude};

	assert_int_equal(links_follow(&links, &choice, loop_now(door.loop)), 0);
	settle(NULL, 0);
}

/* The receiver says this over a link; returns the group that it was asked for, or NULL. */
static const uint8_t *says(const struct uplink *u, enum srtla_type type, const uint8_t *id)
{
	static uint8_t asked[SRTLA_ID_LEN];
	struct pkt *p = pkt_get(&door.pool);
	bool found = false;

	assert_non_null(p);
	put_be16(p->data, (uint16_t)type);
	p->len = id ? (uint16_t)srtla_build_reg(p->data, type, id) : 2;
	sender_from_link(door.sender, u->port, p, loop_now(door.loop), &door.out);
	while ((p = outbox_take(&door.out)) != NULL) {
		if (srtla_type(p->data, p->len) == SRTLA_REG1) {
			memcpy(asked, p->data + 2, SRTLA_ID_LEN);
			found = true;
		}
		pkt_free(p);
	}
	return found ? asked : NULL;
}

/* The link of this name has joined: with the first one, the group is made. */
static void comes_up(const char *name)
{
	const struct uplink *u = links_find(&links, name);
	uint8_t id[SRTLA_ID_LEN];
	const uint8_t *asked;

	assert_non_null(u);
	asked = view().joined ? NULL : says(u, SRTLA_REG_NGP, NULL);
	if (asked) {
		memcpy(id, asked, SRTLA_ID_LEN);
		memset(id + SRTLA_HALF_LEN, 0x5a, SRTLA_HALF_LEN);
		says(u, SRTLA_REG2, id);
	}
	says(u, SRTLA_REG3, NULL);
	settle(NULL, 0);
}

static int open_rig(void **state)
{
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || unshare(CLONE_NEWNET)) {
		close(home);
		home = -1;
		return 0;
	}
	here("link set lo up\nlink add m1 type veth peer name x1\nlink set m1 up\nlink set x1 up\n"
	     "link add m2 type veth peer name x2\nlink set m2 up\nlink set x2 up");
	rig_open(io_of(state));
	assert_int_equal(host_init(&host, door.loop, "203.0.113.5", 5000, NULL), 0);
	host.moved = rig_moved;
	host_run(&host, loop_now(door.loop));
	links_init(&links, &door, &host, NULL, false);
	links.settle = settle;
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	if (home < 0)
		return 0;
	links_finish(&links);
	settle(NULL, 0);
	host_finish(&host);
	rig_close();
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
	return 0;
}

static void F14_F17_links_follow_the_interfaces(void **state)
{
	struct uplink *first;

	(void)state;
	if (home < 0)
		skip();
	here("addr add 192.168.8.100/24 dev m1\naddr add 192.168.8.100/24 dev m2\n"
	     "route add default via 192.168.8.1 dev m1 metric 1");
	follow(NULL, NULL);
	assert_string_equal(names(), "m1/192.168.8.100");
	first = links.uplink[0];
	here("route add default via 192.168.8.1 dev m2 metric 2");
	let_it_happen();
	assert_string_equal(names(), "m1/192.168.8.100 m2/192.168.8.100");
	here("link del m2");
	let_it_happen();
	assert_string_equal(names(), "m1/192.168.8.100");
	here("link add m2 type veth peer name x2\nlink set m2 up\nlink set x2 up\n"
	     "addr add 192.168.8.100/24 dev m2\n"
	     "route add default via 192.168.8.1 dev m2 metric 2");
	let_it_happen();
	assert_string_equal(names(), "m1/192.168.8.100 m2/192.168.8.100");
	assert_ptr_equal(links.uplink[0], first);
}

static void auto_begins_with_nothing_and_waits(void **state)
{
	(void)state;
	if (home < 0)
		skip();
	follow(NULL, NULL);
	assert_int_equal(links.count, 0);
	assert_true(links.none);
	let_it_happen();
	here("addr add 10.0.0.2/24 dev m1\nroute add default via 10.0.0.1 dev m1");
	let_it_happen();
	assert_string_equal(names(), "m1/10.0.0.2");
	assert_false(links.none);
	here("addr del 10.0.0.2/24 dev m1");
	let_it_happen();
	assert_int_equal(links.count, 0);
	assert_true(links.none);
}

static void F15_renumbered_link_is_kept_until_the_new_one_delivers(void **state)
{
	(void)state;
	if (home < 0)
		skip();
	here("addr add 10.0.0.2/24 dev m1\nroute add default via 10.0.0.1 dev m1");
	follow(NULL, NULL);
	comes_up("10.0.0.2");
	here("addr change 10.0.0.2/24 dev m1 preferred_lft 0\naddr add 10.0.0.3/24 dev m1");
	let_it_happen();
	assert_string_equal(names(), "m1/10.0.0.3 m1/10.0.0.2");
	comes_up("10.0.0.3");
	let_it_happen();
	assert_string_equal(names(), "m1/10.0.0.3");
}

static void link_that_is_down_is_not_kept_for_long(void **state)
{
	(void)state;
	if (home < 0)
		skip();
	here("addr add 10.0.0.2/24 dev m1\nroute add default via 10.0.0.1 dev m1");
	follow(NULL, NULL);
	here("addr change 10.0.0.2/24 dev m1 preferred_lft 0\naddr add 10.0.0.3/24 dev m1");
	let_it_happen();
	assert_string_equal(names(), "m1/10.0.0.3");
}

static void what_was_said_by_hand_outlives_news_but_not_a_reload(void **state)
{
	(void)state;
	if (home < 0)
		skip();
	here("addr add 10.0.0.2/24 dev m1\naddr add 10.0.1.2/24 dev m2");
	follow("m?", NULL);
	assert_null(links_remove(&links, "m1", loop_now(door.loop)));
	assert_null(links_add(&links, "127.0.0.9", loop_now(door.loop)));
	here("addr add 10.0.2.2/24 dev m2");
	let_it_happen();
	assert_string_equal(names(), "m2/10.0.1.2 m2/10.0.2.2 127.0.0.9");
	links_file_changed(&links, loop_now(door.loop));
	let_it_happen();
	assert_string_equal(names(), "m1/10.0.0.2 m2/10.0.1.2 m2/10.0.2.2");
}

static void another_choice_takes_the_place_of_the_first(void **state)
{
	(void)state;
	if (home < 0)
		skip();
	here("addr add 10.0.0.2/24 dev m1\naddr add 10.0.1.2/24 dev m2");
	follow("m1", NULL);
	assert_string_equal(names(), "m1/10.0.0.2");
	follow("m2", NULL);
	assert_string_equal(names(), "m2/10.0.1.2");
}

static void interfaces_and_a_file_may_take_turns(void **state)
{
	char path[] = "/tmp/test_links_choose.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	if (home < 0)
		skip();
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "127.0.0.9\n", 10), 10);
	here("addr add 10.0.0.2/24 dev m1");
	follow("m1", NULL);
	links_read_from(&links, path, loop_now(door.loop));
	here("addr add 10.0.0.3/24 dev m1"); /* of no interest now */
	let_it_happen();
	assert_string_equal(names(), "127.0.0.9");
	follow("m1", NULL); /* before the second look at the file */
	links_run(&links, loop_now(door.loop) + SEC(2));
	assert_string_equal(names(), "m1/10.0.0.2 m1/10.0.0.3");
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(F14_F17_links_follow_the_interfaces, BATCH_PLAIN),
		WITH(auto_begins_with_nothing_and_waits, BATCH_PLAIN),
		WITH(F15_renumbered_link_is_kept_until_the_new_one_delivers, BATCH_PLAIN),
		WITH(link_that_is_down_is_not_kept_for_long, BATCH_PLAIN),
		WITH(what_was_said_by_hand_outlives_news_but_not_a_reload, BATCH_PLAIN),
		WITH(another_choice_takes_the_place_of_the_first, BATCH_PLAIN),
		WITH(interfaces_and_a_file_may_take_turns, BATCH_PLAIN),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
