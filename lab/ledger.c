/* SPDX-License-Identifier: MIT */
#include "lab/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FIRST_ROOM = 4096,
	VERSION = 1,
};

#define MAGIC UINT64_C(0x72656764656c6277) /* "wbledger" */

/* What a file begins with; the entries follow. */
struct head {
	uint64_t magic, version;
	uint64_t made;
};

void ledger_init(struct ledger *l)
{
	memset(l, 0, sizeof(*l));
}

/* The file is locked, so that of two who come at once one finds what the other wrote. */
static int map_file(struct ledger *l, int fd, size_t len)
{
	struct head *head;
	struct stat st;
	void *map;

	if (flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if ((uint64_t)st.st_size < len && ftruncate(fd, (off_t)len) < 0)
		return -errno;
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	head = map;
	if (st.st_size == 0) {
		head->magic = MAGIC;
		head->version = VERSION;
	} else if (head->magic != MAGIC || head->version != VERSION) {
		munmap(map, len);
		if ((uint64_t)st.st_size < len && ftruncate(fd, st.st_size) < 0)
			return -errno;
		return -EINVAL;
	}
	l->map = map;
	l->map_len = len;
	l->shared_made = &head->made;
	l->entry = (struct ledger_entry *)(head + 1);
	return 0;
}

int ledger_map(struct ledger *l, const char *path, size_t room)
{
	int fd, r;

	ledger_init(l);
	if (room > (SIZE_MAX / 2 - sizeof(struct head)) / sizeof(struct ledger_entry))
		return -EINVAL;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = map_file(l, fd, sizeof(struct head) + room * sizeof(struct ledger_entry));
	flock(fd, LOCK_UN); /* the mapping would keep it */
	close(fd);
	if (r == 0)
		l->room = room;
	return r;
}

void ledger_finish(struct ledger *l)
{
	if (l->map)
		munmap(l->map, l->map_len);
	else
		free(l->entry);
	ledger_init(l);
}

size_t ledger_made(const struct ledger *l)
{
	uint64_t made = l->shared_made ? *l->shared_made : l->own_made;

	return made < l->room ? (size_t)made : l->room; /* others may have more room in the file */
}

static void grow(struct ledger *l, size_t number)
{
	size_t room = l->room ? l->room : FIRST_ROOM;

	while (room <= number)
		room *= 2;
	l->entry = realloc(l->entry, room * sizeof(*l->entry));
	if (!l->entry)
		abort();
	memset(l->entry + l->room, 0, (room - l->room) * sizeof(*l->entry));
	l->room = room;
}

void ledger_make(struct ledger *l, size_t number, ustime now)
{
	uint64_t *made = l->shared_made ? l->shared_made : &l->own_made;

	if (number >= l->room) {
		if (l->map)
			return;
		grow(l, number);
	}
	l->entry[number].made = now;
	if (*made <= number)
		*made = number + 1;
}

/* The first time counts, and a moment of nought must not look like none. */
static void once(ustime *moment, ustime now)
{
	if (*moment == 0)
		*moment = now ? now : 1;
}

void ledger_arrive(struct ledger *l, size_t number, ustime now)
{
	if (number < l->room)
		once(&l->entry[number].arrived, now);
}

void ledger_play(struct ledger *l, size_t number, ustime now)
{
	if (number < l->room)
		once(&l->entry[number].played, now);
}

const struct ledger_entry *ledger_at(const struct ledger *l, size_t number)
{
	return number < l->room ? &l->entry[number] : NULL;
}
