/* SPDX-License-Identifier: MIT */
#include "shared/io/desk.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Requests are JSON, and nobody here reads it. */
int desk_open(struct desk *d, struct loop *loop, const char *option, char why[ARGUMENTS_WHY])
{
	(void)loop;
	d->control = NULL;
	d->path[0] = '\0';
	if (!option || strcmp(option, "off") == 0)
		return 0;
	snprintf(why, ARGUMENTS_WHY, "--control-socket: this program was built without jansson");
	return EX_UNAVAILABLE;
}

void desk_close(struct desk *d)
{
	(void)d;
}

void desk_run(struct desk *d, ustime now)
{
	(void)d, (void)now;
}

ustime desk_deadline(const struct desk *d)
{
	(void)d;
	return NEVER;
}
