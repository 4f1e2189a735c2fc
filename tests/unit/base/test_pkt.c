/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/pkt.h"

enum { SIZE = 4 };

/* AddressSanitizer ends a program that asks for too much, unless it is told not to. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static struct pkt_pool pool;

static int begin(void **state)
{
	(void)state;
	return pkt_pool_init(&pool, SIZE) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	pkt_pool_finish(&pool);
	return 0;
}

/* Our own mistakes end the program: try one in a child, see how it died. */
static void assert_stops(void (*mistake)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		mistake();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void pool_hands_out_each_packet_once_and_then_says_no(void **state)
{
	struct pkt *got[SIZE];

	(void)state;
	for (size_t i = 0; i < SIZE; i++) {
		got[i] = pkt_get(&pool);
		assert_non_null(got[i]);
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(got[i], got[k]);
	}
	assert_int_equal(pool.in_use, SIZE);
	assert_null(pkt_get(&pool));
	assert_null(pkt_get(&pool));
	assert_int_equal(pool.refused, 2);
	for (size_t i = 0; i < SIZE; i++)
		pkt_free(got[i]);
	assert_int_equal(pool.in_use, 0);
}

static void pool_survives_many_rounds_in_any_order(void **state)
{
	struct pkt *got[SIZE] = {NULL};
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		size_t at;

		seed = seed * 1103515245 + 12345;
		at = (seed >> 16) % SIZE;
		if (got[at]) {
			assert_int_equal(got[at]->data[0], at);
			pkt_free(got[at]);
			got[at] = NULL;
			continue;
		}
		got[at] = pkt_get(&pool);
		assert_non_null(got[at]);
		got[at]->data[0] = (uint8_t)at;
	}
	for (size_t i = 0; i < SIZE; i++)
		pkt_free(got[i]);
}

static void used_packet_comes_back_with_a_clean_head(void **state)
{
	struct pkt *p = pkt_get(&pool);

	(void)state;
	p->len = 1316;
	p->port = 9;
	p->refusals = 2;
	p->came = SEC(1);
	memset(&p->peer, 1, sizeof(p->peer));
	memset(&p->local, 2, sizeof(p->local));
	pkt_free(p);
	p = pkt_get(&pool);
	assert_int_equal(p->len, 0);
	assert_int_equal(p->port, 0);
	assert_int_equal(p->refusals, 0);
	assert_int_equal(p->came, 0);
	assert_int_equal(p->peer.family, FAMILY_NONE);
	assert_int_equal(p->local.family, FAMILY_NONE);
	assert_null(p->next);
	pkt_free(p);
}

static void copy_has_the_same_bytes_and_addresses_and_its_own_life(void **state)
{
	struct pkt *p = pkt_get(&pool);
	struct pkt *copy;

	(void)state;
	p->len = 3;
	p->port = 7;
	p->refusals = 1;
	p->came = SEC(1);
	assert_true(endpoint_parse("192.0.2.1", &p->peer));
	assert_true(endpoint_parse("2001:db8::1", &p->local));
	memcpy(p->data, "abc", 3);
	copy = pkt_copy(p);
	pkt_free(p);
	assert_int_equal(copy->len, 3);
	assert_int_equal(copy->port, 7);
	assert_int_equal(copy->refusals, 0);
	assert_int_equal(copy->came, 0);
	assert_int_equal(copy->peer.family, FAMILY_V4);
	assert_int_equal(copy->local.family, FAMILY_V6);
	assert_memory_equal(copy->data, "abc", 3);
	assert_null(copy->next);
	pkt_free(copy);
}

static void copy_from_an_empty_pool_is_refused_and_counted(void **state)
{
	struct pkt_pool one;
	struct pkt *p;

	(void)state;
	assert_true(pkt_pool_init(&one, 1));
	p = pkt_get(&one);
	assert_null(pkt_copy(p));
	assert_int_equal(one.refused, 1);
	pkt_free(p);
	pkt_pool_finish(&one);
}

static void packet_came_when_the_system_says_and_now_where_that_makes_no_sense(void **state)
{
	struct pkt p = {.came = SEC(5)};

	(void)state;
	assert_int_equal(pkt_came(&p, SEC(5) + MSEC(8)), SEC(5));
	assert_int_equal(pkt_came(&p, SEC(5)), SEC(5));
	assert_int_equal(pkt_came(&p, SEC(5) - 1), SEC(5) - 1);
	p.came = 0;
	assert_int_equal(pkt_came(&p, SEC(7)), SEC(7));
	p.came = -1;
	assert_int_equal(pkt_came(&p, SEC(7)), SEC(7));
	p.came = NEVER;
	assert_int_equal(pkt_came(&p, SEC(7)), SEC(7));
	p.came = LONG_AGO;
	assert_int_equal(pkt_came(&p, SEC(7)), SEC(7));
}

static void empty_things_are_accepted(void **state)
{
	struct pkt_pool none = {0};
	struct pkt_list list = {0};

	(void)state;
	pkt_free(NULL);
	assert_null(pkt_list_pop(&list));
	pkt_list_clear(&list);
	pkt_pool_finish(&none);
	assert_true(pkt_pool_init(&none, 0));
	assert_null(pkt_get(&none));
	pkt_pool_finish(&none);
}

static void pool_that_cannot_be_had_is_refused(void **state)
{
	struct pkt_pool huge;

	(void)state;
	assert_false(pkt_pool_init(&huge, SIZE_MAX / sizeof(struct pkt) + 1));
	assert_false(pkt_pool_init(&huge, SIZE_MAX));
	pkt_pool_finish(&huge);
}

static void list_keeps_the_order_and_the_count(void **state)
{
	struct pkt_list list = {0};

	(void)state;
	for (uint8_t i = 0; i < SIZE; i++) {
		struct pkt *p = pkt_get(&pool);

		p->data[0] = i;
		pkt_list_push(&list, p);
	}
	assert_int_equal(list.count, SIZE);
	for (uint8_t i = 0; i < SIZE; i++) {
		struct pkt *p = pkt_list_pop(&list);

		assert_int_equal(p->data[0], i);
		assert_null(p->next);
		pkt_free(p);
	}
	assert_int_equal(list.count, 0);
	assert_null(list.tail);
}

static void cleared_list_sends_every_packet_home(void **state)
{
	struct pkt_list list = {0};

	(void)state;
	for (int i = 0; i < SIZE; i++)
		pkt_list_push(&list, pkt_get(&pool));
	pkt_list_clear(&list);
	assert_int_equal(pool.in_use, 0);
	assert_int_equal(list.count, 0);
}

static void free_twice(void)
{
	struct pkt *p = pkt_get(&pool);

	pkt_free(p);
	pkt_free(p);
}

static void push_twice(void)
{
	struct pkt_list list = {0}, other = {0};
	struct pkt *p = pkt_get(&pool);

	pkt_list_push(&list, p);
	pkt_list_push(&list, pkt_get(&pool));
	pkt_list_push(&other, p);
}

static void free_in_list(void)
{
	struct pkt_list list = {0};
	struct pkt *p = pkt_get(&pool);

	pkt_list_push(&list, p);
	pkt_list_push(&list, pkt_get(&pool));
	pkt_free(p);
}

static void push_freed(void)
{
	struct pkt_list list = {0};
	struct pkt *p = pkt_get(&pool);

	pkt_free(p);
	pkt_list_push(&list, p);
}

static void finish_early(void)
{
	pkt_get(&pool);
	pkt_pool_finish(&pool);
}

static void mistakes_of_ownership_stop_the_program(void **state)
{
	(void)state;
#ifdef NDEBUG
	skip();
#endif
	assert_stops(free_twice);
	assert_stops(push_twice);
	assert_stops(free_in_list);
	assert_stops(push_freed);
	assert_stops(finish_early);
}

#define WITH_POOL(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_POOL(pool_hands_out_each_packet_once_and_then_says_no),
		WITH_POOL(pool_survives_many_rounds_in_any_order),
		WITH_POOL(used_packet_comes_back_with_a_clean_head),
		WITH_POOL(copy_has_the_same_bytes_and_addresses_and_its_own_life),
		cmocka_unit_test(copy_from_an_empty_pool_is_refused_and_counted),
		cmocka_unit_test(packet_came_when_the_system_says_and_now_where_that_makes_no_sense),
		cmocka_unit_test(empty_things_are_accepted),
		cmocka_unit_test(pool_that_cannot_be_had_is_refused),
		WITH_POOL(list_keeps_the_order_and_the_count),
		WITH_POOL(cleared_list_sends_every_packet_home),
		WITH_POOL(mistakes_of_ownership_stop_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
