/* SPDX-License-Identifier: MIT */
#include "sender/shell.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

#include "sender/notes.h"
#include "sender/start.h"
#include "shared/io/log.h"
#include "shared/io/startup.h"

enum {
	PACKETS = 16384,            /* 8192 copies of what was sent, the rest on the way through us */
	SENDS_A_TURN = 4 * PACKETS, /* refused packets come round again; not for ever */
};

/* Everything that changes who is up comes by here. */
static void tell_notes(struct shell *s, ustime now)
{
	struct outbox *out = &s->door.out;
	unsigned i;

	for (i = 0; i < out->note_count; i++) {
		const struct note *n = &out->notes[i];
		const struct uplink *u = links_by_port(&s->links, n->port);

		note_log(n, u ? u->name : NULL);
		if (n->kind == SENDER_LINK_UP)
			host_links_live(&s->host);
		else if (n->kind == SENDER_NO_LINKS || n->kind == SENDER_NEVER_JOINED)
			host_links_dead(&s->host, now);
	}
	if (out->note_count > 0)
		keep_touch(&s->keep, now);
	outbox_clear_notes(out);
}

/* A refusal goes back into the core, which may put the packet on another link. */
static void send_packets(struct shell *s, ustime now)
{
	struct pkt *p;
	unsigned n;

	for (n = 0; n < SENDS_A_TURN && (p = outbox_take(&s->door.out)) != NULL; n++) {
		struct uplink *u = links_by_port(&s->links, p->port);

		if (p->port == 0) {
			app_send(&s->app, p);
		} else if (u) {
			uplink_send(u, p, now);
		} else {
			s->homeless++;
			pkt_free(p);
		}
	}
}

static void flush(void *arg, ustime now)
{
	struct shell *s = arg;
	unsigned port, n;

	tell_notes(s, now);
	send_packets(s, now);
	for (n = 0; n < SENDER_LINKS && (port = sender_next_reopen(s->door.sender)) != 0; n++) {
		struct uplink *u = links_by_port(&s->links, port);

		if (u)
			uplink_reopen(u, now);
	}
	if (n > 0)
		send_packets(s, now);
	tell_notes(s, now);
}

static void due(void *arg, ustime now)
{
	struct shell *s = arg;

	host_run(&s->host, now);
	links_run(&s->links, now);
	sender_run(s->door.sender, now, &s->door.out);
	keep_run(&s->keep, now);
	report_run(&s->report, s->door.sender, &s->links, now);
}

static ustime deadline(void *arg)
{
	struct shell *s = arg;
	ustime at = sender_deadline(s->door.sender);

	at = earlier(at, host_deadline(&s->host, loop_now(s->door.loop)));
	at = earlier(at, links_deadline(&s->links));
	at = earlier(at, earlier(report_deadline(&s->report), keep_deadline(&s->keep)));
	return s->door.out.packets.count ? 0 : at;
}

static void host_moved(void *arg, ustime now)
{
	struct shell *s = arg;

	links_host_moved(&s->links, now);
}

static void hangup(void *arg, int signo, ustime now)
{
	struct shell *s = arg;

	(void)signo;
	links_file_changed(&s->links, now);
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
	s->mode = mode_after(s->mode);
	sender_set_mode(s->door.sender, s->mode, now, &s->door.out);
}

static void stop(void *arg, int signo, ustime now)
{
	struct shell *s = arg;

	(void)now;
	log_info("event=stopping signal=%s", signo == SIGINT ? "INT" : "TERM");
	loop_stop(s->door.loop);
}

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
	if (!pkt_pool_init(&d->pool, PACKETS))
		return startup_failed("packets", ENOMEM, why);
	outbox_init(&d->out);
	d->sender = sender_create(&core, &d->pool, loop_now(d->loop));
	if (d->sender)
		return 0;
	pkt_pool_finish(&d->pool);
	return startup_failed("sender", ENOMEM, why);
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
	if (app_start(&s->app, &s->door) != 0 || !hint_start(&s->hint, &s->door) ||
	    !links_apply(&s->links, list, now))
		return startup_failed("links", ENOMEM, why);
	log_info("event=mode mode=%s", sender_mode_name(s->mode));
	return 0;
}

int shell_init(struct shell *s, const struct config *cfg, char why[CONFIG_WHY])
{
	const struct loop_hooks hooks = {
		.due = due, .flush = flush, .deadline = deadline, .arg = s};
	struct uplinks list;
	int code;

	memset(s, 0, sizeof(*s));
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
	s->door.loop = loop_create(&hooks);
	if (!s->door.loop) {
		code = startup_failed("event loop", errno, why);
		goto err_app;
	}
	code = start_host(&s->host, s->door.loop, cfg, why);
	if (code)
		goto err_loop;
	code = make_core(&s->door, cfg, keep_record(&s->keep), why);
	if (code)
		goto err_host;
	s->host.moved = host_moved;
	s->host.arg = s;
	report_init(&s->report, cfg->stats_path, cfg->stats_interval, cfg->listen_port,
		    loop_now(s->door.loop));
	links_init(&s->links, &s->door, &s->host, cfg->uplinks_path, cfg->any_source);
	s->links.settle = flush;
	s->links.arg = s;
	s->mode = cfg->mode;
	code = listen_to_all(s, &list, why);
	if (code)
		shell_finish(s);
	return code;

err_host:
	host_finish(&s->host);
err_loop:
	loop_destroy(s->door.loop);
err_app:
	hint_close(&s->hint);
	app_close(&s->app);
	return code;
}

void shell_finish(struct shell *s)
{
	report_finish(&s->report);
	links_finish(&s->links);
	hint_close(&s->hint);
	app_close(&s->app);
	host_finish(&s->host);
	outbox_finish(&s->door.out);
	sender_destroy(s->door.sender);
	pkt_pool_finish(&s->door.pool);
	loop_destroy(s->door.loop);
}

static void tell_totals(struct shell *s)
{
	struct sender_view v;

	sender_view(s->door.sender, loop_now(s->door.loop), &v);
	log_info("event=stopped packets_in=%" PRIu64 " bytes_in=%" PRIu64 " packets_out=%" PRIu64
		 " resent=%" PRIu64 " no_link=%" PRIu64 " refused=%" PRIu64
		 " not_to_encoder=%" PRIu64 " oversize=%" PRIu64 " homeless=%" PRIu64
		 " copies=%" PRIu64 " hints=%" PRIu64 " hints_malformed=%" PRIu64,
		 v.app_packets_in, v.app_bytes_in, v.app_packets_out, v.resent_in, v.drops.no_link,
		 v.drops.refused, s->app.refused, s->door.oversize, s->homeless,
		 v.copies, s->hint.taken, s->hint.malformed);
}

void shell_run(struct shell *s)
{
	loop_run(s->door.loop);
	keep_end(&s->keep, loop_now(s->door.loop));
	tell_totals(s);
}
