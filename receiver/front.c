/* SPDX-License-Identifier: MIT */
#include "receiver/front.h"

#include <errno.h>
#include <unistd.h>

#include "receiver/portlock.h"
#include "shared/wire/srtla.h"

static void pass(struct front *f, struct pkt *p, ustime now)
{
	f->packets_in++;
	f->bytes_in += p->len;
	receiver_from_net(f->door->receiver, p, now, &f->door->out);
}

static bool registers(const struct pkt *p)
{
	enum srtla_type type = srtla_type(p->data, p->len);

	return type == SRTLA_REG1 || type == SRTLA_REG2;
}

static void heard_media(void *arg, struct pkt *p, ustime now)
{
	struct front *f = arg;

	if (registers(p) && ++f->registrations > FRONT_REGISTRATIONS) {
		f->crowded++;
		pkt_free(p);
		return;
	}
	pass(f, p, now);
}

static void heard_registration(void *arg, struct pkt *p, ustime now)
{
	pass(arg, p, now);
}

static void media(void *arg, int events, ustime now)
{
	struct front *f = arg;

	(void)events;
	(void)now;
	f->registrations = 0;
	door_read(f->door, &f->media.socket, FRONT_READS, heard_media, f);
}

static void registrations(void *arg, int events, ustime now)
{
	struct front *f = arg;

	(void)events;
	(void)now;
	door_read(f->door, &f->registration.socket, FRONT_REGISTRATIONS, heard_registration, f);
}

static void asked(void *arg, int events, ustime now)
{
	struct front *f = arg;

	(void)events;
	(void)now;
	portlock_answer(f->lock);
}

/* Answers are small and go to many: none of them leave as one. */
static bool start_door(struct front *f, struct front_door *d, const char *name,
		       void (*fn)(void *arg, int events, ustime now))
{
	d->socket.name = name;
	d->socket.addressed = true;
	d->watch = loop_watch(f->door->loop, d->socket.fd, LOOP_READ, fn, f);
	return d->watch;
}

int front_start(struct front *f, struct door *door)
{
	f->door = door;
	if (!start_door(f, &f->media, "media", media))
		return -ENOMEM;
	batch_coalesce(door->batch, &f->media.socket);
	if (f->registration.socket.fd >= 0 &&
	    !start_door(f, &f->registration, "registrations", registrations))
		return -ENOMEM;
	if (f->lock >= 0) /* without it, the queue of those who ask fills up, and that is all */
		f->lock_watch = loop_watch(door->loop, f->lock, LOOP_READ, asked, f);
	return 0;
}

static void shut(struct front *f, struct loop_watch **watch, int *fd)
{
	if (f->door)
		loop_unwatch(f->door->loop, *watch);
	*watch = NULL;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void front_close(struct front *f)
{
	pkt_list_clear(&f->registration.answers);
	pkt_list_clear(&f->media.answers);
	shut(f, &f->lock_watch, &f->lock);
	shut(f, &f->registration.watch, &f->registration.socket.fd);
	shut(f, &f->media.watch, &f->media.socket.fd);
}

/* Belongs to the registration conversation. */
static bool answers(const struct pkt *p)
{
	switch (srtla_type(p->data, p->len)) {
	case SRTLA_REG2:
	case SRTLA_REG3:
	case SRTLA_REG_ERR:
	case SRTLA_REG_NGP:
		return true;
	default:
		return false;
	}
}

void front_send(struct front *f, struct pkt *p)
{
	bool registration = f->registration.socket.fd >= 0 && answers(p);

	pkt_list_push(registration ? &f->registration.answers : &f->media.answers, p);
}

size_t front_waiting(const struct front *f)
{
	return f->media.answers.count + f->registration.answers.count;
}

static void refused(void *arg, struct pkt *p, int err)
{
	struct front *f = arg;

	(void)err; /* of one member's address; that of the next may be good */
	f->refused++;
	pkt_free(p);
}

static void flush(struct front *f, struct front_door *d)
{
	const struct batch_sender from = {.refused = refused, .arg = f};
	uint64_t before = f->refused;
	size_t count = d->answers.count;

	batch_send(f->door->batch, &d->socket, &d->answers, &from);
	f->packets_out += count - (f->refused - before);
}

void front_flush(struct front *f)
{
	flush(f, &f->registration);
	flush(f, &f->media);
}
