/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "shared/io/desk.h"

const char *desk_keep(struct desk_kept *k, char *text, size_t len, ustime until)
{
	char *closed = text ? realloc(text, len + 1) : NULL;

	if (closed)
		closed[len] = '\0';
	else
		free(text);
	free(k->text);
	k->text = closed;
	k->until = until;
	return closed;
}

const char *desk_kept(struct desk_kept *k, ustime now)
{
	if (k->text && now >= k->until)
		desk_keep(k, NULL, 0, 0);
	return k->text;
}
