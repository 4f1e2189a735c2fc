/* SPDX-License-Identifier: MIT */
#include "receiver/keyfile.h"

#include <string.h>

#include "shared/base/text.h"
#include "shared/io/log.h"

enum {
	LINE = 1024,    /* longer than a key, a host and a port */
	KEY_MOST = 512, /* of a stream id, see SRTO_STREAMID */
	TOLD = 16,      /* lines of the log about bad ones */
};

static const char blanks[] = " \t\v\f\r";

static void fault(struct keyfile *kf, const char *name, unsigned line, const char *why)
{
	char file[160];

	if (kf->bad++ < TOLD)
		log_warn("event=stream_keys_line file=\"%s\" line=%u why=\"%s\"",
			 text_escape(name, strlen(name), file, sizeof(file)), line, why);
}

/* "#!::r=live" is a key of SRT's own syntax; any other '#' in front of a word begins a comment. */
static bool comment(const char *s)
{
	return s[0] == '#' && strncmp(s, "#!::", 4) != 0;
}

/* The next word, cut out of *at; NULL at the end. */
static char *next_word(char **at)
{
	char *start = *at + strspn(*at, blanks);
	char *end = start + strcspn(start, blanks);

	if (*start == '\0' || comment(start))
		return NULL;
	*at = *end == '\0' ? end : end + 1;
	*end = '\0';
	return start;
}

static bool host_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";
	size_t len = strlen(s);

	return len > 0 && len < KEYFILE_HOST && strspn(s, letters) == len;
}

static bool ipv6(const char *s)
{
	struct endpoint ep;

	return endpoint_parse(s, &ep) && ep.family == FAMILY_V6;
}

/* "HOST:PORT" or "[IPV6]:PORT", taken apart in place. */
static bool split(char *word, char **host, uint16_t *port)
{
	char *colon = strrchr(word, ':');
	uint64_t n;

	if (!colon || !text_number(colon + 1, 1, 65535, &n))
		return false;
	*colon = '\0';
	*port = (uint16_t)n;
	*host = word;
	if (word[0] != '[')
		return host_name(word);
	if (colon[-1] != ']')
		return false;
	colon[-1] = '\0';
	*host = word + 1;
	return ipv6(*host);
}

/* The server's number, or 0 when all places are taken. */
static unsigned number(struct keyfile *kf, const char *host, uint16_t port)
{
	struct keyfile_server *vacant = NULL;

	for (unsigned i = KEYFILE_SERVERS; i-- > 0;) {
		struct keyfile_server *s = &kf->server[i];

		if (s->port == port && strcmp(s->host, host) == 0) {
			s->listed = true;
			return i + 1;
		}
		if (s->host[0] == '\0')
			vacant = s;
	}
	if (!vacant)
		return 0;
	memcpy(vacant->host, host, strlen(host) + 1);
	vacant->port = port;
	vacant->listed = true;
	return (unsigned)(vacant - kf->server) + 1;
}

/* Why the line is of no use, or NULL. */
static const char *read_line(struct keyfile *kf, char *text)
{
	const char *key = next_word(&text);
	char *where, *host;
	unsigned server = 0;
	uint16_t port;

	if (!key)
		return NULL;
	where = next_word(&text);
	if (strlen(key) > KEY_MOST)
		return "longer than any stream id";
	if (where && next_word(&text))
		return "more than a key and a server";
	if (where && !split(where, &host, &port))
		return "the server is not of the form HOST:PORT";
	if (keys_find(kf->keys, key, &server))
		return "a key that is listed already";
	if (where && (server = number(kf, host, port)) == 0)
		return "more SRT servers than there can be";
	if (!keys_add(kf->keys, key, server))
		return "no memory";
	if (kf->hear)
		kf->hear(kf->arg, key, server);
	return NULL;
}

void keyfile_parse(struct keyfile *kf, const char *name, const char *text, size_t len)
{
	char buf[LINE];
	unsigned line = 0;
	long length;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	while ((length = text_line(&text, &len, buf, sizeof(buf))) >= 0) {
		const char *why;

		line++;
		if (comment(buf + strspn(buf, blanks)))
			continue;
		if (length >= LINE)
			why = "longer than any stream id";
		else if (memchr(buf, '\0', (size_t)length))
			why = "a zero byte";
		else
			why = read_line(kf, buf);
		if (why)
			fault(kf, name, line, why);
	}
	explicit_bzero(buf, sizeof(buf));
}

unsigned keyfile_servers(const struct keyfile *kf)
{
	unsigned count = 0;

	for (unsigned i = 0; i < KEYFILE_SERVERS; i++)
		count += kf->server[i].listed;
	return count;
}

void keyfile_finish(struct keyfile *kf)
{
	keys_destroy(kf->keys);
	kf->keys = NULL;
}
