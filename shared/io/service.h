/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_SERVICE_H
#define SHARED_IO_SERVICE_H

#include <stdbool.h>

#include "shared/base/time.h"

/*
 * The service manager that runs us, if there is one that speaks sd_notify(3): it hears how we
 * are, and keeps descriptors for whoever takes our place.  Without one nothing here does anything.
 */

/* Somebody listens. */
bool service_there(void);

/* "READY=1", "STOPPING=1", "WATCHDOG=1". */
void service_tell(const char *state);

/* How long our silence may last before we are taken for dead; 0: for ever. */
usspan service_watchdog(void);

/*
 * Keeps a copy of fd under this name, of letters, digits and '-', over the end of this
 * process, until service_drop().  False when nobody will.
 */
bool service_keep(int fd, const char *name);
void service_drop(const char *name);

/*
 * Hands each descriptor that was kept for us to fn, which then owns it.  Asked a second
 * time there are none.  Returns how many there were.
 */
unsigned service_kept(void (*fn)(void *arg, int fd, const char *name), void *arg);

/* "systemd notify", or "no service manager". */
const char *service_version(void);

#endif
