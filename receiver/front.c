/* SPDX-License-Identifier: MIT */
#include "receiver/front.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receiver/portlock.h"
#include "shared/io/log.h"
#include "shared/io/udp.h"
#include "shared/wire/srtla.h"

enum {
	BUFFER = 4 * 1024 * 1024,       /* 50 ms of a full gigabit, while we are held up */
	BUFFER_LEAST = 1 * 1024 * 1024, /* less is worth a word */
	REGISTRATION_BUFFER = 1024 * 1024, /* every link of 80 full groups at once */
	REGISTRATION_SEND_BUFFER = 256 * 1024,
};

/* A buffer that is too small loses packets of every stream, and nothing else shows it. */
static void check_buffer(int fd)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len))
		return;
	bytes /= 2; /* the kernel counts as much again for its own use, see socket(7) */
	if (bytes < BUFFER_LEAST)
		log_warn("event=small_buffer bytes=%d wanted=%d why=\"sysctl net.core.rmem_max\"",
			 bytes, BUFFER);
}

static void clear(struct front *f)
{
	memset(f, 0, sizeof(*f));
	f->fd = f->registration = f->lock = -1;
}

static int open_door(const struct endpoint *at, bool second)
{
	const struct udp_options opt = {
		.dual_stack = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.tell_local = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.shared = second,
		.receive_buffer = second ? REGISTRATION_BUFFER : BUFFER,
		.send_buffer = second ? REGISTRATION_SEND_BUFFER : BUFFER,
	};

	return udp_open(at, &opt);
}

static int split(const struct front *f)
{
	const struct udp_split registrations = {
		.len = SRTLA_REG_LEN, .begin = {SRTLA_REG1, SRTLA_REG2}};

	return udp_split(f->fd, &registrations);
}

/* 0 or -errno; then there is no second door, and nobody else can have the port either. */
static int open_second(struct front *f)
{
	int err = udp_share(f->fd, true);

	if (err)
		return err;
	f->registration = open_door(&f->local, true);
	if (f->registration < 0)
		err = f->registration;
	else
		err = split(f);
	if (err == 0)
		return 0;
	if (f->registration >= 0)
		close(f->registration);
	f->registration = -1;
	udp_share(f->fd, false);
	return err;
}

static void want_second(struct front *f)
{
	int err = open_second(f);

	if (err)
		log_warn("event=one_door why=\"%s\"", strerror(-err));
}

/*
 * Where we may have no such lock, the port itself, which the first socket took for itself
 * alone, still keeps others out.
 */
static int lock_port(struct front *f)
{
	f->lock = portlock_take(&f->local);
	if (f->lock != -EADDRINUSE)
		return 0;
	f->holder = portlock_holder(&f->local);
	return -EADDRINUSE;
}

static int open_at(struct front *f, const struct endpoint *at)
{
	int fd = open_door(at, false);
	int err;

	clear(f);
	if (fd == -EADDRINUSE)
		f->holder = portlock_holder(at);
	if (fd < 0)
		return fd;
	f->fd = fd;
	err = udp_local(f->fd, &f->local);
	if (err == 0)
		err = lock_port(f);
	if (err) {
		front_close(f);
		return err;
	}
	check_buffer(f->fd);
	want_second(f);
	return 0;
}

int front_open(struct front *f, const struct endpoint *at, uint16_t port, struct endpoint *failed)
{
	int err;

	if (at->family != FAMILY_NONE) {
		*failed = *at;
		failed->port = port;
		return open_at(f, failed);
	}
	endpoint_parse("::", failed);
	failed->port = port;
	err = open_at(f, failed);
	if (err != -EAFNOSUPPORT && err != -EADDRNOTAVAIL)
		return err;
	endpoint_parse("0.0.0.0", failed);
	failed->port = port;
	return open_at(f, failed);
}

int front_adopt(struct front *f, int media_fd, int registration_fd)
{
	struct endpoint other;
	int err = udp_adopt(media_fd);

	clear(f);
	if (err == 0)
		err = udp_local(media_fd, &f->local);
	if (err == 0 && registration_fd >= 0)
		err = udp_adopt(registration_fd);
	if (err == 0 && registration_fd >= 0)
		err = udp_local(registration_fd, &other);
	if (err == 0 && registration_fd >= 0 && !endpoint_equal(&other, &f->local))
		err = -EINVAL;
	if (err == 0)
		err = lock_port(f);
	if (err)
		return err;
	f->fd = media_fd;
	f->registration = registration_fd;
	if (registration_fd < 0)
		want_second(f);
	else
		split(f); /* it has been; our own idea of it may be a newer one */
	return 0;
}

int front_media_fd(const struct front *f)
{
	return f->fd;
}

int front_registration_fd(const struct front *f)
{
	return f->registration;
}

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
	f->registrations = 0;
	door_read(f->door, f->fd, FRONT_READS, heard_media, f, now);
}

static void registrations(void *arg, int events, ustime now)
{
	struct front *f = arg;

	(void)events;
	door_read(f->door, f->registration, FRONT_REGISTRATIONS, heard_registration, f, now);
}

static void asked(void *arg, int events, ustime now)
{
	struct front *f = arg;

	(void)events;
	(void)now;
	portlock_answer(f->lock);
}

int front_start(struct front *f, struct door *door)
{
	f->door = door;
	f->watch = loop_watch(door->loop, f->fd, LOOP_READ, media, f);
	if (!f->watch)
		return -ENOMEM;
	if (f->registration >= 0) {
		f->registration_watch = loop_watch(door->loop, f->registration, LOOP_READ,
						   registrations, f);
		if (!f->registration_watch)
			return -ENOMEM;
	}
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
	shut(f, &f->lock_watch, &f->lock);
	shut(f, &f->registration_watch, &f->registration);
	shut(f, &f->watch, &f->fd);
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
	int fd = f->registration >= 0 && answers(p) ? f->registration : f->fd;

	if (udp_send(fd, p, true) == 0)
		f->packets_out++;
	else
		f->refused++;
	pkt_free(p);
}
