/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_ARGUMENTS_H
#define SHARED_IO_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/endpoint.h"

/* Longest sentence about a mistake in a command line, its closing zero included. */
enum { ARGUMENTS_WHY = 256 };

/*
 * Readers of the words on a command line.  `what` is how the manual calls the
 * word; where it will not do, the answer is false and one sentence in why says
 * which word it was and what would do.
 */
bool arguments_port(const char *word, const char *what, uint16_t *port, char why[ARGUMENTS_WHY]);

/* A host name or address; *host points to the word. */
bool arguments_host(const char *word, const char *what, const char **host,
		    char why[ARGUMENTS_WHY]);

/* A literal address of one host, or the unspecified one; NULL leaves *ep as it is. */
bool arguments_address(const char *word, const char *what, struct endpoint *ep,
		       char why[ARGUMENTS_WHY]);

/* "ADDR:PORT", "[ADDR]:PORT" for IPv6, or a port alone: then ep keeps the address it has. */
bool arguments_endpoint(const char *word, const char *what, struct endpoint *ep,
			char why[ARGUMENTS_WHY]);

/* Writes the sentence; false, to be returned. */
bool arguments_wrong(char why[ARGUMENTS_WHY], const char *what, const char *word,
		     const char *would_do);

#endif
