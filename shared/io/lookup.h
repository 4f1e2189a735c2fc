/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_LOOKUP_H
#define SHARED_IO_LOOKUP_H

#include <stddef.h>

/*
 * Looks one name up, waits for the answer, and prints each address as a line
 * "host NAME: ADDRESS" on standard output: what --dry-run does.  `dns` is a
 * list of name servers, or NULL for the system's.  Returns 0, or a sysexits
 * code and one sentence in why.
 */
int lookup_print(const char *name, const char *dns, char *why, size_t size);

#endif
