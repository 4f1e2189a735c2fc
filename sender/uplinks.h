/* SPDX-License-Identifier: MIT */
#ifndef SENDER_UPLINKS_H
#define SENDER_UPLINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "sender/core/sender.h"
#include "shared/base/endpoint.h"

enum {
	UPLINKS_MOST = 64,
	UPLINKS_FAULTS = 16,
	UPLINK_DEVICE = 16, /* an interface name with its closing zero, as in net/if.h */
	UPLINK_NAME = UPLINK_DEVICE + ENDPOINT_TEXT,
};

/*
 * One uplink as the file names it.  Interface, family and address together are
 * its identity: two modems may well have the same address.
 */
struct uplink_id {
	char device[UPLINK_DEVICE]; /* "" when the routing table decides */
	struct endpoint local;      /* port and scope 0 */
};

/* A line that gave no uplink. */
struct uplinks_fault {
	unsigned line;
	unsigned other;  /* the line that it repeats, or 0 */
	const char *why; /* a constant */
	char text[64];   /* the line, cut, fit for a log */
};

/* A list of uplinks, as a file holds it, in the order of its lines. */
struct uplinks {
	struct uplink_id id[UPLINKS_MOST];
	struct sender_terms terms[UPLINKS_MOST]; /* on which each serves */
	unsigned line[UPLINKS_MOST];             /* where each stands; 0: in no file */
	unsigned count;
	unsigned surplus;       /* good uplinks beyond UPLINKS_MOST, left out */
	unsigned first_surplus; /* line of the first of them */
	struct uplinks_fault fault[UPLINKS_FAULTS];
	unsigned fault_count; /* faults in all; the array holds the first ones */
};

/* Reads any bytes whatever; `up` needs no preparation. */
void uplinks_parse(struct uplinks *up, const char *text, size_t len);

/* One more, at the end; false when there is no place for it.  Whether it is new is the caller's care. */
bool uplinks_add(struct uplinks *up, const struct uplink_id *id, const struct sender_terms *terms);

/* Without the one in this place. */
void uplinks_drop(struct uplinks *up, unsigned at);

/* Reads "ADDR" or "ADDR%INTERFACE", and cuts it up.  Answers why not, or NULL. */
const char *uplink_id_read(char *word, struct uplink_id *id);

bool uplink_id_equal(const struct uplink_id *a, const struct uplink_id *b);

/* "usb0/192.168.8.100"; without the interface when there is none. */
const char *uplink_id_print(const struct uplink_id *id, char buf[UPLINK_NAME]);

#endif
