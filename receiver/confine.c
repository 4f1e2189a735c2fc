/* SPDX-License-Identifier: MIT */
#include "receiver/confine.h"

#include "shared/io/sandbox.h"
#include "shared/io/startup.h"

int confine(const struct shell *s, char why[CONFIG_WHY])
{
	/* What is read again, and what is written until the end. */
	const struct sandbox_path paths[] = {
		{s->cfg->config_path, SANDBOX_READ_BESIDE},
		{s->cfg->stream_keys, SANDBOX_READ_BESIDE},
		{s->cfg->stream_keys, SANDBOX_READ}, /* a directory of files, maybe elsewhere */
		{s->keep.dir.path, SANDBOX_WRITE},
		{s->groupfiles.dir, SANDBOX_WRITE},
		{s->steer.desk.path, SANDBOX_WRITE_BESIDE},
	};
	int err = 0;

	if (s->cfg->sandbox)
		err = sandbox_begin(paths, sizeof(paths) / sizeof(paths[0]));
	return err ? startup_failed("sandbox", -err, why) : 0;
}
