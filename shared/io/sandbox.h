/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_SANDBOX_H
#define SHARED_IO_SANDBOX_H

#include <stddef.h>

/*
 * Gives up, for good, what a started program no longer needs: by seccomp all system calls but a
 * short list (another one is answered with EPERM, and counted nowhere), by Landlock all files but
 * those that are named here.  Both need no privilege.
 */
struct sandbox_path {
	const char *path; /* a file or a whole directory; NULL, "" and what is not there: nothing */
	enum sandbox_use {
		SANDBOX_READ,
		SANDBOX_WRITE, /* read, write, make and remove what is in it */
		/* The same for a file that may be replaced: where it is, and where it leads to. */
		SANDBOX_READ_BESIDE,
		SANDBOX_WRITE_BESIDE,
	} use;
};

enum sandbox_part {
	SANDBOX_CALLS = 1,
	SANDBOX_FILES = 2,
};

/*
 * Which parts are in force now, enum sandbox_part: what the kernel or this build cannot do is left
 * out.  -errno when something failed that should work.  What names, time and the service manager
 * need is allowed besides `paths`.
 */
int sandbox_enter(const struct sandbox_path *paths, size_t count);

/* The same, and a line in the log; 0, or -errno. */
int sandbox_begin(const struct sandbox_path *paths, size_t count);

/* "libseccomp 2.5.4", or "no sandbox". */
const char *sandbox_version(void);

#endif
