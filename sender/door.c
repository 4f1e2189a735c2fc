/* SPDX-License-Identifier: MIT */
#include "sender/door.h"

#include <errno.h>
#include <sys/random.h>

#include "shared/io/log.h"
#include "shared/io/startup.h"
#include "shared/io/udp.h"

#define QUIET SEC(60) /* without a drop, and the next one is news again */

static int make_core(struct door *d, const struct config *cfg, const struct sender_record *record,
		     char why[CONFIG_WHY])
{
	struct sender_config core = {
		.mode = cfg->mode,
		.link_timeout = cfg->link_timeout,
		.copies = (unsigned)cfg->copies,
		.extra = (unsigned)cfg->extra,
		.record = record,
		.quality_without = cfg->quality_without,
	};

	if (getrandom(core.half, sizeof(core.half), 0) != (ssize_t)sizeof(core.half) ||
	    getrandom(&core.seed, sizeof(core.seed), 0) != (ssize_t)sizeof(core.seed))
		return startup_failed("getrandom", errno, why);
	d->sender = sender_create(&core, &d->pool, loop_now(d->loop));
	return d->sender ? 0 : startup_failed("sender", ENOMEM, why);
}

int door_open(struct door *d, const struct loop_hooks *hooks, const struct config *cfg,
	      const struct sender_record *record, char why[CONFIG_WHY])
{
	int code;

	*d = (struct door){0};
	outbox_init(&d->out);
	d->loop = loop_create(hooks);
	if (!d->loop)
		return startup_failed("event loop", errno, why);
	if (!pkt_pool_init(&d->pool, DOOR_PACKETS)) {
		code = startup_failed("packets", ENOMEM, why);
		goto err_loop;
	}
	d->batch = batch_create((enum batch_io)cfg->io, d->loop, &d->pool);
	if (!d->batch) {
		code = startup_failed("packet buffers", errno, why);
		goto err_pool;
	}
	code = make_core(d, cfg, record, why);
	if (code == 0)
		return 0;

	batch_destroy(d->batch);
err_pool:
	pkt_pool_finish(&d->pool);
err_loop:
	loop_destroy(d->loop);
	return code;
}

void door_close(struct door *d)
{
	outbox_finish(&d->out);
	sender_destroy(d->sender);
	batch_destroy(d->batch);
	pkt_pool_finish(&d->pool);
	loop_destroy(d->loop);
}

void door_count_drops(struct door *d, const struct batch_socket *s, uint32_t *seen, ustime now)
{
	uint32_t drops = udp_lost(s->fd);
	uint32_t more = drops - *seen;

	if (more == 0 || drops == 0)
		return;
	*seen = drops;
	d->kernel_drops += more;
	if (d->dropped == 0 || now - d->dropped >= QUIET)
		log_warn("event=kernel_drops socket=%s packets=%u", s->name, (unsigned)more);
	d->dropped = now;
}

void door_traffic(const struct door *d, struct door_traffic *t)
{
	t->io = batch_io(d->batch);
	t->count = *batch_counts(d->batch);
	t->wakes = loop_wakes(d->loop);
	t->kernel_drops = d->kernel_drops;
}
