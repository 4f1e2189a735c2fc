/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LAB_TRAFFIC_H
#define TESTS_LAB_TRAFFIC_H

#include <stdint.h>

/* One packet that came out of the emulator, as traffic writes it and judge reads it. */
struct arrival {
	uint32_t link;   /* from 1 on */
	uint32_t number; /* on this link, from 0 on */
	int64_t sent, received; /* ns of CLOCK_REALTIME; the latter stamped by the kernel */
	uint32_t wrong;  /* bits that are not as they were sent */
	uint16_t port;   /* that it came from */
	uint16_t size;
};

#endif
