/* SPDX-License-Identifier: MIT */
#include "tests/unit/manual.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANUAL_MOST = 128 * 1024 };

char *manual_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, MANUAL_MOST);
	size_t n;

	assert_non_null(f);
	assert_non_null(text);
	n = fread(text, 1, MANUAL_MOST - 1, f);
	assert_true(n > 0 && feof(f));
	fclose(f);
	return text;
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool manual_has(const char *manual, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(manual, word); at; at = strstr(at + 1, word)) {
		if ((at == manual || !is_of_word(at[-1])) && !is_of_word(at[len]))
			return true;
	}
	return false;
}

static bool names(const char *manual, const char *option)
{
	char macro[64];
	size_t len = (size_t)snprintf(macro, sizeof(macro), "Fl -%s", option);

	for (const char *at = strstr(manual, macro); at; at = strstr(at + 1, macro)) {
		if (isspace((unsigned char)at[len]))
			return true;
	}
	return false;
}

void assert_manual_names_options(const char *path, const struct option_row *rows, size_t count)
{
	char *manual = manual_read(path);

	for (size_t i = 0; i < count; i++) {
		char letter[8];

		if (!names(manual, rows[i].name))
			fail_msg("--%s is not in the manual", rows[i].name);
		snprintf(letter, sizeof(letter), "Fl %c ", rows[i].letter);
		if (rows[i].letter && !strstr(manual, letter))
			fail_msg("-%c is not in the manual", rows[i].letter);
	}
	free(manual);
}

static bool exists(const char *name, size_t len, const struct option_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
			return true;
	return false;
}

void assert_manual_invents_no_options(const char *path, const struct option_row *rows, size_t count)
{
	char *manual = manual_read(path);

	for (char *at = strstr(manual, "Fl -"); at; at = strstr(at + 1, "Fl -")) {
		size_t len = strcspn(at + 4, " \n");

		if (!exists(at + 4, len, rows, count))
			fail_msg("the manual knows --%.*s", (int)len, at + 4);
	}
	free(manual);
}

void assert_help_shows_options(const char *help, const struct option_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "--%s", rows[i].name);
		if (rows[i].help && !strstr(help, name))
			fail_msg("%s is not in the help", name);
	}
}

void assert_manual_shows(const char *path, const char *example)
{
	char *manual = manual_read(path), *text = manual_read(example);

	if (!strstr(manual, text))
		fail_msg("%s does not show %s as it is", path, example);
	free(manual);
	free(text);
}
