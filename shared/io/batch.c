/* SPDX-License-Identifier: MIT */
#include "shared/io/batch.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#include "shared/io/batch_inside.h"
#include "shared/io/log.h"

/* Neither call has anything to do here, so all that either can say is whether it exists. */
static bool knows_mmsg(int fd)
{
	struct mmsghdr none;

	return sendmmsg(fd, &none, 0, 0) == 0 && recvmmsg(fd, &none, 0, MSG_DONTWAIT, NULL) == 0;
}

static bool takes(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_UDP, option, &value, sizeof(value)) == 0;
}

/* What a socket of this kernel, and of whoever confines us, can do. */
static enum batch_io probe(enum batch_io want)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	enum batch_io io = BATCH_PLAIN;

	if (fd < 0)
		return BATCH_PLAIN;
	if (want >= BATCH_MMSG && knows_mmsg(fd))
		io = BATCH_MMSG;
	if (want >= BATCH_GSO && io == BATCH_MMSG && takes(fd, UDP_SEGMENT, 0))
		io = BATCH_GSO;
	close(fd);
	return io;
}

struct batch *batch_create(enum batch_io want, struct loop *loop, struct pkt_pool *pool)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->io = want == BATCH_PLAIN ? BATCH_PLAIN : probe(want);
	b->loop = loop;
	b->pool = pool;
	b->in.used = UINT64_MAX;
	if (b->io == BATCH_GSO) {
		b->in.rest = malloc(BATCH_COALESCED * sizeof(*b->in.rest));
		if (!b->in.rest) {
			free(b);
			errno = ENOMEM;
			return NULL;
		}
	}
	return b;
}

void batch_destroy(struct batch *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < BATCH_MOST; i++)
		pkt_free(b->in.pkt[i]);
	free(b->in.rest);
	free(b);
}

enum batch_io batch_io(const struct batch *b)
{
	return b->io;
}

const struct batch_counts *batch_counts(const struct batch *b)
{
	return &b->count;
}

const char *batch_io_name(enum batch_io io)
{
	static const char *const names[] = {"plain", "mmsg", "gso", "auto"};

	return names[io];
}

void batch_log_io(const struct batch *b, enum batch_io asked, usspan coalesce)
{
	if (asked != BATCH_AUTO && asked != b->io)
		log_warn("event=io_missing wanted=%s way=%s", batch_io_name(asked),
			 batch_io_name(b->io));
	log_info("event=io way=%s coalesce_us=%" PRId64, batch_io_name(b->io), coalesce);
}

void batch_coalesce(const struct batch *b, struct batch_socket *s)
{
	bool on = b->io == BATCH_GSO;

	/* Also off: a socket that another process had may have been set by it. */
	s->coalesces = takes(s->fd, UDP_GRO, on) && on;
}
