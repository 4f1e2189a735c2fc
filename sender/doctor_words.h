/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOCTOR_WORDS_H
#define SENDER_DOCTOR_WORDS_H

#include "sender/config.h"

/* The command line of `srtla_send doctor`.  Texts point into argv. */
struct doctor_words {
	const char *host;
	uint16_t port;
	const char *uplinks_path; /* NULL: by interface */
	const char *iface;
	bool automatic;
	const char *exclude;
	uint64_t payload; /* bytes that the encoder puts into a packet */
	const char *dns;
	bool help;
};

/* CONFIG_RUN, CONFIG_HELP, or CONFIG_WRONG with one sentence in why. */
enum config_verdict doctor_words_read(struct doctor_words *w, int argc, char **argv,
				      char why[CONFIG_WHY]);

void doctor_words_help(FILE *to);

/* The words again, but the payload, as a shell takes them.  Returns buf. */
const char *doctor_words_again(const struct doctor_words *w, char *buf, size_t size);

#endif
