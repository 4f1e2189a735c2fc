/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sysexits.h>

#include "tests/bench/must.h"
#include "tests/bench/relays.h"

/*
 * What a packet costs a relay of UDP, in each way that Linux offers.  All ways are measured in
 * turn, round after round, so that whatever else the machine does in a while hits all of them;
 * what they cost is told beside the plain one of the same round.  NOTES.md has the conclusions.
 */
static const struct relay_way way[] = {
	{"recvfrom + send", false, false, relay_plain, RELAY_EVERYWHERE},
	{"recvmmsg + sendmmsg", false, false, relay_batch, RELAY_LOOPBACK},
	{"recvmmsg + GSO", true, false, relay_batch, RELAY_EVERYWHERE},
	{"GRO + GSO", true, true, relay_batch, RELAY_LOOPBACK},
	{"GRO + GSO, 1 ms naps", true, true, relay_batch_napping, RELAY_LOOPBACK},
	{"io_uring", false, false, relay_uring, RELAY_LOOPBACK},
	{"io_uring, GRO + GSO", true, true, relay_uring, RELAY_EVERYWHERE},
	{"recvfrom + send, never asleep", false, false, relay_spin, RELAY_LOOPBACK},
	{"AF_XDP, copied", false, false, relay_xdp, RELAY_PAIR},
};

static const struct relay_feed feed[] = {
	{"saturated, runs of 16", 0, 16},
	{"5 000/s", 5000, 1},
	{"20 000/s", 20000, 1},
	{"20 000/s, runs of 8", 20000, 8},
};

enum {
	WAYS = sizeof(way) / sizeof(way[0]),
	FEEDS = sizeof(feed) / sizeof(feed[0]),
	PACED = 1, /* from this one on the generator does the same whatever the relay does */
};

/* What came of one way with one feed, each round. */
struct cell {
	double us[RELAY_ROUNDS], ratio[RELAY_ROUNDS]; /* ratio: to the plain relay of the round */
	double all_us[RELAY_ROUNDS], all_ratio[RELAY_ROUNDS];
	double per_turn[RELAY_ROUNDS];
};

/* All that was measured in one world. */
struct table {
	struct relay_world world;
	struct cell cell[WAYS][FEEDS];
	char why[WAYS][RELAY_WHY]; /* not measured, for this reason */
};

double relay_median(double *values, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		for (unsigned j = i; j > 0 && values[j] < values[j - 1]; j--) {
			double swap = values[j];

			values[j] = values[j - 1];
			values[j - 1] = swap;
		}
	return values[n / 2];
}

/* A smoke run: each way once, as fast as it goes. */
static void measure(struct table *t, bool smoke)
{
	unsigned feeds = smoke ? 1 : FEEDS, rounds = smoke ? 1 : RELAY_ROUNDS;

	for (unsigned i = 0; i < rounds * feeds * WAYS; i++) {
		unsigned w = i % WAYS, f = i / WAYS % feeds, round = i / WAYS / feeds;
		struct cell *c = &t->cell[w][f], *plain = &t->cell[0][f];
		struct relay_cost cost;

		if (!(way[w].places & t->world.place) || t->why[w][0] ||
		    !relay_measure(&t->world, &way[w], &feed[f], smoke, &cost, t->why[w]))
			continue;
		c->us[round] = cost.relay_us;
		c->all_us[round] = cost.all_us;
		c->per_turn[round] = cost.per_turn;
		c->ratio[round] = cost.relay_us / plain->us[round];
		c->all_ratio[round] = cost.all_us / plain->all_us[round];
	}
}

/* Lines for NOTES.md; `first` is the first feed that is shown. */
static void print(struct table *t, bool all)
{
	unsigned first = all ? PACED : 0;

	printf("\n| %s%s |", t->world.name, all ? ", with generator and sink" : "");
	for (unsigned f = first; f < FEEDS; f++)
		printf(" %s |", feed[f].name);
	printf("\n|---|");
	for (unsigned f = first; f < FEEDS; f++)
		printf("---|");
	for (unsigned w = 0; w < WAYS; w++) {
		if (!(way[w].places & t->world.place))
			continue;
		printf("\n| %s |", way[w].name);
		if (t->why[w][0])
			printf(" skipped: %s |", t->why[w]);
		for (unsigned f = first; f < FEEDS && !t->why[w][0]; f++) {
			double *us = all ? t->cell[w][f].all_us : t->cell[w][f].us;
			double *ratio = all ? t->cell[w][f].all_ratio : t->cell[w][f].ratio;
			double middle = relay_median(us, RELAY_ROUNDS);

			printf(" %.2f [%.2f-%.2f] %.2fx |", middle, us[0], us[RELAY_ROUNDS - 1],
			       relay_median(ratio, RELAY_ROUNDS));
		}
	}
	printf("\n");
}

static void write_cell(FILE *f, const char *world, const char *name, const char *fed,
		       struct cell *c)
{
	double middle = relay_median(c->us, RELAY_ROUNDS);

	fprintf(f, "  {\"world\": \"%s\", \"way\": \"%s\", \"feed\": \"%s\", ", world, name, fed);
	fprintf(f, "\"us\": %.3f, \"least\": %.3f, \"most\": %.3f, \"ratio\": %.3f, ", middle,
		c->us[0], c->us[RELAY_ROUNDS - 1], relay_median(c->ratio, RELAY_ROUNDS));
	fprintf(f, "\"all_us\": %.3f, \"all_ratio\": %.3f, \"packets_a_turn\": %.2f}",
		relay_median(c->all_us, RELAY_ROUNDS), relay_median(c->all_ratio, RELAY_ROUNDS),
		relay_median(c->per_turn, RELAY_ROUNDS));
}

/* Returns 0 or -errno. */
static int write_json(const char *path, struct table *t, unsigned tables)
{
	FILE *f = fopen(path, "w");
	const char *comma = "";

	if (!f)
		return -errno;
	fprintf(f, "{\"benchmark\": \"relay\", \"cells\": [");
	for (unsigned i = 0; i < tables; i++)
		for (unsigned w = 0; w < WAYS; w++)
			for (unsigned at = 0; at < FEEDS && t[i].cell[w][0].us[0] > 0; at++) {
				fprintf(f, "%s\n", comma);
				write_cell(f, t[i].world.name, way[w].name, feed[at].name,
					   &t[i].cell[w][at]);
				comma = ",";
			}
	fprintf(f, "\n]}\n");
	return fclose(f) ? -errno : 0;
}

/* Each way carries packets, or has a word why not. */
static bool all_carried(const struct table *t)
{
	bool all = true;

	for (unsigned w = 0; w < WAYS; w++) {
		bool carried = t->cell[w][0].us[0] > 0;

		if (!(way[w].places & t->world.place))
			continue;
		if (t->why[w][0])
			printf("%s: %s: skipped: %s\n", t->world.name, way[w].name, t->why[w]);
		else
			printf("%s: %s: %s\n", t->world.name, way[w].name,
			       carried ? "carries" : "CARRIED NOTHING");
		all &= carried || t->why[w][0];
	}
	return all;
}

static void print_all(struct table *t, unsigned tables)
{
	struct utsname u;

	uname(&u);
	printf("%s %s; us of CPU that a packet of %d bytes costs the relay: median of %d rounds "
	       "[least-most], times the plain relay\n",
	       u.sysname, u.release, RELAY_PACKET, RELAY_ROUNDS);
	print(&t[0], false);
	if (tables > 1) {
		print(&t[1], false);
		/* A frame's copy is made in the name of whoever sent it. */
		print(&t[1], true);
	}
	relay_heads(RELAY_ROUNDS, relay_median(t[0].cell[0][0].us, RELAY_ROUNDS));
}

int main(int argc, char **argv)
{
	static struct table t[2];
	bool smoke = argc == 2 && strcmp(argv[1], "--smoke") == 0;
	const char *json = argc == 3 && strcmp(argv[1], "--json") == 0 ? argv[2] : NULL;
	unsigned tables = 1;
	int err = 0;

	if (argc != 1 && !smoke && !json) {
		fprintf(stderr, "usage: bench_relay [--smoke | --json FILE]\n");
		return EX_USAGE;
	}
	relay_loopback(&t[0].world);
	tables += relay_pair(&t[1].world);
	for (unsigned i = 0; i < tables; i++)
		measure(&t[i], smoke);
	if (smoke) {
		bool all = true;

		for (unsigned i = 0; i < tables; i++)
			all &= all_carried(&t[i]);
		return all ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	print_all(t, tables);
	if (json)
		err = write_json(json, t, tables);
	if (err)
		fprintf(stderr, "bench_relay: %s: %s\n", json, strerror(-err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
