/* SPDX-License-Identifier: MIT */
#include "shared/io/batch.h"

#include <errno.h>
#include <string.h>

#include "shared/io/batch_inside.h"
#include "shared/io/log.h"
#include "shared/io/udp.h"

/* A queue that was full, or a path too narrow for a run, may be neither for long. */
#define RUNS_AGAIN SEC(5)

static bool same_way(const struct batch_socket *s, const struct pkt *p, const struct pkt *q)
{
	return (!s->addressed || endpoint_equal(&p->peer, &q->peer)) &&
	       endpoint_equal(&p->local, &q->local);
}

/*
 * How many packets from p on can leave as one: all of its length, but the last, which may be
 * shorter.  udp(7), UDP_SEGMENT.
 */
static unsigned run_length(const struct batch *b, const struct batch_socket *s,
			   const struct pkt *p, unsigned most)
{
	size_t bytes = p->len;
	unsigned n = 1;

	if (b->io != BATCH_GSO || s->run_least == 0 ||
	    loop_now(b->loop) < s->runs_from)
		return 1;
	if (most > s->run_most)
		most = s->run_most;
	for (const struct pkt *q = p->next; q && n < most; q = q->next) {
		bytes += q->len;
		if (q->len > p->len || q->len == 0 || bytes > BATCH_RUN_BYTES || !same_way(s, p, q))
			break;
		n++;
		if (q->len < p->len)
			break;
	}
	return n < s->run_least ? 1 : n;
}

/* One message of `run` packets from p on. */
static void fill(struct batch_outgo *out, const struct batch_socket *s, unsigned m,
		 struct iovec *part, const struct pkt *p, unsigned run)
{
	struct msghdr *msg = &out->msg[m].msg_hdr;

	*msg = (struct msghdr){.msg_iov = part, .msg_iovlen = run};
	out->run[m] = run;
	if (s->addressed) {
		msg->msg_name = &out->to[m];
		msg->msg_namelen = udp_to_sockaddr(&p->peer, &out->to[m]);
	}
	if (p->local.family != FAMILY_NONE)
		ancillary_put_local(msg, &out->beside[m], &p->local);
	if (run > 1)
		ancillary_put_segment(msg, &out->beside[m], p->len);
	for (; run > 0; run--, p = p->next)
		*part++ = (struct iovec){(void *)(uintptr_t)p->data, p->len};
}

/* What one call can take from the front of the list; returns how many messages that is. */
static unsigned gather(struct batch *b, const struct batch_socket *s, const struct pkt_list *list)
{
	unsigned most = b->io == BATCH_PLAIN ? 1 : BATCH_MOST;
	const struct pkt *p = list->head;
	unsigned messages = 0, parts = 0;

	while (p && messages < most && parts < BATCH_PARTS) {
		unsigned run = run_length(b, s, p, BATCH_PARTS - parts);

		fill(&b->out, s, messages, &b->out.part[parts], p, run);
		messages++;
		parts += run;
		for (; run > 0; run--)
			p = p->next;
	}
	return messages;
}

/* How many messages went, 1 or more, or -errno of the first. */
static int transmit(const struct batch *b, int fd, struct mmsghdr *msg, unsigned count)
{
	int n;

	do {
		if (b->io != BATCH_PLAIN)
			n = sendmmsg(fd, msg, count, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			n = sendmsg(fd, &msg->msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 1;
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void drop(struct pkt_list *list, unsigned count)
{
	for (; count > 0; count--)
		pkt_free(pkt_list_pop(list));
}

static void have_left(struct batch *b, struct pkt_list *list, unsigned messages)
{
	b->count.writes++;
	for (unsigned m = 0; m < messages; m++) {
		unsigned run = b->out.run[m];

		b->count.left += run;
		b->count.runs += run > 1;
		b->count.in_runs += run > 1 ? run : 0;
		drop(list, run);
	}
}

/* In the order in which the reasons first came up. */
static void count_refusal(struct batch_refusal *r, int err)
{
	unsigned i = 0;

	while (i < BATCH_ERRORS - 1 && r[i].err != 0 && r[i].err != err)
		i++;
	if (r[i].err == 0)
		r[i].err = err;
	r[i].count++;
}

static void refuse(struct batch *b, struct pkt_list *list, size_t count, int err,
		   const struct batch_sender *from)
{
	for (; count > 0; count--) {
		b->count.refused++;
		count_refusal(b->count.refusal, err);
		from->refused(from->arg, pkt_list_pop(list), err);
	}
}

static void stop_runs(const struct batch *b, struct batch_socket *s, int err, bool for_good)
{
	s->runs_from = for_good ? NEVER : loop_now(b->loop) + RUNS_AGAIN;
	log_debug("event=runs_off socket=%s why=\"%s\" for_good=%d", s->name, strerror(err),
		  for_good);
}

/*
 * The kernel would not take a run: what has not left goes again, alone.  Only where a queue on
 * the way was full some of it may have left: that is for whoever looks for losses to find out.
 */
static void run_refused(struct batch *b, struct batch_socket *s, struct pkt_list *list, int err)
{
	if (err == ENOBUFS) {
		b->count.in_doubt += b->out.run[0];
		drop(list, b->out.run[0]);
	}
	/* with an address of ours that is no more, EINVAL is what each packet gets */
	stop_runs(b, s, err, err == EIO || (err == EINVAL && !s->addressed));
}

/* These say something about runs, where they answer one. */
static bool blames_run(int err)
{
	return err == EIO || err == EINVAL || err == EMSGSIZE || err == ENOBUFS || err == ENOMEM;
}

void batch_send(struct batch *b, struct batch_socket *s, struct pkt_list *list,
		const struct batch_sender *from)
{
	bool tried = false;

	while (list->head) {
		int sent = transmit(b, s->fd, b->out.msg, gather(b, s, list));
		int err = -sent;

		if (sent > 0) {
			have_left(b, list, (unsigned)sent);
			tried = false;
		} else if (b->out.run[0] > 1 && blames_run(err)) {
			run_refused(b, s, list, err);
		} else if (err == EAGAIN) {
			refuse(b, list, list->count, err, from); /* it is full for all of them */
		} else if (!tried && err != ENOBUFS && from->again && from->again(from->arg, err)) {
			tried = true;
		} else {
			refuse(b, list, b->out.run[0], err, from);
			tried = false;
		}
	}
}
