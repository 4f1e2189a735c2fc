/* SPDX-License-Identifier: MIT */
#include "tests/bench/relays.h"

#ifdef HAVE_LIBURING

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/must.h"

enum {
	ENTRIES = 256,       /* of the submission queue */
	DONE = 4096,         /* of the completion queue */
	SLOTS = 1024,        /* buffers that the kernel picks from, */
	MERGED_SLOTS = 64,   /* and where what comes may have been merged */
	MERGED_SLOT = 65536,
	GROUP = 0,
	IN = 0, /* indices of registered files */
	OUT = 1,
};

enum told { TOLD_CAME, TOLD_LEFT };

/* A ring, and what the kernel may still read of ours. */
struct uring {
	struct io_uring ring;
	struct io_uring_buf_ring *lent; /* buffers that the kernel may fill */
	uint8_t *bytes;
	unsigned slots, slot;           /* how many, and of what size */
	struct iovec part[RELAY_SLOTS];
	uint16_t held[RELAY_SLOTS];     /* the buffer of each part */
	struct mmsghdr leave[RELAY_SLOTS];
	unsigned parts;
	bool listening;
};

static void lend(struct uring *u, uint16_t slot, unsigned offset)
{
	io_uring_buf_ring_add(u->lent, u->bytes + (size_t)slot * u->slot, u->slot, slot,
			      io_uring_buf_ring_mask(u->slots), (int)offset);
}

static bool lend_all(struct uring *u, bool merges)
{
	struct io_uring_buf_reg reg = {.bgid = GROUP};
	void *lent = NULL;

	u->slots = merges ? MERGED_SLOTS : SLOTS;
	u->slot = merges ? MERGED_SLOT : RELAY_SLOT;
	u->bytes = calloc(u->slots, u->slot);
	bench_must(u->bytes != NULL);
	bench_must(!posix_memalign(&lent, 4096, u->slots * sizeof(struct io_uring_buf)));
	u->lent = lent;
	reg.ring_addr = (uintptr_t)lent;
	reg.ring_entries = u->slots;
	io_uring_buf_ring_init(u->lent);
	if (io_uring_register_buf_ring(&u->ring, &reg, 0))
		return false;
	for (unsigned i = 0; i < u->slots; i++)
		lend(u, (uint16_t)i, i);
	io_uring_buf_ring_advance(u->lent, (int)u->slots);
	return true;
}

/* False when this kernel, or who runs it, does not want io_uring; says so. */
static bool begin(struct uring *u, struct relay *r)
{
	struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER |
					     IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
				    .cq_entries = DONE};
	const int files[] = {[IN] = r->in, [OUT] = r->out};
	int err;

	memset(u, 0, sizeof(*u));
	err = io_uring_queue_init_params(ENTRIES, &u->ring, &p);
	if (err) {
		relay_cannot(r, "this kernel or container gives no io_uring", -err);
		return false;
	}
	bench_must(io_uring_register_files(&u->ring, files, 2) == 0);
	if (lend_all(u, r->way->merges))
		return true;
	relay_cannot(r, "this kernel knows no rings of buffers", 0);
	io_uring_queue_exit(&u->ring);
	free(u->lent);
	free(u->bytes);
	return false;
}

static struct io_uring_sqe *entry(struct uring *u)
{
	struct io_uring_sqe *e = io_uring_get_sqe(&u->ring);

	bench_must(e != NULL);
	return e;
}

/* Once, and again whenever the kernel ran out of buffers. */
static void listen_on(struct uring *u)
{
	struct io_uring_sqe *e = entry(u);

	io_uring_prep_recv_multishot(e, IN, NULL, 0, 0);
	e->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
	e->buf_group = GROUP;
	io_uring_sqe_set_data64(e, TOLD_CAME);
	u->listening = true;
}

/* Nothing is told of what left, so that it wakes nobody: it has left when it was submitted. */
static void leave(struct uring *u, unsigned message)
{
	const struct msghdr *m = &u->leave[message].msg_hdr;
	struct io_uring_sqe *e = entry(u);

	if (m->msg_iovlen == 1)
		io_uring_prep_send(e, OUT, m->msg_iov->iov_base, m->msg_iov->iov_len, MSG_DONTWAIT);
	else
		io_uring_prep_sendmsg(e, OUT, m, MSG_DONTWAIT);
	e->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
	io_uring_sqe_set_data64(e, TOLD_LEFT);
}

/* Takes what has come, up to RELAY_SLOTS; returns how many packets. */
static unsigned take(struct uring *u)
{
	struct io_uring_cqe *cqe;
	unsigned head, seen = 0, packets = 0;

	io_uring_for_each_cqe(&u->ring, head, cqe) {
		uint16_t slot = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);

		if (u->parts == RELAY_SLOTS)
			break;
		seen++;
		bench_must(cqe->user_data == TOLD_CAME); /* the other tells of failures alone */
		if (!(cqe->flags & IORING_CQE_F_MORE))
			u->listening = false;
		if (cqe->res <= 0) {
			bench_must(cqe->res == -ENOBUFS);
			continue;
		}
		bench_must(cqe->res % RELAY_PACKET == 0);
		packets += (unsigned)cqe->res / RELAY_PACKET;
		u->part[u->parts] = (struct iovec){u->bytes + (size_t)slot * u->slot,
						   (size_t)cqe->res};
		u->held[u->parts++] = slot;
	}
	io_uring_cq_advance(&u->ring, seen);
	return packets;
}

/* What was submitted has left: its buffers may be filled again. */
static void give_back(struct uring *u)
{
	for (unsigned i = 0; i < u->parts; i++)
		lend(u, u->held[i], i);
	io_uring_buf_ring_advance(u->lent, (int)u->parts);
	u->parts = 0;
}

/* One call: what was taken leaves, and unless more has come already it sleeps. */
static void submit(struct uring *u)
{
	struct __kernel_timespec nap = {.tv_nsec = RELAY_NAP * 1000000LL};
	struct io_uring_cqe *cqe;
	int got = io_uring_submit_and_wait_timeout(&u->ring, &cqe, 1, &nap, NULL);

	bench_must(got >= 0 || got == -ETIME || got == -EINTR);
}

void relay_uring(struct relay *r)
{
	unsigned most = r->way->runs ? RELAY_RUN : 1;
	struct uring u;

	if (!begin(&u, r))
		return;
	relay_ready(r);
	while (!atomic_load(&r->stop)) {
		unsigned packets, messages;

		if (!u.listening)
			listen_on(&u);
		submit(&u);
		give_back(&u);
		packets = take(&u);
		messages = relay_join(u.leave, u.part, u.parts, most);
		for (unsigned i = 0; i < messages; i++)
			leave(&u, i);
		relay_count(r, packets);
	}
	io_uring_queue_exit(&u.ring);
	free(u.lent);
	free(u.bytes);
}

#else

void relay_uring(struct relay *r)
{
	relay_cannot(r, "built without liburing", 0);
}

#endif
