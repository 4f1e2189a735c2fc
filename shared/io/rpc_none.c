/* SPDX-License-Identifier: MIT */
#include "shared/io/rpc.h"

char *rpc_answer(const struct rpc_method *methods, size_t count, void *program,
		 struct control_client *from, const char *line, size_t len, ustime now)
{
	(void)methods, (void)count, (void)program, (void)from, (void)line, (void)len, (void)now;
	return NULL;
}

char *rpc_notification(const char *method, const char *params)
{
	(void)method, (void)params;
	return NULL;
}
