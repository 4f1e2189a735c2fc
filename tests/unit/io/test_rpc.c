/* SPDX-License-Identifier: MIT */
#include "shared/io/rpc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned called;
static char *big; /* longer than a client may leave unread */

/* {a, b} -> their sum. */
static json_t *add(const struct rpc_call *call, struct rpc_error *error)
{
	int64_t a, b;

	assert_ptr_equal(call->program, &called);
	assert_true(call->now == SEC(7));
	called++;
	if (!rpc_number(call, "a", 0, 0, 100, 1, &a, error) ||
	    !rpc_number(call, "b", 1, 0, 100, 1, &b, error))
		return NULL;
	return json_integer((json_int_t)(a + b));
}

/* {word} -> the word. */
static json_t *echo(const struct rpc_call *call, struct rpc_error *error)
{
	char buf[RPC_TEXT];
	const char *word = rpc_text(call, "word", 0, true, buf, error);

	called++;
	return word ? json_string(word) : NULL;
}

static json_t *fail_it(const struct rpc_call *call, struct rpc_error *error)
{
	(void)call;
	called++;
	return rpc_fail(error, RPC_REFUSED, "not now: %s", "\xff\xfe");
}

static const char *ready(const struct rpc_call *call, struct rpc_error *error)
{
	(void)call;
	(void)error;
	called++;
	return "{\"ready\":[1,2]}";
}

static const char *huge(const struct rpc_call *call, struct rpc_error *error)
{
	(void)call;
	(void)error;
	called++;
	return big;
}

static const struct rpc_method methods[] = {
	{"add", "a, b", "", add, NULL},
	{"echo", "word", "", echo, NULL},
	{"fail", "", "", fail_it, NULL},
	{"ready", "", "", NULL, ready},
	{"huge", "", "", NULL, huge},
};

static char *ask(const char *line)
{
	called = 0;
	return rpc_answer(methods, sizeof(methods) / sizeof(methods[0]), &called, NULL, line,
			  strlen(line), SEC(7));
}

static void assert_answer(const char *line, const char *want)
{
	char *answer = ask(line);

	assert_non_null(answer);
	assert_string_equal(answer, want);
	free(answer);
}

static void assert_silence(const char *line)
{
	assert_null(ask(line));
}

/* The code of its error, and null in place of an id. */
static void assert_error(const char *line, int code)
{
	char *answer = ask(line);
	json_t *j = json_loads(answer, 0, NULL);

	assert_non_null(j);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "error"), "code")), code);
	assert_true(json_is_null(json_object_get(j, "id")));
	assert_null(json_object_get(j, "result"));
	json_decref(j);
	free(answer);
}

static void a_request_with_named_or_placed_params_has_its_result(void **state)
{
	(void)state;
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":{\"a\":2,\"b\":3},\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":5}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":[2,4],\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":6}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":2}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"ready\",\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"ready\":[1,2]}}");
}

static void the_id_comes_back_as_it_was(void **state)
{
	(void)state;
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":\"a\\u00e4\\\"\"}",
		      "{\"jsonrpc\":\"2.0\",\"id\":\"a\xc3\xa4\\\"\",\"result\":2}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":null}",
		      "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":2}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":9007199254740993}",
		      "{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"result\":2}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":1.5}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"result\":2}");
}

static void a_notification_is_obeyed_and_not_answered(void **state)
{
	(void)state;
	assert_silence("{\"jsonrpc\":\"2.0\",\"method\":\"add\"}");
	assert_int_equal(called, 1);
	assert_silence("{\"jsonrpc\":\"2.0\",\"method\":\"fail\"}");
	assert_silence("{\"jsonrpc\":\"2.0\",\"method\":\"unheard of\"}");
}

static void what_is_no_json_is_a_parse_error(void **state)
{
	(void)state;
	assert_error("{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz]", RPC_PARSE);
	assert_error("GET / HTTP/1.1", RPC_PARSE);
	assert_error("\xff\xfe\x01", RPC_PARSE);
	assert_error("{\"a\":\"\xc3\"}", RPC_PARSE);
	assert_error("[{\"jsonrpc\":\"2.0\",\"method\":\"sum\",\"id\":\"1\"},{\"jsonrpc\"", RPC_PARSE);
	assert_error("{} {}", RPC_PARSE);
}

static void what_is_json_and_no_request_is_an_invalid_one(void **state)
{
	(void)state;
	assert_error("1", RPC_INVALID_REQUEST);
	assert_error("\"text\"", RPC_INVALID_REQUEST);
	assert_error("{}", RPC_INVALID_REQUEST);
	assert_error("[]", RPC_INVALID_REQUEST);
	assert_error("{\"jsonrpc\":\"2.0\",\"method\":1,\"params\":\"bar\"}", RPC_INVALID_REQUEST);
	assert_error("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":{}}", RPC_INVALID_REQUEST);
	assert_error("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":true}", RPC_INVALID_REQUEST);
	assert_answer("{\"jsonrpc\":\"1.0\",\"method\":\"add\",\"id\":4}",
		      "{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{\"code\":-32600,"
		      "\"message\":\"a request says \\\"jsonrpc\\\": \\\"2.0\\\"\"}}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":\"bar\",\"id\":4}",
		      "{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{\"code\":-32600,"
		      "\"message\":\"params are an object or an array\"}}");
	assert_int_equal(called, 0);
}

static void an_unknown_method_is_named_as_such(void **state)
{
	(void)state;
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"foobar\",\"id\":\"1\"}",
		      "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"error\":{\"code\":-32601,"
		      "\"message\":\"there is no such method; \\\"methods\\\" lists them\"}}");
}

static void a_wrong_parameter_is_named_with_what_would_do(void **state)
{
	(void)state;
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":{\"a\":101},\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,"
		      "\"message\":\"a: a whole number from 0 to 100 is wanted\"}}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":[0,\"1\"],\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,"
		      "\"message\":\"b: a whole number from 0 to 100 is wanted\"}}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,"
		      "\"message\":\"word: it must be given\"}}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":[true],\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,"
		      "\"message\":\"word: a text is wanted\"}}");
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":[12],\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"12\"}");
}

static void a_sentence_with_bytes_that_are_no_text_is_told_all_the_same(void **state)
{
	(void)state;
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"fail\",\"id\":1}",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"not now: ??\"}}");
}

static void a_batch_is_answered_as_a_batch(void **state)
{
	(void)state;
	assert_answer("[{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":1},"
		      "{\"jsonrpc\":\"2.0\",\"method\":\"add\"},{\"foo\":1},"
		      "{\"jsonrpc\":\"2.0\",\"method\":\"ready\",\"id\":2}]",
		      "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":2},"
		      "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
		      "\"message\":\"a request says \\\"jsonrpc\\\": \\\"2.0\\\"\"}},"
		      "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"ready\":[1,2]}}]");
	assert_int_equal(called, 3);
	assert_silence("[{\"jsonrpc\":\"2.0\",\"method\":\"add\"},{\"jsonrpc\":\"2.0\",\"method\":\"add\"}]");
	assert_int_equal(called, 2);
}

/* A batch of `count` of one request. */
static char *ask_often(const char *method, unsigned count)
{
	char line[CONTROL_LINE] = "[";

	for (unsigned i = 0; i < count; i++)
		sprintf(line + strlen(line), "%s{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"id\":%u}",
			i ? "," : "", method, i);
	strcat(line, "]");
	return ask(line);
}

static void a_batch_has_sixteen_requests_at_most(void **state)
{
	char *answer = ask_often("ready", 16);

	(void)state;
	assert_int_equal(called, 16);
	free(answer);
	answer = ask_often("ready", 17);
	assert_int_equal(called, 0);
	assert_non_null(strstr(answer, "1 to 16"));
	free(answer);
}

static void a_batch_of_long_answers_ends_where_it_is_long_enough(void **state)
{
	char *answer;

	(void)state;
	big = malloc(CONTROL_WAITING + 3);
	memset(big, 'x', CONTROL_WAITING + 2);
	big[0] = big[CONTROL_WAITING + 1] = '"';
	big[CONTROL_WAITING + 2] = '\0';
	answer = ask_often("huge", 16);
	assert_int_equal(called, 1);
	assert_in_range(strlen(answer), CONTROL_WAITING, CONTROL_WAITING + 4096);
	assert_non_null(strstr(answer, "too long"));
	free(answer);
	free(big);
}

static void depth_has_an_end(void **state)
{
	static char line[CONTROL_LINE];

	(void)state;
	memset(line, '[', sizeof(line) - 1);
	assert_error(line, RPC_PARSE);
}

static void the_later_of_two_equal_names_counts(void **state)
{
	(void)state;
	assert_answer("{\"jsonrpc\":\"2.0\",\"method\":\"fail\",\"method\":\"add\",\"id\":1,\"id\":2}",
		      "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":2}");
}

static void a_notification_of_ours_has_no_id(void **state)
{
	char *line = rpc_notification("stats", "{\"a\":1}");

	(void)state;
	assert_string_equal(line, "{\"jsonrpc\":\"2.0\",\"method\":\"stats\",\"params\":{\"a\":1}}");
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_with_named_or_placed_params_has_its_result),
		cmocka_unit_test(the_id_comes_back_as_it_was),
		cmocka_unit_test(a_notification_is_obeyed_and_not_answered),
		cmocka_unit_test(what_is_no_json_is_a_parse_error),
		cmocka_unit_test(what_is_json_and_no_request_is_an_invalid_one),
		cmocka_unit_test(an_unknown_method_is_named_as_such),
		cmocka_unit_test(a_wrong_parameter_is_named_with_what_would_do),
		cmocka_unit_test(a_sentence_with_bytes_that_are_no_text_is_told_all_the_same),
		cmocka_unit_test(a_batch_is_answered_as_a_batch),
		cmocka_unit_test(a_batch_has_sixteen_requests_at_most),
		cmocka_unit_test(a_batch_of_long_answers_ends_where_it_is_long_enough),
		cmocka_unit_test(depth_has_an_end),
		cmocka_unit_test(the_later_of_two_equal_names_counts),
		cmocka_unit_test(a_notification_of_ours_has_no_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
