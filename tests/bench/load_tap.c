/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/bench/load.h"

/*
 * A packet's stamp is the kernel's, of the moment when whoever sends it hands it to the loopback
 * device, before it goes through there and wakes the other end.  So what a program adds reaches
 * from its peer's send to its own: the wake-up, the turn of its loop, and its call.  A run that
 * leaves as one (UDP_SEGMENT) is seen as one, and each packet in it has the stamp of the run.
 */
enum {
	FRAME = 1 << 17, /* more than any frame of the loopback */
	BUFFER = 32 * 1024 * 1024,
	FLIGHT = 1 << 16, /* packets that may be under way at once */
	NAP = 2,          /* ms: we look rarely, for a wake-up of ours would be noticed */
};

/* Where on its way a packet of media was seen last; the programs lie between. */
enum stage { LEFT_ENCODER = 1, LEFT_SENDER, LEFT_RECEIVER };

struct flight {
	uint32_t seq;
	enum stage seen; /* 0: nowhere */
	uint64_t at;     /* ns */
};

struct tap {
	int fd;
	uint16_t encoder, srtla, server; /* ports */
	struct flight flight[FLIGHT];
	struct load_spread sender, receiver; /* what they added */
	uint64_t to_sender, to_receiver;     /* datagrams, of all kinds */
	uint64_t runs;                       /* frames that were several datagrams */
	uint64_t missed;                     /* frames that found no room with us */
};

/* One frame, and what the kernel says of it. */
struct frame {
	struct virtio_net_hdr info;
	uint8_t data[FRAME];
};

/* The loopback shows each packet twice, leaving and coming.  We want UDP over IPv4 that leaves. */
static void filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 5),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct ethhdr, h_proto)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + offsetof(struct iphdr, protocol)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		load_fail("SO_ATTACH_FILTER");
}

static int open_tap(void)
{
	struct sockaddr_ll lo = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = (int)if_nametoindex("lo")};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, bytes = BUFFER;

	if (fd < 0)
		load_fail("AF_PACKET");
	filter(fd);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)))
		load_fail("PACKET_VNET_HDR");
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)))
		load_fail("SO_TIMESTAMPNS");
	if (bind(fd, (struct sockaddr *)&lo, sizeof(lo)))
		load_fail("bind to lo");
	return fd;
}

/* A packet of media, seen when it left for the stage that is named; copies count once. */
static void follow(struct tap *t, uint32_t seq, enum stage stage, uint64_t at)
{
	struct flight *f = &t->flight[seq % FLIGHT];

	if (stage == LEFT_ENCODER)
		*f = (struct flight){.seq = seq, .seen = stage, .at = at};
	if (f->seq != seq || f->seen + 1 != stage)
		return;
	load_spread_add(stage == LEFT_SENDER ? &t->sender : &t->receiver,
			at > f->at ? at - f->at : 0);
	f->seen = stage;
	f->at = at;
}

/* Whom a packet to this port has left; 0: nobody whom we know. */
static enum stage stage_at(const struct tap *t, uint16_t port)
{
	if (port == t->encoder)
		return LEFT_ENCODER;
	if (port == t->srtla)
		return LEFT_SENDER;
	return port == t->server ? LEFT_RECEIVER : 0;
}

/* One datagram. */
static void judge(struct tap *t, uint16_t from, uint16_t to, const uint8_t *data, size_t len,
		  uint64_t at)
{
	enum stage stage = stage_at(t, to);

	t->to_sender += stage == LEFT_ENCODER || from == t->srtla;
	t->to_receiver += stage == LEFT_SENDER || from == t->server;
	if (stage && srt_is_data(data, len))
		follow(t, be32(data), stage, at);
}

/* Takes a frame apart into the datagrams that it carries. */
static void dissect(struct tap *t, const struct frame *f, size_t len, uint64_t at)
{
	const uint8_t *ip = f->data + ETH_HLEN, *udp, *end = f->data + len;
	size_t segment = f->info.gso_size;

	if (len < ETH_HLEN + sizeof(struct iphdr))
		return;
	udp = ip + (ip[0] & 0x0f) * 4;
	if (udp + sizeof(struct udphdr) > end)
		return;
	t->runs += segment > 0;
	for (const uint8_t *p = udp + sizeof(struct udphdr); p < end;) {
		size_t left = (size_t)(end - p), n = segment && segment < left ? segment : left;

		judge(t, be16(udp), be16(udp + 2), p, n, at);
		p += n;
	}
}

static uint64_t stamp(struct msghdr *msg)
{
	struct timespec t = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&t, CMSG_DATA(c), sizeof(t));
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void drain(struct tap *t)
{
	static struct frame frame;
	static char control[256];
	struct iovec part = {&frame, sizeof(frame)};
	ssize_t n;

	for (;;) {
		struct msghdr msg = {.msg_iov = &part,
				     .msg_iovlen = 1,
				     .msg_control = control,
				     .msg_controllen = sizeof(control)};

		n = recvmsg(t->fd, &msg, 0);
		if (n < (ssize_t)sizeof(frame.info))
			break;
		dissect(t, &frame, (size_t)n - sizeof(frame.info), stamp(&msg));
	}
	/* EINVAL: an older kernel that cannot say how long the parts of a frame are. */
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		load_fail("recvmsg");
}

static void begin(struct tap *t)
{
	load_spread_clear(&t->sender);
	load_spread_clear(&t->receiver);
	t->to_sender = t->to_receiver = t->runs = t->missed = 0;
}

static void tell(struct tap *t)
{
	const struct load_spread *s = &t->sender, *r = &t->receiver;
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);

	if (getsockopt(t->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		t->missed += stats.tp_drops; /* which clears it there */
	printf("send_n=%" PRIu64 " send_p50=%" PRIu64 " send_p99=%" PRIu64 " send_max=%" PRIu64
	       " rec_n=%" PRIu64 " rec_p50=%" PRIu64 " rec_p99=%" PRIu64 " rec_max=%" PRIu64
	       " to_send=%" PRIu64 " to_rec=%" PRIu64 " runs=%" PRIu64 " missed=%" PRIu64 "\n",
	       (uint64_t)s->total, load_spread_at(s, 500), load_spread_at(s, 990),
	       (uint64_t)s->most, (uint64_t)r->total, load_spread_at(r, 500),
	       load_spread_at(r, 990), (uint64_t)r->most, t->to_sender, t->to_receiver, t->runs,
	       t->missed);
	fflush(stdout);
}

int load_tap(uint16_t encoder, uint16_t srtla, uint16_t server)
{
	static struct tap t;
	struct pollfd orders = {.fd = STDIN_FILENO, .events = POLLIN};
	char line[LOAD_LINE];

	t = (struct tap){.fd = open_tap(), .encoder = encoder, .srtla = srtla, .server = server};
	setvbuf(stdin, NULL, _IONBF, 0); /* so that poll() sees all that is not yet read */
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		bool asked = poll(&orders, 1, NAP) > 0;

		drain(&t);
		if (!asked)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return EXIT_SUCCESS;
		if (strcmp(line, "mark\n") == 0)
			begin(&t);
		tell(&t);
	}
}
