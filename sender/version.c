/* SPDX-License-Identifier: MIT */
#include "sender/version.h"

#include "sender/report.h"
#include "shared/io/conffile.h"
#include "shared/io/http.h"
#include "shared/io/loop.h"
#include "shared/io/netlink.h"
#include "shared/io/resolve.h"
#include "shared/io/sandbox.h"

void version_print(FILE *to)
{
	const char *json = report_version();

	fprintf(to, "srtla_send %s (%s, %s, %s, %s, %s, %s, %s)\n", VERSION, loop_version(),
		resolver_version(), netlink_version(), json ? json : "no JSON", http_version(),
		conffile_version(), sandbox_version());
}
