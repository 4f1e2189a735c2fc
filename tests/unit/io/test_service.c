/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/io/service.h"

static void take_none(void *arg, int fd, const char *name)
{
	(void)arg, (void)fd, (void)name;
	fail();
}

static void without_a_manager_nothing_happens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_false(service_there());
	service_tell("READY=1");
	assert_int_equal(service_watchdog(), 0);
	assert_false(service_keep(0, "media"));
	service_drop("media");
	assert_int_equal(service_kept(take_none, NULL), 0);
}

#ifdef HAVE_SYSTEMD

/* This test in the place of the service manager, at a socket of an abstract name. */
static int manager = -1;
static char said[512];
static int passed; /* the descriptor that came with it, or -1 */

static int listen_here(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char name[64];
	int len;

	(void)state;
	len = snprintf(name, sizeof(name), "@waybond-test-%ld", (long)getpid());
	memcpy(at.sun_path + 1, name + 1, (size_t)len - 1);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return bind(manager, (const struct sockaddr *)&at,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len));
}

static int hang_up(void **state)
{
	(void)state;
	close(manager);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	return 0;
}

static bool hear(void)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} extra;
	struct iovec part = {.iov_base = said, .iov_len = sizeof(said) - 1};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &extra,
			     .msg_controllen = sizeof(extra)};
	ssize_t len = recvmsg(manager, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = len < 0 ? NULL : CMSG_FIRSTHDR(&msg);

	said[len < 0 ? 0 : len] = '\0';
	passed = -1;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&passed, CMSG_DATA(c), sizeof(passed));
	return len >= 0;
}

static bool same_file(int a, int b)
{
	struct stat one, two;

	return fstat(a, &one) == 0 && fstat(b, &two) == 0 && one.st_ino == two.st_ino &&
	       one.st_dev == two.st_dev;
}

static void manager_hears_how_we_are(void **state)
{
	(void)state;
	assert_true(service_there());
	service_tell("READY=1");
	assert_true(hear());
	assert_string_equal(said, "READY=1");
	assert_int_equal(passed, -1);
	assert_false(hear());
}

static void watchdog_is_the_manager_s_and_ours_alone(void **state)
{
	char pid[24];

	(void)state;
	assert_int_equal(service_watchdog(), 0);
	setenv("WATCHDOG_USEC", "10000000", 1);
	assert_int_equal(service_watchdog(), SEC(10));
	snprintf(pid, sizeof(pid), "%ld", (long)getppid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(service_watchdog(), 0); /* it is for our parent */
	unsetenv("WATCHDOG_PID");
}

static void descriptor_is_kept_with_its_name_and_not_polled(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_true(service_keep(fd[0], "group-40123"));
	assert_true(hear());
	assert_string_equal(said, "FDSTORE=1\nFDPOLL=0\nFDNAME=group-40123");
	assert_true(passed >= 0);
	assert_true(same_file(passed, fd[0]));
	close(passed);
	service_drop("group-40123");
	assert_true(hear());
	assert_string_equal(said, "FDSTOREREMOVE=1\nFDNAME=group-40123");
	close(fd[0]);
	close(fd[1]);
}

static char taken[128];

static void take(void *arg, int fd, const char *name)
{
	size_t at = strlen(taken);

	(void)arg;
	snprintf(taken + at, sizeof(taken) - at, "%d=%s%s ", fd, name,
		 fcntl(fd, F_GETFD) & FD_CLOEXEC ? "" : "!");
}

/* Descriptors 3 and 4 are put in place in a process of its own, as they are others' here. */
static void kept_descriptors_come_back_once_by_name(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		char pid[24];

		snprintf(pid, sizeof(pid), "%ld", (long)getpid());
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", "2", 1);
		setenv("LISTEN_FDNAMES", "media:group-40123", 1);
		if (dup2(0, 3) != 3 || dup2(0, 4) != 4 || service_kept(take, NULL) != 2)
			_exit(1);
		if (strcmp(taken, "3=media 4=group-40123 ") != 0)
			_exit(2);
		_exit(service_kept(take_none, NULL) != 0 || getenv("LISTEN_FDS") ? 3 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_manager_nothing_happens),
#ifdef HAVE_SYSTEMD
		cmocka_unit_test_setup_teardown(manager_hears_how_we_are, listen_here, hang_up),
		cmocka_unit_test_setup_teardown(watchdog_is_the_manager_s_and_ours_alone,
						listen_here, hang_up),
		cmocka_unit_test_setup_teardown(descriptor_is_kept_with_its_name_and_not_polled,
						listen_here, hang_up),
		cmocka_unit_test(kept_descriptors_come_back_once_by_name),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
