/* SPDX-License-Identifier: MIT */
#include "lab/srt/program.h"

#include <errno.h>
#include <signal.h>
#include <srt/logging_api.h>
#include <srt/srt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char *own_name = "linklab";
static volatile sig_atomic_t told;

static void count(int signal_number)
{
	(void)signal_number;
	told++;
}

void program_init(const char *name)
{
	struct sigaction act = {.sa_handler = count};

	own_name = name;
	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	srt_startup();
	srt_setloglevel(LOG_CRIT); /* what it drops the counters tell */
}

void program_finish(void)
{
	srt_cleanup();
}

unsigned program_told(void)
{
	return (unsigned)told;
}

void program_say(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", own_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

bool program_stream_id(const char *id)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = strspn(id, fine);

	return len > 0 && len < PROGRAM_ID && id[len] == '\0';
}

FILE *program_report(const char *path)
{
	FILE *out = path ? fopen(path, "we") : stdout;

	if (!out)
		program_say("%s: cannot be written: %s", path, strerror(errno));
	return out;
}

bool program_write(FILE *out, json_t *report)
{
	bool written = report && json_dumpf(report, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0 &&
		       fputc('\n', out) != EOF && fflush(out) == 0;

	if (out != stdout && fclose(out) != 0)
		written = false;
	json_decref(report);
	if (!written)
		program_say("the report: cannot be written");
	return written;
}

json_t *program_whole(uint64_t v)
{
	return json_integer((json_int_t)v);
}

json_t *program_seconds(usspan s)
{
	return json_real((double)s / 1e6);
}

static usspan span(const struct timeval *t)
{
	return SEC(t->tv_sec) + t->tv_usec;
}

json_t *program_cpu(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return json_pack("{so so}", "user_s", program_seconds(span(&use.ru_utime)), "system_s",
			 program_seconds(span(&use.ru_stime)));
}
