/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_SERVER_OPEN_H
#define RECEIVER_SERVER_OPEN_H

#include "receiver/server.h"

/* How a group comes by its socket toward the SRT server, and loses it: for server.c. */

/* Is for the group with that serial from now on, and for the SRT server of its stream. */
void server_assign(struct server *s, uint32_t serial);

/* 0 or errno; ENOBUFS for every want of our own, of which the core makes no event. */
int server_open(struct server *s, ustime now);
void server_shut(struct server *s);

/* The socket is for the group that is on its port now. */
bool server_belongs(const struct server *s);

/* Of server.c: the open socket has something to read. */
void server_readable(void *arg, int events, ustime now);

#endif
