/* SPDX-License-Identifier: MIT */
#include "sender/core/sentlog.h"

#include <string.h>

#include "shared/base/seq.h"

enum {
	NUMBER_MASK = SENTLOG_NUMBERS - 1,
	SLOT_MASK = SENTLOG_SLOTS - 1,
	NOBODY = UINT16_MAX,
};

static uint16_t slot_of(unsigned link, unsigned place)
{
	return (uint16_t)(link * SENTLOG_SLOTS + place);
}

void sentlog_init(struct sentlog *log)
{
	memset(log, 0, sizeof(*log));
	for (unsigned i = 0; i < SENTLOG_NUMBERS; i++) {
		log->number[i].seq = SEQ_NONE;
		log->number[i].first = NOBODY;
	}
	for (unsigned i = 0; i < SENDER_LINKS * SENTLOG_SLOTS; i++)
		log->slot[i].seq = SEQ_NONE;
}

static void empty(struct sentlog *log, uint16_t id)
{
	struct sentlog_slot *slot = &log->slot[id];

	if (slot->seq == SEQ_NONE)
		return;
	if (slot->prev == NOBODY)
		log->number[slot->seq & NUMBER_MASK].first = slot->next;
	else
		log->slot[slot->prev].next = slot->next;
	if (slot->next != NOBODY)
		log->slot[slot->next].prev = slot->prev;
	slot->seq = SEQ_NONE;
	log->held[id / SENTLOG_SLOTS]--;
}

static uint16_t first_owner(const struct sentlog *log, uint32_t seq)
{
	return log->number[seq & NUMBER_MASK].seq == seq ? log->number[seq & NUMBER_MASK].first
							 : NOBODY;
}

/* Every link lets go of the number that is kept at this index, whichever it is. */
static void forget(struct sentlog *log, uint32_t index)
{
	while (log->number[index & NUMBER_MASK].first != NOBODY)
		empty(log, log->number[index & NUMBER_MASK].first);
}

/* Makes room for the numbers up to seq, at the cost of those a whole ring behind. */
static void advance(struct sentlog *log, uint32_t seq)
{
	uint32_t oldest;

	while (log->newest != seq) {
		log->newest = seq_add(log->newest, 1);
		forget(log, log->newest);
	}
	oldest = (seq - (SENTLOG_NUMBERS - 1)) & SEQ_MASK;
	if (seq_before(log->floor, oldest))
		log->floor = oldest;
}

bool sentlog_add(struct sentlog *log, unsigned link, uint32_t seq)
{
	int32_t ahead = seq_diff(seq, log->newest);
	bool same = log->any && ahead < SENTLOG_NUMBERS && ahead > -SENTLOG_NUMBERS;
	bool first = !log->any;
	uint16_t id;

	if (!same) {
		sentlog_init(log);
		log->any = true;
		log->newest = log->floor = seq;
	} else if (ahead > 0) {
		advance(log, seq);
	} else if (seq_before(seq, log->floor)) {
		log->floor = seq;
	}

	sentlog_remove(log, link, seq);
	id = slot_of(link, log->at[link]);
	log->slot[id].seq = seq;
	log->slot[id].prev = NOBODY;
	log->slot[id].next = first_owner(log, seq);
	if (log->slot[id].next != NOBODY)
		log->slot[log->slot[id].next].prev = id;
	log->number[seq & NUMBER_MASK].seq = seq;
	log->number[seq & NUMBER_MASK].first = id;
	log->held[link]++;

	log->at[link] = (log->at[link] + 1) & SLOT_MASK;
	empty(log, slot_of(link, log->at[link]));
	return same || first;
}

uint64_t sentlog_owners(const struct sentlog *log, uint32_t seq)
{
	uint64_t owners = 0;

	for (uint16_t id = first_owner(log, seq); id != NOBODY; id = log->slot[id].next)
		owners |= UINT64_C(1) << (id / SENTLOG_SLOTS);
	return owners;
}

void sentlog_remove(struct sentlog *log, unsigned link, uint32_t seq)
{
	for (uint16_t id = first_owner(log, seq); id != NOBODY; id = log->slot[id].next) {
		if (id / SENTLOG_SLOTS == link) {
			empty(log, id);
			return;
		}
	}
}

bool sentlog_ack(struct sentlog *log, uint32_t next)
{
	int32_t ahead = seq_diff(next, log->newest);

	if (!log->any || ahead > 1 || ahead < -SENTLOG_NUMBERS)
		return false;
	while (seq_before(log->floor, next)) {
		if (log->number[log->floor & NUMBER_MASK].seq == log->floor)
			forget(log, log->floor);
		log->floor = seq_add(log->floor, 1);
	}
	return true;
}

void sentlog_clear_link(struct sentlog *log, unsigned link)
{
	for (unsigned place = 0; place < SENTLOG_SLOTS; place++)
		empty(log, slot_of(link, place));
}

uint32_t sentlog_span(const struct sentlog *log)
{
	return log->any ? (uint32_t)(seq_diff(log->newest, log->floor) + 1) : 0;
}
