/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/check_net.h"
#include "receiver/check_urls.h"
#include "receiver/check_words.h"
#include "receiver/keyfile.h"
#include "shared/io/fetch.h"
#include "shared/wire/handshake.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"

static enum config_verdict read_words(struct check_words *w, char *why, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return check_words_read(w, argc, argv, why);
}

static void its_own_options_stand_anywhere_between_those_of_the_receiver(void **state)
{
	struct check_words w;
	char why[CONFIG_WHY];

	(void)state;
	assert_int_equal(read_words(&w, why, (char *[]){"check", "--hold", "off", "--name",
			 "rec.example.org", "5000", "127.0.0.1", "--show-keys", "4001", NULL}),
			 CONFIG_RUN);
	assert_string_equal(w.name, "rec.example.org");
	assert_true(w.show_keys);
	assert_int_equal(w.cfg.listen_port, 5000);
	assert_int_equal(w.cfg.host_port, 4001);
	assert_true(w.cfg.hold < 0);
	assert_int_equal(
		read_words(&w, why, (char *[]){"check", "--name=a.b", "5000", "::1", "4001", NULL}),
		CONFIG_RUN);
	assert_string_equal(w.name, "a.b");
	assert_false(w.show_keys);
	assert_int_equal(read_words(&w, why, (char *[]){"check", "5000", "::1", "4001", "--name",
			 NULL}), CONFIG_WRONG);
	assert_int_equal(read_words(&w, why, (char *[]){"check", "5000", NULL}), CONFIG_WRONG);
}

static void urls_of(char *text, size_t size, const char *host, const char *server, const char *id)
{
	struct check_urls u = {.host = host, .port = 5000, .server = server, .server_port = 4001};
	FILE *to = fmemopen(text, size, "w");

	endpoint_parse("127.0.0.1", &u.http);
	u.http.port = 5000;
	check_urls_print(&u, id, to);
	fclose(to);
}

static void each_program_gets_its_url_with_the_unit_that_it_takes(void **state)
{
	char text[4096];

	(void)state;
	urls_of(text, sizeof(text), "rec.example.org", "media.example.org", "live/cam");
	assert_string_equal(text,
		"  sender         srtla://rec.example.org:5000?streamid=live/cam\n"
		"  encoder        srt://127.0.0.1:9000?streamid=live/cam"
		"&latency=2000  (ms: libsrt's own tools)\n"
		"                 srt://127.0.0.1:9000?streamid=live/cam"
		"&latency=2000000  (us: ffmpeg, OBS)\n"
		"  player         srt://media.example.org:4001?streamid=live/cam"
		"&latency=2000  (ms: libsrt's own tools)\n"
		"                 srt://media.example.org:4001?streamid=live/cam"
		"&latency=2000000  (us: ffmpeg, OBS)\n"
		"  SrtLiveServer  http://127.0.0.1:5000/sls/live/cam\n"
		"  Belabox        http://127.0.0.1:5000/belabox/live/cam\n"
		"  OpenIRL        http://127.0.0.1:5000/stats/live/cam\n");
}

static void signs_that_mean_something_to_a_url_are_written_out(void **state)
{
	char buf[64], text[4096];

	(void)state;
	assert_string_equal(check_urls_query("#!::r=studio,m=publish", buf, sizeof(buf)),
			    "%23!::r=studio,m=publish");
	assert_string_equal(check_urls_query("a&b%c+d", buf, sizeof(buf)), "a%26b%25c%2Bd");
	assert_string_equal(check_urls_path("#!::r=x y?", buf, sizeof(buf)),
			    "%23%21%3A%3Ar%3Dx%20y%3F");
	assert_string_equal(check_urls_path("\xc3\xa4", buf, sizeof(buf)), "%C3%A4");
	urls_of(text, sizeof(text), "2001:db8::7", "::2", "k");
	assert_non_null(strstr(text, "srtla://[2001:db8::7]:5000?"));
	assert_non_null(strstr(text, "srt://[::2]:4001?"));
}

static void a_long_key_is_cut_and_harms_nothing(void **state)
{
	char id[600], buf[32];

	(void)state;
	memset(id, '%', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	assert_true(strlen(check_urls_query(id, buf, sizeof(buf))) < sizeof(buf));
}

static void only_a_listeners_answer_to_this_call_counts(void **state)
{
	uint8_t hs[SRT_HANDSHAKE_LEN];
	size_t len = srt_build_induction(hs, 77, 1000, 0, 0);

	(void)state;
	assert_false(check_net_is_listener(hs, len, 77)); /* our own call, returned */
	handshake_answer(hs, 0x1234);
	assert_true(check_net_is_listener(hs, len, 77));
	assert_false(check_net_is_listener(hs, len, 78));
	assert_false(check_net_is_listener(hs, len - 1, 77));
	hs[19] = 4; /* the version of callers */
	assert_false(check_net_is_listener(hs, len, 77));
}

static void only_no_such_group_is_a_receivers_answer(void **state)
{
	uint8_t reply[SRTLA_REPLY_LEN];

	(void)state;
	assert_true(check_net_is_ngp(reply, srtla_build_reply(reply, SRTLA_REG_NGP)));
	assert_false(check_net_is_ngp(reply, srtla_build_reply(reply, SRTLA_REG3)));
	assert_false(check_net_is_ngp(reply, 0));
}

static unsigned heard;

static void hear(void *arg, const char *stream_id, unsigned server)
{
	assert_string_equal(arg, "me");
	assert_string_equal(stream_id, heard == 0 ? "live/a" : "live/b");
	assert_int_equal(server != 0, heard == 1);
	heard++;
}

static void who_wants_to_hear_of_keys_hears_each_once_with_its_server(void **state)
{
	static struct keyfile kf;
	const struct siphash_key key = {{0}};
	const char text[] = "live/a\n# live/c\nlive/b second.example.org:4001\nlive/a\n";

	(void)state;
	kf.keys = keys_create(&key);
	kf.hear = hear;
	kf.arg = "me";
	keyfile_parse(&kf, "file", text, strlen(text));
	assert_int_equal(heard, 2);
	keyfile_finish(&kf);
}

static void an_answer_of_http_is_taken_apart(void **state)
{
	char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
	char off[] = "HTTP/1.0 503 no\r\n\r\n", none[] = "SSH-2.0-x\r\n\r\n",
	     half[] = "HTTP/1.1 200";
	size_t len;
	char *body;

	(void)state;
	assert_int_equal(fetch_parse(good, strlen(good), &body, &len), 200);
	assert_string_equal(body, "ok\n");
	assert_int_equal(len, 3);
	assert_int_equal(fetch_parse(off, strlen(off), &body, &len), 503);
	assert_string_equal(body, "");
	assert_true(fetch_parse(none, strlen(none), &body, &len) < 0);
	assert_true(fetch_parse(half, strlen(half), &body, &len) < 0);
}

/* The manual as one string, to be freed. */
static char *manual(void)
{
	FILE *f = fopen(MANUAL, "r");
	char *text = calloc(1, 1 << 18);

	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 18) - 1, f) > 0);
	fclose(f);
	return text;
}

static void the_manual_has_the_ports_that_the_program_has(void **state)
{
	struct check_words w;
	char why[CONFIG_WHY], port[48], urls[4096], *text = manual();
	char *table = strstr(text, ".Sh PORTS");

	(void)state;
	assert_int_equal(
		read_words(&w, why, (char *[]){"check", "--srt-hostname", "127.0.0.1", NULL}),
		CONFIG_RUN);
	assert_non_null(table);
	*strstr(table + 1, ".Sh ") = '\0';
	snprintf(port, sizeof(port), ".It %u/udp", w.cfg.listen_port);
	assert_non_null(strstr(table, port));
	snprintf(port, sizeof(port), ".It %u/udp", w.cfg.host_port);
	assert_non_null(strstr(table, port));
	snprintf(port, sizeof(port), ".It %u/tcp", w.cfg.http.port);
	assert_non_null(strstr(table, port));
	assert_int_equal(endpoint_class(&w.cfg.http), ENDPOINT_LOOPBACK);
	urls_of(urls, sizeof(urls), "h", "h", "KEY");
	assert_non_null(strstr(urls, "srt://127.0.0.1:9000?"));
	assert_non_null(strstr(table, ".It 9000/udp"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_own_options_stand_anywhere_between_those_of_the_receiver),
		cmocka_unit_test(each_program_gets_its_url_with_the_unit_that_it_takes),
		cmocka_unit_test(signs_that_mean_something_to_a_url_are_written_out),
		cmocka_unit_test(a_long_key_is_cut_and_harms_nothing),
		cmocka_unit_test(only_a_listeners_answer_to_this_call_counts),
		cmocka_unit_test(only_no_such_group_is_a_receivers_answer),
		cmocka_unit_test(who_wants_to_hear_of_keys_hears_each_once_with_its_server),
		cmocka_unit_test(an_answer_of_http_is_taken_apart),
		cmocka_unit_test(the_manual_has_the_ports_that_the_program_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
