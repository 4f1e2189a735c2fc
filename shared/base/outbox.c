/* SPDX-License-Identifier: MIT */
#include "shared/base/outbox.h"

void outbox_init(struct outbox *out)
{
	out->packets = (struct pkt_list){0};
	out->note_count = 0;
	out->notes_lost = 0;
}

void outbox_finish(struct outbox *out)
{
	pkt_list_clear(&out->packets);
	out->note_count = 0;
}

void outbox_put(struct outbox *out, unsigned port, struct pkt *p)
{
	p->port = port;
	pkt_list_push(&out->packets, p);
}

struct pkt *outbox_take(struct outbox *out)
{
	return pkt_list_pop(&out->packets);
}

void outbox_note(struct outbox *out, const struct note *n)
{
	if (out->note_count == OUTBOX_NOTES) {
		out->notes_lost++;
		return;
	}
	out->notes[out->note_count++] = *n;
}

void outbox_clear_notes(struct outbox *out)
{
	out->note_count = 0;
}
