/* SPDX-License-Identifier: MIT */
#include "receiver/groupfiles.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "shared/io/log.h"
#include "shared/io/rundir.h"
#include "shared/io/statefile.h"
#include "shared/io/udp.h"

#define PREFIX "srtla-group-"

#define BETWEEN     MSEC(100) /* rounds, at least, */
#define BETWEEN_ONE USEC(200) /* and so much more for each group that has to be looked at */
#define SLICE       MSEC(1)   /* between two parts of a round */
#define AGAIN       SEC(1)    /* after one that failed */

enum {
	MODE = 0644,
	LOOKS = 64,  /* in a turn */
	WRITES = 8,  /* of these: each takes some 50 us */
	TEXT = RECEIVER_MEMBERS * ENDPOINT_TEXT,
};

static bool path_of(const struct groupfiles *f, uint16_t port, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/" PREFIX "%u", f->dir, (unsigned)port);

	return n > 0 && n < PATH_MAX;
}

static void unlink_port(const struct groupfiles *f, uint16_t port)
{
	char path[PATH_MAX];

	if (path_of(f, port, path))
		unlink(path);
}

/* Some socket on this machine is bound to this UDP port. */
static bool is_bound(uint16_t port)
{
	const struct udp_options opt = {.dual_stack = true};
	struct endpoint any = {.family = FAMILY_V6, .port = port};
	int fd = udp_open(&any, &opt);

	if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL) {
		any.family = FAMILY_V4;
		fd = udp_open(&any, &(struct udp_options){0});
	}
	if (fd < 0)
		return true;
	close(fd);
	return false;
}

/* Another receiver may use the directory too: its files are called after ports that it has. */
static int remove_stale(const struct groupfiles *f)
{
	DIR *dir = opendir(f->dir);
	struct dirent *entry;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) != NULL) {
		uint64_t port;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
		    text_number(entry->d_name + strlen(PREFIX), 1, UINT16_MAX, &port) &&
		    !is_bound((uint16_t)port))
			unlink_port(f, (uint16_t)port);
	}
	closedir(dir);
	return 0;
}

/* One line for as long as it lasts. */
static void tell_trouble(struct groupfiles *f, int err)
{
	if (err && !f->failing)
		log_warn("event=group_files_unwritten dir=\"%s\" why=\"%s\"", f->dir,
			 strerror(-err));
	if (!err && f->failing)
		log_info("event=group_files_written dir=\"%s\"", f->dir);
	f->failing = err != 0;
}

static bool choose(struct groupfiles *f, const char *option)
{
	if (option && strcmp(option, "off") == 0)
		return false;
	if (option)
		return snprintf(f->dir, sizeof(f->dir), "%s", option) < (int)sizeof(f->dir);
	if (rundir_choose("srtla_rec", f->dir))
		return true;
	log_info("event=no_group_files why=\"no directory for them, --group-files names one\"");
	return false;
}

void groupfiles_open(struct groupfiles *f, const struct scene *scene, const char *option)
{
	*f = (struct groupfiles){.scene = scene, .next = NEVER};
	f->file = choose(f, option) ? calloc(scene->groups, sizeof(*f->file)) : NULL;
	if (!f->file) {
		f->dir[0] = '\0';
		return;
	}
	tell_trouble(f, remove_stale(f));
	f->next = 0; /* groups may be back after a restart */
}

void groupfiles_close(struct groupfiles *f)
{
	for (unsigned i = 0; f->file && i < f->scene->groups; i++) {
		if (f->file[i].port)
			unlink_port(f, f->file[i].port);
	}
	free(f->file);
	f->file = NULL;
	f->dir[0] = '\0';
	f->next = NEVER;
}

/* Each address once, however many members there are behind it. */
static size_t compose(const struct receiver_group_view *v, char text[TEXT])
{
	size_t len = 0;

	for (unsigned i = 0; i < v->count; i++) {
		struct endpoint who = v->member[i].who;
		char address[ENDPOINT_TEXT];
		unsigned j = 0;

		while (!endpoint_same_host(&who, &v->member[j].who))
			j++;
		if (j < i)
			continue;
		who.port = 0;
		len += (size_t)snprintf(text + len, TEXT - len, "%s\n",
					endpoint_print(&who, address));
	}
	return len;
}

/* Its port may be another group's by now, and so the file. */
static void remove_file(struct groupfiles *f, struct groupfile *file)
{
	uint16_t port = file->port;

	*file = (struct groupfile){0};
	for (unsigned i = 0; i < f->scene->groups; i++) {
		if (f->file[i].port == port)
			return;
	}
	unlink_port(f, port);
}

/* True: something was written, or could not be. */
static bool write_file(struct groupfiles *f, struct groupfile *file, uint16_t local,
		       const struct receiver_group_view *v)
{
	static const struct siphash_key plain; /* nobody gains by a collision */
	char text[TEXT], path[PATH_MAX];
	size_t len = compose(v, text);
	uint64_t print = siphash64(&plain, text, len);
	int err;

	if (file->port == local && file->print == print)
		return false;
	err = path_of(f, local, path) ? statefile_replace(path, text, len, MODE) : -ENAMETOOLONG;
	if (err)
		f->err = err;
	else
		*file = (struct groupfile){.print = print, .port = local};
	return true;
}

/* True: that took a while. */
static bool follow(struct groupfiles *f, unsigned port, ustime now)
{
	struct receiver *r = f->scene->door->receiver;
	struct groupfile *file = &f->file[port - 1];
	struct receiver_group_view v;
	uint16_t local = 0;

	if (receiver_group_serial(r, port) != 0)
		local = servers_local_port(f->scene->servers, port);
	if (file->port && file->port != local)
		remove_file(f, file);
	if (local == 0 || !receiver_group_view(r, port, now, &v))
		return false;
	f->met++;
	return write_file(f, file, local, &v);
}

static void end_round(struct groupfiles *f, ustime now)
{
	bool changed = receiver_changes(f->scene->door->receiver) != f->seen;

	tell_trouble(f, f->err);
	f->at = 0;
	f->after = now + (f->err ? AGAIN : BETWEEN) + BETWEEN_ONE * f->met;
	f->next = changed || f->err ? f->after : NEVER;
}

void groupfiles_run(struct groupfiles *f, ustime now)
{
	unsigned writes = 0, last;

	if (now < f->next)
		return;
	if (f->at == 0) {
		f->at = 1;
		f->met = 0;
		f->err = 0;
		f->seen = receiver_changes(f->scene->door->receiver);
	}
	last = f->met + LOOKS;
	for (; f->at <= f->scene->groups && f->met < last && writes < WRITES; f->at++)
		writes += follow(f, f->at, now);
	if (f->at <= f->scene->groups)
		f->next = now + SLICE;
	else
		end_round(f, now);
}

void groupfiles_look(struct groupfiles *f, ustime now)
{
	/* A round that is under way looks again at its end. */
	if (!f->file || f->at != 0 || receiver_changes(f->scene->door->receiver) == f->seen)
		return;
	f->next = earlier(f->next, later(now, f->after));
}

ustime groupfiles_deadline(const struct groupfiles *f)
{
	return f->next;
}
