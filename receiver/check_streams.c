/* SPDX-License-Identifier: MIT */
#include "receiver/check_streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A server of the list, or the command line's for number 0. */
static void serve(struct check_urls *u, const struct config *cfg, const struct keyfile *keys,
		  unsigned server)
{
	u->server = server ? keys->server[server - 1].host : cfg->host;
	u->server_port = server ? keys->server[server - 1].port : cfg->host_port;
	/* To players elsewhere, loopback is another machine. */
	if (strcmp(u->server, "localhost") == 0 || strncmp(u->server, "127.", 4) == 0 ||
	    strcmp(u->server, "::1") == 0)
		u->server = u->host;
}

/* The keys that are to be shown, as they are read. */
struct reading {
	struct shown {
		char *stream_id;
		unsigned server;
	} *shown;
	size_t count, room;
};

static void hear_key(void *arg, const char *stream_id, unsigned server)
{
	struct reading *r = arg;

	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct shown *more = reallocarray(r->shown, room, sizeof(*more));

		if (!more)
			return;
		r->shown = more;
		r->room = room;
	}
	r->shown[r->count] = (struct shown){strdup(stream_id), server};
	r->count += r->shown[r->count].stream_id != NULL;
}

static void forget(struct reading *r)
{
	for (size_t i = 0; i < r->count; i++) {
		explicit_bzero(r->shown[i].stream_id, strlen(r->shown[i].stream_id));
		free(r->shown[i].stream_id);
	}
	free(r->shown);
}

static void print_keys(const struct check_words *w, const struct check_urls *urls,
		       const struct keyfile *keys, const struct reading *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct check_urls u = *urls;

		serve(&u, &w->cfg, keys, r->shown[i].server);
		printf("\nstream %s\n", r->shown[i].stream_id);
		check_urls_print(&u, r->shown[i].stream_id, stdout);
	}
	if (r->count == 0)
		puts("\nno stream key is listed: nobody is let in");
}

static void print_any(const struct check_urls *urls, const struct keyfile *keys)
{
	printf("\nstream KEY");
	if (keys->keys)
		printf(", any of %zu stream keys, which --show-keys shows", keys_count(keys->keys));
	putchar('\n');
	check_urls_print(urls, "KEY", stdout);
}

int check_streams_print(const struct check_words *w, struct check_urls *urls, struct keyfile *keys,
			char why[CONFIG_WHY])
{
	const struct siphash_key any = {{0}};
	struct reading r = {0};
	const struct keyfile teller = {.hear = w->show_keys ? hear_key : NULL, .arg = &r};
	const char *path = w->cfg.stream_keys;
	int code = path ? keyfile_read(keys, &teller, path, &any, why) : 0;

	if (code == 0) {
		serve(urls, &w->cfg, keys, 0);
		if (path && w->show_keys)
			print_keys(w, urls, keys, &r);
		else
			print_any(urls, keys);
	}
	forget(&r);
	return code;
}
