/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tools/ctl/find.h"
#include "tools/ctl/show.h"
#include "tools/ctl/talk.h"

/* What the command line asks for. */
struct asked {
	const char *socket; /* NULL: the only program that runs, */
	struct wanted wanted; /* of these */
	bool json;
	char **words; /* the command first */
	int count;
};

static int complain(int code, const char *why)
{
	fprintf(stderr, "srtla_ctl: %s\n", why);
	return code;
}

static int usage(FILE *to)
{
	fputs("usage: srtla_ctl [-jr] [-p PORT] [-s SOCKET] METHOD [NAME=VALUE ... | VALUE ...]\n"
	      "       srtla_ctl [-jr] [-p PORT] [-s SOCKET] watch [TOPIC ...]\n"
	      "       srtla_ctl [-r] [-p PORT] [-s SOCKET] help | words methods|links|groups\n", to);
	return to == stdout ? 0 : EX_USAGE;
}

static int several(const struct found *list, unsigned count)
{
	fprintf(stderr, "srtla_ctl: several programs run here; say which with -p or -s:\n");
	for (unsigned i = 0; i < count; i++)
		fprintf(stderr, "  %-10s -p %-5u -s %s\n", list[i].program, list[i].port, list[i].path);
	return EX_USAGE;
}

static int connect_to(const struct asked *a, struct talk *t)
{
	static struct found list[FOUND_MOST];
	char why[TALK_WHY];
	unsigned count = 0;
	bool barred = false;
	int code;

	if (!a->socket)
		count = find_programs(&a->wanted, list, &barred);
	if (!a->socket && count == 0 && barred)
		return complain(EX_NOPERM, "there is a program, but its socket is not for us; "
					   "its group or sudo may help");
	if (!a->socket && count == 0)
		return complain(EX_UNAVAILABLE, "no such program runs here, or its --control-socket "
						"is elsewhere; -s says where");
	if (count > 1)
		return several(list, count);
	code = talk_open(t, a->socket ? a->socket : list[0].path, why);
	return code ? complain(code, why) : 0;
}

/* "4", "0.5", "true" and what is in brackets or quotes is JSON; all else is a text. */
static json_t *value(const char *word)
{
	json_t *v = json_loads(word, JSON_DECODE_ANY, NULL);

	return v ? v : json_string(word);
}

/* NAME=VALUE for each, or VALUE for each, in the order of the method's.  NULL: neither. */
static json_t *params_of(char **words, int count)
{
	bool named = count > 0 && strchr(words[0], '=') != NULL;
	json_t *params = named ? json_object() : json_array();

	for (int i = 0; i < count; i++) {
		char *equals = strchr(words[i], '=');

		if (named != (equals != NULL)) {
			json_decref(params);
			return NULL;
		}
		if (named) {
			*equals = '\0';
			json_object_set_new(params, words[i], value(equals + 1));
		} else {
			json_array_append_new(params, value(words[i]));
		}
	}
	return params;
}

static void print_json(const json_t *j)
{
	json_dumpf(j, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	putchar('\n');
	fflush(stdout);
}

static int call(struct talk *t, const struct asked *a)
{
	json_t *params = params_of(a->words + 1, a->count - 1), *result;
	char why[TALK_WHY];
	int code;

	if (!params)
		return complain(EX_USAGE, "all of them NAME=VALUE, or none");
	code = talk_ask(t, a->words[0], params, &result, why);
	if (code)
		return complain(code, why);
	if (a->json)
		print_json(result);
	else
		show_result(result);
	json_decref(result);
	return 0;
}

/* Until the program ends, or we are interrupted. */
static int watch(struct talk *t, const struct asked *a)
{
	json_t *topics = json_array(), *line, *result;
	char why[TALK_WHY];
	int code;

	for (int i = 1; i < a->count; i++)
		json_array_append_new(topics, json_string(a->words[i]));
	if (a->count == 1)
		json_array_append_new(topics, json_string("event"));
	code = talk_ask(t, "subscribe", json_pack("{s:o}", "topics", topics), &result, why);
	if (code)
		return complain(code, why);
	json_decref(result);
	while ((line = talk_listen(t, why)) != NULL) {
		if (a->json)
			print_json(line);
		else
			show_notification(line);
		json_decref(line);
		if (ferror(stdout))
			return EX_IOERR;
	}
	return complain(EX_UNAVAILABLE, why);
}

static int help(struct talk *t)
{
	char why[TALK_WHY];
	json_t *methods;
	int code = talk_ask(t, "methods", NULL, &methods, why);

	if (code)
		return complain(code, why);
	show_methods(methods);
	json_decref(methods);
	return 0;
}

/* For completion in a shell: names, one a line. */
static int words(struct talk *t, const struct asked *a)
{
	static const struct {
		const char *word, *method, *key;
	} lists[] = {
		{"methods", "methods", "name"},
		{"links", "link.list", "link"},
		{"groups", "groups", "group"},
	};
	char why[TALK_WHY];

	for (size_t i = 0; a->count == 2 && i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *result, *row;
		size_t n;
		int code;

		if (strcmp(a->words[1], lists[i].word) != 0)
			continue;
		code = talk_ask(t, lists[i].method, NULL, &result, why);
		if (code)
			return code; /* who completes a word wants no complaint */
		json_array_foreach(result, n, row)
			puts(json_string_value(json_object_get(row, lists[i].key)));
		json_decref(result);
		return 0;
	}
	return usage(stderr);
}

static int run(const struct asked *a)
{
	const char *command = a->words[0];
	struct talk t = {.fd = -1};
	int code = connect_to(a, &t);

	if (code)
		return code;
	if (strcmp(command, "watch") == 0)
		code = watch(&t, a);
	else if (strcmp(command, "help") == 0)
		code = help(&t);
	else if (strcmp(command, "words") == 0)
		code = words(&t, a);
	else
		code = call(&t, a);
	talk_close(&t);
	return code ? code : fflush(stdout) ? complain(EX_IOERR, strerror(errno)) : 0;
}

static bool read_port(const char *word, unsigned *port)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	*port = (unsigned)n;
	return word[0] >= '0' && word[0] <= '9' && *end == '\0' && n > 0 && n <= 65535;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'}, {"port", required_argument, NULL, 'p'},
		{"receiver", no_argument, NULL, 'r'},     {"json", no_argument, NULL, 'j'},
		{"version", no_argument, NULL, 'v'},      {"help", no_argument, NULL, 'h'},
		{0},
	};
	struct asked a = {0};
	int o;

	signal(SIGPIPE, SIG_IGN);
	while ((o = getopt_long(argc, argv, "+s:p:rjvh", options, NULL)) != -1) {
		switch (o) {
		case 's':
			a.socket = optarg;
			break;
		case 'p':
			if (!read_port(optarg, &a.wanted.port))
				return complain(EX_USAGE, "-p: a port from 1 to 65535 is wanted");
			break;
		case 'r':
			a.wanted.program = "srtla_rec";
			break;
		case 'j':
			a.json = true;
			break;
		case 'v':
			printf("srtla_ctl %s (jansson %s)\n", VERSION, JANSSON_VERSION);
			return 0;
		case 'h':
			return usage(stdout);
		default:
			return usage(stderr);
		}
	}
	a.words = argv + optind;
	a.count = argc - optind;
	return a.count > 0 ? run(&a) : usage(stderr);
}
