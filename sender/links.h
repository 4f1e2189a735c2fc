/* SPDX-License-Identifier: MIT */
#ifndef SENDER_LINKS_H
#define SENDER_LINKS_H

#include "sender/ifaces.h"
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

/*
 * What was said by hand of one uplink.  It holds against the list, until that is read again
 * because somebody asks for it.
 */
struct links_word {
	struct uplink_id id;
	struct sender_terms terms;
	bool without; /* it is not wanted, whatever the list says */
	bool extra;   /* it is wanted, whatever the list says */
};

/* The uplinks that run, in the order of the list, and by port. */
struct links {
	struct door *door;
	struct host *host;
	bool any_source;
	const char *path;                 /* of the file, or NULL: the list is that of `ifaces` */
	struct ifaces *ifaces;            /* NULL: there is a file */
	const struct sessionfile *before; /* ports of a life before, or NULL */
	struct uplinks list;              /* as file or interfaces have it */
	struct links_word word[UPLINKS_MOST];
	unsigned words;
	unsigned count;
	struct uplink *uplink[UPLINKS_MOST];
	struct uplink *by_port[SENDER_LINKS + 1];
	struct netlink *netlink;
	int no_netlink;    /* errno for which it is NULL */
	ustime look_at;    /* when each link's way is looked at, or NEVER */
	ustime looked;
	ustime reload_at;  /* when the file is read again, or NEVER */
	ustime loaded;     /* when it was read last */
	bool again;        /* that reading is the second look after a signal */
	ustime choose_at;  /* when uplinks are chosen among the interfaces again, or NEVER */
	bool ask;          /* the kernel is asked for all of them before that */
	bool none;         /* that there is no uplink has been told, */
	unsigned left_out; /* and so many too many */
	/* Sends and tells what the core has said of a port, before it becomes another link's. */
	void (*settle)(void *arg, ustime now);
	void *arg;
};

/* `settle` and `arg` are the caller's to fill. */
void links_init(struct links *ls, struct door *door, struct host *host, const char *path,
		bool any_source);
void links_finish(struct links *ls);

/*
 * From now on the links are those of the interfaces that are wanted, whatever was before.  0, or
 * -errno when the kernel does not tell of interfaces, or memory is short.
 */
int links_follow(struct links *ls, const struct ifaces_choice *choice, ustime now);

/* The reverse, or another file: those of this one, which is read soon. */
void links_read_from(struct links *ls, const char *path, ustime now);

/*
 * Makes the links those of the list, but for what was said by hand.  False when memory was short
 * for some.
 */
bool links_apply(struct links *ls, const struct uplinks *list, ustime now);

/*
 * Somebody wants the file read, or the interfaces looked at again, soon, however often it is said.
 * What was said by hand is forgotten.
 */
void links_file_changed(struct links *ls, ustime now);

/*
 * By hand.  What is added, removed or changed so lasts until the next links_file_changed().  Each
 * answers NULL, or why not, a constant; then nothing has changed.
 *
 * `text` is a line as in the file: "192.168.8.100%usb1", terms behind it if wanted.
 */
const char *links_add(struct links *ls, const char *text, ustime now);
const char *links_remove(struct links *ls, const char *name, ustime now);
const char *links_set_terms(struct links *ls, const char *name, const struct sender_terms *terms,
			    ustime now);

/*
 * The link of this name: "usb0/192.168.8.100" as it is printed, "192.168.8.100%usb0" as it is
 * written, its interface or its address alone where no other link has the same, or its place in
 * the list as a number, from 0.  NULL when that is none, or more than one.
 */
struct uplink *links_find(const struct links *ls, const char *name);

/* Opens what is due, reads the file or chooses interfaces when that is due. */
void links_run(struct links *ls, ustime now);
ustime links_deadline(const struct links *ls);

/* The host's addresses have changed. */
void links_host_moved(struct links *ls, ustime now);

/* NULL when no link has this port. */
struct uplink *links_by_port(const struct links *ls, unsigned port);

#endif
