/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_MANUAL_H
#define TESTS_UNIT_MANUAL_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/io/options.h"

/* As one string, to be freed. */
char *manual_read(const char *path);

/* Does this word stand in it, and not as a part of another? */
bool manual_has(const char *manual, const char *word);

/* Each fails the test and names the option that is missing, or too much. */
void assert_manual_names_options(const char *path, const struct option_row *rows, size_t count);
void assert_manual_invents_no_options(const char *path, const struct option_row *rows,
				      size_t count);
void assert_help_shows_options(const char *help, const struct option_row *rows, size_t count);

/* The manual shows this file as it is. */
void assert_manual_shows(const char *path, const char *example);

#endif
