/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOCTOR_CHOICE_H
#define SENDER_DOCTOR_CHOICE_H

#include "sender/doctor_words.h"
#include "sender/uplinks.h"

/* The links that are to be examined, and those that srtla_send would not use. */
struct doctor_choice {
	unsigned count;
	struct uplink_id id[UPLINKS_MOST];
	const char *unfit[UPLINKS_MOST]; /* why a name gives no link, a constant; NULL: it does */
	unsigned left_out;
	struct uplink_id other[UPLINKS_MOST];
	const char *why[UPLINKS_MOST];   /* constants */
};

/*
 * As srtla_send chooses with these words, for a receiver with these addresses, by enum family.
 * 0, or a sysexits code and one sentence in why.
 */
int doctor_choose(struct doctor_choice *c, const struct doctor_words *w,
		  const struct endpoint host[FAMILY_V6 + 1], char why[CONFIG_WHY]);

#endif
