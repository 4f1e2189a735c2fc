/* SPDX-License-Identifier: MIT */
#ifndef SENDER_VERSION_H
#define SENDER_VERSION_H

#include <stdio.h>

/* One line: the program, its version, what it was built with. */
void version_print(FILE *to);

#endif
