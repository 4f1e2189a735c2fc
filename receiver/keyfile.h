/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_KEYFILE_H
#define RECEIVER_KEYFILE_H

#include "receiver/config.h"
#include "receiver/core/keys.h"

enum {
	KEYFILE_SERVERS = 64,
	KEYFILE_HOST = 254, /* a name in the DNS (RFC 1035) with its closing zero */
};

/* An SRT server that keys are for.  Number 0 is the command line's; the first place here is 1. */
struct keyfile_server {
	char host[KEYFILE_HOST]; /* empty: nobody has this place */
	uint16_t port;
	bool listed;             /* false: no key names it any more */
};

/* Who is let in, and where to, as the file or directory of --stream-keys says. */
struct keyfile {
	struct keys *keys;
	struct keyfile_server server[KEYFILE_SERVERS];
	unsigned bad; /* lines that gave nothing */
	/* Is told each key as it is read, with the number of its server; NULL: nobody is. */
	void (*hear)(void *arg, const char *stream_id, unsigned server);
	void *arg;
};

/*
 * Reads a file, or each file of a directory but hidden ones and those that editors and
 * package tools leave behind.  Servers that `before` knows keep their numbers, and who hears of
 * keys there hears of these; NULL: there was nothing before.  A line that makes no sense costs
 * itself and a line in the log, which does not repeat it.  0, or a sysexits code and one sentence
 * in why; then there is nothing to finish.
 */
int keyfile_read(struct keyfile *kf, const struct keyfile *before, const char *path,
		 const struct siphash_key *key, char why[CONFIG_WHY]);
void keyfile_finish(struct keyfile *kf);

/* Takes any bytes whatever, as lines of the file `name`; kf->keys is there. */
void keyfile_parse(struct keyfile *kf, const char *name, const char *text, size_t len);

/* Servers that keys are for, besides the command line's. */
unsigned keyfile_servers(const struct keyfile *kf);

#endif
