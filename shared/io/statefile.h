/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_STATEFILE_H
#define SHARED_IO_STATEFILE_H

#include <stddef.h>

/*
 * Replaces the file at `path` by `len` bytes, whole or not at all: written
 * beside it under a name of its own, then renamed.  Links are not followed;
 * mode is as for open().  0 or -errno; on failure the old file stands.
 */
int statefile_replace(const char *path, const void *bytes, size_t len, unsigned mode);

#endif
