/* SPDX-License-Identifier: MIT */
#include "sender/links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/io/log.h"

/* Far beyond any list of uplinks; a larger file is a mistake. */
enum { FILE_MOST = 4 * 1024 * 1024 };

/* The file's bytes, to be freed, or NULL and -errno in *err. */
static char *slurp(int fd, size_t *len, int *err)
{
	struct stat st;
	char *text;

	*err = -EINVAL;
	if (fstat(fd, &st)) {
		*err = -errno;
		return NULL;
	}
	if (S_ISDIR(st.st_mode))
		*err = -EISDIR;
	if (!S_ISREG(st.st_mode))
		return NULL;
	if (st.st_size > FILE_MOST) {
		*err = -EFBIG;
		return NULL;
	}
	*len = 0;
	text = malloc(FILE_MOST);
	*err = -ENOMEM;
	while (text && *len < FILE_MOST) {
		ssize_t n = read(fd, text + *len, FILE_MOST - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0) {
			*len += (size_t)n;
			continue;
		}
		if (n == 0)
			return text;
		*err = -errno;
		break;
	}
	if (text && *len == FILE_MOST)
		*err = -EFBIG;
	free(text);
	return NULL;
}

int links_read(const char *path, struct uplinks *list)
{
	/* Should somebody put a pipe in its place, opening shall not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text;
	size_t len;
	int err;

	memset(list, 0, sizeof(*list));
	if (fd < 0)
		return -errno;
	text = slurp(fd, &len, &err);
	close(fd);
	if (!text)
		return err;
	uplinks_parse(list, text, len);
	free(text);
	return list->count ? 0 : -ENODATA;
}

void links_tell_faults(const char *path, const struct uplinks *list)
{
	unsigned i;

	for (i = 0; i < list->fault_count && i < UPLINKS_FAULTS; i++) {
		const struct uplinks_fault *f = &list->fault[i];

		if (f->other)
			log_warn("event=uplinks_line file=%s line=%u why=\"%s\" same_as=%u "
				 "text=\"%s\"",
				 path, f->line, f->why, f->other, f->text);
		else
			log_warn("event=uplinks_line file=%s line=%u why=\"%s\" text=\"%s\"", path,
				 f->line, f->why, f->text);
	}
	if (list->fault_count > UPLINKS_FAULTS)
		log_warn("event=uplinks_lines file=%s more=%u", path,
			 list->fault_count - UPLINKS_FAULTS);
	if (list->surplus)
		log_warn("event=uplinks_surplus file=%s most=%d left_out=%u from_line=%u", path,
			 UPLINKS_MOST, list->surplus, list->first_surplus);
}
