/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_COOKIEKEYS_H
#define RECEIVER_COOKIEKEYS_H

#include "shared/base/siphash.h"
#include "shared/io/boot.h"
#include "shared/io/statedir.h"

/*
 * The keys of the cookies that senders hold, in a file that nobody else may read.  They live
 * as long as the boot: cookies of an earlier one are worth nothing, as nobody knows how long
 * ago they were given out.
 */
struct cookiekeys {
	struct siphash_key create;
	struct siphash_key readopt;
	uint8_t boot_id[BOOT_ID];
	bool written; /* the file holds them */
};

/*
 * Reads them, or draws new ones: without a file silently, and with one warning where the
 * file will not do.  0, or -errno when nothing can be drawn.
 */
int cookiekeys_load(struct cookiekeys *k, const struct statedir *d, const uint8_t boot_id[BOOT_ID]);

/* Writes them if they are not in the file yet.  0 or -errno; without a directory 0. */
int cookiekeys_save(struct cookiekeys *k, const struct statedir *d);

#endif
