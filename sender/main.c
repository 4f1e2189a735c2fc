/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "sender/bundle.h"
#include "sender/config.h"
#include "sender/doctor.h"
#include "sender/shell.h"
#include "sender/start.h"
#include "sender/version.h"
#include "shared/io/log.h"

static int print_version(void)
{
	version_print(stdout);
	return fflush(stdout) ? EX_IOERR : 0;
}

/* What stands in the config file, and where. */
static _Noreturn void refuse_file(const struct config *cfg, const char *why)
{
	if (cfg->file.line)
		log_fatal(cfg->file_wrong, "%s line %u: %s", cfg->config_path, cfg->file.line, why);
	log_fatal(cfg->file_wrong, "%s: %s", cfg->config_path, why);
}

static int run(struct config *cfg)
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
	int code;

	log_guard_stdio();
	if (argc > 1 && strcmp(argv[1], "doctor") == 0)
		return doctor_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "report") == 0)
		return bundle_main(argc - 1, argv + 1);
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
	case CONFIG_WRONG_FILE:
		refuse_file(&cfg, why);
	case CONFIG_RUN:
		break;
	}
	log_init(&(struct log_config){.program = "srtla_send",
				      .level = cfg.level,
				      .format = (enum log_format)cfg.format});
	code = cfg.dry_run ? check(&cfg) : run(&cfg);
	config_finish(&cfg);
	return code;
}
