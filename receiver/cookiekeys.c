/* SPDX-License-Identifier: MIT */
#include "receiver/cookiekeys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "receiver/start.h"
#include "shared/base/text.h"
#include "shared/io/log.h"
#include "shared/io/statefile.h"

#define TITLE "srtla_rec keys 1"

enum {
	BYTES = 16,
	HEX = 2 * BYTES + 1,
	TEXT = 256, /* more than the whole file */
};

/* Cuts the next line off; NULL when there is none, or it does not begin with this word. */
static const char *after(char **text, const char *word)
{
	char *line = strsep(text, "\n");
	size_t len = strlen(word);

	return line && strncmp(line, word, len) == 0 ? line + len : NULL;
}

static bool read_key(char **text, const char *word, uint8_t bytes[BYTES])
{
	const char *hex = after(text, word);

	return hex && text_unhex(hex, bytes, BYTES);
}

static bool parse(char *text, struct cookiekeys *k)
{
	const char *title = after(&text, TITLE);

	return title && *title == '\0' && read_key(&text, "boot ", k->boot_id) &&
	       read_key(&text, "create ", k->create.bytes) &&
	       read_key(&text, "readopt ", k->readopt.bytes) && text;
}

/* True when the file has keys of this boot. */
static bool load(struct cookiekeys *k, const struct statedir *d, const uint8_t boot_id[BYTES])
{
	char path[PATH_MAX], text[TEXT];
	const char *why = "not a file of keys";
	long len;

	if (!statedir_file(d, "cookie", ".key", path))
		return false;
	len = statefile_read(path, text, sizeof(text));
	if (len == -ENOENT)
		return false;
	if (len >= 0 && parse(text, k))
		return memcmp(k->boot_id, boot_id, BYTES) == 0;
	if (len < 0)
		why = len == -EPERM ? "others may read it" : strerror((int)-len);
	log_warn("event=new_keys file=\"%s\" why=\"%s\"", path, why);
	return false;
}

int cookiekeys_load(struct cookiekeys *k, const struct statedir *d, const uint8_t boot_id[BYTES])
{
	int err;

	memset(k, 0, sizeof(*k));
	k->written = load(k, d, boot_id);
	if (k->written)
		return 0;
	memcpy(k->boot_id, boot_id, BYTES);
	err = start_draw_key(&k->create);
	return err ? err : start_draw_key(&k->readopt);
}

int cookiekeys_save(struct cookiekeys *k, const struct statedir *d)
{
	char path[PATH_MAX], text[TEXT], boot[HEX], create[HEX], readopt[HEX];
	int len, err;

	if (k->written || !statedir_file(d, "cookie", ".key", path))
		return 0;
	text_hex(k->boot_id, BYTES, boot);
	text_hex(k->create.bytes, BYTES, create);
	text_hex(k->readopt.bytes, BYTES, readopt);
	len = snprintf(text, sizeof(text), TITLE "\nboot %s\ncreate %s\nreadopt %s\n", boot,
		       create, readopt);
	err = statefile_replace(path, text, (size_t)len, 0600);
	k->written = err == 0;
	return err;
}
