/* SPDX-License-Identifier: MIT */

/* A command line of any words. */
#include "fuzz.h"

#include <string.h>

#include "sender/config.h"

enum { WORDS = 64 };

/* The words of a command line, each ended by a zero byte or a line feed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *argv[WORDS + 2];
	char why[CONFIG_WHY];
	struct config cfg;
	int argc = 0;

	must(text);
	memcpy(text, data, size);
	text[size] = '\0';
	argv[argc++] = (char[]){"srtla_send"};
	for (char *at = text; at < text + size && argc <= WORDS;) {
		size_t len = strcspn(at, "\n");

		argv[argc++] = at;
		at[len] = '\0';
		at += len + 1;
	}
	argv[argc] = NULL;
	memset(why, 'x', sizeof(why));
	switch (config_read(&cfg, argc, argv, why)) {
	case CONFIG_RUN:
		must(cfg.listen_port != 0 && cfg.host_port != 0);
		must(cfg.host && (cfg.uplinks_path != NULL) + (cfg.iface != NULL) + cfg.automatic == 1);
		must(cfg.link_timeout == 0 || cfg.link_timeout >= SEC(1));
		must(cfg.stats_interval >= MSEC(100));
		must(cfg.mode < SENDER_MODES && cfg.copies <= 4 && cfg.extra <= 300);
		must((cfg.hint.family != FAMILY_NONE) == (cfg.hint.port != 0));
		config_finish(&cfg);
		break;
	case CONFIG_WRONG:
	case CONFIG_WRONG_FILE:
		must(memchr(why, '\0', sizeof(why)) && why[0] != '\0');
		must(!memchr(why, '\n', strlen(why)));
		break;
	case CONFIG_HELP:
	case CONFIG_VERSION:
		break;
	}
	free(text);
	return 0;
}
