/* SPDX-License-Identifier: MIT */
#include "receiver/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "receiver/check_net.h"
#include "receiver/check_streams.h"
#include "receiver/portlock.h"
#include "shared/io/fetch.h"
#include "shared/io/lookup.h"
#include "shared/io/udp.h"

/* One run of `srtla_rec check`. */
struct check {
	struct check_words words;
	struct check_urls urls;
	struct keyfile keys;
	unsigned faults;
	bool running; /* a receiver answers on the port */
	char why[CONFIG_WHY];
};

static void result(struct check *c, bool good, const char *what, const char *said)
{
	printf("  %-6s %s: %s\n", good ? "good" : "FAULT", what, said);
	c->faults += !good;
}

static void print_hints(const struct check *c)
{
	char text[ENDPOINT_TEXT];

	puts("\nThe player's URL is the SRT server's matter: many name a stream that is played in "
	     "another way.");
	printf("The latency, %d ms, is a beginning; the sender's and the server's count, whichever "
	       "is larger.\n", CHECK_LATENCY_MS);
	if (!c->words.name)
		puts("HOST is what senders call this machine: --name HOST says it.");
	if (c->urls.http.family)
		printf("Status page: http://%s/\n", endpoint_print(&c->urls.http, text));
	putchar('\n');
}

/* Where the port is asked on this machine. */
static struct endpoint front(const struct config *cfg)
{
	struct endpoint at = cfg->bind;

	if (!at.family || endpoint_class(&at) == ENDPOINT_UNSPECIFIED)
		endpoint_parse("127.0.0.1", &at);
	at.port = cfg->listen_port;
	return at;
}

/* Nobody answers there: could srtla_rec have the port? */
static void try_bind(struct check *c, const struct endpoint *at, const char *what)
{
	const struct config *cfg = &c->words.cfg;
	const struct udp_options both = {.dual_stack = true};
	struct endpoint all = cfg->bind;
	char said[160];
	long holder = (long)portlock_holder(at);
	int fd;

	if (!all.family)
		endpoint_parse("::", &all);
	all.port = cfg->listen_port;
	fd = udp_open(&all, &both);
	if (fd == -EAFNOSUPPORT && !cfg->bind.family) {
		endpoint_parse("0.0.0.0", &all);
		all.port = cfg->listen_port;
		fd = udp_open(&all, &both);
	}
	if (fd >= 0)
		close(fd);
	if (fd >= 0)
		snprintf(said, sizeof(said), "free, srtla_rec does not run");
	else if (fd == -EADDRINUSE && holder)
		snprintf(said, sizeof(said), "srtla_rec has it, process %ld, and does not answer",
			 holder);
	else if (fd == -EADDRINUSE)
		snprintf(said, sizeof(said),
			 "another program has it: ss -lunp 'sport = :%u' says which",
			 (unsigned)cfg->listen_port);
	else
		snprintf(said, sizeof(said), "%s", strerror(-fd));
	result(c, fd >= 0, what, said);
}

static void try_port(struct check *c)
{
	struct endpoint at = front(&c->words.cfg);
	char text[ENDPOINT_TEXT], what[ENDPOINT_TEXT + 32];

	snprintf(what, sizeof(what), "SRTLA port, udp %s", endpoint_print(&at, text));
	c->running = check_net_receiver(&at) == 0;
	if (c->running)
		result(c, true, what, "srtla_rec answers");
	else
		try_bind(c, &at, what);
}

/* As senders find us, as far as one can tell from here. */
static void try_name(struct check *c)
{
	static const char unreached[] =
		"no answer: a firewall, or a router that does not let this machine ask itself from "
		"outside; ask from elsewhere with srtla_send doctor";
	struct lookup l = {.count = 0};
	char text[ENDPOINT_TEXT], what[ENDPOINT_TEXT + 32];

	if (!c->words.name || !c->running)
		return;
	if (lookup_find(&l, c->words.name, c->words.cfg.dns, c->why, sizeof(c->why)))
		result(c, false, "name", c->why);
	for (size_t i = 0; i < l.count; i++) {
		int err;

		l.found[i].port = c->words.cfg.listen_port;
		err = check_net_receiver(&l.found[i]);
		snprintf(what, sizeof(what), "public port, udp %s",
			 endpoint_print(&l.found[i], text));
		result(c, err == 0, what,
		       err == 0            ? "srtla_rec answers"
		       : err == -ETIMEDOUT ? unreached
					   : strerror(-err));
	}
}

static void try_server(struct check *c, const char *host, uint16_t port)
{
	struct lookup l = {.count = 0};
	char text[ENDPOINT_TEXT] = "", what[400];
	int err = -ENOENT;

	if (lookup_find(&l, host, c->words.cfg.dns, c->why, sizeof(c->why))) {
		result(c, false, "SRT server", c->why);
		return;
	}
	for (size_t i = 0; i < l.count && err; i++) {
		l.found[i].port = port;
		endpoint_print(&l.found[i], text);
		err = check_net_srt(&l.found[i]);
	}
	snprintf(what, sizeof(what), "SRT server, udp %s", text);
	result(c, err == 0, what,
	       err == 0               ? "takes SRT calls"
	       : err == -ETIMEDOUT    ? "no answer to an SRT call: is it a listener?"
	       : err == -ECONNREFUSED ? "nothing listens there: start it, or mend the host or port"
				      : strerror(-err));
}

static void try_servers(struct check *c)
{
	try_server(c, c->words.cfg.host, c->words.cfg.host_port);
	for (unsigned i = 0; i < KEYFILE_SERVERS; i++) {
		if (c->keys.server[i].listed)
			try_server(c, c->keys.server[i].host, c->keys.server[i].port);
	}
}

static void try_http(struct check *c)
{
	struct endpoint at = c->words.cfg.http;
	char text[ENDPOINT_TEXT], what[ENDPOINT_TEXT + 32], said[64], *body;
	size_t len;
	int status;

	if (!c->running || !at.family)
		return;
	if (endpoint_class(&at) == ENDPOINT_UNSPECIFIED) {
		uint16_t port = at.port;

		endpoint_parse("127.0.0.1", &at);
		at.port = port;
	}
	snprintf(what, sizeof(what), "HTTP, tcp %s", endpoint_print(&at, text));
	status = fetch(&at, "/healthz", &body, &len);
	if (status > 0) {
		free(body);
		snprintf(said, sizeof(said), "answers, status %d", status);
	} else {
		snprintf(said, sizeof(said), "%s", strerror(-status));
	}
	result(c, status == 200, what, said);
}

/* 0, or a sysexits code. */
static int check_all(struct check *c)
{
	const struct config *cfg = &c->words.cfg;
	int code;

	c->urls = (struct check_urls){.host = c->words.name ? c->words.name : "HOST",
				      .port = cfg->listen_port,
				      .http = cfg->http};
	code = check_streams_print(&c->words, &c->urls, &c->keys, c->why);
	if (code)
		return code;
	print_hints(c);
	fflush(stdout);
	try_port(c);
	try_name(c);
	try_servers(c);
	try_http(c);
	if (c->words.cfg.stream_keys)
		keyfile_finish(&c->keys);
	return c->faults ? EX_UNAVAILABLE : 0;
}

int check_main(int argc, char **argv)
{
	static struct check c;
	int code = EX_USAGE;

	log_init(&(struct log_config){.program = "srtla_rec", .level = LOG_LEVEL_WARN});
	switch (check_words_read(&c.words, argc, argv, c.why)) {
	case CONFIG_HELP:
	case CONFIG_VERSION:
		check_words_help(stdout);
		return fflush(stdout) ? EX_IOERR : 0;
	case CONFIG_RUN:
		code = check_all(&c);
		config_finish(&c.words.cfg);
		if (code == 0 || code == EX_UNAVAILABLE)
			return fflush(stdout) ? EX_IOERR : code;
		break;
	case CONFIG_WRONG_FILE:
		code = c.words.cfg.file_wrong;
		break;
	case CONFIG_WRONG:
		break;
	}
	log_fatal(code, "check: %s", c.why);
}
