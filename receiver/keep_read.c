/* SPDX-License-Identifier: MIT */
#include "receiver/keep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "receiver/groupline.h"
#include "shared/io/log.h"
#include "shared/io/stateword.h"

/* The first line: is it a file of ours, of this boot, and young enough? */
static bool first_line(const struct keep *k, const char *path, const char *line, usspan since_boot)
{
	usspan age;

	switch (stateword_read_title(line, KEEP_TITLE, k->keys.boot_id, since_boot, &age)) {
	case STATEWORD_FOREIGN:
		log_warn("event=state_unread file=\"%s\" why=\"not a file of groups\"", path);
		return false;
	case STATEWORD_OLD:
		return false;
	case STATEWORD_GOOD:
		break;
	}
	/* Its writer lived for up to a KEEP_REFRESH after that. */
	return age <= k->patience + KEEP_REFRESH;
}

static bool restore_line(struct keep *k, char *line, ustime now, struct outbox *out)
{
	struct receiver_record rec;
	uint16_t local;
	unsigned port;

	if (!groupline_read(line, &rec, &local))
		return false;
	port = receiver_restore(k->receiver, &rec, now, out);
	k->groups += port != 0;
	/* Its own socket, or at least the port that the SRT server knows. */
	if (port && local && !handover_adopt(k->handover, k->servers, port, local))
		servers_expect(k->servers, port, local);
	return true;
}

static void restore_from(struct keep *k, FILE *from, const char *path, ustime now,
			 struct outbox *out)
{
	static char line[GROUPLINE];
	unsigned bad = 0, lines = 0;
	bool first = true;

	while (lines < k->servers->limit && fgets(line, sizeof(line), from)) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		if (first && !first_line(k, path, line, now + k->boot_ahead))
			return;
		if (!first) {
			lines++;
			bad += !end || !restore_line(k, line, now, out);
		}
		first = false;
	}
	if (k->groups)
		log_info("event=state_read file=\"%s\" groups=%u", path, k->groups);
	if (bad)
		log_warn("event=state_unread file=\"%s\" lines=%u why=\"malformed\"", path, bad);
}

void keep_read(struct keep *k, const char *path, ustime now, struct outbox *out)
{
	FILE *from = fopen(path, "re");

	if (!from) {
		if (errno != ENOENT)
			log_warn("event=state_unread file=\"%s\" why=\"%s\"", path,
				 strerror(errno));
		return;
	}
	restore_from(k, from, path, now, out);
	fclose(from);
}
