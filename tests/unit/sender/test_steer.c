/* SPDX-License-Identifier: MIT */
#include "sender/steer.h"

#include "tests/unit/sender/door_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>

static const struct config cfg = {
	.listen_port = 9000, .host = "127.0.0.1", .host_port = 5000, .control_path = "off",
};
static struct host host;
static struct links links;
static struct app app;
static struct scene scene;
static struct steer steer;
static int far;
static unsigned reloads;

static void settle(void *arg, ustime now)
{
	struct pkt *p;

	(void)arg, (void)now;
	while ((p = outbox_take(&door.out)) != NULL)
		pkt_free(p);
	outbox_clear_notes(&door.out);
}

static void set_mode(void *arg, enum sender_mode mode, ustime now)
{
	(void)arg;
	sender_set_mode(door.sender, mode, now, &door.out);
}

static void reload(void *arg, ustime now)
{
	(void)arg, (void)now;
	reloads++;
}

static ustime now(void)
{
	return loop_now(door.loop);
}

static int open_rig(void **state)
{
	static const char file[] = "127.0.0.2\n127.0.0.3 weight=5\n";
	struct uplinks list;
	char why[CONFIG_WHY];

	rig_open(io_of(state));
	far = open_at("127.0.0.1", 0);
	rig_host(&host, port_of(far));
	links_init(&links, &door, &host, "/nowhere", false);
	links.settle = settle;
	uplinks_parse(&list, file, strlen(file));
	assert_true(links_apply(&links, &list, now()));
	scene = (struct scene){.cfg = &cfg, .door = &door, .app = &app, .host = &host, .links = &links};
	memset(&steer, 0, sizeof(steer));
	steer.set_mode = set_mode;
	steer.reload = reload;
	return steer_open(&steer, &scene, NULL, why);
}

static int close_rig(void **state)
{
	(void)state;
	steer_close(&steer);
	links_finish(&links);
	settle(NULL, now());
	host_finish(&host);
	close(far);
	rig_close();
	return 0;
}

/* What a call is answered with, good until the next. */
static const char *ask(const char *method, const char *params)
{
	static char *answer;
	char line[512];

	snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method,
		 params);
	free(answer);
	answer = rpc_answer(steer_methods, steer_method_count, &steer.desk, NULL, line, strlen(line),
			    now());
	settle(NULL, now());
	return answer;
}

static void assert_says(const char *method, const char *params, const char *what)
{
	const char *answer = ask(method, params);

	if (!strstr(answer, what))
		fail_msg("%s %s: %s is not in %s", method, params, what, answer);
}

static const struct sender_link_view *link_view(unsigned i)
{
	static struct sender_view v;

	sender_view(door.sender, now(), &v);
	for (unsigned k = 0; k < v.count; k++) {
		if (v.link[k].port == links.uplink[i]->port)
			return &v.link[k];
	}
	return NULL;
}

static void every_method_answers_or_says_what_it_lacks(void **state)
{
	(void)state;
	for (size_t i = 0; i < steer_method_count; i++) {
		const char *answer = ask(steer_methods[i].name, "{}");

		assert_non_null(answer);
		assert_null(strstr(answer, "-32603")); /* no error of our own */
		assert_true(steer_methods[i].help[0]);
		if (!strstr(answer, "\"result\"") && !strstr(answer, "-32602"))
			assert_string_equal(steer_methods[i].name, "history"); /* there is none here */
	}
}

static void methods_list_themselves(void **state)
{
	(void)state;
	assert_says("methods", "{}", "{\"name\":\"link.cap\",\"params\":\"link, bps\"");
}

static void mode_is_told_and_changed_by_any_of_its_names(void **state)
{
	(void)state;
	assert_says("mode", "{\"mode\":\"redundant\"}", "\"result\":{\"mode\":\"redundant\"}");
	assert_says("mode", "{}", "redundant");
	assert_says("set_mode", "[\"enhanced\"]", "\"mode\":\"quality\"");
	assert_says("set_mode", "{}", "mode: it must be given");
	assert_says("mode", "{\"mode\":\"fast\"}", "one of balance, redundant");
	assert_says("mode", "{\"mode\":true}", "mode: a text is wanted");
	assert_says("get_status", "{}", "\"mode\":\"quality\"");
}

static void links_come_and_go_and_the_last_stays(void **state)
{
	(void)state;
	assert_says("link.add", "{\"uplink\":\"127.0.0.4\",\"role\":\"backup\",\"weight\":7,\"cap\":\"4M\"}",
		    "\"role\":\"backup\",\"weight\":7,\"cap_bps\":4000000");
	assert_int_equal(links.count, 3);
	assert_says("link.add", "[\"127.0.0.4\"]", "there is this link already");
	assert_says("link.add", "[\"127.0.0.5\\n127.0.0.6\"]", "more than one line");
	assert_says("link.add", "{\"uplink\":\"127.0.0.5\",\"weight\":[]}", "weight: a text is wanted");
	assert_says("link.remove", "{\"link\":\"127.0.0.4\"}", "\"removed\":\"127.0.0.4\"");
	assert_says("link.remove", "[0]", "\"removed\":\"127.0.0.2\"");
	assert_says("link.remove", "[0]", "it is the only link");
	assert_says("link.remove", "[\"usb9\\u001b[2J\"]", "usb9\\\\x1b[2J is the name of none");
	assert_int_equal(links.count, 1);
}

static void each_term_changes_alone(void **state)
{
	(void)state;
	assert_says("link.cap", "[\"127.0.0.3\",\"2.5M\"]", "\"weight\":5,\"cap_bps\":2500000");
	assert_says("link.weight", "[\"127.0.0.3\",9]", "\"weight\":9,\"cap_bps\":2500000");
	assert_says("link.role", "{\"link\":1,\"role\":\"overflow\"}", "\"role\":\"overflow\",\"weight\":9");
	assert_int_equal(link_view(1)->role, SENDER_OVERFLOW);
	assert_says("link.cap", "[1,0]", "\"cap_bps\":null");
	assert_says("link.cap", "[1,\"fast\"]", "no rate from 16k");
	assert_says("link.role", "[1,\"chief\"]", "there are normal, overflow, backup and off");
	assert_int_equal(links.uplink[1]->terms.role, SENDER_OVERFLOW);
	assert_int_equal(links.uplink[0]->terms.role, SENDER_NORMAL);
}

static void a_drained_link_remembers_what_it_did(void **state)
{
	(void)state;
	ask("link.role", "[0,\"backup\"]");
	assert_says("link.drain", "[0]", "\"role\":\"off\"");
	assert_says("link.drain", "[0]", "\"role\":\"off\""); /* again, and it still remembers */
	assert_int_equal(link_view(0)->role, SENDER_OFF);
	assert_says("link.role", "[0]", "\"role\":\"backup\"");
	assert_says("link.drain", "[0]", "\"role\":\"off\"");
	assert_says("link.role", "[0,\"normal\"]", "\"role\":\"normal\"");
	assert_says("link.role", "[0]", "\"role\":\"normal\""); /* what was said since counts */
}

static void what_a_drained_link_did_is_not_its_successors(void **state)
{
	(void)state;
	ask("link.role", "[0,\"backup\"]");
	ask("link.drain", "[0]");
	ask("link.remove", "[0]");
	assert_says("link.add", "{\"uplink\":\"127.0.0.9\",\"role\":\"off\"}", "\"role\":\"off\"");
	assert_says("link.role", "[\"127.0.0.9\"]", "\"role\":\"off\"");
}

static void a_hint_is_read_strictly(void **state)
{
	(void)state;
	assert_says("link.hint", "{\"link\":0,\"quality\":0.25,\"valid_ms\":500,\"capacity_bps\":1000000,"
				 "\"reason\":\"tunnel\"}",
		    "\"quality\":0.25,\"valid_ms\":500");
	assert_says("link.hint", "[0,1,0]", "\"valid_ms\":0");
	assert_says("link.hint", "[0,1.01,10]", "quality: a number from 0 to 1");
	assert_says("link.hint", "[0,\"1\",10]", "quality: a number from 0 to 1");
	assert_says("link.hint", "[0,1]", "valid_ms: a whole number from 0 to 600000");
	assert_says("link.hint", "[0,1,600001]", "valid_ms");
	assert_says("link.hint", "[0,1,10,-1]", "capacity_bps");
	assert_says("link.hint", "[0,1,10,5,{}]", "reason: a text");
	assert_says("link.hint", "[7,1,10]", "link: 7 is the name of none");
}

static void what_panels_of_other_senders_call_is_answered_honestly(void **state)
{
	(void)state;
	assert_says("set_quality", "{\"enabled\":false}", "\"applied\":true,\"enabled\":false");
	assert_says("set_quality", "{\"enabled\":\"no\"}", "true or false is wanted");
	assert_says("set_stall_deselect", "{\"enabled\":true}", "\"applied\":false,\"ignored\":{\"enabled\":true}");
	assert_says("set_conn_timeout", "[4000]", "\"applied\":false,\"ignored\":[4000]");
	assert_says("get_stats", "{}", "\"connections\":[");
	assert_says("get_subscription_count", "{}", "\"count\":0");
}

static void stats_are_the_same_for_all_who_ask_at_once(void **state)
{
	char *first = strdup(ask("stats", "{}"));

	(void)state;
	assert_non_null(strstr(first, "\"name\":\"127.0.0.3\""));
	ask("link.role", "[0,\"off\"]");
	assert_string_equal(ask("stats", "{}"), first);
	free(first);
}

static void reload_is_passed_on(void **state)
{
	(void)state;
	reloads = 0;
	assert_says("reload", "{}", "\"ok\":true");
	assert_int_equal(reloads, 1);
}

static void log_level_is_told_and_changed(void **state)
{
	(void)state;
	assert_says("log.level", "{}", "\"level\":\"info\"");
	assert_says("log.level", "[\"warn\"]", "\"level\":\"warn\"");
	assert_int_equal(log_level(), LOG_LEVEL_WARN);
	assert_says("log.level", "[\"loud\"]", "one of error, warn, info and debug");
	assert_says("log.level", "[1]", "one of error");
	ask("log.level", "[\"info\"]");
}

static void a_place_that_was_asked_for_and_is_not_to_be_had_ends_the_start(void **state)
{
	struct config other = cfg;
	struct steer second = {0};
	char why[CONFIG_WHY] = "";

	(void)state;
	scene.cfg = &other;
	other.control_path = "/not/there/9000.sock";
	assert_int_equal(steer_open(&second, &scene, NULL, why), EX_CANTCREAT);
	assert_string_equal(why, "--control-socket /not/there/9000.sock: No such file or directory");
	assert_null(second.desk.control);
	other.control_path = "off";
	assert_int_equal(steer_open(&second, &scene, NULL, why), 0);
	assert_true(steer_deadline(&second) == NEVER);
	steer_close(&second);
}

static void subscribers_are_told_rates_and_events(void **state)
{
	char dir[] = "/tmp/steer-XXXXXX", path[64], text[8192];
	struct config other = cfg;
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char why[CONFIG_WHY];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	other.control_path = path;
	scene.cfg = &other;
	assert_int_equal(steer_open(&steer, &scene, NULL, why), 0);
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	dprintf(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscribe\",\"params\":"
		    "{\"topics\":[\"rate\",\"event\",\"priority.window\"]}}\n");
	run_a_moment();
	run_a_moment();
	steer_run(&steer, now()); /* answers */
	log_info("event=link_up link=usb0");
	steer_run(&steer, now() + MSEC(150)); /* and the next two are due */
	assert_true(steer_deadline(&steer) <= now() + MSEC(350));
	text[recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)] = '\0';
	assert_non_null(strstr(text, "\"subscribed\":[\"rate\",\"event\"],\"ignored\":[\"priority.window\"]"));
	assert_non_null(strstr(text, "\"method\":\"rate\",\"params\":{\"capacity_bps\":"));
	assert_non_null(strstr(text, "\"level\":\"info\",\"text\":\"event=link_up link=usb0\""));
	close(fd);
	steer_close(&steer);
	rmdir(dir);
}

#define RIG(test)                                                                                  \
	cmocka_unit_test_prestate_setup_teardown(test, open_rig, close_rig, (void *)(uintptr_t)BATCH_PLAIN)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(every_method_answers_or_says_what_it_lacks),
		RIG(methods_list_themselves),
		RIG(mode_is_told_and_changed_by_any_of_its_names),
		RIG(links_come_and_go_and_the_last_stays),
		RIG(each_term_changes_alone),
		RIG(a_drained_link_remembers_what_it_did),
		RIG(what_a_drained_link_did_is_not_its_successors),
		RIG(a_hint_is_read_strictly),
		RIG(what_panels_of_other_senders_call_is_answered_honestly),
		RIG(stats_are_the_same_for_all_who_ask_at_once),
		RIG(reload_is_passed_on),
		RIG(log_level_is_told_and_changed),
		RIG(a_place_that_was_asked_for_and_is_not_to_be_had_ends_the_start),
		RIG(subscribers_are_told_rates_and_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
