/* SPDX-License-Identifier: MIT */
#include "sender/doctor_judge.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum {
	SRT_HEAD = 16,
	TS_PACKET = 188,      /* encoders put whole ones of MPEG-TS into a packet */
	TIMED_KEEPALIVE = 32, /* what was echoed before lengths were tried */
};

static void find(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void find(struct doctor_finding *f, const char *fmt, ...)
{
	va_list args;

	*f = (struct doctor_finding){.fatal = true, .root = true};
	va_start(args, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, args);
	va_end(args);
}

static void advise(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void advise(struct doctor_finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->type, sizeof(f->type), fmt, args);
	va_end(args);
}

static const char *address_text(const struct endpoint *ep, char buf[ENDPOINT_TEXT])
{
	struct endpoint bare = *ep;

	bare.port = 0;
	return endpoint_print(&bare, buf);
}

static bool no_interface(const struct doctor_link *l, struct doctor_finding *f)
{
	if (l->id.device[0] && !l->at.name[0]) {
		find(f, "there is no interface %s: is the modem plugged in and switched on?",
			 l->id.device);
		advise(f, "ip -br link");
	} else if (l->places == 0 && l->id.device[0]) {
		find(f, "%s does not have this address now; it has:", l->id.device);
		advise(f, "ip -br addr show dev %s", l->id.device);
	} else if (l->places == 0) {
		find(f, "no interface has this address now; there are:");
		advise(f, "ip -br addr");
	} else if (!l->at.up) {
		find(f, "%s is switched off", l->at.name);
		advise(f, "ip link set dev %s up", l->at.name);
		return true;
	} else if (!l->at.carrier) {
		find(f, "%s has no carrier: the cable, or the modem behind it, is not connected",
		     l->at.name);
		return true;
	} else {
		return false;
	}
	f->root = false;
	return true;
}

static void no_route(const struct doctor_link *l, struct doctor_finding *f)
{
	bool v6 = l->id.local.family == FAMILY_V6;
	char via[ENDPOINT_TEXT + 8] = "", text[ENDPOINT_TEXT];

	find(f, "no route leads out of %s to the receiver: %s", l->at.name, strerror(l->own.err));
	if (l->router.family)
		snprintf(via, sizeof(via), "via %s ", address_text(&l->router, text));
	else if (!l->at.direct)
		snprintf(via, sizeof(via), "via ROUTER ");
	advise(f, "ip %sroute add default %sdev %s metric %u", v6 ? "-6 " : "", via, l->at.name,
	       (unsigned)l->metric);
}

/* A line of the uplinks file that leaves the choice to routes, which choose another interface. */
static void wrong_interface(const struct doctor_link *l, const struct doctor_case *c,
			    struct doctor_finding *f)
{
	char text[ENDPOINT_TEXT];

	address_text(&l->id.local, text);
	if (l->places > 1)
		find(f, "%u interfaces have this address, and the line does not say which "
			 "is meant", l->places);
	else
		find(f, "packets from this address leave by %s, as routes say, and not by %s",
			 l->free_device, l->at.name);
	f->root = false;
	if (c->uplinks_path)
		advise(f, "sed -i 's/^%s\\b/&%%%s/' %s", text, l->at.name, c->uplinks_path);
}

static void no_socket(const struct doctor_link *l, const struct doctor_case *c,
		      struct doctor_finding *f)
{
	if (l->open_error != EPERM) {
		find(f, "no socket can be bound there: %s", strerror(l->open_error));
		return;
	}
	find(f, "this program may not bind to %s, which needs Linux 5.7 or CAP_NET_RAW "
		 "(in a unit of systemd: AmbientCapabilities=CAP_NET_RAW)", l->id.device);
	advise(f, "setcap cap_net_raw+ep %s", c->program);
}

static void filtered(const struct doctor_link *l, struct doctor_finding *f)
{
	/* A dot in a name is a sign to sysctl(8), unless slashes are. */
	const char *sep = strchr(l->at.name, '.') ? "/" : ".";

	if (l->free.err)
		find(f, "rp_filter drops what comes back, as no route of the main table "
			 "leads to the receiver");
	else
		find(f, "rp_filter drops what comes back by %s, as routes would answer by %s",
			 l->at.name, l->free_device);
	advise(f, "sysctl -w net%sipv4%sconf%s%s%srp_filter=%d", sep, sep, sep, l->at.name, sep,
	       l->free.err ? 0 : 2);
}

static void not_joined(const struct doctor_link *l, struct doctor_finding *f)
{
	char text[ENDPOINT_TEXT];

	if (l->found.refused) {
		find(f, "the receiver refuses to take the link: its table of groups or links is "
		     "full; its log says more");
	} else if (l->found.heard) {
		find(f, "the receiver answers, but does not take the link: several receivers may "
		     "share its address");
	} else if (l->send_error == ECONNREFUSED) {
		find(f, "nobody listens on port %u there: on the receiver's machine, srtla_rec "
		     "check says more", (unsigned)l->peer.port);
	} else if (l->send_error == EPERM || l->send_error == EACCES) {
		find(f, "a firewall of this machine does not let packets out");
		advise(f, "nft list ruleset");
	} else if (l->send_error) {
		find(f, "packets do not get out: %s", strerror(l->send_error));
	} else {
		find(f, "no answer: nothing on this machine stands in the way, so a firewall, "
			 "the network, or the receiver does; does it answer to this?");
		f->root = false;
		advise(f, "ping -c 3 -I %s %s", l->at.name, address_text(&l->peer, text));
	}
}

size_t doctor_path_payload(const struct doctor_link *l)
{
	/* Where not even one of middle length came back, the receiver may return none. */
	return l->found.fits > TIMED_KEEPALIVE ? l->found.fits : l->kernel_payload;
}

static void too_narrow(const struct doctor_link *l, const struct doctor_case *c,
		       struct doctor_finding *f)
{
	size_t path = doctor_path_payload(l);
	size_t fit;

	if (path == 0 || path >= c->payload + SRT_HEAD)
		return;
	fit = path > SRT_HEAD ? (path - SRT_HEAD) / TS_PACKET * TS_PACKET : 0;
	find(f, "a packet with %u bytes of payload does not fit, one with %zu does: give the "
		 "encoder pkt_size=%zu (ffmpeg, OBS) or payloadsize=%zu (libsrt's tools), and "
		 "look again", c->payload, fit, fit, fit);
	f->root = false;
	if (fit > 0)
		advise(f, "%s doctor --payload %zu %s", c->program, fit, c->arguments);
}

/* What keeps packets from leaving this machine the right way.  False: nothing. */
static bool stays_here(const struct doctor_link *l, const struct doctor_case *c,
		       struct doctor_finding *f)
{
	if (l->unfit)
		find(f, "%s", l->unfit);
	else if (!l->peer.family)
		find(f, "the receiver has no IPv%d address",
		     l->id.local.family == FAMILY_V6 ? 6 : 4);
	else if (no_interface(l, f))
		return true;
	else if (l->own.err)
		no_route(l, f);
	else if (!l->id.device[0] && (l->own.index != l->at.index || l->places > 1))
		wrong_interface(l, c, f);
	else if (l->open_error)
		no_socket(l, c, f);
	else
		return false;
	return true;
}

bool doctor_judge(const struct doctor_link *l, const struct doctor_case *c,
		  struct doctor_finding *f)
{
	*f = (struct doctor_finding){0};
	if (stays_here(l, c, f))
		return false;
	if (!l->found.heard && doctor_link_filtered(l))
		filtered(l, f);
	else if (!l->found.joined)
		not_joined(l, f);
	else if (l->found.echoes == 0)
		find(f, "the receiver takes the link, but returns no keepalives");
	else
		too_narrow(l, c, f);
	return !f->fatal;
}
