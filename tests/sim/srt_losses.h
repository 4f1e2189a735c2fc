/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SRT_LOSSES_H
#define TESTS_SIM_SRT_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

enum { LOSSES_WINDOW = 8192 }; /* a power of two */

/*
 * Numbers that are missed, as either end of SRT lists them: in order, each
 * once.  All of them lie within one window.
 */
struct srt_losses {
	uint64_t bit[LOSSES_WINDOW / 64];
	uint32_t first; /* the lowest of them */
	uint32_t count;
};

void srt_losses_init(struct srt_losses *l);

/* From..to, both included; how many of them were not listed yet. */
uint32_t srt_losses_add(struct srt_losses *l, uint32_t from, uint32_t to);

void srt_losses_remove(struct srt_losses *l, uint32_t seq);

/* All before `seq`. */
void srt_losses_forget(struct srt_losses *l, uint32_t seq);

/*
 * The first run of listed numbers at or after *from, which lies in the window;
 * *to is the last of it.  False when there is none.
 */
bool srt_losses_run(const struct srt_losses *l, uint32_t *from, uint32_t *to);

#endif
