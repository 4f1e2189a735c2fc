/* SPDX-License-Identifier: MIT */
#include "sender/confine.h"

#include "shared/io/sandbox.h"
#include "shared/io/startup.h"

int confine(const struct shell *s, char why[CONFIG_WHY])
{
	/* What is read again, and what is written until the end. */
	const struct sandbox_path paths[] = {
		{s->cfg->config_path, SANDBOX_READ_BESIDE},
		{s->cfg->uplinks_path, SANDBOX_READ_BESIDE},
		{s->cfg->stats_path, SANDBOX_WRITE_BESIDE},
		{s->keep.dir.path, SANDBOX_WRITE},
		{s->steer.desk.path, SANDBOX_WRITE_BESIDE},
	};
	int err = 0;

	if (s->cfg->sandbox)
		err = sandbox_begin(paths, sizeof(paths) / sizeof(paths[0]));
	return err ? startup_failed("sandbox", -err, why) : 0;
}
