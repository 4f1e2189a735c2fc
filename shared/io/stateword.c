/* SPDX-License-Identifier: MIT */
#include "shared/io/stateword.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"

enum { BOOT_HEX = 2 * BOOT_ID + 1 };

const char *stateword_address(const struct endpoint *ep, char text[STATEWORD_ADDRESS])
{
	struct endpoint bare = *ep;
	char address[ENDPOINT_TEXT];

	if (ep->family == FAMILY_NONE)
		return "-";
	bare.port = 0;
	bare.scope = 0;
	endpoint_print(&bare, address);
	if (ep->scope)
		snprintf(text, STATEWORD_ADDRESS, "%s%%%" PRIu32 "/%u", address, ep->scope,
			 ep->port);
	else
		snprintf(text, STATEWORD_ADDRESS, "%s/%u", address, ep->port);
	return text;
}

bool stateword_read_address(char *text, struct endpoint *ep)
{
	char *port = strchr(text, '/'), *scope = strchr(text, '%');

	memset(ep, 0, sizeof(*ep));
	if (strcmp(text, "-") == 0)
		return true;
	if (!port || (scope && scope > port))
		return false;
	*port++ = '\0';
	if (scope)
		*scope++ = '\0';
	if (!endpoint_parse(text, ep) || !stateword_read_u16(port, &ep->port))
		return false;
	if (!scope)
		return true;
	return ep->family == FAMILY_V6 && stateword_read_u32(scope, &ep->scope) && ep->scope;
}

bool stateword_read_u32(const char *text, uint32_t *out)
{
	uint64_t number;

	if (!text_number(text, 0, UINT32_MAX, &number))
		return false;
	*out = (uint32_t)number;
	return true;
}

bool stateword_read_u16(const char *text, uint16_t *out)
{
	uint64_t number;

	if (!text_number(text, 0, UINT16_MAX, &number))
		return false;
	*out = (uint16_t)number;
	return true;
}

size_t stateword_title(const char *title, const uint8_t boot[BOOT_ID], usspan since_boot,
		       char line[STATEWORD_TITLE])
{
	char hex[BOOT_HEX];

	text_hex(boot, BOOT_ID, hex);
	return (size_t)snprintf(line, STATEWORD_TITLE, "%.40s boot=%s at=%" PRId64 "\n", title, hex,
				since_boot);
}

enum stateword_verdict stateword_read_title(const char *line, const char *title,
					    const uint8_t boot[BOOT_ID], usspan since_boot,
					    usspan *age)
{
	char want[STATEWORD_TITLE], hex[BOOT_HEX];
	size_t len = strlen(title);
	uint64_t at;

	text_hex(boot, BOOT_ID, hex);
	snprintf(want, sizeof(want), " boot=%s at=", hex);
	if (strncmp(line, title, len) != 0 || line[len] != ' ')
		return STATEWORD_FOREIGN;
	if (strncmp(line + len, want, strlen(want)) != 0 ||
	    !text_number(line + len + strlen(want), 0, (uint64_t)since_boot, &at))
		return STATEWORD_OLD;
	*age = since_boot - (usspan)at;
	return STATEWORD_GOOD;
}
