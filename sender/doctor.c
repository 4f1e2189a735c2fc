/* SPDX-License-Identifier: MIT */
#include "sender/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "sender/app.h"
#include "sender/doctor_choice.h"
#include "sender/doctor_judge.h"
#include "sender/doctor_patient.h"
#include "sender/doctor_words.h"
#include "sender/host.h"
#include "sender/linksock.h"
#include "shared/io/log.h"
#include "shared/io/loop.h"
#include "shared/io/resolve.h"
#include "shared/io/udp.h"

#define TIME_LIMIT MSEC(9500) /* a report within ten seconds, whatever the network does */

/* One run of `srtla_send doctor`. */
struct doctor {
	struct doctor_words words;
	struct loop *loop;
	struct resolver *resolver;
	ustime until;
	struct endpoint peer[FAMILY_V6 + 1];
	bool resolved;
	struct doctor_choice choice;
	int code;             /* the exit status, when the rest makes no sense, */
	char why[CONFIG_WHY]; /* and a sentence */
	struct probe_group group;
	unsigned count;
	struct doctor_patient patient[UPLINKS_MOST];
};

/* The receiver's addresses are known, so the links can be chosen. */
static int begin(struct doctor *d, ustime now)
{
	int code = doctor_choose(&d->choice, &d->words, d->peer, d->why);

	for (unsigned i = 0; code == 0 && i < d->choice.count; i++) {
		struct doctor_patient *p = &d->patient[d->count++];

		*p = (struct doctor_patient){
			.link = {.id = d->choice.id[i], .unfit = d->choice.unfit[i]}};
		p->link.peer = d->peer[p->link.id.local.family];
		doctor_patient_begin(p, d->loop, &d->group, d->words.payload, now);
	}
	return code;
}

static void resolved(void *arg, const struct endpoint *found, size_t count, const char *why,
		     ustime now)
{
	struct doctor *d = arg;

	d->resolved = true;
	if (count > 0 && host_choose(d->peer, found, count, d->words.port, true)) {
		d->code = begin(d, now);
	} else {
		d->code = EX_NOHOST;
		snprintf(d->why, CONFIG_WHY, "host %.160s: %.64s", d->words.host,
			 why ? why : "no address of a host");
	}
}

static ustime deadline(void *arg)
{
	struct doctor *d = arg;
	ustime at = d->until;

	if (!d->resolved)
		return earlier(at, resolver_deadline(d->resolver, loop_now(d->loop)));
	for (unsigned i = 0; i < d->count; i++) {
		if (d->patient[i].fd >= 0)
			at = earlier(at, probe_deadline(&d->patient[i].link.found));
	}
	return at;
}

static void due(void *arg, ustime now)
{
	struct doctor *d = arg;

	if (!d->resolved)
		resolver_run(d->resolver, now);
}

/* Before each sleep: what is to be said now is said, and when all is said it ends. */
static void flush(void *arg, ustime now)
{
	struct doctor *d = arg;
	bool going = !d->resolved;

	for (unsigned i = 0; d->resolved && i < d->count; i++) {
		doctor_patient_speak(&d->patient[i], now);
		going |= d->patient[i].fd >= 0 && d->patient[i].link.found.stage != PROBE_DONE;
	}
	if (!going || now >= d->until)
		loop_stop(d->loop);
}

static bool open_loop(struct doctor *d)
{
	const struct loop_hooks hooks = {
		.due = due, .flush = flush, .deadline = deadline, .arg = d};

	d->loop = loop_create(&hooks);
	d->resolver = d->loop ? resolver_create(d->loop) : NULL;
	if (!d->resolver)
		snprintf(d->why, CONFIG_WHY, "loop: %s", strerror(d->loop ? ENOMEM : errno));
	return d->resolver;
}

static void close_all(struct doctor *d)
{
	for (unsigned i = 0; i < d->count; i++)
		doctor_patient_end(&d->patient[i]);
	if (d->resolver)
		resolver_destroy(d->resolver);
	loop_destroy(d->loop);
}

static int converse(struct doctor *d)
{
	uint8_t half[SRTLA_HALF_LEN];

	if (getrandom(half, sizeof(half), 0) != (ssize_t)sizeof(half)) {
		snprintf(d->why, CONFIG_WHY, "getrandom: %s", strerror(errno));
		return EX_OSERR;
	}
	probe_group_init(&d->group, half);
	if (d->words.dns && !resolver_servers(d->resolver, d->words.dns)) {
		snprintf(d->why, CONFIG_WHY, "--dns %.160s: not a list of name servers",
			 d->words.dns);
		return EX_USAGE;
	}
	d->until = loop_now(d->loop) + TIME_LIMIT;
	resolver_ask(d->resolver, d->words.host, resolved, d, loop_now(d->loop));
	loop_run(d->loop);
	if (d->resolved)
		return d->code;
	snprintf(d->why, CONFIG_WHY, "host %.160s: no answer in time", d->words.host);
	return EX_NOHOST;
}

/* Where the system gives less room than was asked for, packets get lost and nothing else shows. */
static void print_buffers(const struct doctor *d)
{
	struct doctor_finding f = {.root = true};
	const struct endpoint loopback = {.family = FAMILY_NONE};
	struct endpoint failed;
	struct app app;
	int encoder = APP_BUFFER, link = LINKSOCK_RECEIVE_BUFFER;

	if (app_open(&app, &loopback, 0, &failed) == 0) {
		encoder = doctor_receive_buffer(app.socket[0].socket.fd);
		app_close(&app);
	}
	for (unsigned i = 0; i < d->count; i++) {
		if (d->patient[i].fd >= 0 && d->patient[i].link.receive_buffer < link)
			link = d->patient[i].link.receive_buffer;
	}
	printf("\nsocket buffers: encoder %d of %d KiB, links %d of %d KiB\n", encoder / 1024,
	       APP_BUFFER / 1024, link / 1024, LINKSOCK_RECEIVE_BUFFER / 1024);
	if (encoder >= APP_BUFFER && link >= LINKSOCK_RECEIVE_BUFFER)
		return;
	snprintf(f.what, sizeof(f.what), "the system's limits are lower than what is asked for, so "
		 "bursts may be lost");
	snprintf(f.type, sizeof(f.type), "sysctl -w net.core.rmem_max=%d net.core.wmem_max=%d",
		 APP_BUFFER, APP_BUFFER);
	doctor_print_finding(&f, stdout);
}

static void print_left_out(const struct doctor *d)
{
	const struct doctor_choice *c = &d->choice;
	char name[UPLINK_NAME];

	if (c->left_out > 0)
		putchar('\n');
	for (unsigned i = 0; i < c->left_out; i++)
		printf("left out %s: %s\n", uplink_id_print(&c->other[i], name), c->why[i]);
}

static void print_host(const struct doctor *d)
{
	char text[ENDPOINT_TEXT];

	printf("receiver %s:", d->words.host);
	for (unsigned f = FAMILY_V4; f <= FAMILY_V6; f++) {
		if (d->peer[f].family)
			printf(" %s", endpoint_print(&d->peer[f], text));
	}
	putchar('\n');
}

/* How many links can be used. */
static unsigned report(struct doctor *d)
{
	char program[256] = "srtla_send", arguments[512];
	const struct doctor_case c = {
		.program = program,
		.arguments = doctor_words_again(&d->words, arguments, sizeof(arguments)),
		.uplinks_path = d->words.uplinks_path,
		.payload = (unsigned)d->words.payload,
	};
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	unsigned good = 0;

	if (len > 0)
		program[len] = '\0';
	print_host(d);
	for (unsigned i = 0; i < d->count; i++) {
		struct doctor_patient *p = &d->patient[i];

		if (p->fd >= 0)
			p->link.kernel_payload = udp_path_payload(p->fd);
		good += doctor_print(&p->link, &c, stdout);
	}
	print_left_out(d);
	print_buffers(d);
	printf("\n%u of %u links can be used\n", good, d->count);
	return good;
}

int doctor_main(int argc, char **argv)
{
	static struct doctor d;
	int code;

	log_init(&(struct log_config){.program = "srtla_send", .level = LOG_LEVEL_ERROR});
	switch (doctor_words_read(&d.words, argc, argv, d.why)) {
	case CONFIG_HELP:
		doctor_words_help(stdout);
		return fflush(stdout) ? EX_IOERR : 0;
	case CONFIG_WRONG:
		log_fatal(EX_USAGE, "doctor: %s", d.why);
	default:
		break;
	}
	code = open_loop(&d) ? converse(&d) : EX_OSERR;
	if (code)
		log_error("doctor: %s", d.why);
	else if (report(&d) < d.count || d.count == 0)
		code = EX_UNAVAILABLE;
	close_all(&d);
	return fflush(stdout) ? EX_IOERR : code;
}
