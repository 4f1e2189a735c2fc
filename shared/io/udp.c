/* SPDX-License-Identifier: MIT */
#include "shared/io/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shared/io/ancillary.h"

/* One queued error with its offender. */
union control {
	struct cmsghdr align;
	char bytes[256];
};

socklen_t udp_to_sockaddr(const struct endpoint *ep, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (ep->family == FAMILY_V4) {
		struct sockaddr_in *in = (struct sockaddr_in *)ss;

		in->sin_family = AF_INET;
		in->sin_port = htons(ep->port);
		memcpy(&in->sin_addr, ep->addr, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	if (ep->family == FAMILY_V6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(ep->port);
		in6->sin6_scope_id = ep->scope;
		memcpy(&in6->sin6_addr, ep->addr, sizeof(in6->sin6_addr));
		return sizeof(*in6);
	}
	return 0;
}

bool udp_from_sockaddr(const struct sockaddr *sa, struct endpoint *ep)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

		*ep = (struct endpoint){.family = FAMILY_V4, .port = ntohs(in->sin_port)};
		memcpy(ep->addr, &in->sin_addr, sizeof(in->sin_addr));
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;

		/* the kernel fills the scope in for addresses that need one only */
		*ep = (struct endpoint){.family = FAMILY_V6,
					.port = ntohs(in6->sin6_port),
					.scope = in6->sin6_scope_id};
		memcpy(ep->addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
		endpoint_normalise(ep);
		return true;
	}
	memset(ep, 0, sizeof(*ep));
	return false;
}

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* The forced size passes the system's limit where we may; a refusal only costs room. */
static void want_buffer(int fd, int forced, int name, int bytes)
{
	if (bytes > 0 && set(fd, SOL_SOCKET, forced, bytes))
		set(fd, SOL_SOCKET, name, bytes);
}

/* Everything that must stand before bind(). */
static int prepare(int fd, bool v6, const struct udp_options *opt)
{
	bool both = v6 && opt->dual_stack;

	if (opt->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, opt->device,
				      (socklen_t)strlen(opt->device)))
		return -errno;
	if (v6 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !both))
		return -errno;
	if (opt->tell_local &&
	    (v6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : set(fd, IPPROTO_IP, IP_PKTINFO, 1)))
		return -errno;
	if (opt->tell_errors && v6 && set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1))
		return -errno;
	if (opt->tell_errors && (!v6 || both) && set(fd, IPPROTO_IP, IP_RECVERR, 1))
		return -errno;
	if (opt->stamped)
		set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1); /* without it, the wake-up is the arrival */
	if (opt->shared && set(fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return -errno;
	want_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, opt->receive_buffer);
	want_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, opt->send_buffer);
	return 0;
}

int udp_open(const struct endpoint *local, const struct udp_options *opt)
{
	struct sockaddr_storage ss;
	socklen_t len = udp_to_sockaddr(local, &ss);
	int fd, err;

	if (!len)
		return -EAFNOSUPPORT;
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = prepare(fd, local->family == FAMILY_V6, opt);
	if (err)
		goto err_close;
	if (bind(fd, (struct sockaddr *)&ss, len)) {
		err = -errno;
		goto err_close;
	}
	return fd;

err_close:
	close(fd);
	return err;
}

int udp_connect(int fd, const struct endpoint *peer)
{
	struct sockaddr_storage ss;
	socklen_t len = udp_to_sockaddr(peer, &ss);

	if (!len)
		return -EAFNOSUPPORT;
	return connect(fd, (struct sockaddr *)&ss, len) ? -errno : 0;
}

int udp_adopt(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
		return -errno;
	if (type != SOCK_DGRAM)
		return -EPROTOTYPE;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, O_NONBLOCK))
		return -errno;
	return 0;
}

int udp_local(int fd, struct endpoint *local)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len))
		return -errno;
	return udp_from_sockaddr((struct sockaddr *)&ss, local) ? 0 : -EAFNOSUPPORT;
}

int udp_peer(int fd, struct endpoint *peer)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getpeername(fd, (struct sockaddr *)&ss, &len))
		return -errno;
	return udp_from_sockaddr((struct sockaddr *)&ss, peer) ? 0 : -EAFNOSUPPORT;
}

int udp_share(int fd, bool on)
{
	return set(fd, SOL_SOCKET, SO_REUSEPORT, on) ? -errno : 0;
}

/*
 * The answer is the place of a socket in the order of bind().  Offset 0 is the payload,
 * behind the UDP header (run_bpf_filter() of Linux), and it ends where the datagram does.
 */
int udp_split(int fd, const struct udp_split *split)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, split->len, 0, 4),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, split->begin[0], 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, split->begin[1], 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program))
		       ? -errno
		       : 0;
}

void udp_stamp(int fd)
{
	set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
}

uint32_t udp_lost(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		return 0;
	return info[SK_MEMINFO_DROPS];
}

int udp_recv(int fd, struct pkt *p)
{
	struct sockaddr_storage from;
	struct ancillary_news news;
	union ancillary beside;
	struct iovec iov = {.iov_base = p->data, .iov_len = sizeof(p->data)};
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &beside,
		.msg_controllen = sizeof(beside),
	};
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	p->len = (uint16_t)n;
	udp_from_sockaddr((struct sockaddr *)&from, &p->peer);
	ancillary_read(&msg, &news);
	p->local = news.local;
	return 0;
}

int udp_send(int fd, const struct pkt *p, bool addressed)
{
	struct sockaddr_storage to;
	union ancillary beside;
	struct iovec iov = {.iov_base = (void *)(uintptr_t)p->data, .iov_len = p->len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (addressed) {
		msg.msg_name = &to;
		msg.msg_namelen = udp_to_sockaddr(&p->peer, &to);
		if (!msg.msg_namelen)
			return -EDESTADDRREQ;
	}
	if (p->local.family != FAMILY_NONE)
		ancillary_put_local(&msg, &beside, &p->local);
	do
		n = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* The queued error among the control data (RFC 3542 names none: ip(7), IP_RECVERR). */
static const struct sock_extended_err *find_error(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			return (const struct sock_extended_err *)(const void *)CMSG_DATA(c);
	}
	return NULL;
}

int udp_next_error(int fd, struct udp_error *e)
{
	*e = (struct udp_error){0};
	for (;;) {
		union control control;
		struct msghdr msg = {
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		const struct sock_extended_err *ee;

		/* the packet that caused it is of no use, so there is no room for its bytes */
		if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		ee = find_error(&msg);
		if (!ee || ee->ee_errno == 0)
			continue;
		if (ee->ee_errno == EMSGSIZE)
			e->mtu = ee->ee_info;
		e->icmp = ee->ee_origin == SO_EE_ORIGIN_ICMP ||
			  ee->ee_origin == SO_EE_ORIGIN_ICMP6;
		e->type = ee->ee_type;
		e->code = ee->ee_code;
		return (int)ee->ee_errno;
	}
}

/*
 * Linux counts what it has set aside for a packet, not what is in it: 2304 bytes for one of
 * 1332, which most of ours are.
 */
enum { SET_ASIDE = 2304, OF_THEM_SENT = 1332 };

size_t udp_unsent(int fd)
{
	int bytes = 0;

	if (ioctl(fd, SIOCOUTQ, &bytes) || bytes < 0)
		return 0;
	return (size_t)bytes * OF_THEM_SENT / SET_ASIDE;
}

enum { UDP_HEADER = 8, IPV4_HEADER = 20, IPV6_HEADER = 40 };

size_t udp_path_payload(int fd)
{
	struct endpoint peer;
	int mtu = 0, headers = IPV4_HEADER + UDP_HEADER;
	int level = IPPROTO_IP, name = IP_MTU;
	socklen_t len = sizeof(mtu);

	if (udp_peer(fd, &peer))
		return 0;
	if (peer.family == FAMILY_V6) {
		level = IPPROTO_IPV6;
		name = IPV6_MTU;
		headers = IPV6_HEADER + UDP_HEADER;
	}
	if (getsockopt(fd, level, name, &mtu, &len) || mtu <= headers)
		return 0;
	return (size_t)(mtu - headers);
}
