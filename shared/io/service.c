/* SPDX-License-Identifier: MIT */
#include "shared/io/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

enum { MESSAGE = 320 }; /* a descriptor's name has 255 bytes at most */

bool service_there(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

void service_tell(const char *state)
{
	sd_notify(0, state);
}

usspan service_watchdog(void)
{
	uint64_t us;

	return sd_watchdog_enabled(0, &us) > 0 && us < INT64_MAX ? (usspan)us : 0;
}

bool service_keep(int fd, const char *name)
{
	char message[MESSAGE];

	/* Unless told not to poll, it forgets a socket that has an error waiting. */
	snprintf(message, sizeof(message), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	return sd_pid_notify_with_fds(0, 0, message, &fd, 1) > 0;
}

void service_drop(const char *name)
{
	char message[MESSAGE];

	snprintf(message, sizeof(message), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	sd_notify(0, message);
}

unsigned service_kept(void (*fn)(void *arg, int fd, const char *name), void *arg)
{
	char **names = NULL;
	int count = sd_listen_fds_with_names(1, &names);

	for (int i = 0; i < count; i++) {
		fn(arg, SD_LISTEN_FDS_START + i, names[i]);
		free(names[i]);
	}
	free(names);
	return count > 0 ? (unsigned)count : 0;
}

const char *service_version(void)
{
	return "systemd notify";
}
