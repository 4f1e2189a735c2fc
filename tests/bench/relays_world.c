/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/must.h"
#include "tests/bench/relays.h"

enum { ROOM = 8 << 20 }; /* bytes of a socket's buffers: no way is to lose what another carries */

void relay_loopback(struct relay_world *w)
{
	*w = (struct relay_world){.name = "loopback",
				  .place = RELAY_LOOPBACK,
				  .near_ns = -1,
				  .far_ns = -1,
				  .near.s_addr = htonl(INADDR_LOOPBACK),
				  .far.s_addr = htonl(INADDR_LOOPBACK)};
}

void relay_enter(int ns)
{
	if (ns >= 0)
		bench_must(setns(ns, CLONE_NEWNET) == 0);
}

static int own_ns(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* Runs in the namespace of this thread. */
static bool ip(const char *args)
{
	char command[512];

	snprintf(command, sizeof(command), "PATH=$PATH:/usr/sbin:/sbin ip %s", args);
	return system(command) == 0;
}

/*
 * The near end sends one packet at a time, as most devices would; addresses are known, so that
 * nobody asks for them.
 */
static bool join(int near_ns, int far_ns)
{
	char pair[256];

	snprintf(pair, sizeof(pair),
		 "link add " RELAY_FAR_DEVICE " address 02:00:00:00:00:02 type veth peer name "
		 RELAY_NEAR_DEVICE " address 02:00:00:00:00:01 gso_max_segs 1 netns /proc/%d/fd/%d",
		 getpid(), near_ns);
	relay_enter(far_ns);
	if (!ip(pair) || !ip("addr add 10.9.0.2/24 dev " RELAY_FAR_DEVICE) ||
	    !ip("link set " RELAY_FAR_DEVICE " up") ||
	    !ip("neigh add 10.9.0.1 lladdr 02:00:00:00:00:01 dev " RELAY_FAR_DEVICE))
		return false;
	relay_enter(near_ns);
	return ip("addr add 10.9.0.1/24 dev " RELAY_NEAR_DEVICE) &&
	       ip("link set " RELAY_NEAR_DEVICE " up") &&
	       ip("neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev " RELAY_NEAR_DEVICE);
}

bool relay_pair(struct relay_world *w)
{
	int home = own_ns();
	bool joined;

	bench_must(home >= 0);
	if (unshare(CLONE_NEWNET)) {
		printf("veth pair: skipped: a network namespace: %s\n", strerror(errno));
		close(home);
		return false;
	}
	*w = (struct relay_world){.name = "veth pair", .place = RELAY_PAIR, .near_ns = own_ns()};
	inet_pton(AF_INET, "10.9.0.1", &w->near);
	inet_pton(AF_INET, "10.9.0.2", &w->far);
	bench_must(unshare(CLONE_NEWNET) == 0);
	w->far_ns = own_ns();
	joined = join(w->near_ns, w->far_ns);
	if (!joined)
		printf("veth pair: skipped: ip(8) has said why\n");
	relay_enter(home);
	close(home);
	return joined;
}

int relay_socket(int ns, struct in_addr addr, struct sockaddr_in *bound)
{
	static const int forced[] = {SO_RCVBUFFORCE, SO_SNDBUFFORCE};
	static const int asked[] = {SO_RCVBUF, SO_SNDBUF};
	socklen_t len = sizeof(*bound);
	int home = own_ns(), room = ROOM, fd;

	relay_enter(ns);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	relay_enter(ns >= 0 ? home : -1);
	close(home);
	bench_must(fd >= 0);
	for (unsigned i = 0; i < 2; i++)
		if (setsockopt(fd, SOL_SOCKET, forced[i], &room, sizeof(room)))
			bench_must(!setsockopt(fd, SOL_SOCKET, asked[i], &room, sizeof(room)));
	*bound = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = addr};
	bench_must(bind(fd, (struct sockaddr *)bound, sizeof(*bound)) == 0);
	bench_must(getsockname(fd, (struct sockaddr *)bound, &len) == 0);
	return fd;
}
