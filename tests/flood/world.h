/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FLOOD_WORLD_H
#define TESTS_FLOOD_WORLD_H

/* The places of tests/netns/lib.sh, and what flood_lib.sh adds to them. */
enum {
	WORLD_PORT = 5000,   /* of srtla_rec */
	WORLD_SERVER = 4001, /* behind it */
	WORLD_SINK = 4002,   /* the real SRT server, for whoever is not ours */
};

#define WORLD_RECEIVER UINT32_C(0x0a090001) /* 10.9.0.1 */
#define WORLD_DEVICE   "crowd"

#endif
