/* SPDX-License-Identifier: MIT */

/* A line of any bytes to the control socket: what is answered is JSON, on one line, of the right shape. */
#include "fuzz.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "shared/io/rpc.h"

/* Whatever is asked for, in each way that a method may. */
static json_t *echo(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT];
	const char *text = rpc_text(call, "text", 0, true, buf, error);
	int64_t number;

	must(!call->params || json_is_object(call->params) || json_is_array(call->params));
	if (!text || !rpc_number(call, "number", 1, -9, 9, 0, &number, error))
		return NULL;
	must(number >= -9 && number <= 9);
	return json_pack("{s:o, s:I}", "text", rpc_string(text), "number", (json_int_t)number);
}

static json_t *refuse(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT];
	const char *text = rpc_text(call, "text", 0, false, buf, error);

	return rpc_fail(error, RPC_REFUSED, "%s", text ? text : "");
}

static const char *text(const struct rpc_call *call, struct rpc_error *error)
{
	(void)call;
	(void)error;
	return "[1]";
}

static const struct rpc_method methods[] = {
	{"e", "text, number", "", echo, NULL},
	{"r", "text", "", refuse, NULL},
	{"t", "", "", NULL, text},
};

static void assert_answer(const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");

	must(strcmp(json_string_value(json_object_get(answer, "jsonrpc")), "2.0") == 0);
	must(json_object_get(answer, "id") != NULL);
	must((json_object_get(answer, "result") != NULL) == (error == NULL));
	must(!error || json_is_integer(json_object_get(error, "code")));
	must(!error || json_is_string(json_object_get(error, "message")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[CONTROL_LINE + 1], *answer;
	json_t *j, *one;
	size_t i;

	if (size > CONTROL_LINE)
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	answer = rpc_answer(methods, sizeof(methods) / sizeof(methods[0]), NULL, NULL, line, size, 0);
	if (!answer)
		return 0;
	must(strchr(answer, '\n') == NULL);
	j = json_loads(answer, 0, NULL);
	must(j != NULL);
	must(!json_is_array(j) || (json_array_size(j) > 0 && json_array_size(j) <= RPC_BATCH));
	if (json_is_object(j))
		assert_answer(j);
	json_array_foreach(j, i, one)
		assert_answer(one);
	json_decref(j);
	free(answer);
	return 0;
}
