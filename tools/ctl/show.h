/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_CTL_SHOW_H
#define TOOLS_CTL_SHOW_H

#include <jansson.h>

/*
 * A result for people: an object as a line for each figure, and a list of objects as a table.  Keys
 * say the unit: what ends in _bps is shown as "4.2M", in _s as "2h05m".
 */
void show_result(const json_t *result);

/* What a program tells unasked, on one line. */
void show_notification(const json_t *line);

/* The list of methods. */
void show_methods(const json_t *methods);

#endif
