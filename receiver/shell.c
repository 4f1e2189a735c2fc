/* SPDX-License-Identifier: MIT */
#include "receiver/shell.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "receiver/notes.h"
#include "receiver/start.h"
#include "shared/io/log.h"
#include "shared/io/startup.h"

enum { PACKETS = 2 * DOOR_FULL }; /* on their way through us; the core keeps none */

#define TICK SEC(1)

/*
 * The group on this port has gone: nothing that is for it may reach the next
 * one that gets the port.
 */
static void forget_group(struct shell *s, unsigned port)
{
	struct outbox *out = &s->door.out;
	size_t n;

	servers_close(&s->servers, port);
	for (n = out->packets.count; n > 0; n--) {
		struct pkt *p = outbox_take(out);

		if (p->port != port) {
			outbox_put(out, p->port, p);
			continue;
		}
		s->servers.stale++;
		pkt_free(p);
	}
}

static void tell_notes(struct shell *s)
{
	struct outbox *out = &s->door.out;
	unsigned i;

	for (i = 0; i < out->note_count; i++) {
		note_log(&out->notes[i]);
		if (out->notes[i].kind == RECEIVER_GROUP_GONE)
			forget_group(s, out->notes[i].port);
	}
	outbox_clear_notes(out);
}

static void send_packets(struct shell *s, ustime now)
{
	struct pkt *p;

	while ((p = outbox_take(&s->door.out)) != NULL) {
		if (p->port == 0)
			front_send(&s->front, p);
		else
			servers_send(&s->servers, p, now);
	}
}

static void flush(void *arg, ustime now)
{
	struct shell *s = arg;

	tell_notes(s);
	send_packets(s, now);
	tell_notes(s);
}

/* How far the time since boot, which counts sleep too, is ahead of the loop's clock. */
static usspan boot_ahead(void)
{
	struct timespec boot, mono;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	return SEC(boot.tv_sec - mono.tv_sec) + (boot.tv_nsec - mono.tv_nsec) / 1000;
}

static void due(void *arg, ustime now)
{
	struct shell *s = arg;

	host_run(&s->host, now);
	receiver_run(s->door.receiver, now, &s->door.out);
	if (now < s->tick)
		return;
	s->tick = now + TICK;
	receiver_set_boottime(s->door.receiver, boot_ahead());
	servers_sweep(&s->servers);
}

static ustime deadline(void *arg)
{
	struct shell *s = arg;
	ustime at = receiver_deadline(s->door.receiver);

	at = earlier(at, host_deadline(&s->host, loop_now(s->door.loop)));
	return earlier(at, s->tick);
}

static void host_moved(void *arg, ustime now)
{
	struct shell *s = arg;

	(void)now;
	servers_host_moved(&s->servers);
}

static void stop(void *arg, int signo, ustime now)
{
	struct shell *s = arg;

	(void)now;
	log_info("event=stopping signal=%s", signo == SIGINT ? "INT" : "TERM");
	loop_stop(s->door.loop);
}

static int draw_key(struct siphash_key *key)
{
	return getrandom(key->bytes, sizeof(key->bytes), 0) == (ssize_t)sizeof(key->bytes) ? 0 : -1;
}

static int make_core(struct door *d, const struct config *cfg, unsigned groups,
		     char why[CONFIG_WHY])
{
	struct receiver_config core = {
		.groups = groups,
		.members = (unsigned)cfg->max_members,
		.member_timeout = cfg->member_timeout,
		.group_timeout = cfg->group_timeout,
	};

	if (draw_key(&core.table_key) || draw_key(&core.create_key) || draw_key(&core.readopt_key))
		return startup_failed("getrandom", errno, why);
	start_boot_id(core.boot_id);
	if (!pkt_pool_init(&d->pool, PACKETS))
		return startup_failed("packets", ENOMEM, why);
	outbox_init(&d->out);
	d->receiver = receiver_create(&core, &d->pool, loop_now(d->loop));
	if (d->receiver) {
		receiver_set_boottime(d->receiver, boot_ahead());
		return 0;
	}
	pkt_pool_finish(&d->pool);
	return startup_failed("receiver", ENOMEM, why);
}

static bool hear_signals(struct shell *s)
{
	return loop_signal(s->door.loop, SIGTERM, stop, s) &&
	       loop_signal(s->door.loop, SIGINT, stop, s);
}

/* Begins to listen, once all the rest is there. */
static int begin(struct shell *s, unsigned groups, char why[CONFIG_WHY])
{
	char text[ENDPOINT_TEXT];

	s->door.settle = flush;
	s->door.arg = s;
	s->host.moved = host_moved;
	s->host.arg = s;
	s->tick = loop_now(s->door.loop) + TICK;
	if (!servers_init(&s->servers, &s->door, &s->host, groups))
		return startup_failed("servers", ENOMEM, why);
	host_run(&s->host, loop_now(s->door.loop)); /* a literal address is known at once */
	if (!hear_signals(s) || front_start(&s->front, &s->door) != 0)
		return startup_failed("start", ENOMEM, why);
	log_info("event=listening address=%s host=%s port=%u",
		 endpoint_print(&s->front.local, text), s->host.name, (unsigned)s->host.port);
	return 0;
}

int shell_init(struct shell *s, const struct config *cfg, char why[CONFIG_WHY])
{
	const struct loop_hooks hooks = {
		.due = due, .flush = flush, .deadline = deadline, .arg = s};
	unsigned groups = (unsigned)cfg->max_groups;
	int code;

	memset(s, 0, sizeof(*s));
	code = start_listen(&s->front, cfg, why);
	if (code)
		return code;
	code = start_files(&groups, why);
	if (code)
		goto err_front;
	s->door.loop = loop_create(&hooks);
	if (!s->door.loop) {
		code = startup_failed("event loop", errno, why);
		goto err_front;
	}
	code = start_host(&s->host, s->door.loop, cfg, why);
	if (code)
		goto err_loop;
	code = make_core(&s->door, cfg, groups, why);
	if (code)
		goto err_host;
	code = begin(s, groups, why);
	if (code)
		shell_finish(s);
	return code;

err_host:
	host_finish(&s->host);
err_loop:
	loop_destroy(s->door.loop);
err_front:
	front_close(&s->front);
	return code;
}

void shell_finish(struct shell *s)
{
	servers_finish(&s->servers);
	front_close(&s->front);
	host_finish(&s->host);
	outbox_finish(&s->door.out);
	receiver_destroy(s->door.receiver);
	pkt_pool_finish(&s->door.pool);
	loop_destroy(s->door.loop);
}

static void tell_totals(struct shell *s)
{
	struct receiver_view v;

	receiver_view(s->door.receiver, loop_now(s->door.loop), &v);
	log_info("event=stopped packets_in=%" PRIu64 " bytes_in=%" PRIu64 " packets_out=%" PRIu64
		 " to_server=%" PRIu64 " from_server=%" PRIu64 " groups=%u members=%u"
		 " strangers=%" PRIu64 " refused=%" PRIu64,
		 s->front.packets_in, s->front.bytes_in, s->front.packets_out,
		 s->servers.packets_out, s->servers.packets_in, v.groups, v.members,
		 v.drops.stranger, s->front.refused + s->servers.refused);
}

void shell_run(struct shell *s)
{
	loop_run(s->door.loop);
	tell_totals(s);
}
