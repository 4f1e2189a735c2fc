/* SPDX-License-Identifier: MIT */
#include "tests/flood/target.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/flood/crowd.h"
#include "tests/flood/world.h"

static FILE *open_file(unsigned pid, const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	f = fopen(path, "re");
	if (!f)
		crowd_fail(path);
	return f;
}

/* The figures of status lag behind; the sum of all mappings does not. */
static uint64_t read_rss(unsigned pid)
{
	FILE *f = open_file(pid, "smaps_rollup");
	uint64_t kib = 0;
	char line[256];

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Rss: %" SCNu64, &kib) == 1)
			break;
	fclose(f);
	return kib * 1024;
}

static uint64_t read_cpu(unsigned pid)
{
	FILE *f = open_file(pid, "schedstat");
	uint64_t ns = 0;

	if (fscanf(f, "%" SCNu64, &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

/* A line: place, local, remote, state, queues, eight words of no interest, drops. */
#define SOCKET_LINE \
	" %*u: %*[0-9A-F]:%X %*s %*s %*X:%" SCNx64 " %*s %*s %*s %*s %*s %*s %*s %" SCNu64

/* What the sockets of its port hold, and what they had no room for. */
static void read_sockets(unsigned pid, const char *name, uint64_t *waiting, uint64_t *drops)
{
	FILE *f = open_file(pid, name);
	char line[512];

	while (fgets(line, sizeof(line), f)) {
		uint64_t held, lost;
		unsigned port;

		if (sscanf(line, SOCKET_LINE, &port, &held, &lost) != 3 || port != WORLD_PORT)
			continue;
		*waiting += held;
		*drops += lost;
	}
	fclose(f);
}

uint64_t target_waiting(unsigned pid)
{
	uint64_t waiting = 0, drops = 0;

	read_sockets(pid, "net/udp6", &waiting, &drops);
	return waiting;
}

struct target target_look(unsigned pid)
{
	struct target t = {.rss = read_rss(pid), .cpu = read_cpu(pid)};
	uint64_t waiting = 0;

	read_sockets(pid, "net/udp", &waiting, &t.drops);
	read_sockets(pid, "net/udp6", &waiting, &t.drops);
	return t;
}
