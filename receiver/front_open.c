/* SPDX-License-Identifier: MIT */
#include "receiver/front.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "receiver/portlock.h"
#include "shared/io/buffers.h"
#include "shared/io/log.h"
#include "shared/io/udp.h"
#include "shared/wire/srtla.h"

enum {
	BUFFER = 4 * 1024 * 1024, /* 50 ms of a full gigabit, while we are held up */
	REGISTRATION_BUFFER = 1024 * 1024, /* every link of 80 full groups at once */
	REGISTRATION_SEND_BUFFER = 256 * 1024,
};

static void clear(struct front *f)
{
	memset(f, 0, sizeof(*f));
	f->media.socket.fd = f->registration.socket.fd = f->lock = -1;
}

static int open_door(const struct endpoint *at, bool second)
{
	const struct udp_options opt = {
		.dual_stack = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.tell_local = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.stamped = !second, /* only media tells of its link by when it came */
		.shared = second,
		.receive_buffer = second ? REGISTRATION_BUFFER : BUFFER,
		.send_buffer = second ? REGISTRATION_SEND_BUFFER : BUFFER,
	};
	int fd = udp_open(at, &opt);

	if (fd >= 0)
		buffers_check(fd, opt.receive_buffer, opt.send_buffer);
	return fd;
}

static int split(const struct front *f)
{
	const struct udp_split registrations = {
		.len = SRTLA_REG_LEN, .begin = {SRTLA_REG1, SRTLA_REG2}};

	return udp_split(f->media.socket.fd, &registrations);
}

/* 0 or -errno; then there is no second door, and nobody else can have the port either. */
static int open_second(struct front *f)
{
	int err = udp_share(f->media.socket.fd, true);

	if (err)
		return err;
	f->registration.socket.fd = open_door(&f->local, true);
	if (f->registration.socket.fd < 0)
		err = f->registration.socket.fd;
	else
		err = split(f);
	if (err == 0)
		return 0;
	if (f->registration.socket.fd >= 0)
		close(f->registration.socket.fd);
	f->registration.socket.fd = -1;
	udp_share(f->media.socket.fd, false);
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
	f->media.socket.fd = fd;
	err = udp_local(fd, &f->local);
	if (err == 0)
		err = lock_port(f);
	if (err) {
		front_close(f);
		return err;
	}
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
	f->media.socket.fd = media_fd;
	udp_stamp(media_fd); /* its process may have been one that did without */
	f->registration.socket.fd = registration_fd;
	if (registration_fd < 0)
		want_second(f);
	else
		split(f); /* it has been; our own idea of it may be a newer one */
	return 0;
}

int front_media_fd(const struct front *f)
{
	return f->media.socket.fd;
}

int front_registration_fd(const struct front *f)
{
	return f->registration.socket.fd;
}

