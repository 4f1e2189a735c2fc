/* SPDX-License-Identifier: MIT */
#include "sender/gauge.h"

#include <string.h>

#include "shared/io/log.h"
#include "shared/io/udp.h"

enum { ERRORS_A_TURN = 16 };

#define PAYLOAD SEC(60) /* a path that was narrow may have grown, which nobody tells */

static void tell_payload(struct uplink *u, ustime now)
{
	size_t payload = udp_path_payload(u->socket.fd);

	u->payload_due = now + PAYLOAD;
	if (payload == u->payload)
		return;
	u->payload = payload;
	sender_link_mtu(u->door->sender, u->port, payload);
}

static void tell_mtu(struct uplink *u, uint32_t mtu, ustime now)
{
	if (mtu == u->mtu)
		return;
	u->mtu = mtu;
	log_warn("event=link_path_mtu link=%s bytes=%u", u->name, (unsigned)mtu);
	tell_payload(u, now);
}

void gauge_measure(struct uplink *u, ustime now)
{
	size_t unsent = udp_unsent(u->socket.fd);

	u->measured = now;
	if (unsent != u->unsent)
		sender_link_unsent(u->door->sender, u->port, unsent);
	u->unsent = unsent;
	if (now >= u->payload_due)
		tell_payload(u, now);
}

unsigned gauge_errors(struct uplink *u, ustime now)
{
	unsigned n;

	for (n = 0; n < ERRORS_A_TURN; n++) {
		struct udp_error error;
		int err = udp_next_error(u->socket.fd, &error);

		if (err == 0)
			break;
		log_debug("event=link_error link=%s why=\"%s\" icmp=%d type=%u code=%u", u->name,
			  strerror(err), error.icmp, error.type, error.code);
		if (error.mtu != 0)
			tell_mtu(u, error.mtu, now);
		sender_link_error(u->door->sender, u->port, NULL, err, now, &u->door->out);
	}
	return n;
}
