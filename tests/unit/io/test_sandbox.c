/* SPDX-License-Identifier: MIT */
#include "shared/io/sandbox.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/io/statefile.h"

/* What a child ends with: whether what it tried worked, or how it did not. */
enum { WORKED = 0, REFUSED = 1, OTHER_ERROR = 2, NOT_THERE = 77 };

static char dir[64], elsewhere[64], path[128];

static const char *in(const char *where, const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", where, name);
	return path;
}

static int outcome(long result)
{
	if (result >= 0)
		return WORKED;
	return errno == EPERM || errno == EACCES ? REFUSED : OTHER_ERROR;
}

/* Lets a child enter the sandbox and try; only if the kernel has these parts. */
static int try_inside(int needed, int (*attempt)(void))
{
	const struct sandbox_path paths[] = {
		{dir, SANDBOX_WRITE}, {in(elsewhere, "read"), SANDBOX_READ}, {NULL, SANDBOX_READ},
		{"/no/such/file", SANDBOX_WRITE}};
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		int parts = sandbox_enter(paths, sizeof(paths) / sizeof(paths[0]));

		_exit(parts < 0 ? OTHER_ERROR : (parts & needed) != needed ? NOT_THERE : attempt());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE)
		skip();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int open_elsewhere(void)
{
	return outcome(open(in(elsewhere, "other"), O_RDONLY));
}

static int write_what_is_for_reading(void)
{
	return outcome(open(in(elsewhere, "read"), O_WRONLY));
}

static int make_elsewhere(void)
{
	return outcome(open(in(elsewhere, "new"), O_WRONLY | O_CREAT, 0600));
}

static int remove_elsewhere(void)
{
	return outcome(unlink(in(elsewhere, "other")));
}

static int list_root(void)
{
	DIR *root = opendir("/");

	return outcome(root ? 0 : -1);
}

static void files_that_are_not_named_cannot_be_touched(void **state)
{
	(void)state;
	assert_int_equal(try_inside(SANDBOX_FILES, open_elsewhere), REFUSED);
	assert_int_equal(try_inside(SANDBOX_FILES, write_what_is_for_reading), REFUSED);
	assert_int_equal(try_inside(SANDBOX_FILES, make_elsewhere), REFUSED);
	assert_int_equal(try_inside(SANDBOX_FILES, remove_elsewhere), REFUSED);
	assert_int_equal(try_inside(SANDBOX_FILES, list_root), REFUSED);
}

static int read_what_is_for_reading(void)
{
	return outcome(open(in(elsewhere, "read"), O_RDONLY));
}

static int replace_and_remove(void)
{
	char name[128];

	memcpy(name, in(dir, "state"), sizeof(name));
	errno = -statefile_replace(name, "one", 3, 0600);
	if (!errno)
		errno = -statefile_replace(name, "other", 5, 0600);
	return outcome(errno ? -1 : unlink(name));
}

static int read_servers(void)
{
	return outcome(open("/etc/hosts", O_RDONLY));
}

static void files_that_are_named_serve_as_before(void **state)
{
	(void)state;
	assert_int_equal(try_inside(SANDBOX_FILES, read_what_is_for_reading), WORKED);
	assert_int_equal(try_inside(SANDBOX_FILES, replace_and_remove), WORKED);
	assert_int_equal(try_inside(SANDBOX_FILES, read_servers), WORKED);
}

static int start_a_program(void)
{
	return outcome(execl("/bin/true", "true", (char *)NULL));
}

static int start_a_process(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return outcome(child);
}

static int raw_packets(void)
{
	return outcome(socket(AF_PACKET, SOCK_RAW, 0));
}

static int firewall(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
}

static int trace(void)
{
	return outcome(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int signal_others(void)
{
	return outcome(kill(getppid(), 0));
}

static int new_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return OTHER_ERROR;
	return outcome(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int type_for_the_user(void)
{
	return outcome(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static int more_files(void)
{
	struct rlimit none = {0};

	return outcome(setrlimit(RLIMIT_NOFILE, &none));
}

static void calls_that_are_not_needed_are_refused(void **state)
{
	(void)state;
	assert_int_equal(try_inside(SANDBOX_CALLS, start_a_program), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, start_a_process), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, raw_packets), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, firewall), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, trace), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, signal_others), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, new_code), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, type_for_the_user), REFUSED);
	assert_int_equal(try_inside(SANDBOX_CALLS, more_files), REFUSED);
}

static int two_sockets(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at);
	int one = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0), bytes;

	if (one < 0 || other < 0 || bind(one, (struct sockaddr *)&at, len) ||
	    getsockname(one, (struct sockaddr *)&at, &len) ||
	    sendto(other, "hello", 5, 0, (struct sockaddr *)&at, len) != 5)
		return outcome(-1);
	return outcome(ioctl(one, SIOCOUTQ, &bytes));
}

static int sockets_of_each_kind(void)
{
	if (socket(AF_INET6, SOCK_DGRAM, 0) < 0 && errno != EAFNOSUPPORT)
		return outcome(-1);
	if (socket(AF_UNIX, SOCK_DGRAM, 0) < 0)
		return outcome(-1);
	return outcome(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

static int memory(void)
{
	char *much = malloc(8 << 20);

	if (much)
		memset(much, 1, 8 << 20);
	free(much);
	return much ? WORKED : OTHER_ERROR;
}

static int wait_a_moment(void)
{
	struct epoll_event event;
	int fd = epoll_create1(0);

	return outcome(fd < 0 ? -1 : epoll_wait(fd, &event, 1, 5));
}

static void what_a_running_program_needs_works(void **state)
{
	(void)state;
	assert_int_equal(try_inside(SANDBOX_CALLS, two_sockets), WORKED);
	assert_int_equal(try_inside(SANDBOX_CALLS, sockets_of_each_kind), WORKED);
	assert_int_equal(try_inside(SANDBOX_CALLS, memory), WORKED);
	assert_int_equal(try_inside(SANDBOX_CALLS, wait_a_moment), WORKED);
}

static int fail_an_assertion(void)
{
	abort();
}

static void a_mistake_of_our_own_still_ends_the_program_by_its_signal(void **state)
{
	(void)state;
	assert_int_equal(try_inside(SANDBOX_CALLS, fail_an_assertion), 128 + SIGABRT);
}

#ifdef __x86_64__
/* By the numbers of x32, which would slip by a list of the others. */
static int speak_another_tongue(void)
{
	return outcome(syscall(0x40000000 | SYS_getpid));
}

static void calls_by_the_numbers_of_another_machine_end_it(void **state)
{
	(void)state;
	assert_int_equal(try_inside(SANDBOX_CALLS, speak_another_tongue), 128 + SIGSYS);
}
#endif

static int enter_twice(void)
{
	return sandbox_enter(NULL, 0) < 0 ? WORKED : OTHER_ERROR;
}

static void there_is_no_way_back(void **state)
{
	(void)state;
	assert_int_equal(try_inside(SANDBOX_CALLS, enter_twice), WORKED);
}

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int make_dirs(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_sandbox.XXXXXX");
	strcpy(elsewhere, "/tmp/test_sandbox.XXXXXX");
	if (!mkdtemp(dir) || !mkdtemp(elsewhere))
		return -1;
	touch(in(elsewhere, "read"));
	touch(in(elsewhere, "other"));
	return 0;
}

static int remove_dirs(void **state)
{
	(void)state;
	unlink(in(elsewhere, "read"));
	unlink(in(elsewhere, "other"));
	return rmdir(dir) || rmdir(elsewhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_are_not_named_cannot_be_touched),
		cmocka_unit_test(files_that_are_named_serve_as_before),
		cmocka_unit_test(calls_that_are_not_needed_are_refused),
		cmocka_unit_test(what_a_running_program_needs_works),
		cmocka_unit_test(a_mistake_of_our_own_still_ends_the_program_by_its_signal),
#ifdef __x86_64__
		cmocka_unit_test(calls_by_the_numbers_of_another_machine_end_it),
#endif
		cmocka_unit_test(there_is_no_way_back),
	};

	return cmocka_run_group_tests(tests, make_dirs, remove_dirs);
}
