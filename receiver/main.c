/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "receiver/check.h"
#include "receiver/config.h"
#include "receiver/report.h"
#include "receiver/shell.h"
#include "receiver/start.h"
#include "shared/io/conffile.h"
#include "shared/io/http.h"
#include "shared/io/log.h"
#include "shared/io/loop.h"
#include "shared/io/resolve.h"
#include "shared/io/sandbox.h"
#include "shared/io/service.h"

/* One line: the program, its version, what it was built with. */
static int print_version(void)
{
	const char *json = report_version();

	printf("srtla_rec %s (%s, %s, %s, %s, %s, %s, %s)\n", VERSION, loop_version(),
	       resolver_version(), service_version(), json ? json : "no JSON", http_version(),
	       conffile_version(), sandbox_version());
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
	if (argc > 1 && strcmp(argv[1], "check") == 0)
		return check_main(argc - 1, argv + 1);
	signal(SIGHUP, SIG_IGN); /* until there is something to read again */
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
	log_init(&(struct log_config){
		.program = "srtla_rec", .level = cfg.level, .format = (enum log_format)cfg.format});
	code = cfg.dry_run ? check(&cfg) : run(&cfg);
	config_finish(&cfg);
	return code;
}
