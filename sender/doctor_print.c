/* SPDX-License-Identifier: MIT */
#include "sender/doctor_judge.h"

#include <string.h>

enum { HEADERS_V4 = 28, HEADERS_V6 = 48 }; /* of IP and UDP */

#define FACT "    %-11s"

static void print_way(const struct doctor_link *l, FILE *to)
{
	char text[ENDPOINT_TEXT];

	fprintf(to, FACT, "way");
	if (l->own.err)
		fprintf(to, "none: %s\n", strerror(l->own.err));
	else if (l->own.gateway.family)
		fprintf(to, "by %s, gateway %s\n", l->at.name,
			endpoint_print(&l->own.gateway, text));
	else
		fprintf(to, "by %s, no gateway\n", l->at.name);
	fprintf(to, FACT, "unbound");
	if (l->free.err)
		fprintf(to, "none: %s\n", strerror(l->free.err));
	else
		fprintf(to, "by %s\n", l->free_device);
}

static void print_filter(const struct doctor_link *l, FILE *to)
{
	static const char *const means[] = {"off", "strict", "loose"};

	if (l->rp_filter < 0 || l->rp_filter > 2)
		return;
	fprintf(to, FACT "%d, %s%s\n", "rp_filter", l->rp_filter, means[l->rp_filter],
		doctor_link_filtered(l) ? ": drops what comes back" : "");
}

static void print_receiver(const struct doctor_link *l, FILE *to)
{
	const struct probe *p = &l->found;

	fprintf(to, FACT "%s", "receiver",
		p->joined    ? "registered"
		: p->refused ? "refuses"
		: p->heard   ? "answers, but does not take the link"
			     : "no answer");
	if (p->echoes > 0)
		fprintf(to, ", round trip %lld.%02lld ms", (long long)(p->rtt / 1000),
			(long long)(p->rtt % 1000 / 10));
	if (p->joined)
		fprintf(to, ", %u of %d keepalives came back", p->echoes, PROBE_ECHOES);
	fputc('\n', to);
}

static void print_mtu(const struct doctor_link *l, FILE *to)
{
	size_t payload = doctor_path_payload(l);
	size_t headers = l->id.local.family == FAMILY_V6 ? HEADERS_V6 : HEADERS_V4;

	if (payload == 0 || !l->found.joined)
		return;
	fprintf(to, FACT "%zu bytes", "path MTU", payload + headers);
	if (payload != l->found.fits)
		fputs(", as the system believes: the receiver returns no long keepalives\n", to);
	else if (l->found.fails)
		fprintf(to, ": %zu of payload came back, %zu did not\n", payload, l->found.fails);
	else
		fprintf(to, " or more: %zu of payload came back\n", payload);
}

static void print_facts(const struct doctor_link *l, FILE *to)
{
	char text[ENDPOINT_TEXT];

	if (!l->at.name[0])
		return;
	fprintf(to, FACT "%s%s\n", "interface", l->at.name,
		!l->at.up        ? ", switched off"
		: !l->at.carrier ? ", no carrier"
				 : "");
	fprintf(to, FACT "%s\n", "address", endpoint_print(&l->id.local, text));
	if (l->places == 0 || !l->peer.family)
		return;
	print_way(l, to);
	print_filter(l, to);
	if (l->own.err || !l->at.carrier)
		return; /* nothing was sent */
	if (l->open_error) {
		fprintf(to, FACT "%s\n", "socket", strerror(l->open_error));
		return;
	}
	fprintf(to, FACT "%s\n", "socket",
		l->id.device[0] ? "bound to the interface" : "bound to the address only");
	print_receiver(l, to);
	print_mtu(l, to);
}

void doctor_print_finding(const struct doctor_finding *f, FILE *to)
{
	fprintf(to, "  %s %s\n", f->fatal ? "!" : "-", f->what);
	if (f->type[0])
		fprintf(to, "        %c %s\n", f->root ? '#' : '$', f->type);
}

bool doctor_print(const struct doctor_link *l, const struct doctor_case *c, FILE *to)
{
	struct doctor_finding f;
	bool usable = doctor_judge(l, c, &f);
	char name[UPLINK_NAME];

	fprintf(to, "\nlink %s: %s\n",
		l->id.local.family ? uplink_id_print(&l->id, name) : l->id.device,
		usable ? "good" : "not usable");
	if (!l->unfit)
		print_facts(l, to);
	if (!usable)
		doctor_print_finding(&f, to);
	return usable;
}
