/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_BOOT_H
#define SHARED_IO_BOOT_H

#include <stdint.h>

#include "shared/base/time.h"

enum { BOOT_ID = 16 };

/* Which start of the machine this is; zeros where the system does not say. */
void boot_id(uint8_t id[BOOT_ID]);

/* The time since then, sleep included. */
usspan boot_now(void);

/* How far that is ahead of the loop's clock. */
usspan boot_ahead(void);

#endif
