/* SPDX-License-Identifier: MIT */
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

static int open_end(const char *text, uint16_t port)
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

static uint16_t port_of(int fd)
{
	struct endpoint at;

	assert_int_equal(udp_local(fd, &at), 0);
	return at.port;
}

static void stop(void *arg, int events, ustime now)
{
	(void)arg, (void)events, (void)now;
	loop_stop(shell.door.loop);
}

/* Runs the program until fd can be read, for ms at most.  False: it cannot. */
static bool run_until(int fd, int ms)
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

static bool get(int fd)
{
	return run_until(fd, 2000) && udp_recv(fd, &got) == 0;
}

static void put(const struct link_end *l, const uint8_t *bytes, size_t len)
{
	struct pkt p = {.len = (uint16_t)len, .peer = l->to};

	memcpy(p.data, bytes, len);
	assert_int_equal(udp_send(l->fd, &p, true), 0);
}

/* From the server, to whom it heard last. */
static void put_back(const struct endpoint *to, const uint8_t *bytes, size_t len)
{
	struct link_end l = {.fd = server, .to = *to};

	put(&l, bytes, len);
}

static struct link_end new_link(const char *from, const char *to)
{
	struct link_end l = {.fd = open_end(from, 0)};

	assert_true(endpoint_parse(to, &l.to));
	l.to.port = port_of(shell.front.fd);
	return l;
}

static void enter(struct link_end *l)
{
	uint8_t reg[SRTLA_REG_LEN];

	put(l, reg, srtla_build_reg(reg, SRTLA_REG2, l->id));
	assert_true(get(l->fd));
	assert_int_equal(srtla_type(got.data, got.len), SRTLA_REG3);
}

/* A new group with this link as its first. */
static void found(struct link_end *l, uint8_t half)
{
	uint8_t reg[SRTLA_REG_LEN];

	memset(l->id, half, sizeof(l->id));
	put(l, reg, srtla_build_reg(reg, SRTLA_REG1, l->id));
	assert_true(get(l->fd));
	assert_non_null(srtla_reg_id(got.data, got.len));
	memcpy(l->id, srtla_reg_id(got.data, got.len), SRTLA_ID_LEN);
	enter(l);
}

static void put_data(const struct link_end *l, uint32_t seq)
{
	uint8_t bytes[DATA] = {0};

	put_be32(bytes, seq);
	memset(bytes + 16, 'x', DATA - 16);
	put(l, bytes, DATA);
}

/* The server has a packet with this number; got.peer is whom it came from. */
static void assert_served(uint32_t seq)
{
	assert_true(get(server));
	assert_int_equal(got.len, DATA);
	assert_int_equal(be32(got.data), seq);
}

static void assert_served_any(void)
{
	assert_int_equal(udp_recv(server, &got), 0);
	assert_int_equal(got.len, DATA);
}

static void begin(const char *line)
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

static int open_server(void **state)
{
	(void)state;
	snprintf(state_dir, sizeof(state_dir), "/tmp/test_shell.XXXXXX");
	assert_non_null(mkdtemp(state_dir));
	server = open_end("127.0.0.1", 0);
	server_port = port_of(server);
	return 0;
}

static int close_server(void **state)
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

static int finish(void **state)
{
	shell_finish(&shell);
	return close_server(state);
}

/* Packets of this group that its socket did not take, as the core counts them. */
static uint64_t refused(unsigned port)
{
	struct receiver_group_view v;

	assert_true(receiver_group_view(shell.door.receiver, port, loop_now(shell.door.loop), &v));
	return v.server_refused;
}

static void all_links_of_a_group_share_one_socket_toward_the_server(void **state)
{
	struct link_end a, b, c;
	struct endpoint first;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	c = new_link("127.0.0.3", "127.0.0.1");
	found(&a, 1);
	memcpy(b.id, a.id, sizeof(a.id));
	enter(&b);
	found(&c, 3);

	put_data(&a, 10);
	assert_served(10);
	first = got.peer;
	put_data(&b, 11);
	assert_served(11);
	assert_true(endpoint_equal(&got.peer, &first));
	put_data(&c, 12);
	assert_served(12);
	assert_false(endpoint_equal(&got.peer, &first));
	close(a.fd), close(b.fd), close(c.fd);
}

static void R12_an_answer_leaves_from_the_address_that_was_asked(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.2");
	found(&a, 1);
	assert_true(endpoint_equal(&got.peer, &a.to));

	/* That address is no concern of the server's. */
	put_data(&a, 1);
	assert_served(1);
	assert_int_equal(got.peer.addr[3], 1);
	close(a.fd);
}

static void R12_both_families_meet_in_one_group(void **state)
{
	struct link_end a, b;
	int v6 = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in6 loopback = {.sin6_family = AF_INET6,
					.sin6_addr = IN6ADDR_LOOPBACK_INIT};
	bool have_v6 = bind(v6, (struct sockaddr *)&loopback, sizeof(loopback)) == 0;

	(void)state;
	close(v6);
	begin("5000 127.0.0.1 1");
	if (!have_v6)
		return; /* this machine has one family only */
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("::1", "::1");
	found(&a, 1);
	memcpy(b.id, a.id, sizeof(a.id));
	enter(&b);
	assert_true(endpoint_equal(&got.peer, &b.to));
	put_data(&b, 1);
	assert_served(1);
	close(a.fd), close(b.fd);
}

static void the_servers_answer_comes_back_unchanged(void **state)
{
	uint8_t ack[20] = {0x80, 0x02, 0, 0, 0, 0, 0, 1};
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_data(&a, 1);
	assert_served(1);
	put_back(&got.peer, ack, sizeof(ack));
	assert_true(get(a.fd));
	assert_int_equal(got.len, sizeof(ack));
	assert_memory_equal(got.data, ack, sizeof(ack));
	close(a.fd);
}

static void R9_F05_a_server_that_restarts_finds_the_same_socket(void **state)
{
	struct link_end a;
	struct endpoint first;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_data(&a, 1);
	assert_served(1);
	first = got.peer;

	close(server);
	for (uint32_t i = 0; i < 5; i++)
		put_data(&a, 2 + i);
	run_until(-1, 20);
	assert_int_equal(refused(1), 0); /* each left, whatever became of the one before */
	server = open_end("127.0.0.1", server_port);
	put_data(&a, 9);
	assert_served(9);
	assert_true(endpoint_equal(&got.peer, &first));
	close(a.fd);
}

static void F06_without_an_address_packets_are_counted_and_the_group_lives(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 0.0.0.0 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_data(&a, 1);
	put_data(&a, 2);
	run_until(-1, 20);
	assert_int_equal(refused(1), 2);
	assert_int_equal(shell.servers.refused, 2);
	enter(&a);
	close(a.fd);
}

static void F61_the_next_group_on_a_port_gets_a_socket_of_its_own(void **state)
{
	struct link_end a, b;
	struct endpoint first;
	ustime now;

	(void)state;
	begin("--max-groups 1 5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	put_data(&a, 1);
	assert_served(1);
	first = got.peer;

	/* The only link falls silent; then somebody else comes and takes the place. */
	now = loop_now(shell.door.loop);
	for (int i = 1; i <= 16; i++)
		receiver_run(shell.door.receiver, now + SEC(i), &shell.door.out);
	outbox_clear_notes(&shell.door.out);
	found(&b, 2);
	put_data(&b, 2);
	assert_served(2);
	assert_false(endpoint_equal(&got.peer, &first));
	put_back(&first, (const uint8_t[20]){0x80, 0x02}, 20);
	assert_false(run_until(b.fd, 20)); /* what was for the other group never comes */
	close(a.fd), close(b.fd);
}

static void F61_packets_of_a_group_that_ended_reach_no_other(void **state)
{
	struct note gone = {.kind = RECEIVER_GROUP_GONE, .port = 1};
	struct link_end a, b;
	struct pkt *p;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	found(&b, 2);
	for (unsigned port = 1; port <= 2; port++) {
		p = pkt_get(&shell.door.pool);
		assert_non_null(p);
		p->len = DATA;
		put_be32(p->data, port);
		outbox_put(&shell.door.out, port, p);
	}
	outbox_note(&shell.door.out, &gone);
	assert_served(2);
	assert_false(run_until(server, 20));
	assert_int_equal(shell.servers.stale, 1);
	close(a.fd), close(b.fd);
}

static void a_group_that_ends_gives_its_socket_back(void **state)
{
	struct link_end a;
	ustime now;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_data(&a, 1);
	assert_served(1);
	assert_true(shell.servers.server[0].fd >= 0);
	now = loop_now(shell.door.loop);
	for (int i = 1; i <= 50; i++) {
		receiver_run(shell.door.receiver, now + SEC(i), &shell.door.out);
		outbox_clear_notes(&shell.door.out); /* also when the note was lost */
	}
	servers_sweep(&shell.servers);
	assert_true(shell.servers.server[0].fd < 0);
	close(a.fd);
}

static void F45_a_socket_that_cannot_be_had_costs_packets_and_nothing_else(void **state)
{
	struct rlimit before, none;
	struct link_end a, b;
	struct loop_watch *w;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	found(&b, 2);
	put_data(&a, 1);
	assert_served(1);

	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 4; /* there are more than that already */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	put_data(&b, 2);
	put_data(&b, 3);
	put_data(&a, 4);
	/* no timer can be made now: the loop stops when the server has something */
	w = loop_watch(shell.door.loop, server, LOOP_READ, stop, NULL);
	loop_run(shell.door.loop);
	loop_unwatch(shell.door.loop, w);
	setrlimit(RLIMIT_NOFILE, &before);

	assert_int_equal(udp_recv(server, &got), 0);
	assert_int_equal(be32(got.data), 4);
	assert_int_equal(refused(2), 2);
	run_until(-1, 120);
	put_data(&b, 5);
	assert_served(5);
	close(a.fd), close(b.fd);
}

static void F36_an_oversized_datagram_is_not_forwarded(void **state)
{
	uint8_t big[PKT_CAP + 1] = {0};
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	assert_int_equal(sendto(a.fd, big, sizeof(big), 0,
				(struct sockaddr *)&(struct sockaddr_in){
					.sin_family = AF_INET,
					.sin_port = htons(a.to.port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
				sizeof(struct sockaddr_in)),
			 sizeof(big));
	assert_false(run_until(server, 20));
	assert_int_equal(shell.door.oversize, 1);
	close(a.fd);
}

static void F63_a_second_receiver_on_the_port_is_refused(void **state)
{
	static struct shell second;
	char sentence[CONFIG_WHY];

	(void)state;
	begin("5000 127.0.0.1 1");
	cfg.listen_port = port_of(shell.front.fd);
	assert_int_equal(shell_init(&second, &cfg, why), EX_UNAVAILABLE);
	snprintf(sentence, sizeof(sentence), "cannot listen on [::]:%u: already in use by process %ld",
		 (unsigned)cfg.listen_port, (long)getpid());
	if (shell.front.local.family == FAMILY_V6)
		assert_string_equal(why, sentence);
	assert_int_equal(start_check(&cfg, why), EX_UNAVAILABLE);
	assert_non_null(strstr(why, "already in use"));
}

/* So many packets in the outbox, as if a long gap had ended. */
static void put_out(unsigned port, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct pkt *p = pkt_get(&shell.door.pool);

		assert_non_null(p);
		p->len = DATA;
		memset(p->data, 0, DATA);
		put_be32(p->data, i);
		outbox_put(&shell.door.out, port, p);
	}
}

static void what_one_group_releases_at_once_does_not_delay_another(void **state)
{
	struct link_end a, b;
	unsigned place = 0;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	found(&b, 2);
	put_out(1, 200);
	put_out(2, 1);
	run_until(-1, 20);
	for (unsigned i = 0; i < 201; i++) {
		assert_served_any();
		if (be32(got.data) == 0 && i > 0)
			place = i; /* the other's, as each begins with 0 */
	}
	assert_in_range(place, 1, 21); /* behind one quantum of 20 packets */
	close(a.fd), close(b.fd);
}

static void a_turn_sends_a_bounded_number_and_the_next_one_goes_on(void **state)
{
	struct link_end a;
	ustime now;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	now = loop_now(shell.door.loop);
	put_out(1, 250);
	assert_true(run_until(server, 2000)); /* that stops the loop after the first turn */
	assert_in_range(shell.servers.packets_out, 1, 2 * 128);
	run_until(-1, 20);
	assert_int_equal(shell.servers.packets_out, 250);
	for (uint32_t i = 0; i < 250; i++) {
		assert_served_any();
		assert_int_equal(be32(got.data), i);
	}
	assert_true(loop_now(shell.door.loop) - now < SEC(1));
	close(a.fd);
}

static void what_waits_at_the_end_is_sent_before_it(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_out(1, 250);
	put_out(1, 250);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	shell_run(&shell);
	assert_int_equal(shell.servers.packets_out, 500);
	close(a.fd);
}

/* The core has them back, so that another copy may pass. */
static void what_finds_no_room_before_the_turnstile_is_counted(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_out(1, TURNSTILE_QUEUE + 100);
	shell.door.settle(shell.door.arg, loop_now(shell.door.loop));
	assert_int_equal(shell.outlet.turnstile.count, TURNSTILE_QUEUE);
	assert_int_equal(shell.outlet.turnstile.overflowed, 100);
	assert_int_equal(refused(1), 100);
	close(a.fd);
}

static void what_waits_never_takes_the_last_packets_from_those_who_speak(void **state)
{
	struct pkt_pool *pool = &shell.door.pool;
	struct link_end l[12];

	(void)state;
	begin("5000 127.0.0.1 1");
	for (unsigned i = 0; i < 12; i++) {
		char from[16];

		snprintf(from, sizeof(from), "127.0.0.%u", i + 1);
		l[i] = new_link(from, "127.0.0.1");
		found(&l[i], (uint8_t)(i + 1));
	}
	for (unsigned i = 0; i < 12 * TURNSTILE_QUEUE / 32; i++) {
		if (pool->size - pool->in_use < 64)
			break;
		put_out(1 + i % 12, 32);
		shell.door.settle(shell.door.arg, loop_now(shell.door.loop));
	}
	assert_true(pool->size - pool->in_use >= DOOR_FULL - 64);
	put_data(&l[3], 77);
	for (unsigned i = 0; i < 100 && shell.outlet.turnstile.count > 0; i++)
		run_until(-1, 20);
	assert_int_equal(shell.outlet.turnstile.count, 0);
	assert_int_equal(shell.door.starved, 0);
	for (unsigned i = 0; i < 12; i++)
		close(l[i].fd);
}

static void F62_a_server_that_floods_costs_the_others_its_share_alone(void **state)
{
	uint8_t nak[20] = {0x80, 0x03};
	struct link_end a, b;
	struct endpoint first;
	uint64_t before;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	found(&b, 2);
	put_data(&a, 1);
	assert_served(1);
	first = got.peer;
	put_data(&b, 1);
	assert_served(1);
	for (uint32_t i = 2; i < 10; i++) {
		for (unsigned k = 0; k < 150; k++)
			put_back(&first, nak, sizeof(nak));
		before = shell.servers.packets_in;
		put_data(&b, i);
		assert_served(i);
		/* One turn to hear it, one in which the loop sees that the test is served. */
		assert_in_range(shell.servers.packets_in - before, 0, 2 * 16);
	}
	run_until(-1, 50);
	assert_true(shell.servers.packets_in > 100);
	close(a.fd), close(b.fd);
}

static void F54_beside_a_flood_of_registrations_media_loses_nothing(void **state)
{
	uint8_t reg[SRTLA_REG_LEN];
	struct link_end a, b;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	memset(b.id, 9, sizeof(b.id));
	srtla_build_reg(reg, SRTLA_REG1, b.id);
	for (uint32_t i = 0; i < 200; i++) {
		for (unsigned k = 0; k < 200; k++)
			put(&b, reg, sizeof(reg));
		put_data(&a, i);
		assert_served(i);
	}
	assert_true(udp_lost(shell.front.registration) > 10000);
	assert_int_equal(udp_lost(shell.front.fd), 0);
	print_message("beside 40000 registrations, of which %u were dropped, 200 of 200 packets\n",
		      udp_lost(shell.front.registration));
	close(a.fd), close(b.fd);
}

static void registrations_at_the_media_door_have_the_same_budget(void **state)
{
	uint8_t reg[SRTLA_REG_LEN];
	struct receiver_view v;
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	memset(a.id, 1, sizeof(a.id));
	srtla_build_reg(reg, SRTLA_REG1, a.id);
	for (unsigned i = 0; i < 40; i++)
		put(&a, reg, sizeof(reg) - 1); /* of the wrong length, so of the other door */
	run_until(-1, 20);
	receiver_view(shell.door.receiver, loop_now(shell.door.loop), &v);
	assert_int_equal(v.drops.malformed, 16);
	assert_int_equal(shell.front.crowded, 24);
	close(a.fd);
}

static void SIGTERM_ends_the_run(void **state)
{
	(void)state;
	begin("5000 127.0.0.1 1");
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	shell_run(&shell);
}

/* In a process of its own, as the limit cannot be raised again. */
static int groups_with(rlim_t files)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct rlimit limit = {files, files};
		unsigned groups = 100;

		if (setrlimit(RLIMIT_NOFILE, &limit))
			_exit(255);
		_exit(start_files(&groups, why) == 0 ? (int)groups : EX_OSERR + 128);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A receiver with 64 open files, in a process of its own; returns what to kill. */
static pid_t receiver_of_64_files(uint16_t port)
{
	pid_t child = fork();

	if (child == 0) {
		struct rlimit limit = {64, 64};
		char *argv[] = {(char[]){"srtla_rec"}, (char[]){"5000"},
				(char[]){"127.0.0.1"}, (char[]){"4001"}, NULL};

		prctl(PR_SET_PDEATHSIG, SIGKILL); /* when a check fails, it ends with us */
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
		if (config_read(&cfg, 4, argv, why) != CONFIG_RUN || setrlimit(RLIMIT_NOFILE, &limit))
			_exit(1);
		cfg.listen_port = port;
		cfg.host_port = server_port;
		cfg.state_dir = state_dir;
		if (shell_init(&shell, &cfg, why))
			_exit(2);
		shell_run(&shell);
		shell_finish(&shell);
		_exit(0);
	}
	return child;
}

static bool answered(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1 && udp_recv(fd, &got) == 0;
}

/* Asks until there is this answer, as the receiver may still be starting. */
static bool asks(const struct link_end *l, enum srtla_type type, enum srtla_type wanted, int ms)
{
	uint8_t reg[SRTLA_REG_LEN];

	srtla_build_reg(reg, type, l->id);
	for (int i = 0; i < ms / 50; i++) {
		put(l, reg, sizeof(reg));
		while (answered(l->fd, 50)) {
			if (srtla_type(got.data, got.len) == wanted)
				return true;
		}
	}
	return false;
}

static bool joins(struct link_end *l, uint8_t half)
{
	memset(l->id, half, sizeof(l->id));
	if (!asks(l, SRTLA_REG1, SRTLA_REG2, 5000) || !srtla_reg_id(got.data, got.len))
		return false;
	memcpy(l->id, srtla_reg_id(got.data, got.len), SRTLA_ID_LEN);
	return asks(l, SRTLA_REG2, SRTLA_REG3, 150);
}

/* Media arrives, and the server acknowledges it; so nobody takes the group's place. */
static bool proves(const struct link_end *l, uint32_t seq)
{
	uint8_t ack[44] = {0x80, 0x02};

	put_data(l, seq);
	if (!answered(server, 2000) || be32(got.data) != seq)
		return false;
	put_be32(ack + 4, 1);
	put_be32(ack + 16, seq + 1);
	put_back(&got.peer, ack, sizeof(ack));
	while (answered(l->fd, 2000)) {
		if (be16(got.data) == 0x8002)
			return true;
	}
	return false;
}

static void F43_with_64_files_the_first_32_groups_run_and_the_others_are_refused(void **state)
{
	struct link_end l[100];
	unsigned in = 0;
	int status, fd;
	uint16_t port;
	pid_t child;

	(void)state;
	fd = open_end("0.0.0.0", 0);
	port = port_of(fd);
	close(fd);
	child = receiver_of_64_files(port);
	for (unsigned i = 0; i < 100; i++) {
		char from[16];

		snprintf(from, sizeof(from), "127.0.1.%u", i + 1);
		l[i].fd = open_end(from, 0);
		endpoint_parse("127.0.0.1", &l[i].to);
		l[i].to.port = port;
	}
	for (unsigned i = 0; i < 100; i++)
		in += i == in && joins(&l[i], (uint8_t)(i + 1)) && proves(&l[i], i);
	assert_int_equal(in, 32);
	for (unsigned i = 33; i < 100; i += 11)
		assert_false(joins(&l[i], (uint8_t)(i + 1)));
	for (unsigned i = 0; i < 32; i++) { /* and each still has its socket */
		put_data(&l[i], 1000 + i);
		assert_true(answered(server, 2000));
		assert_int_equal(be32(got.data), 1000 + i);
	}
	kill(child, SIGTERM);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	for (unsigned i = 0; i < 100; i++)
		close(l[i].fd);
}

static void F43_there_are_no_more_groups_than_open_files_allow(void **state)
{
	(void)state;
	assert_int_equal(groups_with(64), 32);
	assert_int_equal(groups_with(1000), 100);
	assert_int_equal(groups_with(32), EX_OSERR + 128);
}

static void the_boot_id_is_the_systems(void **state)
{
	uint8_t once[16], twice[16], zero[16] = {0};

	(void)state;
	memset(once, 1, sizeof(once));
	start_boot_id(once);
	start_boot_id(twice);
	assert_memory_equal(once, twice, sizeof(once));
	if (access("/proc/sys/kernel/random/boot_id", R_OK) == 0)
		assert_memory_not_equal(once, zero, sizeof(once));
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, open_server, finish)
	const struct CMUnitTest tests[] = {
		RUNS(all_links_of_a_group_share_one_socket_toward_the_server),
		RUNS(R12_an_answer_leaves_from_the_address_that_was_asked),
		RUNS(R12_both_families_meet_in_one_group),
		RUNS(the_servers_answer_comes_back_unchanged),
		RUNS(R9_F05_a_server_that_restarts_finds_the_same_socket),
		RUNS(F06_without_an_address_packets_are_counted_and_the_group_lives),
		RUNS(F61_the_next_group_on_a_port_gets_a_socket_of_its_own),
		RUNS(F61_packets_of_a_group_that_ended_reach_no_other),
		RUNS(a_group_that_ends_gives_its_socket_back),
		RUNS(F45_a_socket_that_cannot_be_had_costs_packets_and_nothing_else),
		RUNS(F36_an_oversized_datagram_is_not_forwarded),
		RUNS(F63_a_second_receiver_on_the_port_is_refused),
		RUNS(what_one_group_releases_at_once_does_not_delay_another),
		RUNS(a_turn_sends_a_bounded_number_and_the_next_one_goes_on),
		RUNS(what_waits_at_the_end_is_sent_before_it),
		RUNS(what_finds_no_room_before_the_turnstile_is_counted),
		RUNS(what_waits_never_takes_the_last_packets_from_those_who_speak),
		RUNS(F62_a_server_that_floods_costs_the_others_its_share_alone),
		RUNS(F54_beside_a_flood_of_registrations_media_loses_nothing),
		RUNS(registrations_at_the_media_door_have_the_same_budget),
		RUNS(SIGTERM_ends_the_run),
		cmocka_unit_test_setup_teardown(
			F43_with_64_files_the_first_32_groups_run_and_the_others_are_refused,
			open_server, close_server),
		cmocka_unit_test(F43_there_are_no_more_groups_than_open_files_allow),
		cmocka_unit_test(the_boot_id_is_the_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
