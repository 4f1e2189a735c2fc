/* SPDX-License-Identifier: MIT */

/*
 * Stands where libFuzzer would: feeds each file of the directories it is given
 * to the target, once.  An empty or missing directory is a failure, for a
 * corpus that nobody reads proves nothing.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The file's bytes in a block of exactly their size, or NULL. */
static uint8_t *whole_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	long size;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		*len = (size_t)size;
		data = malloc(*len ? *len : 1);
		if (data && fread(data, 1, *len, f) != *len) {
			free(data);
			data = NULL;
		}
	}
	fclose(f);
	return data;
}

static bool replay(const char *path)
{
	size_t len;
	uint8_t *data = whole_file(path, &len);

	if (!data) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	LLVMFuzzerTestOneInput(data, len);
	free(data);
	return true;
}

/* How many files of the directory were fed, or -1. */
static int replay_all(const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *entry;
	int count = 0;

	if (!d) {
		fprintf(stderr, "%s: %s\n", directory, strerror(errno));
		return -1;
	}
	while (count >= 0 && (entry = readdir(d))) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		count = replay(path) ? count + 1 : -1;
	}
	closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s directory...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		int count = replay_all(argv[i]);

		if (count <= 0) {
			fprintf(stderr, "%s: nothing replayed\n", argv[i]);
			return 1;
		}
		printf("%s: %d replayed\n", argv[i], count);
	}
	return 0;
}
