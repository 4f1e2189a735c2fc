/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bench/must.h"
#include "tests/bench/relays.h"

/*
 * A relay that sees frames instead of datagrams: a program of the kernel's puts those of its
 * device into memory that both share, before IP has seen them.  Copied, as on every device whose
 * driver does not know XDP.
 */
enum { FRAMES = 4096, RING = 2048 };

/* Of Ethernet, IPv4 without options, and UDP. */
enum { HEADERS = 42, AT_PROTOCOL = 23, AT_ADDRESSES = 26, AT_PORT = 36, AT_CHECKSUM = 40 };

/* One ring of descriptors, of which one side is the kernel's. */
struct ring {
	uint8_t *map;
	size_t size;
	uint32_t *producer, *consumer;
	void *entry;
};

struct xdp {
	int fd, program, map, link;
	uint8_t *frames;
	struct ring fill, done, come, leave;
};

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* return bpf_redirect_map(&map, ctx->rx_queue_index, XDP_PASS); */
static int load_program(int map)
{
	const struct bpf_insn code[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = 16},
		{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = map},
		{0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_XDP,
			       .insns = (uintptr_t)code,
			       .insn_cnt = sizeof(code) / sizeof(code[0]),
			       .license = (uintptr_t)"GPL"};

	return bpf(BPF_PROG_LOAD, &attr);
}

/* Puts the program before all else that the device does. */
static const char *attach(struct xdp *x, unsigned device)
{
	union bpf_attr map = {.map_type = BPF_MAP_TYPE_XSKMAP,
			      .key_size = 4,
			      .value_size = 4,
			      .max_entries = 1};
	union bpf_attr element = {0}, link = {0};
	uint32_t queue = 0, fd = (uint32_t)x->fd;

	x->map = bpf(BPF_MAP_CREATE, &map);
	if (x->map < 0)
		return "a map of sockets";
	x->program = load_program(x->map);
	if (x->program < 0)
		return "a program for the kernel";
	element.map_fd = (uint32_t)x->map;
	element.key = (uintptr_t)&queue;
	element.value = (uintptr_t)&fd;
	if (bpf(BPF_MAP_UPDATE_ELEM, &element))
		return "a socket in the map";
	link.link_create.prog_fd = (uint32_t)x->program;
	link.link_create.target_ifindex = device;
	link.link_create.attach_type = BPF_XDP;
	link.link_create.flags = XDP_FLAGS_SKB_MODE;
	x->link = bpf(BPF_LINK_CREATE, &link);
	return x->link < 0 ? "the program at the device" : NULL;
}

static bool map_ring(int fd, struct ring *g, const struct xdp_ring_offset *at, size_t entry,
		     off_t which)
{
	g->size = at->desc + RING * entry;
	g->map = mmap(NULL, g->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, which);
	if (g->map == MAP_FAILED) {
		g->map = NULL;
		return false;
	}
	g->producer = (uint32_t *)(void *)(g->map + at->producer);
	g->consumer = (uint32_t *)(void *)(g->map + at->consumer);
	g->entry = g->map + at->desc;
	return true;
}

static bool make_rings(struct xdp *x)
{
	static const int which[] = {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING,
				    XDP_TX_RING};
	struct xdp_umem_reg reg = {.len = FRAMES * RELAY_SLOT, .chunk_size = RELAY_SLOT};
	struct xdp_mmap_offsets at;
	socklen_t len = sizeof(at);
	int size = RING;

	x->frames = mmap(NULL, reg.len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (x->frames == MAP_FAILED) {
		x->frames = NULL;
		return false;
	}
	reg.addr = (uintptr_t)x->frames;
	if (setsockopt(x->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)))
		return false;
	for (unsigned i = 0; i < 4; i++)
		if (setsockopt(x->fd, SOL_XDP, which[i], &size, sizeof(size)))
			return false;
	return !getsockopt(x->fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &len) &&
	       map_ring(x->fd, &x->fill, &at.fr, sizeof(uint64_t), XDP_UMEM_PGOFF_FILL_RING) &&
	       map_ring(x->fd, &x->done, &at.cr, sizeof(uint64_t),
			XDP_UMEM_PGOFF_COMPLETION_RING) &&
	       map_ring(x->fd, &x->come, &at.rx, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING) &&
	       map_ring(x->fd, &x->leave, &at.tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING);
}

static uint32_t theirs(const uint32_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static void publish(uint32_t *at, uint32_t value)
{
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

/* A frame that the kernel may fill; the ring is as large as all that it is ever given. */
static void lend(struct xdp *x, uint64_t frame)
{
	uint32_t at = *x->fill.producer;

	((uint64_t *)x->fill.entry)[at % RING] = frame;
	publish(x->fill.producer, at + 1);
}

/* NULL, or what there cannot be, by errno. */
static const char *begin(struct xdp *x)
{
	struct sockaddr_xdp me = {.sxdp_family = AF_XDP,
				  .sxdp_flags = XDP_COPY,
				  .sxdp_ifindex = if_nametoindex(RELAY_FAR_DEVICE)};
	const char *what;

	*x = (struct xdp){.program = -1, .map = -1, .link = -1};
	x->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (x->fd < 0)
		return "a socket of AF_XDP";
	if (!make_rings(x))
		return "shared memory";
	for (uint64_t i = 0; i < RING; i++)
		lend(x, i * RELAY_SLOT);
	what = attach(x, me.sxdp_ifindex);
	if (what)
		return what;
	return bind(x->fd, (struct sockaddr *)&me, sizeof(me)) ? "the device's queue" : NULL;
}

/* The kernel keeps the queue for as long as anything of it is mapped. */
static void end(struct xdp *x)
{
	const struct ring *ring[] = {&x->fill, &x->done, &x->come, &x->leave};
	const int fds[] = {x->link, x->program, x->map, x->fd};

	for (unsigned i = 0; i < 4; i++) {
		if (ring[i]->map)
			munmap(ring[i]->map, ring[i]->size);
		if (fds[i] >= 0)
			close(fds[i]);
	}
	if (x->frames)
		munmap(x->frames, FRAMES * RELAY_SLOT);
}

/* Two fields of so many bytes, one behind the other. */
static void swap(uint8_t *at, size_t size)
{
	uint8_t first[ETH_ALEN];

	memcpy(first, at, size);
	memcpy(at, at + size, size);
	memcpy(at + size, first, size);
}

/*
 * What routing and neighbours do for a socket, for the one case where all is known: back to where
 * it came from, to another port.  The IP checksum stays what it is; that of UDP is left out, which
 * IPv4 allows and IPv6 does not.
 */
static bool turn_round(uint8_t *frame, uint32_t len, uint16_t port)
{
	if (len != HEADERS + RELAY_PACKET || frame[AT_PROTOCOL] != IPPROTO_UDP)
		return false;
	swap(frame, ETH_ALEN);
	swap(frame + AT_ADDRESSES, sizeof(struct in_addr));
	memcpy(frame + AT_PORT, &port, sizeof(port));
	memset(frame + AT_CHECKSUM, 0, 2);
	return true;
}

/* Frames that came go into the ring of those that leave; returns how many. */
static unsigned pass_frames(struct xdp *x, uint16_t port)
{
	uint32_t at = *x->come.consumer, end_at = theirs(x->come.producer), to = *x->leave.producer;
	unsigned packets = 0;

	for (unsigned i = 0; i < RELAY_SLOTS && at != end_at; i++, at++) {
		struct xdp_desc d = ((struct xdp_desc *)x->come.entry)[at % RING];

		if (!turn_round(x->frames + d.addr, d.len, port)) {
			lend(x, d.addr - d.addr % RELAY_SLOT);
			continue;
		}
		((struct xdp_desc *)x->leave.entry)[to++ % RING] = d;
		packets++;
	}
	publish(x->come.consumer, at);
	publish(x->leave.producer, to);
	return packets;
}

/* Has the kernel send what is in the ring, and takes the frames back. */
static void send_frames(struct xdp *x)
{
	uint32_t at = *x->done.consumer, end_at;

	while (theirs(x->leave.consumer) != *x->leave.producer)
		if (sendto(x->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0)
			bench_must(errno == EAGAIN || errno == EBUSY || errno == ENOBUFS);
	end_at = theirs(x->done.producer);
	for (; at != end_at; at++) {
		uint64_t frame = ((uint64_t *)x->done.entry)[at % RING];

		lend(x, frame - frame % RELAY_SLOT);
	}
	publish(x->done.consumer, at);
}

void relay_xdp(struct relay *r)
{
	struct pollfd wait = {.events = POLLIN};
	const char *what;
	struct xdp x;

	relay_enter(r->world->far_ns);
	what = begin(&x);
	if (what) {
		int err = errno;

		end(&x);
		relay_cannot(r, what, err);
		return;
	}
	wait.fd = x.fd;
	relay_ready(r);
	while (!atomic_load(&r->stop)) {
		unsigned packets;

		if (poll(&wait, 1, RELAY_NAP) <= 0)
			continue;
		packets = pass_frames(&x, r->sink.sin_port);
		send_frames(&x);
		relay_count(r, packets);
	}
	end(&x);
}
