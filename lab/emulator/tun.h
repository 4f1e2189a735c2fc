/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_TUN_H
#define LAB_EMULATOR_TUN_H

#include <stdint.h>

enum {
	TUN_MTU = 1500,
	TUN_BACKLOG = 4096, /* packets that the kernel keeps for us: video comes in bursts */
};

/* What tun_open() failed at, for whoever tells the user; static text. */
struct tun_error {
	const char *what;
	int code; /* errno */
};

/*
 * Makes a TUN device of that name in the network namespace at `space` and
 * brings it up; it has no address and lasts as long as it is open.  Plain IP
 * packets, non-blocking.  The caller's namespace is the same afterwards.  The
 * descriptor, or -1.
 */
int tun_open(const char *space, const char *name, struct tun_error *error);

/*
 * Packets that the kernel dropped since, because nobody read the device in
 * time; 0 when its namespace is gone.
 */
uint64_t tun_missed(const char *space, const char *name);

#endif
