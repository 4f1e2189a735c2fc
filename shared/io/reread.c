/* SPDX-License-Identifier: MIT */
#include "shared/io/reread.h"

#include <string.h>

#include "shared/base/text.h"
#include "shared/io/arguments.h"
#include "shared/io/log.h"

#define GAP MSEC(100) /* a storm of signals costs ten readings a second */

enum { SHOWN = 256 };

void reread_init(struct reread *r)
{
	memset(r, 0, sizeof(*r));
	r->due = NEVER;
}

void reread_want(struct reread *r, ustime now)
{
	r->due = earlier(r->due, later(now, r->read + GAP));
}

bool reread_now(struct reread *r, ustime now)
{
	if (now < r->due)
		return false;
	r->due = NEVER;
	r->read = now;
	return true;
}

void reread_refused(const char *path, unsigned line, const char *why)
{
	char shown[ARGUMENTS_WHY], file[SHOWN];

	log_warn("event=config_refused file=\"%s\" line=%u why=\"%s\"",
		 text_escape(path, strlen(path), file, sizeof(file)), line,
		 text_escape(why, strlen(why), shown, sizeof(shown)));
}

void reread_done(struct reread *r, const char *path, const struct option_row *rows, size_t count,
		 const void *in_force, const void *wanted)
{
	char names[REREAD_TOLD], file[SHOWN];

	log_info("event=config_read file=\"%s\"",
		 text_escape(path, strlen(path), file, sizeof(file)));
	options_differing(rows, count, in_force, wanted, names, sizeof(names));
	if (names[0] && strcmp(names, r->told) != 0)
		log_warn("event=config_restart_wanted options=\"%s\"", names);
	memcpy(r->told, names, sizeof(names));
}
