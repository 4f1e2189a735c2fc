/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOCTOR_LINK_H
#define SENDER_DOCTOR_LINK_H

#include "sender/doctor_route.h"
#include "sender/probe.h"
#include "sender/uplinks.h"

/* What the system says of one interface. */
struct doctor_interface {
	char name[UPLINK_DEVICE]; /* "": there is none */
	unsigned index;
	bool up;         /* switched on */
	bool carrier;
	bool direct;     /* nobody is asked for addresses there: routes need no gateway */
};

/* All that is found out about one uplink; doctor_judge() makes of it what is to be said. */
struct doctor_link {
	struct uplink_id id;
	const char *unfit;      /* it was asked for by name and gives no uplink; NULL: it does */
	struct endpoint peer;   /* family FAMILY_NONE: the receiver has no address of this one */

	struct doctor_interface at; /* that has the address */
	unsigned places;        /* how many interfaces have it */
	struct doctor_way own;  /* the way of its packets as srtla_send binds them */
	struct doctor_way free; /* and bound to the address only */
	char free_device[UPLINK_DEVICE];
	struct endpoint router; /* what could be its gateway; family FAMILY_NONE: who knows */
	uint32_t metric;        /* that no other default route has */
	int rp_filter;          /* as in force; -1: not to be known, or it does not apply */

	int open_error;         /* of its socket, errno */
	int send_error;         /* the latest of the network or this system, errno */
	int receive_buffer;     /* what the socket got */
	struct probe found;
	size_t kernel_payload;  /* what the kernel thinks that the path takes; 0: nothing known */
};

/* Whether answers are dropped as they come in by another interface than they would leave by. */
bool doctor_link_filtered(const struct doctor_link *l);

/* Asks the system; `id` and `peer` are there. */
void doctor_link_look(struct doctor_link *l);

/* A limit of the system in bytes, "net/core/rmem_max"; -1: not to be known. */
long doctor_sysctl(const char *name);

#endif
