/* SPDX-License-Identifier: MIT */
#include "sender/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "sender/bundle_process.h"
#include "sender/config.h"
#include "sender/version.h"
#include "shared/io/fetch.h"

#define AT(field) offsetof(struct words, field)

/* The command line of `srtla_send report`. */
struct words {
	const char *http_text;
	struct endpoint http; /* family FAMILY_NONE: that of each sender that runs */
	const char *output;   /* NULL: a file in this directory; "-": standard output */
	bool help;
};

static const struct option_row rows[] = {
	{.name = "http", .kind = OPTION_TEXT, .offset = AT(http_text), .value = "[ADDR:]PORT",
	 .help = "where the sender serves HTTP (default: of each that runs, its own)"},
	{.name = "output", .letter = 'o', .kind = OPTION_TEXT, .offset = AT(output),
	 .value = "FILE",
	 .help = "write to this file, or - for standard output (default: a new one, here)"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .offset = AT(help),
	 .help = "print this and exit"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), NAME = 64 };

static enum config_verdict read_words(struct words *w, int argc, char **argv, char why[CONFIG_WHY])
{
	const char *where;
	int first;

	*w = (struct words){0};
	first = options_parse(rows, ROWS, argc, argv, w, why, CONFIG_WHY);
	if (first < 0)
		return CONFIG_WRONG;
	if (w->help)
		return CONFIG_HELP;
	if (argc - first > 1 || (argc - first == 1 && w->http_text)) {
		snprintf(why, CONFIG_WHY, "SRT_LISTEN_PORT, or --http, is all that is wanted");
		return CONFIG_WRONG;
	}
	where = argc - first == 1 ? argv[first] : w->http_text;
	if (!where)
		return CONFIG_RUN;
	endpoint_parse("127.0.0.1", &w->http);
	return arguments_endpoint(where, w->http_text ? "--http" : "SRT_LISTEN_PORT", &w->http, why)
		       ? CONFIG_RUN
		       : CONFIG_WRONG;
}

static void print_help(void)
{
	puts("usage: srtla_send report [-o FILE] [--http [ADDR:]PORT | SRT_LISTEN_PORT]\n\n"
	     "Writes what is known of this machine and of the senders that run here into one\n"
	     "file, without stream ids, to go with a description of a problem.\n");
	options_help(rows, ROWS, stdout);
	puts("\nThe manual: srtla_send(1), REPORT.");
}

static void heading(const char *what, FILE *to)
{
	fprintf(to, "\n== %s\n", what);
}

static void print_system(FILE *to)
{
	struct utsname u;

	heading("system", to);
	if (uname(&u) == 0)
		fprintf(to, "%s %s %s %s\n", u.sysname, u.release, u.version, u.machine);
	bundle_print_file("/etc/os-release", to);
	bundle_print_file("/proc/uptime", to);
	bundle_print_file("/proc/loadavg", to);
}

static void print_sysctl(const char *name, FILE *to)
{
	char path[320];

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	if (access(path, R_OK))
		return;
	fprintf(to, "net/%s = ", name);
	bundle_print_file(path, to);
}

static void print_limits(FILE *to)
{
	static const char *const names[] = {
		"core/rmem_max",        "core/wmem_max",      "core/rmem_default",
		"core/wmem_default",    "core/netdev_max_backlog", "ipv4/udp_mem",
		"ipv4/ip_no_pmtu_disc", "ipv4/ip_forward",    "ipv6/conf/all/disable_ipv6",
	};
	DIR *dir = opendir("/proc/sys/net/ipv4/conf");
	struct dirent *entry;

	heading("limits and settings", to);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		print_sysctl(names[i], to);
	while (dir && (entry = readdir(dir))) {
		char name[300];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "ipv4/conf/%s/rp_filter", entry->d_name);
		print_sysctl(name, to);
	}
	if (dir)
		closedir(dir);
	heading("/proc/net/snmp", to);
	bundle_print_file("/proc/net/snmp", to);
}

/* What ip(8) says; it mostly lies where the PATH of users does not lead. */
static void print_command(const char *command, FILE *to)
{
	char line[160], text[4096];
	FILE *from;

	heading(command, to);
	snprintf(line, sizeof(line), "PATH=$PATH:/usr/sbin:/sbin %s 2>&1", command);
	fflush(to);
	from = popen(line, "re");
	if (!from)
		return;
	while (fgets(text, sizeof(text), from))
		bundle_redact(text, true, to);
	pclose(from);
}

static void print_http(const struct endpoint *at, FILE *to)
{
	static const char *const paths[] = {"/stats", "/history", "/events"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char text[ENDPOINT_TEXT], what[ENDPOINT_TEXT + 32];
		char *body;
		size_t len;
		int status = fetch(at, paths[i], &body, &len);

		snprintf(what, sizeof(what), "http://%s%s", endpoint_print(at, text), paths[i]);
		heading(what, to);
		if (status != 200)
			fprintf(to, "%s %d\n", status < 0 ? strerror(-status) : "status",
				status < 0 ? -status : status);
		if (status <= 0)
			continue;
		bundle_redact(body, true, to);
		fputc('\n', to);
		free(body);
	}
}

static void print_senders(const struct words *w, FILE *to)
{
	struct bundle_process p[BUNDLE_PROCESSES];
	unsigned count = bundle_find(p);
	char what[64];

	for (unsigned i = 0; i < count; i++) {
		snprintf(what, sizeof(what), "process %ld", (long)p[i].pid);
		heading(what, to);
		bundle_print_process(&p[i], to);
		if (!w->http.family && p[i].http.family)
			print_http(&p[i].http, to);
	}
	if (count == 0) {
		heading("processes", to);
		fputs("no srtla_send runs here, or /proc does not show it\n", to);
	}
	if (w->http.family)
		print_http(&w->http, to);
}

static void print_all(const struct words *w, const char *date, FILE *to)
{
	fprintf(to, "srtla_send report of %s\n", date);
	heading("version", to);
	version_print(to);
	print_system(to);
	print_limits(to);
	print_senders(w, to);
	print_command("ip -d -s link", to);
	print_command("ip addr", to);
	print_command("ip rule", to);
	print_command("ip -6 rule", to);
	print_command("ip route show table all", to);
	print_command("ip -6 route show table all", to);
}

/* A new file that is nobody else's, or the one that was asked for.  NULL and errno. */
static FILE *open_output(const struct words *w, const char *date, char name[NAME],
			 const char **path)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
	int fd;

	*path = w->output;
	if (w->output && strcmp(w->output, "-") == 0)
		return stdout;
	if (!w->output) {
		snprintf(name, NAME, "srtla_send-report-%s.txt", date);
		*path = name;
	}
	fd = open(*path, flags | (w->output ? O_TRUNC : O_EXCL | O_NOFOLLOW), 0600);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

int bundle_main(int argc, char **argv)
{
	char why[CONFIG_WHY], date[32], name[NAME];
	const char *path;
	struct timespec now;
	struct words w;
	struct tm tm;
	FILE *to;

	log_init(&(struct log_config){.program = "srtla_send", .level = LOG_LEVEL_ERROR});
	switch (read_words(&w, argc, argv, why)) {
	case CONFIG_HELP:
		print_help();
		return fflush(stdout) ? EX_IOERR : 0;
	case CONFIG_RUN:
		break;
	default:
		log_fatal(EX_USAGE, "report: %s", why);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", gmtime_r(&now.tv_sec, &tm));
	to = open_output(&w, date, name, &path);
	if (!to)
		log_fatal(EX_CANTCREAT, "report: %s: %s", path, strerror(errno));
	print_all(&w, date, to);
	if (fflush(to) || ferror(to))
		log_fatal(EX_IOERR, "report: %s: %s", path, strerror(errno));
	if (to != stdout) {
		fclose(to);
		printf("%s\n", path);
	}
	return fflush(stdout) ? EX_IOERR : 0;
}
