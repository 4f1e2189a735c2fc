/* SPDX-License-Identifier: MIT */
#ifndef SENDER_STEER_H
#define SENDER_STEER_H

#include "sender/history.h"
#include "sender/report.h"
#include "shared/io/desk.h"

/* A link that was drained, and what it did before. */
struct steer_drained {
	bool is;
	struct uplink_id id; /* whose: the port may be another's by now */
	enum sender_role role;
};

/*
 * The control socket: what a running sender can be asked and told, by srtla_ctl(1) and control
 * panels.
 */
struct steer {
	struct desk desk;
	const struct scene *scene;
	const struct history *history;
	struct report told, asked; /* shares for those who have subscribed, and for the others */
	struct desk_kept stats, past; /* the latest answers */
	struct steer_drained drained[SENDER_LINKS + 1]; /* by port */
	/* What is not the business of links alone. */
	void (*set_mode)(void *arg, enum sender_mode mode, ustime now);
	void (*reload)(void *arg, ustime now);
	void *arg;
};

/*
 * Listens; set_mode, reload and arg are the caller's to fill before that.  0, or a sysexits code
 * and one sentence in why when the place was asked for by option and is not to be had; any other
 * costs a warning.
 */
int steer_open(struct steer *s, const struct scene *scene, const struct history *history,
	       char why[CONFIG_WHY]);
void steer_close(struct steer *s);

void steer_run(struct steer *s, ustime now);
ustime steer_deadline(const struct steer *s);

/* The methods; none without jansson. */
extern const struct rpc_method steer_methods[];
extern const size_t steer_method_count;

/* The methods of single links. */
struct json_t *steer_link_list(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_link_add(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_link_remove(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_link_role(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_link_weight(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_link_cap(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_link_drain(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_link_hint(const struct rpc_call *call, struct rpc_error *error);

/* Those that control panels know from other senders. */
struct json_t *steer_set_quality(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_set_stall(const struct rpc_call *call, struct rpc_error *error);
struct json_t *steer_set_timeout(const struct rpc_call *call, struct rpc_error *error);

/* Whom a call is for. */
struct steer *steer_of(const struct rpc_call *call);

#endif
