/* SPDX-License-Identifier: MIT */
#include "receiver/start.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "receiver/keyfile.h"
#include "shared/io/log.h"
#include "shared/io/lookup.h"
#include "shared/io/startup.h"
#include "shared/io/statedir.h"

/*
 * Standard input to error, the loop's own three, the front's doors and its lock, what is
 * kept for a restart, and the resolvers'.
 */
enum { OTHER_FILES = 32 };

int start_listen(struct front *f, struct handover *h, const struct config *cfg,
		 char why[CONFIG_WHY])
{
	struct endpoint failed;
	int err;

	if (handover_open_front(h, f, &cfg->bind, cfg->listen_port))
		return 0;
	err = front_open(f, &cfg->bind, cfg->listen_port, &failed);
	if (err == 0)
		return 0;
	if (err == -EADDRINUSE && f->holder != 0) {
		char text[ENDPOINT_TEXT];

		snprintf(why, CONFIG_WHY, "cannot listen on %s: already in use by process %ld",
			 endpoint_print(&failed, text), (long)f->holder);
		return EX_UNAVAILABLE;
	}
	return startup_no_listen(&failed, -err, why);
}

int start_host(struct host *h, struct loop *loop, const struct config *cfg, char why[CONFIG_WHY])
{
	int err = host_init(h, loop, cfg->host, cfg->host_port, cfg->dns);

	if (err == -EINVAL) {
		snprintf(why, CONFIG_WHY, "--dns %.160s: not a list of name servers", cfg->dns);
		return EX_USAGE;
	}
	return err ? startup_failed("resolver", -err, why) : 0;
}

int start_files(unsigned *groups, char why[CONFIG_WHY])
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return startup_failed("getrlimit", errno, why);
	if (files.rlim_cur < files.rlim_max) {
		rlim_t soft = files.rlim_cur;

		files.rlim_cur = files.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &files))
			files.rlim_cur = soft;
	}
	if (files.rlim_cur <= OTHER_FILES) {
		snprintf(why, CONFIG_WHY, "a limit of %u open files leaves none for a group",
			 (unsigned)files.rlim_cur);
		return EX_OSERR;
	}
	if (files.rlim_cur - OTHER_FILES >= *groups)
		return 0;
	*groups = (unsigned)(files.rlim_cur - OTHER_FILES);
	log_warn("event=fewer_groups groups=%u open_files=%u why=\"RLIMIT_NOFILE\"", *groups,
		 (unsigned)files.rlim_cur);
	return 0;
}

int start_draw_key(struct siphash_key *key)
{
	ssize_t len = getrandom(key->bytes, sizeof(key->bytes), 0);

	return len == (ssize_t)sizeof(key->bytes) ? 0 : len < 0 ? -errno : -EIO;
}

/* The list of stream keys, and the names of the servers in it. */
static int check_keys(const struct config *cfg, char why[CONFIG_WHY])
{
	const struct siphash_key any = {{0}};
	struct keyfile kf;
	int code;

	if (!cfg->stream_keys)
		return 0;
	code = keyfile_read(&kf, NULL, cfg->stream_keys, &any, why);
	if (code)
		return code;
	printf("stream keys %s: %zu\n", cfg->stream_keys, keys_count(kf.keys));
	for (unsigned i = 0; i < KEYFILE_SERVERS && code == 0; i++) {
		if (kf.server[i].listed)
			code = lookup_print(kf.server[i].host, cfg->dns, why, CONFIG_WHY);
	}
	keyfile_finish(&kf);
	return code;
}

int start_check(const struct config *cfg, char why[CONFIG_WHY])
{
	unsigned groups = (unsigned)cfg->max_groups;
	char text[ENDPOINT_TEXT];
	struct handover none = {0};
	struct statedir state;
	struct front front;
	int code = start_listen(&front, &none, cfg, why);

	if (code)
		return code;
	printf("listen %s: good\n", endpoint_print(&front.local, text));
	front_close(&front);
	statedir_choose(&state, "srtla_rec", cfg->state_dir, &cfg->bind, cfg->listen_port);
	code = statedir_check(&state, why);
	if (code == 0)
		code = start_files(&groups, why);
	if (code == 0)
		code = check_keys(cfg, why);
	if (code == 0)
		code = lookup_print(cfg->host, cfg->dns, why, CONFIG_WHY);
	fflush(stdout);
	return code;
}
