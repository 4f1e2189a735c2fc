/* SPDX-License-Identifier: MIT */
#include "shared/io/startup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int startup_failed(const char *what, int err, char why[ARGUMENTS_WHY])
{
	snprintf(why, ARGUMENTS_WHY, "%s: %s", what, strerror(err));
	return EX_OSERR;
}

int startup_no_listen(const struct endpoint *at, int err, char why[ARGUMENTS_WHY])
{
	char text[ENDPOINT_TEXT];

	snprintf(why, ARGUMENTS_WHY, "cannot listen on %s: %s", endpoint_print(at, text),
		 strerror(err));
	switch (err) {
	case EACCES:
	case EPERM:
		return EX_NOPERM;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
		return EX_OSERR;
	default:
		return EX_UNAVAILABLE;
	}
}
