/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_STORES_H
#define TESTS_BENCH_STORES_H

#include <stddef.h>
#include <stdint.h>

/* As many bytes as a full SRTLA ACK, in words: the least that building a packet can cost. */
size_t stores_44(uint8_t *buf, uint32_t value);

#endif
