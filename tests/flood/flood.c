/* SPDX-License-Identifier: MIT */
#include "tests/flood/flood.h"

#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "tests/flood/world.h"

/*
 * flood PID ATTACK NUMBER...   attacks srtla_rec, process PID, which listens where
 *                              tests/netns/lib.sh has it, for the few seconds that it is told.
 *                              Prints one figure a line.
 */
static const struct flood_attack attacks[] = {
	{"table", "GROUPS MEMBERS [MIXED]", flood_table},
	{"blind", "RATE SECONDS", flood_blind},
	{"strangers", "RATE SECONDS", flood_strangers},
	{"enrol", "COUNT SECONDS [WIDE]", flood_enrol},
	{"reflect", "VICTIMS SECONDS", flood_reflect},
	{"fair", "GROUPS ROUNDS [TIMES]", flood_fair},
	{"naks", "RATE SECONDS", flood_naks},
};

enum {
	NUMBERS = 3,    /* of the command line */
	LEAST = 2,
	MOST = 1000000,
	RUNS = 256,     /* of this program, until addresses come again */
	RUN = 32768,    /* addresses of each */
	ATTACKS = sizeof(attacks) / sizeof(attacks[0]),
};

#define NAP (50 * UINT64_C(1000)) /* ns: shorter than anything that is measured */

void flood_open(struct flood *f, unsigned pid, unsigned callers, bool serves)
{
	memset(f, 0, sizeof(*f));
	f->pid = pid;
	f->serves = serves;
	rng_init(&f->rng, (uint64_t)getpid());
	f->first = (unsigned)getpid() % RUNS * RUN;
	crowd_open(&f->crowd, WORLD_DEVICE);
	if (serves)
		backend_open(&f->backend, callers);
	f->places = 64;
	while (f->places < 2 * callers * CALLER_MEMBERS)
		f->places *= 2;
	f->caller = calloc(callers + 1, sizeof(*f->caller));
	f->spot = calloc((size_t)(callers + 1) * CALLER_MEMBERS, sizeof(*f->spot));
	f->place = calloc(f->places, sizeof(*f->place));
	if (!f->caller || !f->spot || !f->place)
		crowd_fail("memory");
}

void flood_close(struct flood *f)
{
	if (f->serves)
		backend_close(&f->backend);
	crowd_close(&f->crowd);
	free(f->caller);
	free(f->spot);
	free(f->place);
}

/* Where this address is written down, or would be. */
static struct flood_place *find(const struct flood *f, struct spot s)
{
	uint64_t key = (uint64_t)s.addr << 16 | s.port;
	unsigned i = (unsigned)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	while (f->place[i & (f->places - 1)].caller &&
	       (f->place[i & (f->places - 1)].spot.addr != s.addr ||
		f->place[i & (f->places - 1)].spot.port != s.port))
		i++;
	return &f->place[i & (f->places - 1)];
}

struct caller *flood_call(struct flood *f, const struct spot *spot, unsigned members)
{
	unsigned number = f->callers++;
	struct caller *c = &f->caller[number];
	struct spot *own = &f->spot[(size_t)number * CALLER_MEMBERS];

	memcpy(own, spot, members * sizeof(*own));
	for (unsigned i = 0; i < members; i++)
		*find(f, own[i]) = (struct flood_place){own[i], c, i};
	caller_begin(c, number, own, members, clock_ns());
	rng_fill(&f->rng, c->id, SRTLA_HALF_LEN);
	return c;
}

struct caller *flood_call_afar(struct flood *f, unsigned members)
{
	struct spot spot[CALLER_MEMBERS];

	for (unsigned i = 0; i < members; i++)
		spot[i] = crowd_spot(f->first + f->callers * CALLER_MEMBERS + i);
	return flood_call(f, spot, members);
}

void flood_pump(struct flood *f, unsigned from, unsigned to)
{
	uint8_t buf[CROWD_PAYLOAD];
	uint64_t now = clock_ns();
	struct spot spot;
	long len;

	if (f->serves)
		backend_serve(&f->backend);
	while ((len = crowd_hear(&f->crowd, &spot, buf)) >= 0) {
		const struct flood_place *p = find(f, spot);

		if (p->caller)
			caller_hear(p->caller, p->member, buf, (size_t)len, &f->crowd, now);
		else if (f->stray)
			f->stray(f->arg, spot, (size_t)len + CROWD_HEADERS);
	}
	for (unsigned i = from; i < to; i++)
		caller_run(&f->caller[i], &f->crowd, now);
}

void flood_rest(struct flood *f, unsigned from, unsigned to, uint64_t until)
{
	struct pollfd ready[2] = {{.fd = f->crowd.fd, .events = POLLIN},
				  {.fd = f->serves ? f->backend.fd : -1, .events = POLLIN}};
	uint64_t now;

	do {
		struct timespec nap = {.tv_nsec = NAP};

		flood_pump(f, from, to);
		ppoll(ready, 2, &nap, NULL);
		now = clock_ns();
	} while (now < until);
	flood_pump(f, from, to);
}

void flood_tell(const char *name, const char *figure, ...)
{
	va_list args;

	printf("%s ", name);
	va_start(args, figure);
	vprintf(figure, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

unsigned flood_due(struct flood_pace *p, uint64_t now)
{
	uint64_t target = p->done + FLOOD_BURST;

	if (p->rate)
		target = (now - p->began) / 1000 * p->rate / 1000000;
	if (target <= p->done || target - p->done < p->least)
		return 0;
	if (target - p->done > FLOOD_BURST)
		target = p->done + FLOOD_BURST;
	target -= p->done;
	p->done += target;
	return (unsigned)target;
}

void flood_part_processors(unsigned pid)
{
	cpu_set_t all, ours;
	size_t last = CPU_SETSIZE - 1;

	if (sched_getaffinity(0, sizeof(all), &all) || CPU_COUNT(&all) < 2)
		return;
	while (!CPU_ISSET(last, &all))
		last--;
	CPU_ZERO(&ours);
	CPU_SET(last, &ours);
	CPU_CLR(last, &all);
	if (sched_setaffinity((pid_t)pid, sizeof(all), &all) == 0)
		sched_setaffinity(0, sizeof(ours), &ours);
}

static int usage(void)
{
	fprintf(stderr, "usage:\n");
	for (unsigned i = 0; i < ATTACKS; i++)
		fprintf(stderr, "  flood PID %s %s\n", attacks[i].name, attacks[i].numbers);
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	uint64_t number[NUMBERS] = {0}, pid;

	if (argc < 3 + LEAST || argc > 3 + NUMBERS || !text_number(argv[1], 1, INT32_MAX, &pid))
		return usage();
	for (int i = 0; i < argc - 3; i++)
		if (!text_number(argv[3 + i], 0, MOST, &number[i]))
			return usage();
	prctl(PR_SET_TIMERSLACK, 1);
	for (unsigned i = 0; i < ATTACKS; i++) {
		if (strcmp(argv[2], attacks[i].name) != 0)
			continue;
		attacks[i].run((unsigned)pid, number);
		return EXIT_SUCCESS;
	}
	return usage();
}
