/* SPDX-License-Identifier: MIT */
#include "shared/io/conffile.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared/base/text.h"

enum {
	FILE_MOST = 64 * 1024, /* each option a hundred times over */
	SHOWN = 48,            /* of a wrong word */
};

/* A file on its way through the library, which asks for each line and hands back what it is. */
struct reading {
	struct conffile *file;
	const char *program;
	const struct option_row *rows;
	size_t count;
	void *into;
	const char *left; /* the lines to come */
	size_t left_len;
	unsigned line;    /* that the library has now */
	char *room;       /* in file->text, for the next value */
	char *why;
};

/* The first mistake counts; what the library still calls for after it is passed over. */
static void mistake(struct reading *r)
{
	if (!r->file->line)
		r->file->line = r->line;
	r->left_len = 0;
}

/* Behind a blank, # begins a comment; the library knows ; alone. */
static void cut_comment(char *line)
{
	for (char *at = strchr(line, '#'); at; at = strchr(at + 1, '#')) {
		if (at == line || at[-1] == ' ' || at[-1] == '\t') {
			*at = '\0';
			return;
		}
	}
}

/*
 * As fgets(): a line of at most room - 1 characters.  The library would take the rest of a longer
 * one for a line of its own, and one that begins with a blank for more of the value before it.
 */
static char *next_line(char *line, int room, void *arg)
{
	struct reading *r = arg;
	long len = text_line(&r->left, &r->left_len, line, (size_t)room);

	if (len < 0 || r->file->line)
		return NULL;
	r->line++;
	if (len >= room || memchr(line, '\0', (size_t)len)) {
		if (len >= room)
			snprintf(r->why, ARGUMENTS_WHY, "longer than %d characters", room - 1);
		else
			snprintf(r->why, ARGUMENTS_WHY, "a zero byte");
		mistake(r);
		return NULL;
	}
	cut_comment(line);
	memmove(line, line + strspn(line, " \t"), strlen(line + strspn(line, " \t")) + 1);
	return line;
}

/* A copy that stays, without the quotes that may stand around it. */
static const char *keep(struct reading *r, const char *value)
{
	size_t len = strlen(value);
	char *kept = r->room;

	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	memcpy(kept, value, len);
	kept[len] = '\0';
	r->room += len + 1;
	return kept;
}

static bool section_fits(struct reading *r, const char *section)
{
	char shown[SHOWN];

	if (section[0] == '\0' || strcmp(section, r->program) == 0)
		return true;
	snprintf(r->why, ARGUMENTS_WHY, "section \"%s\": the only one there is here is [%s]",
		 text_escape(section, strlen(section), shown, sizeof(shown)), r->program);
	return false;
}

/* From the library, for each name and value; 0 is a mistake. */
static int take(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;

	if (r->file->line)
		return 0;
	if (section_fits(r, section) &&
	    options_set(r->rows, r->count, name, keep(r, value), r->into, r->why, ARGUMENTS_WHY))
		return 1;
	mistake(r);
	return 0;
}

int conffile_parse(struct conffile *f, const char *bytes, size_t len, const char *program,
		   const struct option_row *rows, size_t count, void *into,
		   char why[ARGUMENTS_WHY])
{
	struct reading r = {.file = f, .program = program, .rows = rows, .count = count,
			    .into = into, .left = bytes, .left_len = len, .why = why};
	int wrong;

	/* A value is shorter than its line, but for the last, which may lack its end. */
	*f = (struct conffile){.text = malloc(len + 1)};
	if (!f->text) {
		snprintf(why, ARGUMENTS_WHY, "%s", strerror(ENOMEM));
		return EX_OSERR;
	}
	r.room = f->text;
	wrong = ini_parse_stream(next_line, &r, take, &r);
	if (wrong == 0 && !f->line)
		return 0;
	/* What is no mistake to us, but one to the library, is a line that it cannot read. */
	if (wrong > 0 && (!f->line || (unsigned)wrong < f->line)) {
		f->line = (unsigned)wrong;
		snprintf(why, ARGUMENTS_WHY, "neither \"name = value\" nor [%s]", program);
	}
	return EX_CONFIG;
}

/* Bytes read, to be freed, or NULL and errno.  Opening shall not wait for the writer of a pipe. */
static char *read_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err = 0;
	char *bytes = fd < 0 ? NULL : malloc(FILE_MOST + 1);
	struct stat st;
	ssize_t n = 1;

	if (!bytes || fstat(fd, &st))
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	for (*len = 0; !err && n != 0 && *len <= FILE_MOST; *len += n > 0 ? (size_t)n : 0) {
		n = read(fd, bytes + *len, FILE_MOST + 1 - *len);
		if (n < 0 && errno != EINTR)
			err = errno;
	}
	if (!err && *len > FILE_MOST)
		err = EFBIG;
	if (fd >= 0)
		close(fd);
	if (!err)
		return bytes;
	free(bytes);
	errno = err;
	return NULL;
}

int conffile_read(struct conffile *f, const char *path, const char *program,
		  const struct option_row *rows, size_t count, void *into,
		  char why[ARGUMENTS_WHY])
{
	char *bytes;
	size_t len;
	int code;

	*f = (struct conffile){0};
	bytes = read_file(path, &len);
	if (!bytes) {
		snprintf(why, ARGUMENTS_WHY, "%s",
			 errno == EINVAL ? "not a regular file" : strerror(errno));
		return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_NOINPUT;
	}
	code = conffile_parse(f, bytes, len, program, rows, count, into, why);
	free(bytes);
	return code;
}

void conffile_finish(struct conffile *f)
{
	free(f->text);
	f->text = NULL;
}

const char *conffile_version(void)
{
	return "inih";
}
