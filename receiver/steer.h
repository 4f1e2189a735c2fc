/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_STEER_H
#define RECEIVER_STEER_H

#include "receiver/history.h"
#include "shared/io/desk.h"

/* The control socket: what a running receiver can be asked and told, by srtla_ctl(1). */
struct steer {
	struct desk desk;
	const struct scene *scene;
	const struct history *history;
	struct desk_kept stats, past, groups; /* the latest answers */
	struct desk_kept group;               /* which is asked for anew each time */
	void (*reload)(void *arg, ustime now);
	void *arg;
};

/*
 * Listens; reload and arg are the caller's to fill before that.  0, or a sysexits code and one
 * sentence in why when the place was asked for by option and is not to be had; any other costs a
 * warning.
 */
int steer_open(struct steer *s, const struct scene *scene, const struct history *history,
	       char why[CONFIG_WHY]);
void steer_close(struct steer *s);

void steer_run(struct steer *s, ustime now);
ustime steer_deadline(const struct steer *s);

/* The text of the stats, for all who ask for it in the same moment. */
const char *steer_stats(struct steer *s, ustime now);

/* The methods; none without jansson. */
extern const struct rpc_method steer_methods[];
extern const size_t steer_method_count;

#endif
