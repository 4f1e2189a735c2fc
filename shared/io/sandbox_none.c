/* SPDX-License-Identifier: MIT */
#include "shared/io/sandbox.h"

#include "shared/io/log.h"

/* Built without libseccomp. */

int sandbox_enter(const struct sandbox_path *paths, size_t count)
{
	(void)paths, (void)count;
	return 0;
}

int sandbox_begin(const struct sandbox_path *paths, size_t count)
{
	(void)paths, (void)count;
	log_warn("event=sandbox calls=off files=off why=\"built without libseccomp\"");
	return 0;
}

const char *sandbox_version(void)
{
	return "no sandbox";
}
