/* SPDX-License-Identifier: MIT */
#ifndef SENDER_SHELL_H
#define SENDER_SHELL_H

#include "sender/app.h"
#include "sender/config.h"
#include "sender/hint.h"
#include "sender/keep.h"
#include "sender/links.h"
#include "sender/outlet.h"
#include "sender/reload.h"
#include "sender/report.h"
#include "sender/steer.h"
#include "sender/web.h"
#include "shared/io/pace.h"

/*
 * The program around the core: its sockets, files and clock.  What a turn of
 * the loop put into the outbox leaves before the loop sleeps.
 */
struct shell {
	struct config *cfg; /* what is in force */
	struct reload reload;
	struct door door;
	struct app app;
	struct host host;
	struct links links;
	struct keep keep;
	struct scene scene;
	struct report report;
	struct history *history;
	struct web web;
	struct steer steer;
	struct hint hint;
	struct outlet outlet;
	struct pace pace;
	usspan watchdog;       /* longest silence that the service manager bears; 0: any */
	ustime alive;          /* when it hears from us next, or NEVER */
	ustime looked;         /* when the sockets were last asked what they had no room for */
	enum sender_mode mode; /* that the next SIGUSR1 leaves */
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
