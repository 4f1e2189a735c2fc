/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOCTOR_JUDGE_H
#define SENDER_DOCTOR_JUDGE_H

#include <stdio.h>

#include "sender/doctor_link.h"

/* What the examination is about, for the words of its advice. */
struct doctor_case {
	const char *program;      /* the path of this one */
	const char *arguments;    /* behind "doctor", as they were given */
	const char *uplinks_path; /* NULL: the links were chosen by interface */
	unsigned payload;         /* bytes that the encoder puts into a packet */
};

enum { DOCTOR_TEXT = 320 };

/* Something that is not as it should be. */
struct doctor_finding {
	bool fatal;             /* the link cannot be used like that */
	bool root;              /* who may type it */
	char what[DOCTOR_TEXT];
	char type[DOCTOR_TEXT]; /* what mends it, a command; "": nothing that could be typed here */
};

/*
 * Whether a link can be used; what stands in its way, the first cause only, as others may follow
 * from it.  Pure.
 */
bool doctor_judge(const struct doctor_link *l, const struct doctor_case *c,
		  struct doctor_finding *f);

/* The longest datagram that the path takes; 0: not known. */
size_t doctor_path_payload(const struct doctor_link *l);

/* A paragraph about one link.  True when it can be used. */
bool doctor_print(const struct doctor_link *l, const struct doctor_case *c, FILE *to);

/* A finding that concerns no link of its own. */
void doctor_print_finding(const struct doctor_finding *f, FILE *to);

#endif
