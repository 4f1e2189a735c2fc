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

/*
 * The whole file as text of fewer than `room` bytes, and a zero behind it.  It is ours alone:
 * no link, and what others may read or write is no secret, which is -EPERM.  The length, or
 * -errno; -EFBIG when it does not fit.
 */
long statefile_read(const char *path, char *text, size_t room);

#endif
