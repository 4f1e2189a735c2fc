/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOCTOR_PATIENT_H
#define SENDER_DOCTOR_PATIENT_H

#include "sender/doctor_link.h"
#include "shared/base/pkt.h"
#include "shared/io/loop.h"

/* One link under examination: its socket, and the conversation over it. */
struct doctor_patient {
	struct doctor_link link;
	struct loop *loop;
	int fd; /* -1: none */
	struct loop_watch *watch;
	struct pkt pkt;
};

/*
 * Looks at the system, and where there is a way, opens the socket and begins.  The link's id and
 * peer are there.
 */
void doctor_patient_begin(struct doctor_patient *p, struct loop *loop, struct probe_group *group,
			  size_t payload, ustime now);

/* Sends what is due. */
void doctor_patient_speak(struct doctor_patient *p, ustime now);

void doctor_patient_end(struct doctor_patient *p);

/* What a socket got, in bytes as setsockopt() takes them. */
int doctor_receive_buffer(int fd);

#endif
