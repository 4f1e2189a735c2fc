/* SPDX-License-Identifier: MIT */
#include "sender/bundle_process.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sender/bundle.h"
#include "sender/config.h"
#include "shared/base/text.h"

enum {
	WORDS = 128,       /* of a command line */
	LINE_MOST = 16384, /* and its bytes */
	TEXT_MOST = 256 * 1024,
};

/* A command line, taken to pieces. */
struct line {
	char text[LINE_MOST];
	char *word[WORDS + 1];
	int count;
};

static char *read_text(const char *path, size_t most, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(most + 1) : NULL;

	*len = 0;
	if (text) {
		*len = fread(text, 1, most, f);
		text[*len] = '\0';
	}
	if (f)
		fclose(f);
	return text;
}

void bundle_print_file(const char *path, FILE *to)
{
	size_t len;
	char *text = read_text(path, TEXT_MOST, &len);

	if (!text) {
		fprintf(to, "%s: %s\n", path, strerror(errno));
		return;
	}
	bundle_redact(text, true, to);
	if (len > 0 && text[len - 1] != '\n')
		fputc('\n', to);
	free(text);
}

static void read_line(pid_t pid, struct line *l)
{
	char path[64];
	FILE *f;
	size_t len, at;

	*l = (struct line){0};
	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return;
	len = fread(l->text, 1, sizeof(l->text) - 1, f);
	fclose(f);
	for (at = 0; at < len && l->count < WORDS; at += strlen(l->text + at) + 1)
		l->word[l->count++] = l->text + at;
}

static bool is_sender(pid_t pid)
{
	char path[64], name[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(name, sizeof(name), f))
		name[0] = '\0';
	fclose(f);
	name[strcspn(name, "\n")] = '\0';
	return strcmp(name, "srtla_send") == 0;
}

/* A path as the process means it. */
static const char *its_path(pid_t pid, const char *path, char *buf, size_t size)
{
	if (path[0] == '/')
		snprintf(buf, size, "%s", path);
	else
		snprintf(buf, size, "/proc/%ld/cwd/%s", (long)pid, path);
	return buf;
}

/* Where it serves HTTP.  False: this is no sender that runs, but a command such as ours. */
static bool read_config(struct bundle_process *p)
{
	static struct line l;
	struct config cfg;
	char why[CONFIG_WHY];

	read_line(p->pid, &l);
	if (l.count > 1 && (strcmp(l.word[1], "report") == 0 || strcmp(l.word[1], "doctor") == 0))
		return false;
	if (l.count > 0 && config_read(&cfg, l.count, l.word, why) == CONFIG_RUN) {
		p->listen_port = cfg.listen_port;
		p->http = cfg.http;
		config_finish(&cfg);
	}
	return true;
}

unsigned bundle_find(struct bundle_process p[BUNDLE_PROCESSES])
{
	DIR *proc = opendir("/proc");
	unsigned count = 0;
	struct dirent *entry;

	while (proc && count < BUNDLE_PROCESSES && (entry = readdir(proc))) {
		uint64_t pid;

		if (!text_number(entry->d_name, 1, INT32_MAX, &pid) || (pid_t)pid == getpid() ||
		    !is_sender((pid_t)pid))
			continue;
		p[count] = (struct bundle_process){.pid = (pid_t)pid};
		count += read_config(&p[count]);
	}
	if (proc)
		closedir(proc);
	return count;
}

static void print_named(const struct bundle_process *p, const char *what, const char *path,
			FILE *to)
{
	char whole[4200];

	if (!path)
		return;
	fprintf(to, "\n-- %s: %s\n", what, path);
	bundle_print_file(its_path(p->pid, path, whole, sizeof(whole)), to);
}

void bundle_print_process(const struct bundle_process *p, FILE *to)
{
	static struct line l;
	struct config cfg;
	char why[CONFIG_WHY], path[64];

	read_line(p->pid, &l);
	for (int i = 0; i < l.count; i++) {
		fputs(i ? " " : "", to);
		bundle_redact(l.word[i], false, to);
	}
	fputc('\n', to);
	if (l.count > 0 && config_read(&cfg, l.count, l.word, why) == CONFIG_RUN) {
		print_named(p, "config file", cfg.config_path, to);
		print_named(p, "uplinks file", cfg.uplinks_path, to);
		config_finish(&cfg);
	}
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)p->pid);
	print_named(p, "state", path, to);
	snprintf(path, sizeof(path), "/proc/%ld/limits", (long)p->pid);
	print_named(p, "limits", path, to);
}
