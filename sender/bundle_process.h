/* SPDX-License-Identifier: MIT */
#ifndef SENDER_BUNDLE_PROCESS_H
#define SENDER_BUNDLE_PROCESS_H

#include <stdio.h>
#include <sys/types.h>

#include "shared/base/endpoint.h"

/* A sender that runs, as far as /proc lets us see it. */
struct bundle_process {
	pid_t pid;
	uint16_t listen_port; /* 0: not known */
	struct endpoint http; /* family FAMILY_NONE: none, or not known */
};

enum { BUNDLE_PROCESSES = 8 };

/* Finds them; returns how many. */
unsigned bundle_find(struct bundle_process p[BUNDLE_PROCESSES]);

/* Its command line, the files that this names, its limits. */
void bundle_print_process(const struct bundle_process *p, FILE *to);

/* A file's text without secrets, or why it cannot be read. */
void bundle_print_file(const char *path, FILE *to);

#endif
