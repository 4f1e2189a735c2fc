/* SPDX-License-Identifier: MIT */
#include "tools/ctl/talk.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

#include "tools/ctl/find.h"

enum {
	READ = 64 * 1024,
	TRIES = 20,
	/* Of JSON-RPC 2.0, and the program's own. */
	NO_METHOD = -32601,
	INVALID_PARAMS = -32602,
	REFUSED = -32000,
};

static int unreachable(const char *path, int err, char why[TALK_WHY])
{
	snprintf(why, TALK_WHY, "%.180s: %s", path,
		 err == ECONNREFUSED ? "nobody answers there any more" : strerror(err));
	return err == EACCES || err == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

int talk_open(struct talk *t, const char *path, char why[TALK_WHY])
{
	memset(t, 0, sizeof(*t));
	snprintf(t->path, sizeof(t->path), "%s", path);
	t->fd = find_connect(path);
	return t->fd < 0 ? unreachable(path, -t->fd, why) : 0;
}

void talk_close(struct talk *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->text);
	memset(t, 0, sizeof(*t));
	t->fd = -1;
}

static int say(struct talk *t, const char *line, size_t len)
{
	while (len > 0) {
		ssize_t n = send(t->fd, line, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		line += n;
		len -= (size_t)n;
	}
	return 0;
}

/* 0 when there is more, else errno; the end of the conversation is ECONNRESET. */
static int hear(struct talk *t)
{
	ssize_t n;

	if (t->len + READ > t->room) {
		char *text = realloc(t->text, t->room + 2 * READ);

		if (!text)
			return ENOMEM;
		t->text = text;
		t->room += 2 * READ;
	}
	n = recv(t->fd, t->text + t->len, READ, 0);
	if (n < 0)
		return errno == EAGAIN ? ETIMEDOUT : errno;
	t->len += (size_t)n;
	return n == 0 ? ECONNRESET : 0;
}

/* 0 and a line, or errno; EPROTO when it is no JSON. */
static int next_line(struct talk *t, json_t **line)
{
	size_t from = 0;
	char *end;

	for (;;) {
		int err;

		end = t->text ? memchr(t->text + from, '\n', t->len - from) : NULL;
		if (end)
			break;
		from = t->len;
		err = hear(t);
		if (err && err != EINTR)
			return err;
	}
	*line = json_loadb(t->text, (size_t)(end - t->text), 0, NULL);
	t->len -= (size_t)(end + 1 - t->text);
	memmove(t->text, end + 1, t->len);
	return *line ? 0 : EPROTO;
}

static int broken(const struct talk *t, int err, char why[TALK_WHY])
{
	snprintf(why, TALK_WHY, "%.180s: %s", t->path,
		 err == ECONNRESET  ? "the program has ended the conversation"
		 : err == ETIMEDOUT ? "no answer within 5 s"
		 : err == EPROTO    ? "the answer is no JSON"
				    : strerror(err));
	return err == EPROTO ? EX_PROTOCOL : EX_UNAVAILABLE;
}

/* The program's own sentence. */
static int refused(const json_t *error, char why[TALK_WHY])
{
	const char *message = json_string_value(json_object_get(error, "message"));
	json_int_t code = json_integer_value(json_object_get(error, "code"));

	snprintf(why, TALK_WHY, "%s", message ? message : "refused");
	if (code == NO_METHOD || code == INVALID_PARAMS)
		return EX_USAGE;
	return code == REFUSED ? EX_TEMPFAIL : EX_SOFTWARE;
}

static int reopen(struct talk *t, char why[TALK_WHY])
{
	char path[PATH_MAX];

	memcpy(path, t->path, sizeof(path));
	talk_close(t);
	return talk_open(t, path, why);
}

/* Until the answer, which has our id; what else comes in between is not for us. */
static int await(struct talk *t, json_t **answer)
{
	for (;;) {
		int err = next_line(t, answer);

		if (err || json_object_get(*answer, "id"))
			return err;
		json_decref(*answer);
	}
}

/* In a crowd, somebody else was given our place before the program had read what we said. */
static bool unheard(const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	const char *message = json_string_value(json_object_get(error, "message"));

	return json_is_null(json_object_get(answer, "id")) && message &&
	       strcmp(message, "others want this place") == 0;
}

/* 0 and the answer, or a sysexits code. */
static int ask(struct talk *t, const char *line, json_t **answer, char why[TALK_WHY])
{
	int err = ECONNRESET;

	for (unsigned tries = 0; tries < TRIES; tries++) {
		int code;

		say(t, line, strlen(line)); /* should that fail, we hear why */
		err = await(t, answer);
		if (!err && !unheard(*answer))
			return 0;
		if (!err)
			json_decref(*answer);
		else if (err != ECONNRESET)
			break;
		code = reopen(t, why);
		if (code)
			return code;
	}
	return broken(t, err ? err : ECONNRESET, why);
}

static int take_result(const struct talk *t, json_t *answer, json_t **result, char why[TALK_WHY])
{
	const json_t *error = json_object_get(answer, "error");
	int code = 0;

	*result = json_incref(json_object_get(answer, "result"));
	if (error)
		code = refused(error, why);
	else if (!*result)
		code = broken(t, EPROTO, why);
	json_decref(answer);
	return code;
}

int talk_ask(struct talk *t, const char *method, json_t *params, json_t **result, char why[TALK_WHY])
{
	json_t *request = json_pack("{s:s, s:i, s:s}", "jsonrpc", "2.0", "id", 1, "method", method);
	json_t *answer;
	char *text, *line = NULL;
	int code;

	*result = NULL;
	if (params)
		json_object_set_new(request, "params", params);
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!text || asprintf(&line, "%s\n", text) < 0) {
		snprintf(why, TALK_WHY, "what is said is no text in UTF-8, or memory is short");
		free(text);
		return EX_DATAERR;
	}
	code = ask(t, line, &answer, why);
	free(line);
	free(text);
	return code ? code : take_result(t, answer, result, why);
}

json_t *talk_listen(struct talk *t, char why[TALK_WHY])
{
	const struct timeval forever = {0};
	json_t *line = NULL;
	int err;

	setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	err = next_line(t, &line);
	if (err)
		broken(t, err, why);
	return line;
}
