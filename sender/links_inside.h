/* SPDX-License-Identifier: MIT */
#ifndef SENDER_LINKS_INSIDE_H
#define SENDER_LINKS_INSIDE_H

#include "sender/links.h"

/* What the files of links share; nobody else includes this. */

/* Changes the list as was said by hand. */
void links_obey(const struct links *ls, struct uplinks *list);

/* News for the choice among interfaces; nothing where there is a file. */
void links_hear_interfaces(struct links *ls, const struct netlink_news *news, ustime now);

/* Chooses again at that time; `ask`: and asks the kernel first for all that there is. */
void links_choose_soon(struct links *ls, bool ask, ustime at);

/* Chooses again. */
void links_choose(struct links *ls, ustime now);

#endif
