/* SPDX-License-Identifier: MIT */
#include "lab/emulator/realtime.h"

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	PRIORITY = 20, /* above all that is not real time, below what the kernel does there */
	SLACK_NS = 1,
	WAKE_US = 20, /* deeper sleep of a processor costs 100 us and more; none at all, heat */
	NICE = -20,   /* where real time is not permitted this may be, */
	SLICE_NS = 100000, /* and this always is: the least of Linux 6.12 */
};

/* Locks what is there; what comes later only without a limit, or allocating would fail. */
static void lock_memory(void)
{
	struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};

	if (setrlimit(RLIMIT_MEMLOCK, &no_limit) == 0)
		mlockall(MCL_CURRENT | MCL_FUTURE);
	else
		mlockall(MCL_CURRENT);
}

/* The kernel keeps the promise for as long as the file is open: until we end. */
static void keep_processors_awake(void)
{
	int32_t longest = WAKE_US;
	int fd = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, &longest, sizeof(longest)) != sizeof(longest))
		close(fd);
}

/* sched_setattr(2), version 0; the C library knows neither. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* Who asks for short turns gets the processor sooner; older kernels ignore it. */
static void ask_for_short_turns(void)
{
	struct attributes how = {.size = sizeof(how), .policy = SCHED_OTHER, .runtime = SLICE_NS};

	how.nice = getpriority(PRIO_PROCESS, 0);
	syscall(SYS_sched_setattr, 0, &how, 0);
}

bool realtime_enter(void)
{
	struct sched_param how = {.sched_priority = PRIORITY};

	prctl(PR_SET_TIMERSLACK, SLACK_NS);
	lock_memory();
	keep_processors_awake();
	if (sched_setscheduler(0, SCHED_FIFO, &how) == 0)
		return true;
	setpriority(PRIO_PROCESS, 0, NICE);
	ask_for_short_turns();
	return false;
}
