/* SPDX-License-Identifier: MIT */
#include "receiver/start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared/io/log.h"
#include "shared/io/lookup.h"
#include "shared/io/startup.h"

/* Standard input to error, the loop's own three, the front, and the resolver's. */
enum { OTHER_FILES = 24 };

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

int start_listen(struct front *f, const struct config *cfg, char why[CONFIG_WHY])
{
	struct endpoint failed;
	int err = front_open(f, &cfg->bind, cfg->listen_port, &failed);

	return err ? startup_no_listen(&failed, -err, why) : 0;
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

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "01234567-89ab-cdef-0123-456789abcdef" */
void start_boot_id(uint8_t id[16])
{
	char text[40];
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	unsigned digits = 0;

	if (fd >= 0)
		close(fd);
	memset(id, 0, 16);
	for (ssize_t i = 0; i < len && digits < 32; i++) {
		int nibble = hex(text[i]);

		if (nibble < 0)
			continue;
		id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | nibble);
		digits++;
	}
}

int start_check(const struct config *cfg, char why[CONFIG_WHY])
{
	unsigned groups = (unsigned)cfg->max_groups;
	char text[ENDPOINT_TEXT];
	struct front front;
	int code = start_listen(&front, cfg, why);

	if (code)
		return code;
	printf("listen %s: good\n", endpoint_print(&front.local, text));
	front_close(&front);
	code = start_files(&groups, why);
	if (code == 0)
		code = lookup_print(cfg->host, cfg->dns, why, CONFIG_WHY);
	fflush(stdout);
	return code;
}
