/* SPDX-License-Identifier: MIT */
/* Stands in for service.c in a build without libsystemd. */
#include "shared/io/service.h"

bool service_there(void)
{
	return false;
}

void service_tell(const char *state)
{
	(void)state;
}

usspan service_watchdog(void)
{
	return 0;
}

bool service_keep(int fd, const char *name)
{
	(void)fd;
	(void)name;
	return false;
}

void service_drop(const char *name)
{
	(void)name;
}

unsigned service_kept(void (*fn)(void *arg, int fd, const char *name), void *arg)
{
	(void)fn;
	(void)arg;
	return 0;
}

const char *service_version(void)
{
	return "no service manager";
}
