/* SPDX-License-Identifier: MIT */
#include "shell_rig.h"

#include "shared/io/log.h"

static char lines[4096];
static int ends[2], before;

/* From here on, what is logged goes to `lines`. */
static void listen_to_log(void)
{
	assert_int_equal(pipe(ends), 0);
	before = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
}

static void read_log(void)
{
	ssize_t len;

	log_info("event=end"); /* so that there is one */
	dup2(before, STDERR_FILENO);
	close(before);
	len = read(ends[0], lines, sizeof(lines) - 1);
	close(ends[0]);
	assert_true(len > 0);
	lines[len] = '\0';
}

static void assert_logged(const char *what, bool is)
{
	if ((strstr(lines, what) != NULL) != is)
		fail_msg("%s in %s", what, lines);
}

static void the_way_in_force_is_told_at_the_start(void **state)
{
	(void)state;
	listen_to_log();
	begin("--io plain 5000 127.0.0.1 1");
	read_log();
	assert_logged("event=io way=plain coalesce_us=0\n", true);
	assert_logged("event=io_missing", false);
	assert_int_equal(batch_io(shell.door.batch), BATCH_PLAIN);
}

static void so_is_how_long_a_sleep_may_last(void **state)
{
	(void)state;
	listen_to_log();
	begin("--io mmsg --coalesce 700us 5000 127.0.0.1 1");
	read_log();
	assert_logged("event=io way=mmsg coalesce_us=700\n", true);
	assert_int_equal(shell.pace.most, 700);
}

static void a_way_that_is_not_there_is_worth_a_word(void **state)
{
	struct tally t;

	(void)state;
	begin("--io plain 5000 127.0.0.1 1");
	listen_to_log();
	tally_begin(&t, &shell.front, BATCH_GSO, 0); /* as on a kernel without it */
	read_log();
	assert_logged("event=io_missing wanted=gso way=plain\n", true);
	assert_logged("event=io way=plain coalesce_us=0\n", true);
}

static void the_best_there_is_lowers_nothing(void **state)
{
	struct tally t;

	(void)state;
	begin("--io plain 5000 127.0.0.1 1");
	listen_to_log();
	tally_begin(&t, &shell.front, BATCH_AUTO, 0);
	read_log();
	assert_logged("event=io_missing", false);
}

/* More than the buffer of the registrations holds, while nobody reads. */
static void overflow(void)
{
	struct link_end l = new_link("127.0.0.1", "127.0.0.1");
	uint8_t reg[SRTLA_REG_LEN], id[SRTLA_ID_LEN] = {3};

	srtla_build_reg(reg, SRTLA_REG1, id);
	for (unsigned i = 0; i < 10000; i++)
		put(&l, reg, sizeof(reg));
	close(l.fd);
}

static void what_the_kernel_drops_is_counted_and_told_once_a_minute(void **state)
{
	struct tally *t = &shell.tally;
	uint64_t first;

	(void)state;
	begin("5000 127.0.0.1 1");
	tally_tick(t, &shell.front, SEC(1000));
	assert_int_equal(t->registration.lost, 0);

	listen_to_log();
	overflow();
	tally_tick(t, &shell.front, SEC(1001));
	read_log();
	first = t->registration.lost;
	assert_in_range(first, 1, 9999);
	assert_int_equal(t->media.lost, 0);
	assert_logged("event=kernel_drops socket=registrations packets=", true);
	assert_logged("socket=media", false);

	listen_to_log();
	overflow();
	tally_tick(t, &shell.front, SEC(1060));
	read_log();
	assert_int_equal(t->registration.lost, first + 10000);
	assert_logged("event=kernel_drops", false);

	listen_to_log();
	tally_tick(t, &shell.front, SEC(1061)); /* what was not told then */
	tally_tick(t, &shell.front, SEC(1122));
	read_log();
	assert_logged("event=kernel_drops socket=registrations packets=10000\n", true);
	assert_null(strstr(strstr(lines, "kernel_drops") + 1, "kernel_drops"));
}

static void the_totals_tell_of_every_way_to_lose_a_packet(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_data(&a, 1);
	assert_served(1);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	listen_to_log();
	shell_run(&shell);
	read_log();
	assert_logged("event=stopped packets_in=3 ", true);
	assert_logged(" to_server=1 ", true);
	assert_logged(" refused=0 oversize=0 reads=3 read=3 coalesced=0 writes=3 written=3 runs=0 "
		      "in_runs=0 in_doubt=0 starved=0 kernel_drops=0 wakes=", true);
	close(a.fd);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, open_server, finish)
	const struct CMUnitTest tests[] = {
		RUNS(the_way_in_force_is_told_at_the_start),
		RUNS(so_is_how_long_a_sleep_may_last),
		RUNS(a_way_that_is_not_there_is_worth_a_word),
		RUNS(the_best_there_is_lowers_nothing),
		RUNS(what_the_kernel_drops_is_counted_and_told_once_a_minute),
		RUNS(the_totals_tell_of_every_way_to_lose_a_packet),
	};

	log_init(&(struct log_config){.program = "srtla_rec", .level = LOG_LEVEL_INFO});
	return cmocka_run_group_tests(tests, NULL, NULL);
}
