/* SPDX-License-Identifier: MIT */
#include "tests/bench/heap.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
int __real_posix_memalign(void **p, size_t align, size_t size);
char *__real_strdup(const char *s);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
int __wrap_posix_memalign(void **p, size_t align, size_t size);
char *__wrap_strdup(const char *s);

/* volatile: compilers know that malloc() changes nobody's variables. */
static volatile uint64_t asked;

void *__wrap_malloc(size_t size)
{
	asked++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	asked++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	asked++;
	return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	asked++;
	return __real_aligned_alloc(align, size);
}

int __wrap_posix_memalign(void **p, size_t align, size_t size)
{
	asked++;
	return __real_posix_memalign(p, align, size);
}

char *__wrap_strdup(const char *s)
{
	asked++;
	return __real_strdup(s);
}

uint64_t heap_asked(void)
{
	return asked;
}

int heap_counts(void)
{
	uint64_t before = asked;
	void *volatile p = malloc(1); /* volatile: else it may do without the memory too */

	free(p);
	return asked == before + 1;
}
