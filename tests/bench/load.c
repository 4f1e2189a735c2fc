/* SPDX-License-Identifier: MIT */
#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/text.h"

static const char usage[] =
	"usage: load stream|bare TO AT even|frames|saturated RATE\n"
	"           an encoder that sends RATE packets a second to port TO, and a server on port\n"
	"           AT; says \"ready\" when they have met and a packet has arrived, and answers\n"
	"           each line on standard input with its counts.  \"mark\": judged is what goes\n"
	"           from now on.  \"quiet\": no more does.\n"
	"       load relay AT TO DELAY\n"
	"           recvfrom() and send(), with so many microseconds between\n"
	"       load relay-gso AT TO\n"
	"           recvmmsg(), and all that it brought with one sendmsg()\n"
	"       load tap ENCODER SRTLA SERVER\n"
	"           what the programs behind these ports add, and how much they are sent\n";

enum {
	BUFFER = 4 * 1024 * 1024,
	NUMBERS = 3,
	PATIENCE = 10000, /* ms, roughly, until something must have arrived */
};

uint64_t load_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void load_fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

int load_socket(uint16_t port)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int bytes = BUFFER;

	if (fd < 0)
		load_fail("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)))
		load_fail("bind");
	return fd;
}

void load_aim(int fd, uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		load_fail("connect");
}

/* `lost` means something once the encoder is quiet, and what was on its way has arrived. */
static void answer(const struct load *load)
{
	uint64_t sent = load->sent, judged = sent - load->window;

	printf("clock=%" PRIu64 " sent=%" PRIu64 " judged=%" PRIu64 " arrived=%" PRIu64
	       " again=%" PRIu64 " acks=%" PRIu64 " lost=%" PRId64 " p50=%" PRIu64 " p99=%" PRIu64
	       " max=%" PRIu64 " lag99=%" PRIu64 "\n",
	       load_clock(), sent, judged, (uint64_t)load->arrived, (uint64_t)load->again,
	       (uint64_t)load->acks, (int64_t)(judged - load->in_window),
	       load_spread_at(&load->trip, 500), load_spread_at(&load->trip, 990),
	       (uint64_t)load->trip.most, load_spread_at(&load->lag, 990));
	fflush(stdout);
}

static void await_first(const struct load *load)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	for (unsigned i = 0; !load->agreed || load->arrived == 0; i++) {
		if (i == PATIENCE) {
			errno = ETIMEDOUT;
			load_fail("the first packet");
		}
		nanosleep(&moment, NULL);
	}
	printf("ready\n");
	fflush(stdout);
}

static void mark(struct load *load)
{
	const struct timespec moment = {.tv_nsec = 100000};

	load->mark = true;
	while (load->mark)
		nanosleep(&moment, NULL);
}

static int stream(struct load *load)
{
	pthread_t server, encoder;
	char line[LOAD_LINE];

	if (pthread_create(&server, NULL, load_server, load) ||
	    pthread_create(&encoder, NULL, load_encoder, load))
		load_fail("pthread_create");
	await_first(load);
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "quiet\n") == 0)
			load->quiet = true;
		if (strcmp(line, "mark\n") == 0)
			mark(load);
		answer(load);
	}
	load->stop = true;
	pthread_join(encoder, NULL);
	pthread_join(server, NULL);
	return EXIT_SUCCESS;
}

/* Ports, and behind them at most one other number; false where one is none. */
static bool numbers(char **word, int count, uint64_t *value)
{
	for (int i = 0; i < count; i++)
		if (!text_number(word[i], 0, i < 2 ? UINT16_MAX : 10000000, &value[i]))
			return false;
	return true;
}

static bool read_stream(struct load *load, char **argv)
{
	static const char *const name[] = {"even", "frames", "saturated"};
	uint64_t value[2], rate;

	if (!numbers(argv + 2, 2, value) || !text_number(argv[5], 0, 10000000, &rate))
		return false;
	*load = (struct load){.to = (uint16_t)value[0],
			      .at = (uint16_t)value[1],
			      .rate = (unsigned)rate,
			      .bare = strcmp(argv[1], "bare") == 0};
	for (int i = LOAD_EVEN; i <= LOAD_SATURATE; i++) {
		if (strcmp(argv[4], name[i]) == 0) {
			load->pattern = (enum load_pattern)i;
			return rate > 0 || i == LOAD_SATURATE;
		}
	}
	return false;
}

int main(int argc, char **argv)
{
	static struct load load;
	const char *what = argc > 1 ? argv[1] : "";
	uint64_t value[NUMBERS] = {0};

	if (argc == 6 && (strcmp(what, "bare") == 0 || strcmp(what, "stream") == 0)) {
		if (read_stream(&load, argv))
			return stream(&load);
	} else if (argc - 2 <= NUMBERS && numbers(argv + 2, argc - 2, value)) {
		if (argc == 5 && strcmp(what, "relay") == 0)
			load_relay((uint16_t)value[0], (uint16_t)value[1], (unsigned)value[2]);
		if (argc == 4 && strcmp(what, "relay-gso") == 0)
			load_relay_gso((uint16_t)value[0], (uint16_t)value[1]);
		if (argc == 5 && strcmp(what, "tap") == 0)
			return load_tap((uint16_t)value[0], (uint16_t)value[1], (uint16_t)value[2]);
	}
	fputs(usage, stderr);
	return EX_USAGE;
}
