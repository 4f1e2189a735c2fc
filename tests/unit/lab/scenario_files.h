/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_LAB_SCENARIO_FILES_H
#define TESTS_UNIT_LAB_SCENARIO_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Scenario files of a test, in a folder of its own. */
static char folder[64];

static inline int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/scenario.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static inline int drop_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* Its path stays good until the next one is written. */
static inline const char *write_bytes(const char *name, const char *text, size_t len)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f || fwrite(text, 1, len, f) != len || fclose(f) != 0)
		abort();
	return path;
}

static inline const char *write_file(const char *name, const char *text)
{
	return write_bytes(name, text, strlen(text));
}

#endif
