/* SPDX-License-Identifier: MIT */
#ifndef SENDER_LINKS_H
#define SENDER_LINKS_H

#include "sender/sessionfile.h"
#include "sender/uplink.h"

/*
 * What a new list does to the links that run: which of its uplinks run already,
 * and which that run it still has.  A link that is kept is not touched.
 */
struct links_plan {
	int running[UPLINKS_MOST]; /* for each uplink of the list: its place among those, or -1 */
	bool keep[UPLINKS_MOST];   /* for each that runs */
	unsigned kept;
	unsigned added;
	unsigned removed;
};

/* Pure. */
void links_plan(struct links_plan *plan, const struct uplink_id *running, unsigned count,
		const struct uplinks *list);

/* Reads the whole file and parses it.  0 or -errno; -ENODATA when no line gave an uplink. */
int links_read(const char *path, struct uplinks *list);

/* A line for each line of the file that gave no uplink; at most UPLINKS_FAULTS, and a count. */
void links_tell_faults(const char *path, const struct uplinks *list);

/* The uplinks that run, in the order of the file, and by port. */
struct links {
	struct door *door;
	struct host *host;
	bool any_source;
	const char *path;
	const struct sessionfile *before; /* ports of a life before, or NULL */
	unsigned count;
	struct uplink *uplink[UPLINKS_MOST];
	struct uplink *by_port[SENDER_LINKS + 1];
	struct netlink *netlink;
	ustime look_at;   /* when each link's way is looked at, or NEVER */
	ustime looked;
	ustime reload_at; /* when the file is read again, or NEVER */
	ustime loaded;    /* when it was read last */
	bool again;       /* that reading is the second look after a signal */
	/* Sends and tells what the core has said of a port, before it becomes another link's. */
	void (*settle)(void *arg, ustime now);
	void *arg;
};

/* `settle` and `arg` are the caller's to fill. */
void links_init(struct links *ls, struct door *door, struct host *host, const char *path,
		bool any_source);
void links_finish(struct links *ls);

/* Makes the links those of the list.  False when memory was short for some. */
bool links_apply(struct links *ls, const struct uplinks *list, ustime now);

/* Somebody says that the file has changed: read it soon, however often it is said. */
void links_file_changed(struct links *ls, ustime now);

/* Opens what is due, reads the file when that is due. */
void links_run(struct links *ls, ustime now);
ustime links_deadline(const struct links *ls);

/* The host's addresses have changed. */
void links_host_moved(struct links *ls, ustime now);

/* NULL when no link has this port. */
struct uplink *links_by_port(const struct links *ls, unsigned port);

#endif
