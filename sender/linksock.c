/* SPDX-License-Identifier: MIT */
#include "sender/linksock.h"

#include <errno.h>
#include <net/if.h>
#include <unistd.h>

#include "shared/io/buffers.h"
#include "shared/io/udp.h"

/* A link-local address means something on one interface only. */
static int add_scope(struct endpoint *ep, const char *device)
{
	if (ep->family != FAMILY_V6 || endpoint_class(ep) != ENDPOINT_LINK_LOCAL || !device[0])
		return 0;
	ep->scope = if_nametoindex(device);
	return ep->scope ? 0 : -ENODEV;
}

static int bind_to(const struct uplink_id *id, uint16_t port)
{
	struct udp_options opt = {
		.device = id->device[0] ? id->device : NULL,
		.tell_errors = true,
		.stamped = true,
		.receive_buffer = LINKSOCK_RECEIVE_BUFFER,
		.send_buffer = LINKSOCK_SEND_BUFFER,
	};
	struct endpoint local = id->local;
	int fd = add_scope(&local, id->device);

	if (fd == 0) {
		local.port = port;
		fd = udp_open(&local, &opt);
	}
	return fd < 0 && port != 0 && fd != -EADDRNOTAVAIL ? bind_to(id, 0) : fd;
}

int linksock_open(const struct uplink_id *id, uint16_t port, struct endpoint *peer,
		  bool any_source)
{
	int err = add_scope(peer, id->device);
	int fd;

	if (err)
		return err;
	fd = bind_to(id, port);
	if (fd < 0)
		return fd;
	err = any_source ? 0 : udp_connect(fd, peer);
	if (err) {
		close(fd);
		return err;
	}
	buffers_check(fd, LINKSOCK_RECEIVE_BUFFER, LINKSOCK_SEND_BUFFER);
	return fd;
}

bool linksock_stale(const struct uplink_id *id, const struct endpoint *peer)
{
	int fd = bind_to(id, 0);
	int err;

	if (fd < 0)
		return true;
	err = udp_connect(fd, peer);
	close(fd);
	return err == 0;
}

int linksock_try(const struct uplink_id *id)
{
	int fd = bind_to(id, 0);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}
