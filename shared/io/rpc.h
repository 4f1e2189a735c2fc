/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_RPC_H
#define SHARED_IO_RPC_H

#include <stddef.h>
#include <stdint.h>

#include "shared/io/control.h"

/*
 * JSON-RPC 2.0 (https://www.jsonrpc.org/specification), a request a line, over jansson: single
 * requests and batches, notifications, the errors of the specification.  A method is a row of a
 * table.
 */
struct json_t;

/* What went wrong in a method. */
struct rpc_error {
	int code; /* 0: nothing; RPC_INVALID_PARAMS or one of the program's own */
	char message[ARGUMENTS_WHY];
};

enum {
	RPC_PARSE = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_NO_METHOD = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL = -32603,
	RPC_REFUSED = -32000, /* understood, and not possible now */
};

enum { RPC_BATCH = 16 }; /* requests in one line, at most */

struct rpc_call {
	void *program;               /* as rpc_answer() was given it */
	struct control_client *from; /* who asks; NULL in tests */
	const struct json_t *params; /* an object, an array, or NULL */
	ustime now;
};

struct rpc_method {
	const char *name;
	const char *params; /* "link, weight", in the order of an array; "" for none */
	const char *help;
	/* The result, now the caller's; NULL with the error filled in. */
	struct json_t *(*fn)(const struct rpc_call *call, struct rpc_error *error);
	/* Where fn is NULL: the result as JSON already, which stays the program's; NULL as above. */
	const char *(*text)(const struct rpc_call *call, struct rpc_error *error);
};

/*
 * Answers one line.  The text, from malloc(), without a newline; NULL when there is nothing to say:
 * notifications are not answered.
 */
char *rpc_answer(const struct rpc_method *methods, size_t count, void *program,
		 struct control_client *from, const char *line, size_t len, ustime now);

/* {"jsonrpc":"2.0","method":method,"params":params}, which is JSON.  From malloc(), or NULL. */
char *rpc_notification(const char *method, const char *params);

/* Fills in the error and answers NULL, to be returned. */
void *rpc_fail(struct rpc_error *error, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The parameter of this name, or in an array the one at this place, from 0.  NULL: not given, or
 * null.
 */
const struct json_t *rpc_param(const struct rpc_call *call, const char *name, unsigned place);

/*
 * As text; a whole number is written out into buf.  NULL with the error filled in when it is of
 * another kind, or there is none and `must` says there must be.
 */
enum { RPC_TEXT = 24 };
const char *rpc_text(const struct rpc_call *call, const char *name, unsigned place, bool must,
		     char buf[RPC_TEXT], struct rpc_error *error);

/*
 * As a whole number from least to most; `usual` when it is not given.  False with the error filled
 * in.
 */
bool rpc_number(const struct rpc_call *call, const char *name, unsigned place, int64_t least,
		int64_t most, int64_t usual, int64_t *number, struct rpc_error *error);

/* A text for JSON, whatever bytes it has. */
struct json_t *rpc_string(const char *s);

#endif
