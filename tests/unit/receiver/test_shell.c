/* SPDX-License-Identifier: MIT */
#include "shell_rig.h"

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
	assert_true(shell.servers.server[0].socket.fd >= 0);
	now = loop_now(shell.door.loop);
	for (int i = 1; i <= 50; i++) {
		receiver_run(shell.door.receiver, now + SEC(i), &shell.door.out);
		outbox_clear_notes(&shell.door.out); /* also when the note was lost */
	}
	servers_sweep(&shell.servers);
	assert_true(shell.servers.server[0].socket.fd < 0);
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
	assert_int_equal(batch_counts(shell.door.batch)->oversize, 1);
	close(a.fd);
}

static void F63_a_second_receiver_on_the_port_is_refused(void **state)
{
	static struct shell second;
	char sentence[CONFIG_WHY];

	(void)state;
	begin("5000 127.0.0.1 1");
	cfg.listen_port = port_of(shell.front.media.socket.fd);
	assert_int_equal(shell_init(&second, &cfg, why), EX_UNAVAILABLE);
	snprintf(sentence, sizeof(sentence), "cannot listen on [::]:%u: already in use by process %ld",
		 (unsigned)cfg.listen_port, (long)getpid());
	if (shell.front.local.family == FAMILY_V6)
		assert_string_equal(why, sentence);
	assert_int_equal(start_check(&cfg, why), EX_UNAVAILABLE);
	assert_non_null(strstr(why, "already in use"));
}

static void SIGTERM_ends_the_run(void **state)
{
	(void)state;
	begin("5000 127.0.0.1 1");
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	shell_run(&shell);
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
		RUNS(SIGTERM_ends_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
