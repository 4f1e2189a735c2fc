/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_RUNDIR_H
#define SHARED_IO_RUNDIR_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The directory for what ends with us: $RUNTIME_DIRECTORY of the service manager, else /run/PROGRAM
 * if it is there and we may write, or we are root and make it, else $XDG_RUNTIME_DIR/PROGRAM.
 * False: there is none.
 */
bool rundir_choose(const char *program, char path[PATH_MAX]);

/* The path of a file there, "9000.sock". */
bool rundir_file(const char *program, uint16_t port, const char *ending, char path[PATH_MAX]);

enum { RUNDIR_PLACES = 2 };

/*
 * Where such a directory of another process may be, i from 0 to RUNDIR_PLACES less one; nothing
 * need be there.  False: there is no such place for us.
 */
bool rundir_place(const char *program, unsigned i, char path[PATH_MAX]);

#endif
