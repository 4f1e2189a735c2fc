/* SPDX-License-Identifier: MIT */
#include "shared/io/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int real_stderr = -1;
static int reader = -1;
static char got[1 << 20];

static void start(enum log_level level, enum log_format format)
{
	struct log_config cfg = {.program = "srtla_rec", .level = level, .format = format};

	log_init(&cfg);
}

/* From here on standard error is a pipe, or what `fd` is. */
static void become_stderr(int fd)
{
	fflush(stderr);
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	close(fd);
}

static void capture(void)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	reader = ends[0];
	become_stderr(ends[1]);
}

/* Everything that was written since capture(). */
static const char *captured(void)
{
	size_t len = 0;
	ssize_t n;

	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	while ((n = read(reader, got + len, sizeof(got) - 1 - len)) > 0)
		len += (size_t)n;
	got[len] = '\0';
	close(reader);
	return got;
}

static unsigned lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void line_is_program_gravity_and_words(void **state)
{
	(void)state;
	start(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	capture();
	log_info("event=up port=%d", 5000);
	log_warn("slow");
	log_error("broken");
	assert_string_equal(captured(), "srtla_rec: event=up port=5000\n"
					"srtla_rec: warning: slow\nsrtla_rec: error: broken\n");
}

static void level_decides_what_is_printed(void **state)
{
	(void)state;
	capture();
	start(LOG_LEVEL_WARN, LOG_FORMAT_TEXT);
	log_debug("d");
	log_info("i");
	log_warn("w");
	start(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	log_debug("D");
	assert_string_equal(captured(), "srtla_rec: warning: w\nsrtla_rec: D\n");
}

static void json_line_is_one_object_with_the_time_in_utc(void **state)
{
	const char *line;
	unsigned year;

	(void)state;
	start(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	capture();
	log_info("event=link_up link=%s after_ms=%d", "usb0", 61);
	line = captured();
	assert_int_equal(sscanf(line, "{\"time\":\"%4u-", &year), 1);
	assert_true(year >= 2024);
	assert_string_equal(
		line + strlen("{\"time\":\"2026-01-01T00:00:00.000"),
		"Z\",\"level\":\"info\",\"program\":\"srtla_rec\",\"event\":\"link_up\","
		"\"link\":\"usb0\",\"after_ms\":61}\n");
}

static void words_of_the_log_level_option(void **state)
{
	enum log_level level = LOG_LEVEL_INFO;

	(void)state;
	assert_true(log_level_parse("error", &level) && level == LOG_LEVEL_ERROR);
	assert_true(log_level_parse("warn", &level) && level == LOG_LEVEL_WARN);
	assert_true(log_level_parse("info", &level) && level == LOG_LEVEL_INFO);
	assert_true(log_level_parse("debug", &level) && level == LOG_LEVEL_DEBUG);
	assert_true(log_level_parse("critical", &level) && level == LOG_LEVEL_ERROR);
	assert_true(log_level_parse("trace", &level) && level == LOG_LEVEL_DEBUG);
	assert_false(log_level_parse("loud", &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

static void journal_gets_priorities(void **state)
{
	char said[64];
	struct stat st;

	(void)state;
	capture();
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(said, sizeof(said), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", said, 1);
	start(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	setenv("JOURNAL_STREAM", "1:2", 1); /* of a parent, not of this descriptor */
	start(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("i");
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(captured(), "<3>e\n<4>w\n<6>i\n<7>d\nsrtla_rec: i\n");
}

static void flood_is_cut_and_one_line_says_by_how_much(void **state)
{
	unsigned passed;
	char want[64];

	(void)state;
	start(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	capture();
	for (int i = 0; i < 1000; i++)
		log_info("x");
	passed = lines(captured());
	/* 20 a second would have to pass for 45 seconds */
	assert_true(passed >= 100 && passed < 1000);

	capture();
	usleep(200000);
	log_info("y");
	snprintf(want, sizeof(want), "srtla_rec: warning: suppressed %u lines\nsrtla_rec: y\n",
		 1000 - passed);
	assert_string_equal(captured(), want);
}

static void exact_words_pass_the_limit_in_either_format(void **state)
{
	(void)state;
	start(LOG_LEVEL_ERROR, LOG_FORMAT_JSON);
	capture();
	for (int i = 0; i < 200; i++)
		log_raw("no available connections");
	assert_int_equal(lines(captured()), 200);
	assert_int_equal(strncmp(got, "no available connections\n", 25), 0);
}

/* The exit code of a child that does `fn`, its standard error captured. */
static int in_child(void (*fn)(void))
{
	int status;
	pid_t pid;

	capture();
	pid = fork();
	if (pid == 0) {
		fn();
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	captured();
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void fail_after_a_flood(void)
{
	struct log_config cfg = {.program = "srtla_rec", .level = LOG_LEVEL_ERROR};

	log_init(&cfg);
	for (int i = 0; i < 200; i++)
		log_error("x");
	log_fatal(66, "uplinks file %s: %s", "/x", "No such file or directory");
}

static void start_up_mistake_is_always_said_and_ends_with_its_code(void **state)
{
	const char *last = "\nsrtla_rec: uplinks file /x: No such file or directory\n";

	(void)state;
	assert_int_equal(in_child(fail_after_a_flood), 66);
	assert_string_equal(got + strlen(got) - strlen(last), last);
}

/* F64 */
static void log_into_closed_stderr(void)
{
	char path[] = "/tmp/guard-XXXXXX";
	struct stat st;
	int fd;

	close(0);
	close(1);
	close(2);
	log_guard_stdio();
	fd = mkstemp(path);
	unlink(path);
	if (fd <= 2)
		_exit(1);
	log_error("must go nowhere");
	if (fstat(fd, &st) || st.st_size != 0)
		_exit(2);
	for (int i = 0; i <= 2; i++) {
		if (fcntl(i, F_GETFD) < 0)
			_exit(3);
	}
	_exit(0);
}

static void no_other_file_gets_the_lines_of_a_closed_stderr(void **state)
{
	(void)state;
	assert_int_equal(in_child(log_into_closed_stderr), 0);
	assert_string_equal(got, "");
}

/* F47 */
static void closed_stderr_harms_nothing(void **state)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);

	(void)state;
	start(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	close(STDERR_FILENO);
	errno = EAGAIN;
	log_info("to nobody");
	log_raw("to nobody");
	assert_int_equal(errno, EAGAIN); /* the caller's own trouble is not covered up */
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_int_equal(log_lost(), 2);
}

static void reader_that_went_away_harms_nothing(void **state)
{
	int kinds[2][2];

	(void)state;
	log_guard_stdio(); /* SIGPIPE would kill */
	assert_int_equal(pipe2(kinds[0], O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, kinds[1]), 0);
	for (size_t i = 0; i < 2; i++) {
		start(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
		close(kinds[i][0]);
		reader = open("/dev/null", O_RDONLY | O_CLOEXEC);
		become_stderr(kinds[i][1]);
		log_info("to nobody");
		captured();
		assert_int_equal(log_lost(), 1);
	}
}

/* The test itself would stand still for ever if a line did. */
static void stalled_reader_never_blocks(void **state)
{
	int kinds[2][2];

	(void)state;
	assert_int_equal(pipe2(kinds[0], O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, kinds[1]), 0);
	for (size_t i = 0; i < 2; i++) {
		reader = kinds[i][0];
		become_stderr(kinds[i][1]);
		start(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
		while (log_lost() < 10)
			log_raw("a line that nobody reads");
		captured();
		assert_true(lines(got) > 100);
		assert_int_equal(strncmp(got + strlen(got) - 25, "a line that nobody reads\n", 25),
				 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_program_gravity_and_words),
		cmocka_unit_test(level_decides_what_is_printed),
		cmocka_unit_test(json_line_is_one_object_with_the_time_in_utc),
		cmocka_unit_test(words_of_the_log_level_option),
		cmocka_unit_test(journal_gets_priorities),
		cmocka_unit_test(flood_is_cut_and_one_line_says_by_how_much),
		cmocka_unit_test(exact_words_pass_the_limit_in_either_format),
		cmocka_unit_test(start_up_mistake_is_always_said_and_ends_with_its_code),
		cmocka_unit_test(no_other_file_gets_the_lines_of_a_closed_stderr),
		cmocka_unit_test(closed_stderr_harms_nothing),
		cmocka_unit_test(reader_that_went_away_harms_nothing),
		cmocka_unit_test(stalled_reader_never_blocks),
	};

	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
