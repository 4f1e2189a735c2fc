/* SPDX-License-Identifier: MIT */
#include "shared/io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shared/io/logline.h"

/* Time is the money of the limit: a line costs a twentieth of a second, and five seconds
 * can be saved. */
#define COST    MSEC(50)
#define SAVINGS (100 * COST)

/* The log of this process. */
static struct {
	const char *program;
	enum log_level level;
	enum log_format format;
	bool journal; /* stderr is the journal's: lines carry "<priority>" */
	usspan credit;
	ustime paid;   /* when credit was counted last */
	uint64_t held; /* lines that the limit swallowed since the last one that passed */
	uint64_t lost; /* lines that the reader did not take */
	uint64_t said; /* lines that were printed; each is in its place below until another needs it */
	struct log_recent recent[LOG_RECENT];
} its = {
	.level = LOG_LEVEL_INFO,
	.credit = SAVINGS,
};

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of the stream it gave us. */
static bool stderr_is_journal(void)
{
	const char *said = getenv("JOURNAL_STREAM");
	char seen[64];
	struct stat st;

	if (!said || fstat(STDERR_FILENO, &st))
		return false;
	snprintf(seen, sizeof(seen), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	return strcmp(said, seen) == 0;
}

void log_init(const struct log_config *cfg)
{
	its.program = cfg->program;
	its.level = cfg->level;
	its.format = cfg->format;
	its.journal = stderr_is_journal();
	its.credit = SAVINGS;
	its.paid = 0;
	its.held = 0;
	its.lost = 0;
	its.said = 0;
}

void log_set_level(enum log_level level)
{
	its.level = level;
}

enum log_level log_level(void)
{
	return its.level;
}

const char *log_level_name(enum log_level level)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	return names[level];
}

unsigned log_recent_count(void)
{
	return its.said < LOG_RECENT ? (unsigned)its.said : LOG_RECENT;
}

const struct log_recent *log_recent(unsigned i)
{
	return &its.recent[(its.said - log_recent_count() + i) % LOG_RECENT];
}

uint64_t log_said(void)
{
	return its.said;
}

bool log_level_parse(const char *word, enum log_level *level)
{
	static const struct {
		const char *word;
		enum log_level level;
	} words[] = {
		{"error", LOG_LEVEL_ERROR}, {"warn", LOG_LEVEL_WARN},
		{"info", LOG_LEVEL_INFO},   {"debug", LOG_LEVEL_DEBUG},
		{"trace", LOG_LEVEL_DEBUG}, {"critical", LOG_LEVEL_ERROR},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) == 0) {
			*level = words[i].level;
			return true;
		}
	}
	return false;
}

uint64_t log_lost(void)
{
	return its.lost;
}

void log_guard_stdio(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* the lowest free number is this one: those below are open by now */
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
			return;
	}
}

/*
 * A reader that stands still costs its lines, never our time: a socket is
 * asked not to wait, and a pipe or terminal that reports room takes a line of
 * up to PIPE_BUF bytes at once.
 */
static void write_line(const char *line, size_t len)
{
	struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
	int err = errno;
	ssize_t n = send(STDERR_FILENO, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK && poll(&room, 1, 0) == 1 && (room.revents & POLLOUT))
		n = write(STDERR_FILENO, line, len);
	if (n != (ssize_t)len)
		its.lost++;
	errno = err;
}

static void print_time(const struct timespec *ts, char *buf, size_t size)
{
	struct tm tm;
	size_t n;

	gmtime_r(&ts->tv_sec, &tm);
	n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, size - n, ".%03uZ", (unsigned)(ts->tv_nsec / 1000000) % 1000);
}

static void remember(const struct timespec *ts, enum log_level level, const char *says)
{
	struct log_recent *r = &its.recent[its.said++ % LOG_RECENT];

	r->wall_ms = (int64_t)ts->tv_sec * 1000 + ts->tv_nsec / 1000000;
	r->level = level;
	snprintf(r->text, sizeof(r->text), "%s", says);
}

static void print_line(enum log_level level, const char *mark, const char *says)
{
	static const char *const priority[] = {"<3>", "<4>", "<6>", "<7>"}; /* sd-daemon(3) */
	char line[LOGLINE_MOST + 3], time[64];
	const char *program = its.program ? its.program : program_invocation_short_name;
	struct logline l = {
		.program = program, .time = time, .mark = mark, .level = level, .says = says};
	struct timespec ts;
	size_t head = 0;

	clock_gettime(CLOCK_REALTIME, &ts);
	remember(&ts, level, says);
	if (its.journal) {
		memcpy(line, priority[level], 3);
		head = 3;
	}
	print_time(&ts, time, sizeof(time));
	if (its.format == LOG_FORMAT_JSON) {
		write_line(line, head + logline_json(&l, line + head));
		return;
	}
	if (its.journal) {
		l.program = ""; /* the journal knows who and how bad */
		l.mark = "";
	}
	write_line(line, head + logline_text(&l, line + head));
}

/* False: one of too many lines. */
static bool may_print(void)
{
	struct timespec ts;
	ustime now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	now = SEC(ts.tv_sec) + ts.tv_nsec / 1000;
	its.credit += now - its.paid;
	its.paid = now;
	if (its.credit > SAVINGS)
		its.credit = SAVINGS;
	if (its.credit < COST) {
		its.held++;
		return false;
	}
	its.credit -= COST;
	return true;
}

static void say(enum log_level level, const char *mark, const char *fmt, va_list args)
{
	char text[2048];

	if (level > its.level || !may_print())
		return;
	if (its.held) {
		snprintf(text, sizeof(text), "suppressed %llu lines", (unsigned long long)its.held);
		its.held = 0;
		print_line(LOG_LEVEL_WARN, "warning: ", text);
	}
	vsnprintf(text, sizeof(text), fmt, args);
	print_line(level, mark, text);
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_LEVEL_ERROR, "error: ", fmt, args);
	va_end(args);
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_LEVEL_WARN, "warning: ", fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_LEVEL_INFO, "", fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_LEVEL_DEBUG, "", fmt, args);
	va_end(args);
}

void log_raw(const char *line)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "%s\n", line);

	if (len > 0 && len < (int)sizeof(text))
		write_line(text, (size_t)len);
}

_Noreturn void log_fatal(int code, const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_line(LOG_LEVEL_ERROR, "", text);
	exit(code);
}
