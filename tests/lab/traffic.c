/* SPDX-License-Identifier: MIT */
/*
 * Stamped packets for the emulator to carry.
 *
 * traffic send TO PORT DEVICES RATE COUNT SIZE BURST FILE   COUNT packets on each device
 * traffic sink ADDRESS PORT FILE REPLY                      REPLY of 1000 are answered, 60 bytes
 *
 * DEVICES are names with commas, RATE packets a second in sum, sent BURST at a
 * time.  What arrives, answers at the sender included, is written to FILE as
 * struct arrival.  The sink ends by SIGTERM, the sender a second after its last packet.
 */
#include "tests/lab/traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LINKS = 64,
	SIZE_MOST = 1472,
	COPIES = 3, /* of the head, so that one turned bit does not harm it */
	REPLY_SIZE = 80,
	NS_PER_S = 1000000000,
	BUFFER = 4 << 20,
};

/* What a packet begins with, three times. */
struct head {
	uint64_t link, number;
	int64_t sent;
};

static volatile sig_atomic_t over;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static uint8_t pattern(uint64_t number, size_t at)
{
	return (uint8_t)(number * 31 + at * 7);
}

static void fill(uint8_t *packet, size_t size, const struct head *h)
{
	for (size_t i = 0; i < COPIES; i++)
		memcpy(packet + i * sizeof(*h), h, sizeof(*h));
	for (size_t i = COPIES * sizeof(*h); i < size; i++)
		packet[i] = pattern(h->number, i);
}

static uint32_t different(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < len; i++)
		bits += (uint32_t)__builtin_popcount(a[i] ^ b[i]);
	return bits;
}

/* The head by the majority of its copies, and how many bits are wrong in all. */
static uint32_t understand(const uint8_t *packet, size_t size, struct head *h)
{
	uint8_t *out = (uint8_t *)h, whole[SIZE_MOST];

	for (size_t i = 0; i < sizeof(*h); i++) {
		uint8_t a = packet[i], b = packet[i + sizeof(*h)], c = packet[i + 2 * sizeof(*h)];

		out[i] = (uint8_t)((a & b) | (a & c) | (b & c));
	}
	fill(whole, size, h);
	return different(packet, whole, size);
}

static int open_socket(const char *device)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, size = BUFFER;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (device &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) != 0)
		die(device);
	return fd;
}

static bool receive(int fd, struct arrival *a, struct head *h, struct sockaddr_in *from)
{
	uint8_t packet[SIZE_MOST];
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct iovec io = {packet, sizeof(packet)};
	struct msghdr m = {.msg_name = from,
			   .msg_namelen = sizeof(*from),
			   .msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(fd, &m, MSG_DONTWAIT);
	struct timespec at = {0};
	struct cmsghdr *c = len > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (len < 0 && errno == ECONNREFUSED)
		perror("recvmsg");
	if (len < (ssize_t)(COPIES * sizeof(*h)) || !c)
		return false;
	memcpy(&at, CMSG_DATA(c), sizeof(at));
	*a = (struct arrival){.wrong = understand(packet, (size_t)len, h),
			      .received = (int64_t)at.tv_sec * NS_PER_S + at.tv_nsec,
			      .port = ntohs(from->sin_port),
			      .size = (uint16_t)len};
	a->link = (uint32_t)h->link;
	a->number = (uint32_t)h->number;
	a->sent = h->sent;
	return true;
}

static void collect(struct pollfd *sockets, nfds_t count, FILE *out, unsigned reply)
{
	uint8_t packet[REPLY_SIZE];
	uint64_t replies[LINKS + 1] = {0};

	while (!over) {
		poll(sockets, count, 100);
		for (nfds_t i = 0; i < count; i++) {
			struct sockaddr_in from;
			struct arrival a;
			struct head h;

			while (receive(sockets[i].fd, &a, &h, &from)) {
				fwrite(&a, sizeof(a), 1, out);
				if (a.link > LINKS || (a.number * UINT32_C(613)) % 1000 >= reply)
					continue;
				h.number = replies[a.link]++;
				h.sent = now(CLOCK_REALTIME);
				fill(packet, sizeof(packet), &h);
				sendto(sockets[i].fd, packet, sizeof(packet), 0,
				       (struct sockaddr *)&from, sizeof(from));
			}
		}
	}
}

static FILE *create(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		die(path);
	return f;
}

static int sink(char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3]))};
	struct pollfd one = {.fd = open_socket(NULL), .events = POLLIN};
	FILE *out = create(argv[4]);

	inet_pton(AF_INET, argv[2], &at.sin_addr);
	if (bind(one.fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		die("bind");
	collect(&one, 1, out, (unsigned)atoi(argv[5]));
	return fclose(out) ? 1 : 0;
}

static void pace(const struct pollfd *sockets, unsigned links, char **argv)
{
	int64_t rate = atoll(argv[5]), begin = now(CLOCK_MONOTONIC);
	uint64_t count = (uint64_t)atoll(argv[6]) * links, burst = (uint64_t)atoll(argv[8]);
	size_t size = (size_t)atoll(argv[7]);
	uint8_t packet[SIZE_MOST];

	for (uint64_t i = 0; i < count; i++) {
		struct head h = {.link = i % links + 1, .number = i / links};

		if (i % burst == 0) {
			int64_t at = begin + (int64_t)i * NS_PER_S / rate;
			struct timespec t = {.tv_sec = at / NS_PER_S, .tv_nsec = at % NS_PER_S};

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		}
		fill(packet, size, &h);
		h.sent = now(CLOCK_REALTIME);
		for (size_t c = 0; c < COPIES; c++)
			memcpy(packet + c * sizeof(h), &h, sizeof(h));
		if (send(sockets[i % links].fd, packet, size, 0) < 0)
			perror("send");
	}
}

static int sender(char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3]))};
	struct pollfd sockets[LINKS];
	unsigned links = 0;
	FILE *out = create(argv[9]);
	pid_t child;

	inet_pton(AF_INET, argv[2], &to.sin_addr);
	for (char *d = strtok(argv[4], ","); d && links < LINKS; d = strtok(NULL, ",")) {
		sockets[links] = (struct pollfd){.fd = open_socket(d), .events = POLLIN};
		if (connect(sockets[links++].fd, (struct sockaddr *)&to, sizeof(to)) != 0)
			die(d);
	}
	child = fork();
	if (child == 0) {
		collect(sockets, links, out, 0);
		exit(fclose(out) ? 1 : 0);
	}
	/* Beside a busy emulator stamps mean less; where it is not permitted they must do. */
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
	pace(sockets, links, argv);
	sleep(1);
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = end};

	sigaction(SIGTERM, &action, NULL);
	if (argc == 6 && strcmp(argv[1], "sink") == 0)
		return sink(argv);
	if (argc == 10 && strcmp(argv[1], "send") == 0 && atoi(argv[7]) <= SIZE_MOST &&
	    atoi(argv[7]) >= (int)(COPIES * sizeof(struct head)))
		return sender(argv);
	fputs("traffic: see the head of traffic.c\n", stderr);
	return 64;
}
