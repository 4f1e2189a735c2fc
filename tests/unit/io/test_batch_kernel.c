/* SPDX-License-Identifier: MIT */

/*
 * What batch_send() makes of answers that no kernel gives when asked to: sendmmsg() and sendmsg()
 * are those below, and answer as a test wants.
 */
#include "batch_rig.h"

enum { ALL = 1000, ANSWERS = 16, LEFT = 256 };

/* The kernel: its answers, one a call, and what it took. */
struct kernel {
	int answer[ANSWERS]; /* messages that it takes, or -errno; behind the last one: ALL */
	unsigned calls;
	unsigned left[LEFT]; /* the number that each datagram begins with */
	unsigned run[LEFT];  /* and with how many it left as one */
	unsigned count;
};

static struct kernel k;

static void take_message(const struct msghdr *msg)
{
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		assert_true(k.count < LEFT);
		memcpy(&k.left[k.count], msg->msg_iov[i].iov_base, sizeof(unsigned));
		k.run[k.count++] = (unsigned)msg->msg_iovlen;
	}
}

int sendmmsg(int fd, struct mmsghdr *msg, unsigned count, int flags)
{
	int answer = k.calls < ANSWERS && k.answer[k.calls] ? k.answer[k.calls] : ALL;

	(void)fd;
	if (count == 0)
		return 0; /* it exists */
	assert_int_equal(flags, MSG_DONTWAIT | MSG_NOSIGNAL);
	k.calls++;
	if (answer < 0) {
		errno = -answer;
		return -1;
	}
	if ((unsigned)answer < count)
		count = (unsigned)answer;
	for (unsigned i = 0; i < count; i++)
		take_message(&msg[i].msg_hdr);
	return (int)count;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct mmsghdr one = {.msg_hdr = *msg};

	return sendmmsg(fd, &one, 1, flags);
}

/* A list of `count` packets, the first `equal` of one length, and what the kernel will say. */
static void begin(struct rig *r, enum batch_io io, unsigned count, unsigned equal,
		  const int *answers)
{
	open_batch(r, io, POOL);
	k = (struct kernel){0};
	for (unsigned i = 0; answers[i]; i++)
		k.answer[i] = answers[i];
	for (unsigned i = 0; i < count; i++) {
		struct pkt *p = queue(r, i, i < equal ? 100 : 101 + i);

		memcpy(p->data, &i, sizeof(i));
	}
}

/* These numbers left, in this order, and each once. */
static void assert_left(const unsigned *want, unsigned count)
{
	assert_int_equal(k.count, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(k.left[i], want[i]);
}

static void assert_refused(const struct rig *r, unsigned i, unsigned number, int err)
{
	unsigned have;

	assert_true(i < r->count);
	memcpy(&have, r->got[i]->data, sizeof(have));
	assert_int_equal(have, number);
	assert_int_equal(r->err[i], err);
}

static void a_socket_that_is_full_is_asked_once(void **state)
{
	struct rig r;

	(void)state;
	begin(&r, BATCH_MMSG, 20, 0, (const int[]){3, -EAGAIN, 0});
	r.again_answers = true;
	let_go(&r);
	assert_int_equal(k.calls, 2);
	assert_left((const unsigned[]){0, 1, 2}, 3);
	assert_int_equal(r.count, 17);
	for (unsigned i = 0; i < 17; i++)
		assert_refused(&r, i, 3 + i, EAGAIN);
	assert_int_equal(r.asked, 0);
	close_rig(&r);
}

static void a_call_that_a_signal_ends_is_made_again(void **state)
{
	const enum batch_io ways[] = {BATCH_PLAIN, BATCH_MMSG};

	(void)state;
	for (unsigned w = 0; w < 2; w++) {
		struct rig r;

		begin(&r, ways[w], 4, 0, (const int[]){-EINTR, -EINTR, 1, -EINTR, 0});
		let_go(&r);
		assert_left((const unsigned[]){0, 1, 2, 3}, 4);
		assert_int_equal(r.count, 0);
		assert_int_equal(batch_counts(r.b)->left, 4);
		close_rig(&r);
	}
}

static void a_call_that_takes_a_part_goes_on_behind_it(void **state)
{
	struct rig r;

	(void)state;
	begin(&r, BATCH_MMSG, 10, 0, (const int[]){1, 4, 2, 0});
	let_go(&r);
	assert_left((const unsigned[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 10);
	assert_int_equal(k.calls, 4);
	assert_int_equal(batch_counts(r.b)->writes, 4);
	assert_int_equal(batch_counts(r.b)->left, 10);
	close_rig(&r);
}

static void each_error_is_looked_after_once(void **state)
{
	struct rig r;

	(void)state;
	/* of packet 2: twice, so it is refused; of packet 3: once; of packet 5: once */
	begin(&r, BATCH_MMSG, 7, 0,
	      (const int[]){2, -EPERM, -EPERM, -EHOSTUNREACH, 2, -EMSGSIZE, 0});
	r.again_answers = true;
	let_go(&r);
	assert_left((const unsigned[]){0, 1, 3, 4, 5, 6}, 6);
	assert_int_equal(r.count, 1);
	assert_refused(&r, 0, 2, EPERM);
	assert_int_equal(r.asked, 3);
	assert_int_equal(k.calls, 7);
	close_rig(&r);
}

static void a_queue_that_is_full_is_not_asked_about(void **state)
{
	struct rig r;

	(void)state;
	begin(&r, BATCH_MMSG, 5, 0, (const int[]){2, -ENOBUFS, -ENOBUFS, 0});
	r.again_answers = true;
	let_go(&r);
	assert_left((const unsigned[]){0, 1, 4}, 3);
	assert_refused(&r, 0, 2, ENOBUFS);
	assert_refused(&r, 1, 3, ENOBUFS);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.asked, 0);
	assert_int_equal(batch_counts(r.b)->in_doubt, 0); /* single ones have not left */
	close_rig(&r);
}

static void a_run_that_is_cut_off_by_a_full_queue_is_in_doubt(void **state)
{
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	begin(&r, BATCH_GSO, 12, 10, (const int[]){1, -ENOBUFS, 0});
	r.s.run_most = 4; /* 0 to 3, 4 to 7, and 8, 9, 10, 11 by themselves */
	let_go(&r);
	assert_left((const unsigned[]){0, 1, 2, 3, 8, 9, 10, 11}, 8);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(k.run[i], i < 4 ? 4 : 1);
	assert_int_equal(batch_counts(r.b)->in_doubt, 4);
	assert_int_equal(batch_counts(r.b)->left, 8);
	assert_int_equal(r.count, 0);
	assert_in_range(r.s.runs_from, loop_now(r.loop) + SEC(1), loop_now(r.loop) + SEC(60));
	close_rig(&r);
}

static void a_run_that_the_kernel_will_not_take_leaves_one_by_one(void **state)
{
	const int errors[] = {EIO, EINVAL, EMSGSIZE, ENOMEM};

	(void)state;
	if (!kernel_has_runs())
		skip();
	for (unsigned e = 0; e < 4; e++) {
		struct rig r;

		begin(&r, BATCH_GSO, 9, 5, (const int[]){-errors[e], 0});
		let_go(&r);
		assert_left((const unsigned[]){0, 1, 2, 3, 4, 5, 6, 7, 8}, 9);
		for (unsigned i = 0; i < 9; i++)
			assert_int_equal(k.run[i], 1);
		assert_int_equal(k.calls, 2);
		assert_int_equal(r.count, 0);
		assert_int_equal(r.asked, 0);
		assert_int_equal(batch_counts(r.b)->in_doubt, 0);
		assert_true((r.s.runs_from == NEVER) == (e < 2));
		close_rig(&r);
	}
}

static void what_is_no_fault_of_a_run_refuses_it_whole_and_runs_go_on(void **state)
{
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	begin(&r, BATCH_GSO, 8, 8, (const int[]){-ENETUNREACH, 0});
	r.s.run_most = 4;
	let_go(&r);
	assert_left((const unsigned[]){4, 5, 6, 7}, 4);
	assert_int_equal(k.run[0], 4);
	assert_int_equal(r.count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_refused(&r, i, i, ENETUNREACH);
	assert_int_equal(r.asked, 1);
	assert_int_equal(r.again_err, ENETUNREACH);
	assert_int_equal(r.s.runs_from, 0);
	close_rig(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_that_is_full_is_asked_once),
		cmocka_unit_test(a_call_that_a_signal_ends_is_made_again),
		cmocka_unit_test(a_call_that_takes_a_part_goes_on_behind_it),
		cmocka_unit_test(each_error_is_looked_after_once),
		cmocka_unit_test(a_queue_that_is_full_is_not_asked_about),
		cmocka_unit_test(a_run_that_is_cut_off_by_a_full_queue_is_in_doubt),
		cmocka_unit_test(a_run_that_the_kernel_will_not_take_leaves_one_by_one),
		cmocka_unit_test(what_is_no_fault_of_a_run_refuses_it_whole_and_runs_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
