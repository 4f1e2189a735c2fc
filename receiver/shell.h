/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_SHELL_H
#define RECEIVER_SHELL_H

#include "receiver/config.h"
#include "receiver/front.h"
#include "receiver/groupfiles.h"
#include "receiver/hosts.h"
#include "receiver/keep.h"
#include "receiver/keylist.h"
#include "receiver/outlet.h"
#include "receiver/reload.h"
#include "receiver/server.h"
#include "receiver/steer.h"
#include "receiver/tally.h"
#include "receiver/web.h"
#include "shared/io/pace.h"

/*
 * The program around the core: its sockets and clock.  What a turn of the loop
 * put into the outbox leaves before the loop sleeps.
 */
struct shell {
	struct config *cfg; /* what is in force */
	struct reload reload;
	struct door door;
	struct front front;
	struct hosts hosts;
	struct keylist keylist;
	struct servers servers;
	struct outlet outlet;
	struct keep keep;
	struct tally tally;
	struct pace pace;
	struct handover handover;
	struct scene scene;
	struct history *history;
	struct groupfiles groupfiles;
	struct web web;
	struct steer steer;
	usspan watchdog; /* how often the service manager wants to hear of us; 0: never */
	ustime alive;    /* when it hears next, or NEVER */
	ustime tick;     /* the next housekeeping */
};

/*
 * Opens everything; `cfg` stays the caller's, and must stay: a reload of the config file changes it.
 * 0, or a sysexits code and one sentence in why; then nothing is left open.
 */
int shell_init(struct shell *s, struct config *cfg, char why[CONFIG_WHY]);
void shell_finish(struct shell *s);

/* Runs until SIGTERM or SIGINT. */
void shell_run(struct shell *s);

#endif
