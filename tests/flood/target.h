/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FLOOD_TARGET_H
#define TESTS_FLOOD_TARGET_H

#include <stdint.h>

/* What is known of srtla_rec from outside, at one moment. */
struct target {
	uint64_t rss;   /* bytes */
	uint64_t cpu;   /* ns */
	uint64_t drops; /* datagrams that found its port's sockets full */
};

/* Ends the program where there is no such process. */
struct target target_look(unsigned pid);

/* Bytes, as the kernel counts them, that wait for it in its port's IPv6 sockets, which take all. */
uint64_t target_waiting(unsigned pid);

#endif
