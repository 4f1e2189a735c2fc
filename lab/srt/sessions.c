/* SPDX-License-Identifier: MIT */
#include "lab/srt/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "lab/srt/program.h"

enum { US_PER_MS = 1000 };

static const char *const counter_name[COUNTERS] = {
	[COUNTER_SENT] = "sent",
	[COUNTER_SENT_UNIQUE] = "sent_unique",
	[COUNTER_RETRANSMITTED] = "retransmitted",
	[COUNTER_SEND_LOST] = "send_lost",
	[COUNTER_SEND_DROPPED] = "send_dropped",
	[COUNTER_RECEIVED] = "received",
	[COUNTER_RECEIVED_UNIQUE] = "received_unique",
	[COUNTER_RECEIVED_RETRANSMITTED] = "received_retransmitted",
	[COUNTER_LOST] = "lost",
	[COUNTER_DROPPED] = "dropped",
	[COUNTER_BELATED] = "belated",
	[COUNTER_UNDECRYPTED] = "undecrypted",
	[COUNTER_NAKS_SENT] = "naks_sent",
	[COUNTER_NAKS_RECEIVED] = "naks_received",
	[COUNTER_ACKS_SENT] = "acks_sent",
	[COUNTER_ACKS_RECEIVED] = "acks_received",
	[COUNTER_BYTES_SENT] = "bytes_sent",
	[COUNTER_BYTES_RECEIVED] = "bytes_received",
	[COUNTER_BYTES_RETRANSMITTED] = "bytes_retransmitted",
};

void sessions_init(struct sessions *s)
{
	memset(s, 0, sizeof(*s));
}

void sessions_finish(struct sessions *s)
{
	free(s->of);
	sessions_init(s);
}

size_t sessions_begin(struct sessions *s, ustime now, usspan latency)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 4;
		s->of = realloc(s->of, s->room * sizeof(*s->of));
		if (!s->of)
			abort();
	}
	s->of[s->count] = (struct session){.from = now, .until = now, .latency = latency};
	return s->count++;
}

static void copy(int64_t counter[COUNTERS], const SRT_TRACEBSTATS *t)
{
	counter[COUNTER_SENT] = t->pktSentTotal;
	counter[COUNTER_SENT_UNIQUE] = t->pktSentUniqueTotal;
	counter[COUNTER_RETRANSMITTED] = t->pktRetransTotal;
	counter[COUNTER_SEND_LOST] = t->pktSndLossTotal;
	counter[COUNTER_SEND_DROPPED] = t->pktSndDropTotal;
	counter[COUNTER_RECEIVED] = t->pktRecvTotal;
	counter[COUNTER_RECEIVED_UNIQUE] = t->pktRecvUniqueTotal;
	counter[COUNTER_RECEIVED_RETRANSMITTED] = t->pktRcvRetrans;
	counter[COUNTER_LOST] = t->pktRcvLossTotal;
	counter[COUNTER_DROPPED] = t->pktRcvDropTotal;
	counter[COUNTER_BELATED] = t->pktRcvBelated;
	counter[COUNTER_UNDECRYPTED] = t->pktRcvUndecryptTotal;
	counter[COUNTER_NAKS_SENT] = t->pktSentNAKTotal;
	counter[COUNTER_NAKS_RECEIVED] = t->pktRecvNAKTotal;
	counter[COUNTER_ACKS_SENT] = t->pktSentACKTotal;
	counter[COUNTER_ACKS_RECEIVED] = t->pktRecvACKTotal;
	counter[COUNTER_BYTES_SENT] = (int64_t)t->byteSentTotal;
	counter[COUNTER_BYTES_RECEIVED] = (int64_t)t->byteRecvTotal;
	counter[COUNTER_BYTES_RETRANSMITTED] = (int64_t)t->byteRetransTotal;
}

bool sessions_look(struct sessions *s, size_t at, SRTSOCKET sock, ustime now, bool fresh,
		   SRT_TRACEBSTATS *all)
{
	struct session *one = &s->of[at];
	SRT_TRACEBSTATS own, *t = all ? all : &own;

	if (srt_bistats(sock, t, fresh, 1) == SRT_ERROR)
		return false;
	copy(one->counter, t);
	one->rtt = (usspan)(t->msRTT * US_PER_MS);
	one->until = now;
	return true;
}

static void put(json_t *j, const int64_t counter[COUNTERS])
{
	for (size_t i = 0; i < COUNTERS; i++)
		json_object_set_new(j, counter_name[i], json_integer(counter[i]));
}

json_t *sessions_sum(const struct sessions *s)
{
	int64_t sum[COUNTERS] = {0};
	json_t *j = json_object();

	for (size_t n = 0; n < s->count; n++) {
		for (size_t i = 0; i < COUNTERS; i++)
			sum[i] += s->of[n].counter[i];
	}
	put(j, sum);
	return j;
}

json_t *sessions_json(const struct sessions *s, ustime zero)
{
	json_t *all = json_array();

	for (size_t n = 0; n < s->count; n++) {
		const struct session *one = &s->of[n];
		json_t *j = json_pack("{so so sf sf}", "from_s", program_seconds(one->from - zero),
				      "until_s", program_seconds(one->until - zero), "rtt_ms",
				      (double)one->rtt / US_PER_MS, "latency_ms",
				      (double)one->latency / US_PER_MS);

		put(j, one->counter);
		json_array_append_new(all, j);
	}
	return all;
}
