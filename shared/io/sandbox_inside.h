/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_SANDBOX_INSIDE_H
#define SHARED_IO_SANDBOX_INSIDE_H

#include "shared/io/sandbox.h"

/* Each of the two: 1, or 0 when the kernel has no such thing, or -errno. */
int sandbox_calls(void);
int sandbox_files(const struct sandbox_path *const lists[], const size_t counts[], size_t count);

#endif
