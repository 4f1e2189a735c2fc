/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_RESOLVE_KNOWN_H
#define SHARED_IO_RESOLVE_KNOWN_H

#include <stddef.h>

#include "shared/base/endpoint.h"

enum { KNOWN_MOST = 2 };

/*
 * What needs no name server: a literal address, an IPv6 one also in brackets,
 * and localhost (RFC 6761 section 6.3).  Returns how many, 0 for other names.
 */
size_t resolve_known(const char *name, struct endpoint found[KNOWN_MOST]);

#endif
