/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CHECK_STREAMS_H
#define RECEIVER_CHECK_STREAMS_H

#include "receiver/check_urls.h"
#include "receiver/check_words.h"
#include "receiver/keyfile.h"

/*
 * Prints the URLs of each stream key that is shown, or of KEY in their place.  `keys` then is the
 * list, to be finished when there is one; the server's part of `urls` is filled in.  0, or a
 * sysexits code and one sentence in why.
 */
int check_streams_print(const struct check_words *w, struct check_urls *urls, struct keyfile *keys,
			char why[CONFIG_WHY]);

#endif
