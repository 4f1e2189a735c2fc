/* SPDX-License-Identifier: MIT */
#include "shared/io/conffile.h"

#include <stdio.h>
#include <sysexits.h>

/* Built without inih. */

int conffile_read(struct conffile *f, const char *path, const char *program,
		  const struct option_row *rows, size_t count, void *into,
		  char why[ARGUMENTS_WHY])
{
	(void)path;
	return conffile_parse(f, "", 0, program, rows, count, into, why);
}

int conffile_parse(struct conffile *f, const char *bytes, size_t len, const char *program,
		   const struct option_row *rows, size_t count, void *into,
		   char why[ARGUMENTS_WHY])
{
	(void)bytes, (void)len, (void)program, (void)rows, (void)count, (void)into;
	*f = (struct conffile){0};
	snprintf(why, ARGUMENTS_WHY, "this program was built without inih, which reads such files");
	return EX_UNAVAILABLE;
}

void conffile_finish(struct conffile *f)
{
	(void)f;
}

const char *conffile_version(void)
{
	return "no config file";
}
