/* SPDX-License-Identifier: MIT */

/* A config file of any bytes; a value that was taken is one that the command line takes too. */
#include "fuzz.h"

#include <string.h>

#include "sender/config.h"
#include "shared/io/conffile.h"

static void assert_sound(const struct config *cfg)
{
	must(cfg->option_listen_port <= 65535 && cfg->option_host_port <= 65535);
	must(!cfg->host || strlen(cfg->host) <= 253);
	must(!cfg->uplinks_path || cfg->uplinks_path[0]);
	must(cfg->copies <= 4 && cfg->extra <= 300);
	must(cfg->coalesce >= 0 && cfg->coalesce <= MSEC(1));
	must(!cfg->help && !cfg->version && !cfg->dry_run && !cfg->config_path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config cfg = {0}, again = {0};
	struct conffile file, other;
	char why[ARGUMENTS_WHY], names[256];
	int code;

	memset(why, 'x', sizeof(why));
	code = conffile_parse(&file, (const char *)data, size, "srtla_send", config_options,
			      config_option_count, &cfg, why);
	assert_sound(&cfg);
	if (code) {
		must(file.line > 0);
		must(memchr(why, '\0', sizeof(why)) && why[0] != '\0');
		must(!memchr(why, '\n', strlen(why)));
	}
	/* The texts that it keeps are its own: a second reading gives the same, elsewhere. */
	must(conffile_parse(&other, (const char *)data, size, "srtla_send", config_options,
			    config_option_count, &again, why) == code);
	must(options_differing(config_options, config_option_count, &cfg, &again, names,
			       sizeof(names))[0] == '\0');
	must(other.line == file.line);
	conffile_finish(&file);
	conffile_finish(&other);
	return 0;
}
