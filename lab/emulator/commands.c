/* SPDX-License-Identifier: MIT */
#include "lab/emulator/commands.h"

#include <limits.h>
#include <string.h>

#include "shared/base/text.h"

static enum command rebind(struct commands *c, const char *rest)
{
	char copy[COMMANDS_LINE], *link;
	uint64_t v, n;

	strcpy(copy, rest);
	link = strchr(copy, ' ');
	if (!link)
		return COMMAND_STRANGE;
	*link++ = '\0';
	if (!text_number(copy, 1, UINT_MAX, &v) || !text_number(link, 1, UINT_MAX, &n))
		return COMMAND_STRANGE;
	c->vehicle = (unsigned)v;
	c->link = (unsigned)n;
	return COMMAND_REBIND;
}

static enum command read_line(struct commands *c)
{
	static const char word[] = "rebind ";

	if (strcmp(c->line, "start") == 0)
		return COMMAND_START;
	if (strcmp(c->line, "stop") == 0)
		return COMMAND_STOP;
	if (strncmp(c->line, word, sizeof(word) - 1) == 0)
		return rebind(c, c->line + sizeof(word) - 1);
	return c->line[0] ? COMMAND_STRANGE : COMMAND_NONE;
}

enum command commands_feed(struct commands *c, char byte)
{
	if (byte != '\n') {
		if (c->len < COMMANDS_LINE - 1)
			c->line[c->len++] = byte;
		return COMMAND_NONE;
	}
	c->line[c->len] = '\0';
	c->len = 0;
	return read_line(c);
}
