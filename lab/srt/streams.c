/* SPDX-License-Identifier: MIT */
#include "lab/srt/streams.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "lab/srt/stamp.h"

void streams_init(struct streams *s, const char *dir)
{
	memset(s, 0, sizeof(*s));
	s->dir = dir;
}

void streams_finish(struct streams *s)
{
	unsigned count = atomic_load(&s->count);

	for (unsigned i = 0; i < count; i++) {
		ledger_finish(&s->of[i].ledger);
		sessions_finish(&s->of[i].sessions);
	}
	atomic_store(&s->count, 0);
}

static bool open_ledger(const struct streams *s, struct stream *t)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s.ledger", s->dir, t->id), r;

	if (len < 0 || (size_t)len >= sizeof(path)) {
		program_say("%s: the name is too long", s->dir);
		return false;
	}
	r = ledger_map(&t->ledger, path, PROGRAM_LEDGER_ROOM);
	if (r < 0)
		program_say("%s: %s", path, r == -EINVAL ? "is no ledger" : strerror(-r));
	return r == 0;
}

struct stream *streams_open(struct streams *s, const char *id)
{
	struct stream *t = streams_by_id(s, id);
	unsigned count = atomic_load(&s->count);

	if (t)
		return t;
	if (!program_stream_id(id)) {
		program_say("a caller is refused: its stream id is no file name");
		goto refuse;
	}
	if (count == STREAMS) {
		program_say("a caller is refused: there are %d streams", STREAMS);
		goto refuse;
	}
	t = &s->of[count];
	memset(t, 0, sizeof(*t));
	strcpy(t->id, id);
	t->tag = stamp_stream(id);
	if (!open_ledger(s, t))
		goto refuse;
	sessions_init(&t->sessions);
	atomic_store(&s->count, count + 1);
	return t;

refuse:
	atomic_fetch_add(&s->refused, 1);
	return NULL;
}

struct stream *streams_by_id(struct streams *s, const char *id)
{
	unsigned count = atomic_load(&s->count);

	for (unsigned i = 0; i < count; i++) {
		if (strcmp(s->of[i].id, id) == 0)
			return &s->of[i];
	}
	return NULL;
}

struct stream *streams_by_tag(struct streams *s, uint64_t tag)
{
	unsigned count = atomic_load(&s->count);

	for (unsigned i = 0; i < count; i++) {
		if (s->of[i].tag == tag)
			return &s->of[i];
	}
	return NULL;
}

void streams_play(struct stream *t, const uint8_t *message, size_t len, ustime now)
{
	const struct ledger_entry *e;
	struct stamp s;

	if (!stamp_verify(&s, message, len)) {
		t->damaged++;
		return;
	}
	if (s.stream != t->tag) {
		t->strange++;
		return;
	}
	e = ledger_at(&t->ledger, s.number);
	if (e && e->played) {
		t->duplicates++;
		return;
	}
	if (s.number < t->next)
		t->disorder++;
	else
		t->next = s.number + 1;
	t->played++;
	ledger_play(&t->ledger, s.number, now);
}
