/* SPDX-License-Identifier: MIT */
#include "shared/io/boot.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/text.h"

#define WHICH_BOOT "/proc/sys/kernel/random/boot_id"

enum { DIGITS = 2 * BOOT_ID };

/* "01234567-89ab-cdef-0123-456789abcdef" */
void boot_id(uint8_t id[BOOT_ID])
{
	char text[40], digits[DIGITS + 1] = "";
	int fd = open(WHICH_BOOT, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	size_t count = 0;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < len && count < DIGITS; i++) {
		if (text[i] != '-')
			digits[count++] = text[i];
	}
	memset(id, 0, BOOT_ID);
	text_unhex(digits, id, BOOT_ID);
}

usspan boot_now(void)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return SEC(boot.tv_sec) + boot.tv_nsec / 1000;
}

usspan boot_ahead(void)
{
	struct timespec boot, mono;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	return SEC(boot.tv_sec - mono.tv_sec) + (boot.tv_nsec - mono.tv_nsec) / 1000;
}
