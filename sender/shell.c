/* SPDX-License-Identifier: MIT */
#include "sender/shell.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "sender/confine.h"
#include "sender/start.h"
#include "shared/io/log.h"
#include "shared/io/service.h"
#include "shared/io/startup.h"

#define LOOK SEC(1) /* a full receive buffer is no news that hurries */

static void flush(void *arg, ustime now)
{
	struct shell *s = arg;

	outlet_flush(&s->outlet, now);
}

static void count_drops(struct shell *s, ustime now)
{
	s->looked = now;
	app_count_drops(&s->app, now);
	for (unsigned i = 0; i < s->links.count; i++)
		uplink_count_drops(s->links.uplink[i], now);
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
	host_run(&s->host, now);
	links_run(&s->links, now);
	sender_run(s->door.sender, now, &s->door.out);
	keep_run(&s->keep, now);
	if (now - s->looked >= LOOK)
		count_drops(s, now);
	report_run(&s->report, &s->scene, now);
	history_run(s->history, &s->scene, now);
	steer_run(&s->steer, now);
	web_run(&s->web, now);
}

/* What may come a little later for the sake of fewer wake-ups is decided here too. */
static ustime deadline(void *arg)
{
	struct shell *s = arg;
	ustime at = sender_deadline(s->door.sender);

	loop_coalesce(s->door.loop,
		      pace_span(&s->pace, batch_counts(s->door.batch)->came,
				loop_wakes(s->door.loop), sender_latency(s->door.sender),
				loop_now(s->door.loop)));
	at = earlier(at, host_deadline(&s->host, loop_now(s->door.loop)));
	at = earlier(at, earlier(links_deadline(&s->links), reload_deadline(&s->reload)));
	at = earlier(at, earlier(report_deadline(&s->report), keep_deadline(&s->keep)));
	at = earlier(at, earlier(history_deadline(s->history), steer_deadline(&s->steer)));
	at = earlier(at, earlier(web_deadline(&s->web), s->alive));
	return s->door.out.packets.count ? 0 : at;
}

static void host_moved(void *arg, ustime now)
{
	struct shell *s = arg;

	links_host_moved(&s->links, now);
}

static void steer_mode(void *arg, enum sender_mode mode, ustime now)
{
	struct shell *s = arg;

	s->mode = mode;
	sender_set_mode(s->door.sender, mode, now, &s->door.out);
}

static void reload(void *arg, ustime now)
{
	struct shell *s = arg;

	links_file_changed(&s->links, now);
	if (s->cfg->config_path)
		reload_want(&s->reload, now);
}

static void hangup(void *arg, int signo, ustime now)
{
	(void)signo;
	reload(arg, now);
}

/* Each signal goes one step on in this circle. */
static enum sender_mode mode_after(enum sender_mode mode)
{
	static const enum sender_mode next[] = {
		[SENDER_BALANCE] = SENDER_REDUNDANT,
		[SENDER_REDUNDANT] = SENDER_AUTO,
		[SENDER_AUTO] = SENDER_QUALITY,
		[SENDER_QUALITY] = SENDER_CLASSIC,
		[SENDER_CLASSIC] = SENDER_BALANCE,
	};

	return next[mode];
}

static void next_mode(void *arg, int signo, ustime now)
{
	struct shell *s = arg;

	(void)signo;
	steer_mode(s, mode_after(s->mode), now);
}

static void stop(void *arg, int signo, ustime now)
{
	struct shell *s = arg;

	(void)now;
	service_tell("STOPPING=1");
	log_info("event=stopping signal=%s", signo == SIGINT ? "INT" : "TERM");
	loop_stop(s->door.loop);
}

static bool hear_signals(struct shell *s)
{
	return loop_signal(s->door.loop, SIGHUP, hangup, s) &&
	       loop_signal(s->door.loop, SIGUSR1, next_mode, s) &&
	       loop_signal(s->door.loop, SIGTERM, stop, s) &&
	       loop_signal(s->door.loop, SIGINT, stop, s);
}

/* Where the life before this one was. */
static void go_on(struct shell *s, ustime now)
{
	const struct sessionfile *before = &s->keep.before;

	for (unsigned family = FAMILY_V4; family <= FAMILY_V6; family++) {
		if (before->address[family].family != FAMILY_NONE)
			host_remember(&s->host, &before->address[family], now);
	}
	s->links.before = before;
}

/* All is there; from here on it hears. */
static int listen_to_all(struct shell *s, const struct uplinks *list, char why[CONFIG_WHY])
{
	ustime now = loop_now(s->door.loop);

	if (s->keep.found)
		go_on(s, now);
	keep_follow(&s->keep, s->door.sender, &s->host, &s->links);
	host_run(&s->host, now); /* a literal address is known at once */
	if (!hear_signals(s))
		return startup_failed("signals", errno, why);
	if (app_start(&s->app, &s->door) != 0 || !hint_start(&s->hint, &s->door))
		return startup_failed("sockets", ENOMEM, why);
	log_info("event=mode mode=%s", sender_mode_name(s->mode));
	return start_links(&s->links, s->cfg, list, now, why);
}

/* By which people and programs look in. */
static int open_windows(struct shell *s, char why[CONFIG_WHY])
{
	int code;

	s->scene = (struct scene){
		.cfg = s->cfg,
		.door = &s->door,
		.app = &s->app,
		.host = &s->host,
		.links = &s->links,
		.began = loop_now(s->door.loop),
	};
	s->history = history_create(loop_now(s->door.loop));
	s->steer.set_mode = steer_mode;
	s->steer.reload = reload;
	s->steer.arg = s;
	code = web_open(&s->web, &s->scene, s->history, why);
	return code ? code : steer_open(&s->steer, &s->scene, s->history, why);
}

static void greet_manager(struct shell *s)
{
	s->watchdog = service_watchdog();
	s->alive = s->watchdog ? loop_now(s->door.loop) + s->watchdog / 2 : NEVER;
	service_tell("READY=1");
}

int shell_init(struct shell *s, struct config *cfg, char why[CONFIG_WHY])
{
	const struct loop_hooks hooks = {
		.due = due, .flush = flush, .deadline = deadline, .arg = s};
	struct uplinks list;
	int code;

	memset(s, 0, sizeof(*s));
	s->cfg = cfg;
	reload_init(&s->reload);
	code = start_listen(&s->app, cfg, why);
	if (code)
		return code;
	code = start_hint(&s->hint, cfg, why);
	if (code)
		goto err_app;
	code = start_uplinks(cfg, &list, why);
	if (code == 0)
		code = keep_open(&s->keep, cfg, why);
	if (code)
		goto err_app;
	code = door_open(&s->door, &hooks, cfg, keep_record(&s->keep), why);
	if (code)
		goto err_app;
	code = start_host(&s->host, s->door.loop, cfg, why);
	if (code)
		goto err_door;
	s->host.moved = host_moved;
	s->host.arg = s;
	report_init(&s->report, cfg->stats_path, cfg->stats_interval, loop_now(s->door.loop));
	links_init(&s->links, &s->door, &s->host, cfg->uplinks_path, cfg->any_source);
	s->links.settle = flush;
	s->links.arg = s;
	s->outlet = (struct outlet){
		.door = &s->door,
		.app = &s->app,
		.links = &s->links,
		.host = &s->host,
		.keep = &s->keep,
	};
	s->pace.most = cfg->coalesce;
	s->mode = cfg->mode;
	batch_log_io(s->door.batch, (enum batch_io)cfg->io, s->pace.most);
	code = listen_to_all(s, &list, why);
	if (code == 0)
		code = open_windows(s, why);
	if (code == 0)
		code = confine(s, why);
	if (code)
		shell_finish(s);
	else
		greet_manager(s);
	return code;

err_door:
	door_close(&s->door);
err_app:
	hint_close(&s->hint);
	app_close(&s->app);
	return code;
}

void shell_finish(struct shell *s)
{
	steer_close(&s->steer);
	web_close(&s->web);
	history_destroy(s->history);
	report_finish(&s->report);
	links_finish(&s->links);
	hint_close(&s->hint);
	app_close(&s->app);
	host_finish(&s->host);
	door_close(&s->door);
	reload_finish(&s->reload);
}

static void tell_totals(struct shell *s)
{
	struct door_traffic t;
	struct sender_view v;

	sender_view(s->door.sender, loop_now(s->door.loop), &v);
	door_traffic(&s->door, &t);
	log_info("event=stopped packets_in=%" PRIu64 " bytes_in=%" PRIu64 " packets_out=%" PRIu64
		 " resent=%" PRIu64 " no_link=%" PRIu64 " refused=%" PRIu64
		 " not_to_encoder=%" PRIu64 " oversize=%" PRIu64 " homeless=%" PRIu64
		 " copies=%" PRIu64 " reads=%" PRIu64 " read=%" PRIu64 " coalesced=%" PRIu64
		 " writes=%" PRIu64 " written=%" PRIu64 " runs=%" PRIu64 " in_runs=%" PRIu64
		 " in_doubt=%" PRIu64 " not_taken=%" PRIu64 " starved=%" PRIu64
		 " kernel_drops=%" PRIu64 " wakes=%" PRIu64 " hints=%" PRIu64
		 " hints_malformed=%" PRIu64,
		 v.app_packets_in, v.app_bytes_in, v.app_packets_out, v.resent_in, v.drops.no_link,
		 v.drops.refused, s->app.refused, t.count.oversize, s->door.homeless, v.copies,
		 t.count.reads, t.count.came, t.count.coalesced, t.count.writes, t.count.left,
		 t.count.runs, t.count.in_runs, t.count.in_doubt, t.count.refused, t.count.starved,
		 t.kernel_drops, t.wakes, s->hint.taken, s->hint.malformed);
}

void shell_run(struct shell *s)
{
	loop_run(s->door.loop);
	keep_end(&s->keep, loop_now(s->door.loop));
	count_drops(s, loop_now(s->door.loop));
	tell_totals(s);
}
