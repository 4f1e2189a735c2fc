/* SPDX-License-Identifier: MIT */
#include "shared/io/sandbox_inside.h"

#include <errno.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What a started program still asks of the kernel: all of both programs, and of the C libraries
 * (glibc, musl) and machines (amd64, arm64, armhf) that they are built for, each of which knows
 * only some of these names.  There is no call here that starts a program or a thread, or gives another
 * process orders.
 */
static const char *const allowed[] = {
	/* packets, and whoever looks in */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
	"listen", "recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendmmsg",
	"sendmsg", "sendto", "setsockopt", "shutdown", "socketpair",
	/* waiting, and the time */
	"clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64",
	"clock_nanosleep", "clock_nanosleep_time64", "epoll_create", "epoll_create1", "epoll_ctl",
	"epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "gettimeofday",
	"nanosleep", "_newselect", "poll", "ppoll", "ppoll_time64", "pselect6", "pselect6_time64",
	"select", "time", "timerfd_create", "timerfd_gettime", "timerfd_gettime64",
	"timerfd_settime", "timerfd_settime64",
	/* files: which ones is the other half's to say */
	"access", "chmod", "close", "close_range", "dup", "dup2", "dup3", "faccessat",
	"faccessat2", "fchmod", "fchmodat", "fcntl", "fcntl64", "fdatasync", "flock", "fstat",
	"fstat64", "fstatat64", "fstatfs", "fstatfs64", "fsync", "ftruncate", "ftruncate64",
	"getcwd", "getdents", "getdents64", "_llseek", "lseek", "lstat", "lstat64", "mkdir",
	"mkdirat", "newfstatat", "open", "openat", "pipe", "pipe2", "pread64", "pwrite64", "read",
	"readlink", "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "sendfile",
	"sendfile64", "stat", "stat64", "statx", "umask", "unlink", "unlinkat", "write", "writev",
	/* memory, signals, and who we are */
	"brk", "exit", "exit_group", "futex", "futex_time64", "getegid", "getegid32", "geteuid",
	"geteuid32", "getgid", "getgid32", "getpid", "getppid", "getrandom", "getrlimit", "gettid",
	"getuid", "getuid32", "madvise", "membarrier", "mremap", "munmap", "restart_syscall",
	"rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigtimedwait", "rt_sigtimedwait_time64", "sched_yield", "set_robust_list",
	"sigaltstack", "signalfd", "signalfd4", "sigreturn", "sysinfo", "ugetrlimit", "uname",
};

/* What may be asked of a descriptor: how much waits in it, whether it waits, is it a terminal. */
static const unsigned long asked[] = {
	FIONREAD, SIOCOUTQ, FIONBIO, TCGETS, TIOCGWINSZ, SIOCGIFINDEX, SIOCGIFNAME,
};

/* A rule for a call that this machine may not have: then it needs none. */
static int allow(scmp_filter_ctx ctx, const char *name, unsigned count,
		 const struct scmp_arg_cmp *args)
{
	int call = seccomp_syscall_resolve_name(name), err;

	if (call == __NR_SCMP_ERROR)
		return 0;
	err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, call, count, args);
	return err == -EDOM ? 0 : err;
}

/* The macros of the library leave out what clang wants to see. */
static struct scmp_arg_cmp when(unsigned argument, enum scmp_compare op, scmp_datum_t a,
				scmp_datum_t b)
{
	return (struct scmp_arg_cmp){.arg = argument, .op = op, .datum_a = a, .datum_b = b};
}

static int allow_sockets(scmp_filter_ctx ctx)
{
	static const int domains[] = {AF_INET, AF_INET6, AF_UNIX};
	/* Links come and go: of the kernel's news those of interfaces, which is protocol 0. */
	const struct scmp_arg_cmp netlink[] = {when(0, SCMP_CMP_EQ, AF_NETLINK, 0),
					       when(2, SCMP_CMP_EQ, 0, 0)};
	int err = allow(ctx, "socket", 2, netlink);

	for (unsigned i = 0; i < sizeof(domains) / sizeof(domains[0]) && !err; i++) {
		struct scmp_arg_cmp domain = when(0, SCMP_CMP_EQ, (scmp_datum_t)domains[i], 0);

		err = allow(ctx, "socket", 1, &domain);
	}
	return err;
}

/* Memory, but none that could hold new code. */
static int allow_memory(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp no_code = when(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	static const char *const calls[] = {"mmap", "mmap2", "mprotect"};
	int err = 0;

	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]) && !err; i++)
		err = allow(ctx, calls[i], 1, &no_code);
	return err;
}

static int allow_questions(scmp_filter_ctx ctx)
{
	int err = 0;

	/* musl's requests are ints, glibc's are longs: the kernel looks at 32 bits. */
	for (unsigned i = 0; i < sizeof(asked) / sizeof(asked[0]) && !err; i++) {
		struct scmp_arg_cmp request =
			when(1, SCMP_CMP_MASKED_EQ, 0xffffffff, asked[i] & 0xffffffff);

		err = allow(ctx, "ioctl", 1, &request);
	}
	return err;
}

/* To read our own limits, and to end by a signal of our own, as a failed assertion does. */
static int allow_own(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp reads = when(2, SCMP_CMP_EQ, 0, 0);
	const struct scmp_arg_cmp us = when(0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
	int err = allow(ctx, "prlimit64", 1, &reads);

	return err ? err : allow(ctx, "tgkill", 1, &us);
}

static int fill(scmp_filter_ctx ctx)
{
	int err = 0;

	for (unsigned i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !err; i++)
		err = allow(ctx, allowed[i], 0, NULL);
	if (!err)
		err = allow_sockets(ctx);
	if (!err)
		err = allow_memory(ctx);
	if (!err)
		err = allow_questions(ctx);
	return err ? err : allow_own(ctx);
}

int sandbox_calls(void)
{
	/*
	 * EPERM, and not the end of the program: whatever a library tries in vain, the stream goes
	 * on.  A call by the numbers of another machine, x32 too, is no library's: that ends it.
	 */
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!ctx)
		return -ENOMEM;
	err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* Sorted, so that a call is found in a few steps; older libraries cannot. */
	if (!err)
		seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!err)
		err = fill(ctx);
	if (!err) {
		err = seccomp_load(ctx);
		/* A kernel without filters. */
		if (err == -EINVAL || err == -ENOSYS) {
			seccomp_release(ctx);
			return 0;
		}
	}
	seccomp_release(ctx);
	return err ? err : 1;
}

const char *sandbox_version(void)
{
	static char text[48];
	const struct scmp_version *v = seccomp_version();

	snprintf(text, sizeof(text), "libseccomp %u.%u.%u", v->major, v->minor, v->micro);
	return text;
}
