/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "receiver/config.h"
#include "receiver/shell.h"
#include "receiver/start.h"
#include "shared/io/log.h"
#include "shared/io/loop.h"
#include "shared/io/resolve.h"
#include "shared/io/service.h"

/* One line: the program, its version, what it was built with. */
static int print_version(void)
{
	printf("srtla_rec %s (%s, %s, %s)\n", VERSION, loop_version(), resolver_version(),
	       service_version());
	return fflush(stdout) ? EX_IOERR : 0;
}

/* What other receivers would have done with these, and we do not. */
static void tell_unused(const struct config *cfg)
{
	const char *option[] = {"metrics-bind", "metrics-port"};
	const char *value[] = {cfg->unused_metrics_bind, cfg->unused_metrics_port};

	for (size_t i = 0; i < sizeof(option) / sizeof(option[0]); i++) {
		if (value[i])
			log_warn("event=option_unused option=%s value=\"%s\"", option[i], value[i]);
	}
}

static int run(const struct config *cfg)
{
	static struct shell shell;
	char why[CONFIG_WHY];
	int code = shell_init(&shell, cfg, why);

	if (code)
		log_fatal(code, "%s", why);
	shell_run(&shell);
	shell_finish(&shell);
	return 0;
}

static int check(const struct config *cfg)
{
	char why[CONFIG_WHY];
	int code = start_check(cfg, why);

	if (code)
		log_fatal(code, "%s", why);
	return 0;
}

int main(int argc, char **argv)
{
	struct config cfg;
	char why[CONFIG_WHY];

	log_guard_stdio();
	signal(SIGHUP, SIG_IGN); /* until there is something to read again */
	switch (config_read(&cfg, argc, argv, why)) {
	case CONFIG_HELP:
		config_help(stdout);
		return fflush(stdout) ? EX_IOERR : 0;
	case CONFIG_VERSION:
		return print_version();
	case CONFIG_WRONG:
		log_fatal(EX_USAGE, "%s", why);
	case CONFIG_RUN:
		break;
	}
	log_init(&(struct log_config){
		.program = "srtla_rec", .level = cfg.level, .format = (enum log_format)cfg.format});
	tell_unused(&cfg);
	return cfg.dry_run ? check(&cfg) : run(&cfg);
}
