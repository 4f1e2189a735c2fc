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

/*
 * load stream|bare TO AT RATE   an encoder that sends to port TO, a server on port AT; RATE is
 *                               packets a second, 0 as many as arrive.  Says "ready" when they
 *                               have met, and for each line on standard input: packets sent and
 *                               arrived, ACKs that came back, and nanoseconds of the clock.  After
 *                               the line "quiet" nothing more is sent.
 * load relay AT TO              recvfrom() and send(), the least that a relay can do.
 */

enum {
	BUFFER = 4 * 1024 * 1024,
	LINE = 16,
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

static void answer(const struct load *load)
{
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", (uint64_t)load->sent,
	       (uint64_t)load->arrived, (uint64_t)load->acks, load_clock());
	fflush(stdout);
}

static int stream(struct load *load)
{
	pthread_t server, encoder;
	struct timespec moment = {.tv_nsec = 1000000};
	char line[LINE];

	if (pthread_create(&server, NULL, load_server, load) ||
	    pthread_create(&encoder, NULL, load_encoder, load))
		load_fail("pthread_create");
	for (unsigned i = 0; !load->agreed || load->arrived == 0; i++) {
		if (i == PATIENCE) {
			errno = ETIMEDOUT;
			load_fail("the first packet");
		}
		nanosleep(&moment, NULL);
	}
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "quiet\n") == 0)
			load->quiet = true;
		answer(load);
	}
	load->stop = true;
	pthread_join(encoder, NULL);
	pthread_join(server, NULL);
	return EXIT_SUCCESS;
}

/* Numbers from the command line; false where one is none. */
static bool numbers(char **word, int count, uint64_t *value)
{
	for (int i = 0; i < count; i++)
		if (!text_number(word[i], 0, i < 2 ? UINT16_MAX : 10000000, &value[i]))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	static struct load load;
	uint64_t value[3] = {0};
	bool bare = argc == 5 && strcmp(argv[1], "bare") == 0;

	if (argc == 4 && strcmp(argv[1], "relay") == 0 && numbers(argv + 2, 2, value)) {
		load_relay((uint16_t)value[0], (uint16_t)value[1]);
	} else if (argc == 5 && (bare || strcmp(argv[1], "stream") == 0) &&
		   numbers(argv + 2, 3, value)) {
		load.to = (uint16_t)value[0];
		load.at = (uint16_t)value[1];
		load.rate = (unsigned)value[2];
		load.bare = bare;
		return stream(&load);
	}
	fprintf(stderr, "usage: load stream|bare TO AT RATE\n       load relay AT TO\n");
	return EX_USAGE;
}
