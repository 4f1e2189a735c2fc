/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FLOOD_CROWD_H
#define TESTS_FLOOD_CROWD_H

#include <stddef.h>
#include <stdint.h>

/*
 * The internet as srtla_rec sees it: every address behind one TUN device.  What is
 * written there arrives in the receiver's namespace from whatever address it says, and
 * what is sent to any of these addresses comes back; no host claims anything between.
 */
struct crowd {
	int fd;
	uint64_t sent, sent_bytes;   /* packets; bytes with IP and UDP headers */
	uint64_t heard, heard_bytes;
};

/* One end of a path, host order. */
struct spot {
	uint32_t addr;
	uint16_t port;
};

enum {
	CROWD_HEADERS = 28, /* IPv4 and UDP */
	CROWD_PAYLOAD = 1472,
};

/* Takes the device, which is there and up; ends the program where it cannot. */
void crowd_open(struct crowd *c, const char *device);
void crowd_close(struct crowd *c);

void crowd_send(struct crowd *c, struct spot from, const void *data, size_t len);

/* The next datagram that the receiver sent: payload into buf, its length; -1: none waits. */
long crowd_hear(struct crowd *c, struct spot *to, uint8_t buf[CROWD_PAYLOAD]);

/* Address number n of 11.0.0.0/8, spread so that neighbours in n share no prefix. */
struct spot crowd_spot(unsigned n);

/* Says what failed, with errno, and ends the program. */
void crowd_fail(const char *what);

#endif
