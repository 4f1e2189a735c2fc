/* SPDX-License-Identifier: MIT */
#include "shared/io/arguments.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"

enum {
	HOST_MOST = 253, /* a name in the DNS, without its last dot (RFC 1035) */
	QUOTED = 64,     /* as much of a wrong word as a message repeats */
};

bool arguments_wrong(char why[ARGUMENTS_WHY], const char *what, const char *word,
		     const char *would_do)
{
	char quoted[QUOTED];

	text_escape(word, strlen(word), quoted, sizeof(quoted));
	snprintf(why, ARGUMENTS_WHY, "%s \"%s\": %s", what, quoted, would_do);
	return false;
}

bool arguments_port(const char *word, const char *what, uint16_t *port, char why[ARGUMENTS_WHY])
{
	uint64_t n;

	if (!text_number(word, 1, 65535, &n))
		return arguments_wrong(why, what, word, "not a port, 1 to 65535");
	*port = (uint16_t)n;
	return true;
}

bool arguments_host(const char *word, const char *what, const char **host, char why[ARGUMENTS_WHY])
{
	if (word[0] == '\0' || strlen(word) > HOST_MOST)
		return arguments_wrong(why, what, word, "not a host name or address");
	*host = word;
	return true;
}

bool arguments_endpoint(const char *word, const char *what, struct endpoint *ep,
			char why[ARGUMENTS_WHY])
{
	const char *colon = strrchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : 0;
	bool bracketed = len >= 2 && word[0] == '[' && word[len - 1] == ']';
	/* Without brackets, the end of an IPv6 address would pass for a port. */
	bool several = colon && memchr(word, ':', len);
	char address[ENDPOINT_TEXT] = "";
	uint16_t port;

	if (bracketed != several)
		return arguments_wrong(why, what, word, "not a port, ADDR:PORT or [ADDR]:PORT");
	if (!arguments_port(colon ? colon + 1 : word, what, &port, why))
		return false;
	if (len < sizeof(address))
		memcpy(address, word + bracketed, len - 2 * (size_t)bracketed);
	if (colon && !arguments_address(address, what, ep, why))
		return false;
	ep->port = port;
	return true;
}

bool arguments_address(const char *word, const char *what, struct endpoint *ep,
		       char why[ARGUMENTS_WHY])
{
	enum endpoint_class class;

	if (!word)
		return true;
	if (!endpoint_parse(word, ep))
		return arguments_wrong(why, what, word, "not an IPv4 or IPv6 address");
	endpoint_normalise(ep);
	class = endpoint_class(ep);
	if (class == ENDPOINT_MULTICAST || class == ENDPOINT_BROADCAST)
		return arguments_wrong(why, what, word, "not an address of one host");
	return true;
}
