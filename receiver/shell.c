/* SPDX-License-Identifier: MIT */
#include "receiver/shell.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "receiver/confine.h"
#include "receiver/start.h"
#include "shared/io/boot.h"
#include "shared/io/log.h"
#include "shared/io/service.h"
#include "shared/io/startup.h"

enum {
	HOLD_PACKETS = 16384, /* that wait for their turn in the core */
	WAITING = TURNSTILE_QUEUE, /* before the servers: of a group whose long gap has ended */
	PASSING = DOOR_FULL,       /* in the outbox, and on their way to members */
	/* The last ones lie ready for what comes next. */
	PACKETS = HOLD_PACKETS + WAITING + PASSING + OUTLET_RESERVE + BATCH_MOST,
};

#define TICK SEC(1)

static void flush(void *arg, ustime now)
{
	struct shell *s = arg;

	outlet_flush(&s->outlet, now);
	keep_look(&s->keep, now);
	groupfiles_look(&s->groupfiles, now);
	loop_coalesce(s->door.loop,
		      pace_span(&s->pace, batch_counts(s->door.batch)->came,
				loop_wakes(s->door.loop),
				receiver_least_latency(s->door.receiver), now));
}

static void give_sign_of_life(struct shell *s, ustime now)
{
	if (now < s->alive)
		return;
	service_tell("WATCHDOG=1");
	s->alive = now + s->watchdog / 2;
}

static void due(void *arg, ustime now)
{
	struct shell *s = arg;

	give_sign_of_life(s, now);
	reload_run(&s->reload, s, now);
	keep_run(&s->keep, now);
	keylist_run(&s->keylist, now);
	hosts_run(&s->hosts, now);
	receiver_run(s->door.receiver, now, &s->door.out);
	history_run(s->history, &s->scene, now);
	groupfiles_run(&s->groupfiles, now);
	steer_run(&s->steer, now);
	web_run(&s->web, now);
	if (now < s->tick)
		return;
	s->tick = now + TICK;
	receiver_set_boottime(s->door.receiver, boot_ahead());
	servers_sweep(&s->servers);
	tally_tick(&s->tally, &s->front, now);
	keep_tick(&s->keep, boot_ahead(), now);
}

static ustime deadline(void *arg)
{
	struct shell *s = arg;
	ustime at = receiver_deadline(s->door.receiver);

	/* What still waits goes on as soon as the sockets have been heard. */
	if (outlet_waits(&s->outlet))
		at = earlier(at, loop_now(s->door.loop) + 1);
	at = earlier(at, hosts_deadline(&s->hosts, loop_now(s->door.loop)));
	at = earlier(at, earlier(keylist_deadline(&s->keylist), reload_deadline(&s->reload)));
	at = earlier(at, earlier(keep_deadline(&s->keep), s->alive));
	at = earlier(at, earlier(history_deadline(s->history), steer_deadline(&s->steer)));
	at = earlier(at, earlier(web_deadline(&s->web), groupfiles_deadline(&s->groupfiles)));
	return earlier(at, s->tick);
}

static void host_moved(void *arg, ustime now)
{
	struct shell *s = arg;

	(void)now;
	servers_host_moved(&s->servers);
}

static void reload(void *arg, ustime now)
{
	struct shell *s = arg;

	keylist_changed(&s->keylist, now);
	if (s->cfg->config_path)
		reload_want(&s->reload, now);
}

static void hangup(void *arg, int signo, ustime now)
{
	(void)signo;
	reload(arg, now);
}

static void stop(void *arg, int signo, ustime now)
{
	struct shell *s = arg;

	(void)now;
	service_tell("STOPPING=1");
	log_info("event=stopping signal=%s", signo == SIGINT ? "INT" : "TERM");
	loop_stop(s->door.loop);
}

static int make_core(struct door *d, const struct config *cfg, const struct cookiekeys *keys,
		     unsigned groups, char why[CONFIG_WHY])
{
	struct receiver_config core = {
		.groups = groups,
		.members = (unsigned)cfg->max_members,
		.member_timeout = cfg->member_timeout,
		.group_timeout = cfg->group_timeout,
		.hold_packets = HOLD_PACKETS,
		.hold = cfg->hold,
		.gate_off = cfg->gate != 0,
		.plain_srt = cfg->plain_srt,
		.create_key = keys->create,
		.readopt_key = keys->readopt,
	};
	int err = start_draw_key(&core.table_key);

	if (err)
		return startup_failed("getrandom", -err, why);
	memcpy(core.boot_id, keys->boot_id, sizeof(core.boot_id));
	if (!pkt_pool_init(&d->pool, PACKETS + groups)) /* one each, while it calls its server */
		return startup_failed("packets", ENOMEM, why);
	outbox_init(&d->out);
	d->batch = batch_create((enum batch_io)cfg->io, d->loop, &d->pool);
	d->receiver = receiver_create(&core, &d->pool, loop_now(d->loop));
	if (d->batch && d->receiver) {
		receiver_set_boottime(d->receiver, boot_ahead());
		return 0;
	}
	receiver_destroy(d->receiver);
	batch_destroy(d->batch);
	pkt_pool_finish(&d->pool);
	return startup_failed("receiver", ENOMEM, why);
}

static bool hear_signals(struct shell *s)
{
	return loop_signal(s->door.loop, SIGHUP, hangup, s) &&
	       loop_signal(s->door.loop, SIGTERM, stop, s) &&
	       loop_signal(s->door.loop, SIGINT, stop, s);
}

static void greet_manager(struct shell *s)
{
	s->watchdog = service_watchdog();
	s->alive = s->watchdog ? loop_now(s->door.loop) + s->watchdog / 2 : NEVER;
	handover_keep_front(&s->front);
	service_tell("READY=1");
}

/* By which people and programs look in. */
static int open_windows(struct shell *s, unsigned groups, char why[CONFIG_WHY])
{
	int code;

	s->scene = (struct scene){
		.cfg = s->cfg,
		.door = &s->door,
		.front = &s->front,
		.hosts = &s->hosts,
		.servers = &s->servers,
		.outlet = &s->outlet,
		.tally = &s->tally,
		.groups = groups,
		.began = loop_now(s->door.loop),
	};
	s->history = history_create(groups, (unsigned)s->cfg->max_members, loop_now(s->door.loop));
	groupfiles_open(&s->groupfiles, &s->scene, s->cfg->group_files);
	s->steer.reload = reload;
	s->steer.arg = s;
	code = web_open(&s->web, &s->scene, s->history, why);
	return code ? code : steer_open(&s->steer, &s->scene, s->history, why);
}

/* Begins to listen, once all the rest is there. */
static int begin(struct shell *s, const struct config *cfg, unsigned groups, char why[CONFIG_WHY])
{
	char text[ENDPOINT_TEXT];
	int code;

	s->hosts.host[0].moved = host_moved;
	s->hosts.host[0].arg = s;
	s->tick = loop_now(s->door.loop) + TICK;
	if (!servers_init(&s->servers, &s->door, s->hosts.host, HOSTS_MOST, groups) ||
	    !outlet_init(&s->outlet, &s->door, &s->front, &s->servers, groups))
		return startup_failed("servers", ENOMEM, why);
	keylist_start(&s->keylist, s->door.receiver, &s->hosts, groups, loop_now(s->door.loop));
	hosts_run(&s->hosts, loop_now(s->door.loop)); /* a literal address is known at once */
	if (!keep_restore(&s->keep, s->door.receiver, &s->servers, &s->handover, boot_ahead(),
			  loop_now(s->door.loop), &s->door.out))
		return startup_failed("groups", ENOMEM, why);
	if (!hear_signals(s) || front_start(&s->front, &s->door) != 0)
		return startup_failed("start", ENOMEM, why);
	code = open_windows(s, groups, why);
	if (code == 0)
		code = confine(s, why);
	if (code)
		return code;
	s->pace.most = cfg->coalesce;
	tally_begin(&s->tally, &s->front, (enum batch_io)cfg->io, cfg->coalesce);
	greet_manager(s);
	log_info("event=listening address=%s host=%s port=%u",
		 endpoint_print(&s->front.local, text), s->hosts.host[0].name,
		 (unsigned)s->hosts.host[0].port);
	return 0;
}

int shell_init(struct shell *s, struct config *cfg, char why[CONFIG_WHY])
{
	const struct loop_hooks hooks = {
		.due = due, .flush = flush, .deadline = deadline, .arg = s};
	unsigned groups = (unsigned)cfg->max_groups;
	int code;

	memset(s, 0, sizeof(*s));
	s->cfg = cfg;
	reload_init(&s->reload);
	s->groupfiles.next = NEVER;
	if (!handover_init(&s->handover, groups))
		return startup_failed("descriptors", ENOMEM, why);
	code = start_listen(&s->front, &s->handover, cfg, why);
	if (code)
		goto err_handover;
	code = start_files(&groups, why);
	if (code == 0)
		code = keylist_open(&s->keylist, cfg->stream_keys, why);
	if (code == 0)
		code = keep_open(&s->keep, cfg, why);
	if (code)
		goto err_front;
	s->door.loop = loop_create(&hooks);
	if (!s->door.loop) {
		code = startup_failed("event loop", errno, why);
		goto err_front;
	}
	code = start_host(&s->hosts.host[0], s->door.loop, cfg, why);
	if (code)
		goto err_loop;
	hosts_init(&s->hosts, s->door.loop, cfg->dns);
	code = make_core(&s->door, cfg, &s->keep.keys, groups, why);
	if (code)
		goto err_host;
	code = begin(s, cfg, groups, why);
	if (code)
		shell_finish(s);
	return code;

err_host:
	hosts_finish(&s->hosts);
err_loop:
	loop_destroy(s->door.loop);
err_front:
	keylist_close(&s->keylist);
	front_close(&s->front);
err_handover:
	handover_finish(&s->handover);
	return code;
}

void shell_finish(struct shell *s)
{
	steer_close(&s->steer);
	web_close(&s->web);
	groupfiles_close(&s->groupfiles);
	history_destroy(s->history);
	keep_close(&s->keep);
	handover_finish(&s->handover);
	servers_finish(&s->servers);
	outlet_finish(&s->outlet);
	front_close(&s->front);
	hosts_finish(&s->hosts);
	outbox_finish(&s->door.out);
	receiver_destroy(s->door.receiver);
	batch_destroy(s->door.batch);
	keylist_close(&s->keylist);
	pkt_pool_finish(&s->door.pool);
	loop_destroy(s->door.loop);
	reload_finish(&s->reload);
}

void shell_run(struct shell *s)
{
	ustime now;

	loop_run(s->door.loop);
	now = loop_now(s->door.loop);
	receiver_release(s->door.receiver, now, &s->door.out);
	outlet_drain(&s->outlet, now);
	keep_end(&s->keep, now);
	tally_end(&s->tally, &s->front, &s->servers, now);
}
