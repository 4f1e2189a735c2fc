/* SPDX-License-Identifier: MIT */
#include "sender/uplink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sender/gauge.h"
#include "sender/linksock.h"
#include "shared/io/log.h"
#include "shared/io/udp.h"

#define RETRY   SEC(1)
#define MEASURE MSEC(10) /* a queue of a modem does not change faster than that matters */

struct uplink *uplink_create(const struct uplink_id *id, struct door *door, struct host *host,
			     bool any_source)
{
	struct uplink *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->id = *id;
	uplink_id_print(id, u->name);
	u->door = door;
	u->host = host;
	u->any_source = any_source;
	u->socket.fd = -1;
	return u;
}

void uplink_count_drops(struct uplink *u, ustime now)
{
	if (uplink_is_open(u))
		door_count_drops(u->door, &u->socket, &u->drops, now);
}

/* What is to leave by it waits for the next one. */
static void shut(struct uplink *u)
{
	uplink_count_drops(u, loop_now(u->door->loop));
	loop_unwatch(u->door->loop, u->watch);
	u->watch = NULL;
	if (uplink_is_open(u))
		close(u->socket.fd);
	u->socket.fd = -1;
}

void uplink_destroy(struct uplink *u)
{
	if (!u)
		return;
	shut(u);
	u->door->homeless += u->going.count;
	pkt_list_clear(&u->going);
	free(u);
}

bool uplink_is_open(const struct uplink *u)
{
	return u->socket.fd >= 0;
}

static void heard(void *arg, struct pkt *p, ustime now)
{
	struct uplink *u = arg;

	sender_from_link(u->door->sender, u->port, p, now, &u->door->out);
}

static void readable(void *arg, int events, ustime now)
{
	struct uplink *u = arg;

	(void)events;
	/* Nothing to read is news too: then it was an error that woke us. */
	if (batch_recv(u->door->batch, &u->socket, DOOR_READS, heard, u) != 0)
		gauge_errors(u, now);
}

/* Once a reason, not once a second. */
static void wait_for(struct uplink *u, int trouble, const char *why, ustime next)
{
	u->next_try = next;
	if (u->trouble == trouble)
		return;
	u->trouble = trouble;
	log_warn("event=link_waiting link=%s why=\"%s\"", u->name, why);
}

static void use(struct uplink *u, int fd, const struct endpoint *peer, ustime now)
{
	struct endpoint local;

	u->socket = (struct batch_socket){
		.fd = fd,
		.name = u->name,
		.addressed = u->any_source,
		.run_least = DOOR_RUN_LEAST,
		.run_most = BATCH_LINK_RUN,
	};
	u->drops = 0;
	u->local_port = udp_local(fd, &local) == 0 ? local.port : 0;
	u->peer = *peer;
	u->watch = loop_watch(u->door->loop, fd, LOOP_READ, readable, u);
	if (!u->watch) {
		shut(u);
		wait_for(u, ENOMEM, strerror(ENOMEM), now + RETRY);
		return;
	}
	if (u->trouble)
		log_info("event=link_open link=%s", u->name);
	u->trouble = 0;
	u->next_try = NEVER;
	if (u->unsent > 0)
		sender_link_unsent(u->door->sender, u->port, 0);
	u->unsent = 0;
	u->payload = 0;
	u->payload_due = now;
	ground_look(&u->ground, &u->id, peer);
	if (u->port)
		sender_link_reopened(u->door->sender, u->port, now, &u->door->out);
}

static void open_now(struct uplink *u, ustime now)
{
	const struct endpoint *address = host_address(u->host, u->id.local.family);
	struct endpoint peer;
	int fd;

	if (!address) {
		/* Silent while nothing is known yet: then it is the host's news. */
		u->next_try = NEVER;
		if (!host_known(u->host))
			return;
		wait_for(u, EDESTADDRREQ, "the receiver has no address of this family", NEVER);
		host_family_gap(u->host, now);
		return;
	}
	peer = *address;
	fd = linksock_open(&u->id, u->local_port, &peer, u->any_source);
	if (fd < 0)
		wait_for(u, -fd, strerror(-fd), now + RETRY);
	else
		use(u, fd, &peer, now);
}

void uplink_run(struct uplink *u, ustime now)
{
	if (!uplink_is_open(u) && now >= u->next_try)
		open_now(u, now);
	if (uplink_is_open(u) && u->unsent > 0 && now - u->measured >= MEASURE)
		gauge_measure(u, now);
}

ustime uplink_deadline(const struct uplink *u)
{
	if (!uplink_is_open(u))
		return u->next_try;
	return u->unsent > 0 ? u->measured + MEASURE : NEVER;
}

/* From the port that the receiver knows, if it can be had again. */
static void open_anew(struct uplink *u, ustime now)
{
	shut(u);
	open_now(u, now);
}

void uplink_reopen(struct uplink *u, ustime now)
{
	u->local_port = 0;
	open_anew(u, now);
}

/* Tells the core when the ground under the link has gone, or is there again. */
static void settle(struct uplink *u, ustime now)
{
	const char *why = ground_trouble(&u->ground);

	if ((why != NULL) == u->ground.lost)
		return;
	u->ground.lost = why != NULL;
	log_debug("event=link_ground link=%s why=\"%s\"", u->name, why ? why : "good");
	sender_link_carrier(u->door->sender, u->port, why, now, &u->door->out);
}

void uplink_look(struct uplink *u, ustime now)
{
	if (!uplink_is_open(u))
		return;
	ground_look_again(&u->ground, &u->id, &u->peer);
	settle(u, now);
}

void uplink_hear(struct uplink *u, const struct netlink_news *news, ustime now)
{
	if (!ground_hear(&u->ground, &u->id, news))
		return;
	if (!uplink_is_open(u)) {
		if (!news->gone && u->next_try != NEVER)
			open_now(u, now);
		return;
	}
	settle(u, now);
	if (!u->ground.gone)
		return;
	shut(u);
	wait_for(u, ENODEV, strerror(ENODEV), now + RETRY);
}

void uplink_host_moved(struct uplink *u, ustime now)
{
	const struct endpoint *address = host_address(u->host, u->id.local.family);

	if (!uplink_is_open(u) || !address || !endpoint_same_host(address, &u->peer))
		uplink_reopen(u, now);
}

/* After an error that says there is no way. */
static void check(struct uplink *u, ustime now)
{
	if (now < u->next_check)
		return;
	u->next_check = now + RETRY;
	if (!linksock_stale(&u->id, &u->peer))
		return;
	log_debug("event=link_reopened link=%s", u->name);
	open_anew(u, now);
}

void uplink_put(struct uplink *u, struct pkt *p)
{
	pkt_list_push(&u->going, p);
}

/* What an earlier packet met comes as an error of the next one, which did not leave. */
static bool again(void *arg, int err)
{
	struct uplink *u = arg;

	return gauge_errors(u, loop_now(u->door->loop)) > 0 && err != EMSGSIZE;
}

/* Errors that mean: the address, the interface or the route is gone. */
static bool way_is_gone(int err)
{
	return err == ENETUNREACH || err == EADDRNOTAVAIL || err == ENODEV || err == ENXIO ||
	       err == EINVAL || err == ENETDOWN;
}

static void refused(void *arg, struct pkt *p, int err)
{
	struct uplink *u = arg;

	u->way_gone = u->way_gone || way_is_gone(err);
	sender_link_error(u->door->sender, u->port, p, err, loop_now(u->door->loop),
			  &u->door->out);
}

void uplink_flush(struct uplink *u, ustime now)
{
	const struct batch_sender from = {.again = again, .refused = refused, .arg = u};

	if (u->going.count == 0)
		return;
	if (!uplink_is_open(u)) {
		while (u->going.count > 0)
			refused(u, pkt_list_pop(&u->going), ENETUNREACH);
		return;
	}
	if (u->any_source) {
		for (struct pkt *p = u->going.head; p; p = p->next)
			p->peer = u->peer;
	}
	u->way_gone = false;
	batch_send(u->door->batch, &u->socket, &u->going, &from);
	if (now - u->measured >= MEASURE)
		gauge_measure(u, now);
	/* Not before all is sent, for the socket may become another. */
	if (u->way_gone)
		check(u, now);
}
