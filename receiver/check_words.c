/* SPDX-License-Identifier: MIT */
#include "receiver/check_words.h"

#include <string.h>

/* Takes `count` words out of argv at place `at`. */
static void take_out(int *argc, char **argv, int at, int count)
{
	*argc -= count;
	memmove(&argv[at], &argv[at + count], (size_t)(*argc - at) * sizeof(argv[0]));
	argv[*argc] = NULL;
}

/* --name HOST and --name=HOST.  False: there is no host. */
static bool take_name(struct check_words *w, int *argc, char **argv, int at)
{
	if (argv[at][6] == '=') {
		w->name = argv[at] + 7;
		take_out(argc, argv, at, 1);
		return true;
	}
	if (at + 1 == *argc)
		return false;
	w->name = argv[at + 1];
	take_out(argc, argv, at, 2);
	return true;
}

enum config_verdict check_words_read(struct check_words *w, int argc, char **argv,
				     char why[CONFIG_WHY])
{
	*w = (struct check_words){0};
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0;) {
		if (strcmp(argv[i], "--show-keys") == 0) {
			w->show_keys = true;
			take_out(&argc, argv, i, 1);
		} else if (strcmp(argv[i], "--name") == 0 || strncmp(argv[i], "--name=", 7) == 0) {
			if (!take_name(w, &argc, argv, i)) {
				snprintf(why, CONFIG_WHY, "--name: the host is missing");
				return CONFIG_WRONG;
			}
		} else {
			i++;
		}
	}
	if (w->name && !arguments_host(w->name, "--name", &w->name, why))
		return CONFIG_WRONG;
	return config_read(&w->cfg, argc, argv, why);
}

void check_words_help(FILE *to)
{
	fputs("usage: srtla_rec check [--name HOST] [--show-keys] [options] "
	      "SRTLA_LISTEN_PORT SRT_HOST SRT_PORT\n\n"
	      "Prints the URLs for senders, encoders, players and scene switchers, and tries\n"
	      "whether the port and the SRT server answer.  Options are those of srtla_rec, and\n\n"
	      "      --name HOST   what senders call this machine\n"
	      "      --show-keys   print the stream keys, and not KEY in their place\n\n"
	      "The manual: srtla_rec(1), CHECK.\n", to);
}
