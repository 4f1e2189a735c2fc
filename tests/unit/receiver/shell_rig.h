/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_RECEIVER_SHELL_RIG_H
#define TESTS_UNIT_RECEIVER_SHELL_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "receiver/shell.h"
#include "receiver/start.h"
#include "shared/io/udp.h"
#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

/*
 * The whole program but its main(), on loopback: links that this test plays,
 * and a UDP socket in the place of the SRT server.  The loop runs until a
 * socket of the test has something to read, or until time is up.
 */
enum { DATA = 100 };

static struct config cfg;
static char state_dir[64]; /* of this test alone */
static struct shell shell;
static char why[CONFIG_WHY];
static int server; /* in the place of the SRT server */
static uint16_t server_port;
static struct pkt got; /* what was read last */

/* A link of a sender. */
struct link_end {
	int fd;
	struct endpoint to;
	uint8_t id[SRTLA_ID_LEN];
};

static inline int open_end(const char *text, uint16_t port)
{
	const struct udp_options opt = {0};
	struct endpoint at;
	int fd;

	assert_true(endpoint_parse(text, &at));
	at.port = port;
	fd = udp_open(&at, &opt);
	assert_true(fd >= 0);
	return fd;
}

static inline uint16_t port_of(int fd)
{
	struct endpoint at;

	assert_int_equal(udp_local(fd, &at), 0);
	return at.port;
}

static inline void stop(void *arg, int events, ustime now)
{
	(void)arg, (void)events, (void)now;
	loop_stop(shell.door.loop);
}

/* Runs the program until fd can be read, for ms at most.  False: it cannot. */
static inline bool run_until(int fd, int ms)
{
	struct itimerspec limit = {
		.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct loop_watch *a, *b = NULL;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	assert_true(timer >= 0);
	timerfd_settime(timer, 0, &limit, NULL);
	a = loop_watch(shell.door.loop, timer, LOOP_READ, stop, NULL);
	if (fd >= 0)
		b = loop_watch(shell.door.loop, fd, LOOP_READ, stop, NULL);
	loop_run(shell.door.loop);
	loop_unwatch(shell.door.loop, a);
	loop_unwatch(shell.door.loop, b);
	close(timer);
	return fd >= 0 && poll(&p, 1, 0) == 1;
}

static inline bool get(int fd)
{
	return run_until(fd, 2000) && udp_recv(fd, &got) == 0;
}

static inline void put(const struct link_end *l, const uint8_t *bytes, size_t len)
{
	struct pkt p = {.len = (uint16_t)len, .peer = l->to};

	memcpy(p.data, bytes, len);
	assert_int_equal(udp_send(l->fd, &p, true), 0);
}

/* From the server, to whom it heard last. */
static inline void put_back(const struct endpoint *to, const uint8_t *bytes, size_t len)
{
	struct link_end l = {.fd = server, .to = *to};

	put(&l, bytes, len);
}

static inline struct link_end new_link(const char *from, const char *to)
{
	struct link_end l = {.fd = open_end(from, 0)};

	assert_true(endpoint_parse(to, &l.to));
	l.to.port = port_of(shell.front.media.socket.fd);
	return l;
}

static inline void enter(struct link_end *l)
{
	uint8_t reg[SRTLA_REG_LEN];

	put(l, reg, srtla_build_reg(reg, SRTLA_REG2, l->id));
	assert_true(get(l->fd));
	assert_int_equal(srtla_type(got.data, got.len), SRTLA_REG3);
}

/* A new group with this link as its first. */
static inline void found(struct link_end *l, uint8_t half)
{
	uint8_t reg[SRTLA_REG_LEN];

	memset(l->id, half, sizeof(l->id));
	put(l, reg, srtla_build_reg(reg, SRTLA_REG1, l->id));
	assert_true(get(l->fd));
	assert_non_null(srtla_reg_id(got.data, got.len));
	memcpy(l->id, srtla_reg_id(got.data, got.len), SRTLA_ID_LEN);
	enter(l);
}

static inline void put_data(const struct link_end *l, uint32_t seq)
{
	uint8_t bytes[DATA] = {0};

	put_be32(bytes, seq);
	memset(bytes + 16, 'x', DATA - 16);
	put(l, bytes, DATA);
}

/* The server has a packet with this number; got.peer is whom it came from. */
static inline void assert_served(uint32_t seq)
{
	assert_true(get(server));
	assert_int_equal(got.len, DATA);
	assert_int_equal(be32(got.data), seq);
}

static inline void assert_served_any(void)
{
	assert_int_equal(udp_recv(server, &got), 0);
	assert_int_equal(got.len, DATA);
}

static inline void begin(const char *line)
{
	static char copy[256];
	char *argv[16] = {(char[]){"srtla_rec"}};
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word && argc < 15; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	assert_int_equal(config_read(&cfg, argc, argv, why), CONFIG_RUN);
	cfg.state_dir = state_dir;
	cfg.listen_port = 0; /* any */
	if (cfg.host_port == 1)
		cfg.host_port = server_port;
	assert_int_equal(shell_init(&shell, &cfg, why), 0);
}

static inline int open_server(void **state)
{
	(void)state;
	snprintf(state_dir, sizeof(state_dir), "/tmp/test_shell.XXXXXX");
	assert_non_null(mkdtemp(state_dir));
	server = open_end("127.0.0.1", 0);
	server_port = port_of(server);
	return 0;
}

static inline int close_server(void **state)
{
	DIR *dir = opendir(state_dir);
	struct dirent *file;

	(void)state;
	close(server);
	assert_non_null(dir);
	while ((file = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), file->d_name, 0);
	closedir(dir);
	return rmdir(state_dir);
}

static inline int finish(void **state)
{
	shell_finish(&shell);
	return close_server(state);
}

/* Packets of this group that its socket did not take, as the core counts them. */
static inline uint64_t refused(unsigned port)
{
	struct receiver_group_view v;

	assert_true(receiver_group_view(shell.door.receiver, port, loop_now(shell.door.loop), &v));
	return v.server_refused;
}

#endif
