/* SPDX-License-Identifier: MIT */
#include "shared/io/rpc.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line and who answers it. */
struct rpc_line {
	const struct rpc_method *methods;
	size_t count;
	struct rpc_call call;
};

static char *print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* From malloc(), or NULL. */
static char *print(const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	return n < 0 ? NULL : text;
}

void *rpc_fail(struct rpc_error *error, int code, const char *fmt, ...)
{
	va_list args;

	error->code = code;
	va_start(args, fmt);
	vsnprintf(error->message, sizeof(error->message), fmt, args);
	va_end(args);
	return NULL;
}

json_t *rpc_string(const char *s)
{
	json_t *string = json_string(s);
	char plain[512];
	size_t i;

	if (string)
		return string;
	for (i = 0; s[i] && i < sizeof(plain) - 1; i++)
		plain[i] = (unsigned char)s[i] < 0x80 ? s[i] : '?';
	plain[i] = '\0';
	return json_string(plain);
}

static char *dump(const json_t *j)
{
	return json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* An answer without a result; `id` may be NULL: null. */
static char *refusal(const json_t *id, const struct rpc_error *error)
{
	json_t *j = json_pack("{s:s, s:o, s:{s:i, s:o}}", "jsonrpc", "2.0", "id",
			      id ? json_deep_copy(id) : json_null(), "error", "code", error->code,
			      "message", rpc_string(error->message));
	char *text = dump(j);

	json_decref(j);
	return text;
}

static char *refuse(const json_t *id, int code, const char *why)
{
	struct rpc_error error;

	rpc_fail(&error, code, "%s", why);
	return refusal(id, &error);
}

static const struct rpc_method *find(const struct rpc_line *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++) {
		if (strcmp(d->methods[i].name, name) == 0)
			return &d->methods[i];
	}
	return NULL;
}

/* The result as text; *made is what to free of it. */
static const char *call(const struct rpc_line *d, const struct rpc_method *m, char **made,
			struct rpc_error *error)
{
	json_t *result;

	*made = NULL;
	if (!m->fn)
		return m->text(&d->call, error);
	result = m->fn(&d->call, error);
	if (!result)
		return NULL;
	*made = dump(result);
	json_decref(result);
	return *made;
}

static char *perform(const struct rpc_line *d, const struct rpc_method *m, const json_t *id)
{
	struct rpc_error error = {.code = RPC_INTERNAL, .message = "out of memory"};
	char *made, *name, *answer = NULL;
	const char *result = call(d, m, &made, &error);

	if (id && !result)
		answer = refusal(id, &error);
	if (id && result) {
		name = dump(id);
		answer = print("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}", name ? name : "null",
			       result);
		free(name);
	}
	free(made);
	return answer;
}

/* What is wrong with a request, whoever it is for; NULL: nothing. */
static const char *malformed(const json_t *request)
{
	const char *version = json_string_value(json_object_get(request, "jsonrpc"));
	const json_t *id = json_object_get(request, "id");
	const json_t *params = json_object_get(request, "params");

	if (!json_is_object(request))
		return "a request is an object";
	if (!version || strcmp(version, "2.0") != 0)
		return "a request says \"jsonrpc\": \"2.0\"";
	if (id && !json_is_string(id) && !json_is_number(id) && !json_is_null(id))
		return "an id is a text, a number or null";
	if (!json_is_string(json_object_get(request, "method")))
		return "a request names its method";
	if (params && !json_is_object(params) && !json_is_array(params))
		return "params are an object or an array";
	return NULL;
}

static char *one(struct rpc_line *d, const json_t *request)
{
	const json_t *id = json_object_get(request, "id");
	const char *why = malformed(request);
	const struct rpc_method *m;

	if (why)
		return refuse(json_is_string(id) || json_is_number(id) ? id : NULL, RPC_INVALID_REQUEST,
			      why);
	m = find(d, json_string_value(json_object_get(request, "method")));
	if (!m)
		return id ? refuse(id, RPC_NO_METHOD, "there is no such method; \"methods\" lists them")
			  : NULL;
	d->call.params = json_object_get(request, "params");
	return perform(d, m, id);
}

/* What has become longer than a client may leave unread is not made longer. */
static char *answer_in_turn(struct rpc_line *d, const json_t *request, size_t so_far)
{
	const json_t *id = json_object_get(request, "id");

	if (so_far < CONTROL_WAITING)
		return one(d, request);
	return id ? refuse(id, RPC_REFUSED, "the answers before are too long for more in one batch")
		  : NULL;
}

static char *batch(struct rpc_line *d, const json_t *requests)
{
	size_t count = json_array_size(requests), len = 0;
	char *all = NULL;
	FILE *to;

	if (count == 0 || count > RPC_BATCH)
		return refuse(NULL, RPC_INVALID_REQUEST, "a batch has 1 to 16 requests");
	to = open_memstream(&all, &len);
	if (!to)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		char *answer = answer_in_turn(d, json_array_get(requests, i), (size_t)ftell(to));

		if (answer)
			fprintf(to, "%c%s", ftell(to) ? ',' : '[', answer);
		free(answer);
	}
	if (ftell(to))
		fputc(']', to);
	if (fclose(to) || len == 0) {
		free(all);
		return NULL;
	}
	return all;
}

char *rpc_answer(const struct rpc_method *methods, size_t count, void *program,
		 struct control_client *from, const char *line, size_t len, ustime now)
{
	struct rpc_line d = {methods, count, {.program = program, .from = from, .now = now}};
	struct rpc_error why;
	json_error_t fault;
	json_t *said = json_loadb(line, len, JSON_DECODE_ANY, &fault);
	char *answer;

	if (!said) {
		rpc_fail(&why, RPC_PARSE, "no JSON, at byte %d: %s", fault.position, fault.text);
		return refusal(NULL, &why);
	}
	answer = json_is_array(said) ? batch(&d, said) : one(&d, said);
	json_decref(said);
	return answer;
}

char *rpc_notification(const char *method, const char *params)
{
	return print("{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":%s}", method, params);
}

const json_t *rpc_param(const struct rpc_call *c, const char *name, unsigned place)
{
	const json_t *p = json_is_array(c->params) ? json_array_get(c->params, place)
						   : json_object_get(c->params, name);

	return json_is_null(p) ? NULL : p;
}

const char *rpc_text(const struct rpc_call *c, const char *name, unsigned place, bool must,
		     char buf[RPC_TEXT], struct rpc_error *error)
{
	const json_t *p = rpc_param(c, name, place);

	if (json_is_string(p))
		return json_string_value(p);
	if (json_is_integer(p)) {
		snprintf(buf, RPC_TEXT, "%" JSON_INTEGER_FORMAT, json_integer_value(p));
		return buf;
	}
	if (p)
		return rpc_fail(error, RPC_INVALID_PARAMS, "%s: a text is wanted", name);
	if (must)
		return rpc_fail(error, RPC_INVALID_PARAMS, "%s: it must be given", name);
	return NULL;
}

bool rpc_number(const struct rpc_call *c, const char *name, unsigned place, int64_t least,
		int64_t most, int64_t usual, int64_t *number, struct rpc_error *error)
{
	const json_t *p = rpc_param(c, name, place);

	*number = p ? json_integer_value(p) : usual;
	if ((!p || json_is_integer(p)) && *number >= least && *number <= most)
		return true;
	rpc_fail(error, RPC_INVALID_PARAMS, "%s: a whole number from %" PRId64 " to %" PRId64 " is wanted",
		 name, least, most);
	return false;
}
