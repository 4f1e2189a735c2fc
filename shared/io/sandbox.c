/* SPDX-License-Identifier: MIT */
#include "shared/io/sandbox.h"

#include <errno.h>
#include <sys/prctl.h>

#include "shared/io/log.h"
#include "shared/io/sandbox_inside.h"

/*
 * What libraries read: c-ares its servers and hosts, which others replace, and random numbers;
 * the C library the time zone.
 */
static const struct sandbox_path common[] = {
	{"/etc", SANDBOX_READ},
	{"/etc/resolv.conf", SANDBOX_READ_BESIDE},
	{"/etc/localtime", SANDBOX_READ_BESIDE},
	{"/usr/share/zoneinfo", SANDBOX_READ},
	{"/dev/urandom", SANDBOX_READ},
	{"/dev/null", SANDBOX_WRITE},
	{"/proc/self", SANDBOX_READ},
	{"/proc/sys/kernel/random/boot_id", SANDBOX_READ},
	{"/proc/sys/net", SANDBOX_READ},
};

int sandbox_enter(const struct sandbox_path *paths, size_t count)
{
	const struct sandbox_path *const lists[] = {common, paths};
	const size_t counts[] = {sizeof(common) / sizeof(common[0]), count};
	int files, calls;

	/* Without it, neither is for unprivileged programs; it exists since Linux 3.5. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	/* The list of calls has none to give up files. */
	files = sandbox_files(lists, counts, sizeof(lists) / sizeof(lists[0]));
	if (files < 0)
		return files;
	calls = sandbox_calls();
	if (calls < 0)
		return calls;
	return (calls ? SANDBOX_CALLS : 0) | (files ? SANDBOX_FILES : 0);
}

int sandbox_begin(const struct sandbox_path *paths, size_t count)
{
	int parts = sandbox_enter(paths, count);

	if (parts < 0)
		return parts;
	if (parts == (SANDBOX_CALLS | SANDBOX_FILES))
		log_info("event=sandbox calls=on files=on");
	else
		log_warn("event=sandbox calls=%s files=%s why=\"not in this kernel\"",
			 parts & SANDBOX_CALLS ? "on" : "off",
			 parts & SANDBOX_FILES ? "on" : "off");
	return 0;
}
