/* SPDX-License-Identifier: MIT */
#ifndef SENDER_START_H
#define SENDER_START_H

#include "sender/app.h"
#include "sender/config.h"
#include "sender/hint.h"
#include "sender/host.h"
#include "sender/links.h"

/*
 * What may be wrong at the start.  Each answers 0, or a sysexits code and one
 * sentence in why, naming cause and object; then it has left nothing open.
 */
int start_listen(struct app *a, const struct config *cfg, char why[CONFIG_WHY]);

int start_hint(struct hint *h, const struct config *cfg, char why[CONFIG_WHY]);

/*
 * Of the file, of which lines that give no uplink are told as they are found; empty where links
 * are chosen by interface, which only the running program does.
 */
int start_uplinks(const struct config *cfg, struct uplinks *list, char why[CONFIG_WHY]);

/* From this list, or by interface. */
int start_links(struct links *ls, const struct config *cfg, const struct uplinks *list, ustime now,
		char why[CONFIG_WHY]);

int start_host(struct host *h, struct loop *loop, const struct config *cfg, char why[CONFIG_WHY]);

/*
 * --dry-run: all of the above, the host's name and each uplink's address, with
 * what is found on standard output.  Sends no packet but questions for the name.
 */
int start_check(const struct config *cfg, char why[CONFIG_WHY]);

#endif
