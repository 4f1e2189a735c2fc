/* SPDX-License-Identifier: MIT */
#include "sender/doctor_patient.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sender/linksock.h"
#include "shared/io/udp.h"
#include "shared/wire/srt.h"

enum {
	HEADERS_V4 = 28, /* of IP and UDP */
	HEADERS_V6 = 48,
	MOST_V6 = PROBE_MOST + HEADERS_V4 - HEADERS_V6, /* in the same 1500 bytes */
};

/* What the network and this system have said against what was sent. */
static void read_errors(struct doctor_patient *p)
{
	size_t headers = p->link.peer.family == FAMILY_V6 ? HEADERS_V6 : HEADERS_V4;
	struct udp_error e;
	int err;

	while ((err = udp_next_error(p->fd, &e)) != 0) {
		if (e.mtu > headers)
			probe_limit(&p->link.found, e.mtu - headers);
		if (err != EMSGSIZE)
			p->link.send_error = err;
	}
}

static void readable(void *arg, int events, ustime now)
{
	struct doctor_patient *p = arg;
	struct pkt *pkt = &p->pkt;
	int err;

	(void)events;
	/* An error that waits comes as the result of one call, whatever that call was for. */
	while ((err = udp_recv(p->fd, pkt)) != -EAGAIN) {
		if (err == 0)
			probe_hear(&p->link.found, pkt->data, pkt->len, now);
		else
			read_errors(p);
	}
	read_errors(p);
}

void doctor_patient_speak(struct doctor_patient *p, ustime now)
{
	struct pkt *pkt = &p->pkt;

	if (p->fd < 0)
		return;
	*pkt = (struct pkt){0};
	while ((pkt->len = (uint16_t)probe_next(&p->link.found, pkt->data, now)) > 0) {
		int err = udp_send(p->fd, pkt, false);

		if (err && err != -EMSGSIZE && err != -EAGAIN)
			p->link.send_error = -err;
		if (err)
			read_errors(p);
	}
}

/* Whole datagrams or none, whatever was learned of this path before. */
static void never_fragment(int fd, enum family family)
{
	int v4 = IP_PMTUDISC_PROBE, v6 = IPV6_PMTUDISC_PROBE;

	if (family == FAMILY_V6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
	else
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
}

int doctor_receive_buffer(int fd)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len);
	return bytes / 2; /* the kernel counts as much again for its own use */
}

void doctor_patient_begin(struct doctor_patient *p, struct loop *loop, struct probe_group *group,
			  size_t payload, ustime now)
{
	struct doctor_link *l = &p->link;
	size_t most = l->peer.family == FAMILY_V6 ? MOST_V6 : PROBE_MOST;

	p->loop = loop;
	p->fd = -1;
	if (l->unfit || !l->peer.family)
		return;
	doctor_link_look(l);
	if (l->own.err || l->places == 0 || !l->at.carrier)
		return;
	p->fd = linksock_open(&l->id, 0, &l->peer, false);
	if (p->fd < 0) {
		l->open_error = -p->fd;
		return;
	}
	never_fragment(p->fd, l->peer.family);
	l->receive_buffer = doctor_receive_buffer(p->fd);
	probe_init(&l->found, group, most, payload + SRT_HEADER_LEN, now);
	p->watch = loop_watch(loop, p->fd, LOOP_READ, readable, p);
}

void doctor_patient_end(struct doctor_patient *p)
{
	if (p->watch)
		loop_unwatch(p->loop, p->watch);
	if (p->fd >= 0)
		close(p->fd);
}
