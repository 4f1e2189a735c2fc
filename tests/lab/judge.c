/* SPDX-License-Identifier: MIT */
/*
 * What came out of the emulator, against what its own roads say.
 *
 * judge rate FILE LINK        bit/s with IP and UDP headers, from the first arrival to the last
 * judge count FILE LINK       how many arrived
 * judge delay FILE LINK       the median of how long packets took, us
 * judge ports FILE LINK       the ports that the link was seen to come from, and how often
 * judge draws FILE SCENARIO SEED up|down LINK COUNT SIZE
 *                             just those arrive that the road lets pass, doubled, damaged alike
 * judge timing FILE SCENARIO SEED up|down
 *                             how far arrivals are from what the roads say: p50 p99 most mean, us
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/scenario.h"
#include "tests/lab/traffic.h"

enum { MOST = 4 << 20, NS_PER_US = 1000, NS_PER_MS = 1000000 };

static struct arrival *all;
static size_t count;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "judge: %s: %s\n", what, why);
	exit(1);
}

static void load(const char *path)
{
	FILE *f = fopen(path, "r");

	all = malloc(MOST * sizeof(*all));
	if (!f || !all)
		die(path, "cannot be read");
	count = fread(all, sizeof(*all), MOST, f);
	fclose(f);
	if (count == MOST)
		die(path, "too many arrivals");
}

static struct scenario *scenario(const char *path)
{
	static struct scenario s;
	char error[SCENARIO_ERROR];

	if (scenario_read(path, NULL, &s, error) != SCENARIO_READ)
		die(path, error);
	return &s;
}

static void say_count(uint32_t link)
{
	unsigned n = 0;

	for (size_t i = 0; i < count; i++)
		n += all[i].link == link;
	printf("%u\n", n);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void say_rate(uint32_t link)
{
	int64_t first = 0, last = 0, bits = 0;

	for (size_t i = 0; i < count; i++) {
		if (all[i].link != link)
			continue;
		if (first == 0)
			first = all[i].received; /* it is the beginning, not part of the work */
		else
			bits += (all[i].size + ROAD_HEADERS) * 8;
		last = all[i].received;
	}
	if (last == first)
		die("rate", "fewer than two arrivals");
	printf("%" PRId64 "\n", bits * 1000 / ((last - first) / NS_PER_MS));
}

static void say_delay(uint32_t link)
{
	int64_t *took = malloc(MOST * sizeof(*took));
	size_t n = 0;

	if (!took)
		die("delay", "memory is short");
	for (size_t i = 0; i < count; i++) {
		if (all[i].link == link)
			took[n++] = all[i].received - all[i].sent;
	}
	if (n == 0)
		die("delay", "no arrivals on that link");
	qsort(took, n, sizeof(*took), compare);
	printf("%" PRId64 "\n", took[n / 2] / NS_PER_US);
	free(took);
}

static void say_ports(uint32_t link)
{
	uint16_t port = 0;
	unsigned times = 0;

	for (size_t i = 0; i < count; i++) {
		if (all[i].link != link)
			continue;
		if (times > 0 && all[i].port != port) {
			printf("%u %u\n", port, times);
			times = 0;
		}
		port = all[i].port;
		times++;
	}
	if (times > 0)
		printf("%u %u\n", port, times);
}

/* How often a packet came, and how many bits of it were wrong. */
struct seen {
	unsigned times, wrong;
};

static int check_draws(char **argv)
{
	struct scenario *s = scenario(argv[3]);
	uint32_t link = (uint32_t)atoi(argv[6]);
	size_t packets = (size_t)atoll(argv[7]), size = (size_t)atoll(argv[8]);
	struct seen *seen = calloc(packets, sizeof(*seen));
	struct road road;
	unsigned wrong = 0;

	if (!seen)
		die("draws", "memory is short");
	for (size_t i = 0; i < count; i++) {
		if (all[i].link != link || all[i].number >= packets)
			continue;
		seen[all[i].number].times++;
		seen[all[i].number].wrong += all[i].wrong;
	}
	scenario_road(s, 0, link - 1, strcmp(argv[5], "up") == 0, strtoull(argv[4], NULL, 10),
		      &road);
	for (size_t i = 0; i < packets; i++) {
		struct road_fate fate;
		unsigned times;

		road_take(&road, (int64_t)i * NS_PER_MS, size, &fate);
		times = fate.end != ROAD_ARRIVES ? 0 : fate.twice ? 2 : 1;
		if (seen[i].times == times && seen[i].wrong == (fate.damaged ? times : 0))
			continue;
		if (wrong++ < 10)
			printf("packet %zu came %u times with %u wrong bits, not %u with %u\n", i,
			       seen[i].times, seen[i].wrong, times, fate.damaged ? times : 0);
	}
	printf("%zu packets: %" PRIu64 " lost, %" PRIu64 " twice, %" PRIu64 " damaged; %u differ\n",
	       packets, road.tally.lost, road.tally.doubled, road.tally.damaged, wrong);
	road_finish(&road);
	free(seen);
	return wrong > 0;
}

static int by_entry(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void judge_link(const struct scenario *s, uint32_t link, uint64_t seed, bool up,
		       int64_t *error, size_t *n)
{
	int64_t begin = INT64_MAX;
	struct road road;

	for (size_t i = 0; i < count; i++)
		begin = all[i].sent < begin ? all[i].sent : begin;
	scenario_road(s, 0, link - 1, up, seed, &road);
	for (size_t i = 0; i < count; i++) {
		struct road_fate fate;

		if (all[i].link != link)
			continue;
		road_take(&road, all[i].sent - begin, all[i].size, &fate);
		error[(*n)++] = all[i].received - begin - fate.arrives;
	}
	road_finish(&road);
}

static void say_timing(char **argv)
{
	struct scenario *s = scenario(argv[3]);
	int64_t *error = malloc(MOST * sizeof(*error)), sum = 0;
	size_t n = 0;

	if (!error)
		die("timing", "memory is short");
	qsort(all, count, sizeof(*all), by_entry);
	for (uint32_t link = 1; link <= s->links; link++)
		judge_link(s, link, strtoull(argv[4], NULL, 10), strcmp(argv[5], "up") == 0, error,
			   &n);
	if (n == 0)
		die("timing", "no arrivals");
	for (size_t i = 0; i < n; i++) {
		sum += error[i];
		error[i] = error[i] < 0 ? -error[i] : error[i];
	}
	qsort(error, n, sizeof(*error), compare);
	printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", error[n / 2] / NS_PER_US,
	       error[n * 99 / 100] / NS_PER_US, error[n - 1] / NS_PER_US,
	       sum / (int64_t)n / NS_PER_US);
	free(error);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 3 ? argv[1] : "";

	if (argc > 3)
		load(argv[2]);
	if (argc == 4 && strcmp(verb, "rate") == 0)
		say_rate((uint32_t)atoi(argv[3]));
	else if (argc == 4 && strcmp(verb, "count") == 0)
		say_count((uint32_t)atoi(argv[3]));
	else if (argc == 4 && strcmp(verb, "delay") == 0)
		say_delay((uint32_t)atoi(argv[3]));
	else if (argc == 4 && strcmp(verb, "ports") == 0)
		say_ports((uint32_t)atoi(argv[3]));
	else if (argc == 9 && strcmp(verb, "draws") == 0)
		return check_draws(argv);
	else if (argc == 6 && strcmp(verb, "timing") == 0)
		say_timing(argv);
	else
		return 64;
	return 0;
}
