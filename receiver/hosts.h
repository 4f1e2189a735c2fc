/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_HOSTS_H
#define RECEIVER_HOSTS_H

#include "receiver/host.h"
#include "receiver/keyfile.h"

enum { HOSTS_MOST = 1 + KEYFILE_SERVERS };

/*
 * The SRT servers by number: 0 is the command line's, the others are those that stream keys
 * name.  Each looks after its own address; a place without a name is nobody's.
 */
struct hosts {
	struct host host[HOSTS_MOST];
	unsigned used;                       /* no place from here on is anybody's */
	char name[HOSTS_MOST][KEYFILE_HOST]; /* of all but the first */
	struct loop *loop;
	const char *dns;
};

/* Number 0 is there, with whom to tell when it moves; the others tell the same. */
void hosts_init(struct hosts *hs, struct loop *loop, const char *dns);
void hosts_finish(struct hosts *hs);

/* From now on these are the others.  Those that stay are not disturbed. */
void hosts_match(struct hosts *hs, const struct keyfile *kf, ustime now);

/* Does what is due, the first questions too. */
void hosts_run(struct hosts *hs, ustime now);
ustime hosts_deadline(const struct hosts *hs, ustime now);

#endif
