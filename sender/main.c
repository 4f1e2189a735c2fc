/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "sender/config.h"
#include "sender/shell.h"
#include "sender/start.h"
#include "shared/io/log.h"
#include "shared/io/loop.h"
#include "shared/io/netlink.h"
#include "shared/io/resolve.h"

/* One line: the program, its version, what it was built with. */
static int print_version(void)
{
	const char *json = report_version();

	printf("srtla_send %s (%s, %s, %s, %s)\n", VERSION, loop_version(), resolver_version(),
	       netlink_version(), json ? json : "no stats file");
	return fflush(stdout) ? EX_IOERR : 0;
}

/* What other senders would have done with these, and we do not. */
static void tell_unused(const struct config *cfg)
{
	const char *option[] = {"config", "control-socket", "metrics-bind"};
	const char *value[] = {cfg->unused_config, cfg->unused_control, cfg->unused_metrics};

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
	/* Until the loop listens to them: nothing is there yet that they could change. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
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
	log_init(&(struct log_config){.program = "srtla_send",
				      .level = cfg.level,
				      .format = (enum log_format)cfg.format});
	tell_unused(&cfg);
	return cfg.dry_run ? check(&cfg) : run(&cfg);
}
