/* SPDX-License-Identifier: MIT */
#ifndef SENDER_SHELL_H
#define SENDER_SHELL_H

#include "sender/app.h"
#include "sender/config.h"
#include "sender/hint.h"
#include "sender/keep.h"
#include "sender/links.h"
#include "sender/outlet.h"
#include "sender/report.h"
#include "shared/io/pace.h"

/*
 * The program around the core: its sockets, files and clock.  What a turn of
 * the loop put into the outbox leaves before the loop sleeps.
 */
struct shell {
	struct door door;
	struct app app;
	struct host host;
	struct links links;
	struct keep keep;
	struct report report;
	struct hint hint;
	struct outlet outlet;
	struct pace pace;
	ustime looked;         /* when the sockets were last asked what they had no room for */
	enum sender_mode mode; /* that the next SIGUSR1 leaves */
};

/*
 * Opens everything.  0, or a sysexits code and one sentence in why; then
 * nothing is left open.
 */
int shell_init(struct shell *s, const struct config *cfg, char why[CONFIG_WHY]);
void shell_finish(struct shell *s);

/* Runs until SIGTERM or SIGINT. */
void shell_run(struct shell *s);

#endif
