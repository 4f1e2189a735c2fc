/* SPDX-License-Identifier: MIT */
#include "shell_rig.h"

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
		if (shell_init(&shell, &cfg, why)) {
			fprintf(stderr, "%s\n", why);
			_exit(2);
		}
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
	for (unsigned i = 0; i < 100; i++) {
		char from[16];

		snprintf(from, sizeof(from), "127.0.1.%u", i + 1);
		l[i].fd = open_end(from, 0);
	}
	fd = open_end("0.0.0.0", 0); /* of the ports that are left */
	port = port_of(fd);
	close(fd);
	child = receiver_of_64_files(port);
	for (unsigned i = 0; i < 100; i++) {
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
	boot_id(once);
	boot_id(twice);
	assert_memory_equal(once, twice, sizeof(once));
	if (access("/proc/sys/kernel/random/boot_id", R_OK) == 0)
		assert_memory_not_equal(once, zero, sizeof(once));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			F43_with_64_files_the_first_32_groups_run_and_the_others_are_refused,
			open_server, close_server),
		cmocka_unit_test(F43_there_are_no_more_groups_than_open_files_allow),
		cmocka_unit_test(the_boot_id_is_the_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
