/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_MANUAL_H
#define TESTS_UNIT_MANUAL_H

#include <stddef.h>

#include "shared/io/options.h"

/* Each fails the test and names the option that is missing, or too much. */
void assert_manual_names_options(const char *path, const struct option_row *rows, size_t count);
void assert_manual_invents_no_options(const char *path, const struct option_row *rows,
				      size_t count);
void assert_help_shows_options(const char *help, const struct option_row *rows, size_t count);

#endif
