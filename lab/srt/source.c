/* SPDX-License-Identifier: MIT */
#include <netdb.h>
#include <string.h>
#include <sysexits.h>

#include "lab/srt/media.h"
#include "lab/srt/options.h"
#include "lab/srt/program.h"
#include "shared/base/text.h"

enum { HOST, PORT, WORDS };

#define LATENCY MSEC(120) /* what libsrt has by itself */

/* The command line. */
struct command {
	const char *word[WORDS];
	uint64_t rate, fps, gop, key, latency, lasts;
	uint64_t range[2];
	const char *stream_id, *ledger, *report;
};

static const char usage[] =
	"usage: linklab-source HOST PORT --rate BITS --ledger FILE [OPTION...]\n"
	"\n"
	"Sends numbered media to an SRT server as an encoder does.  linklab(1) is what people use.\n"
	"\n"
	"  --rate BITS            of payload, such as 6M; where an adaptive encoder begins\n"
	"  --fps N                frames a second, each at once; 0, as if not given: single packets\n"
	"  --gop N                frames from one key frame to the next\n"
	"  --key PERCENT          weight of a key frame; 500%: five others\n"
	"  --adaptive LEAST:MOST  follow the network with the rate\n"
	"  --latency SPAN         that SRT is asked for; 120ms\n"
	"  --lasts SPAN           of media; without it until SIGTERM\n"
	"  --streamid S           letters, digits, '-' and '_'; \"stream\"\n"
	"  --ledger FILE          when each packet was made; carried on with if it is there\n"
	"  --report FILE          JSON at the end; standard output without it\n"
	"  --help                 print this\n"
	"\n"
	"Prints \"ready\" when it is connected; then the media begins.  A connection that breaks\n"
	"is made again.  SIGTERM ends the media, and the program once all of it can have been\n"
	"played; a second one ends it at once.\n";

static enum options_verdict read_command(struct command *c, int argc, char **argv,
					 char why[OPTIONS_WHY])
{
	const uint64_t day = (uint64_t)SEC(86400), fast = UINT64_C(1000000000);
	const struct option_word table[] = {
		{"rate", OPTION_FIGURE, &c->rate, UNIT_RATE, 1000, fast},
		{"fps", OPTION_FIGURE, &c->fps, UNIT_COUNT, 0, 1000},
		{"gop", OPTION_FIGURE, &c->gop, UNIT_COUNT, 0, 100000},
		{"key", OPTION_FIGURE, &c->key, UNIT_PERCENT, 0, 100000},
		{"adaptive", OPTION_RANGE, c->range, UNIT_RATE, 1000, fast},
		{"latency", OPTION_FIGURE, &c->latency, UNIT_SPAN, 0, (uint64_t)SEC(60)},
		{"lasts", OPTION_FIGURE, &c->lasts, UNIT_SPAN, 1, day},
		{"streamid", OPTION_TEXT, &c->stream_id, UNIT_COUNT, 0, 0},
		{"ledger", OPTION_TEXT, &c->ledger, UNIT_COUNT, 0, 0},
		{"report", OPTION_TEXT, &c->report, UNIT_COUNT, 0, 0},
		{NULL, OPTION_FLAG, NULL, UNIT_COUNT, 0, 0},
	};
	enum options_verdict read = options_read(table, argc, argv, c->word, WORDS, why);
	const char *wrong = c->rate == 0 ? "--rate: is wanted; see --help"
			    : !c->ledger ? "--ledger: is wanted; see --help"
			    : !program_stream_id(c->stream_id)
				    ? "--streamid: 1 to 63 letters, digits, '-' and '_' are wanted"
				    : NULL;

	if (read != OPTIONS_FINE || !wrong)
		return read;
	snprintf(why, OPTIONS_WHY, "%s", wrong);
	return OPTIONS_WRONG;
}

static int find_server(const struct command *c, struct caller_config *caller)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
	uint64_t port;
	int r;

	if (!text_number(c->word[PORT], 1, 65535, &port)) {
		program_say("%s: a port is wanted", c->word[PORT]);
		return EX_USAGE;
	}
	r = getaddrinfo(c->word[HOST], c->word[PORT], &hints, &found);
	if (r != 0) {
		program_say("%s: %s", c->word[HOST], gai_strerror(r));
		return EX_NOHOST;
	}
	memcpy(&caller->to, found->ai_addr, found->ai_addrlen);
	caller->to_len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static json_t *report(const struct media *m)
{
	const struct sessions *s = &m->caller->sessions;
	usspan lasts = m->ended - m->began;

	return json_pack("{ss so so so so so so so so so so so so so so so s{so so}}",
			 "streamid", m->cfg.stream_id,
			 "began_us", program_whole((uint64_t)m->began), /* as in the ledger */
			 "lasts_s", program_seconds(lasts),
			 "made", program_whole(m->made),
			 "bytes", program_whole(m->bytes),
			 "sent", program_whole(m->sent),
			 "refused", program_whole(m->refused),
			 "unconnected", program_whole(m->unconnected),
			 "unrecorded", program_whole(m->unrecorded),
			 "behind_most_s", program_seconds(m->behind_most),
			 "sessions", program_whole(s->count),
			 "failed_calls", program_whole(m->caller->failed),
			 "srt", sessions_sum(s),
			 "each", sessions_json(s, m->began),
			 "cpu", program_cpu(),
			 "made_in_all", program_whole(m->number),
			 "rate", "step_s", program_seconds(MEDIA_RATE_STEP),
			 "bits", json_incref(m->rates));
}

static int run(const struct command *c, const struct caller_config *to, struct ledger *ledger)
{
	struct media_config cfg = {
		.stream = {c->rate, (unsigned)c->fps, (unsigned)c->gop, (unsigned)c->key},
		.least = c->range[0],
		.most = c->range[1],
		.lasts = c->lasts ? (usspan)c->lasts : NEVER,
		.stream_id = c->stream_id,
	};
	FILE *out = program_report(c->report); /* first, so that a run is not in vain */
	struct caller caller;
	struct media media;
	bool written;

	if (!out)
		return EX_CANTCREAT;
	caller_init(&caller, to);
	media_init(&media, &cfg, ledger, &caller);
	media_run(&media);
	written = program_write(out, report(&media));
	media_finish(&media);
	caller_finish(&caller);
	return written ? 0 : EX_IOERR;
}

int main(int argc, char **argv)
{
	struct command c = {.stream_id = "stream", .latency = (uint64_t)LATENCY};
	struct caller_config to = {0};
	struct ledger ledger;
	char why[OPTIONS_WHY];
	int code;

	program_init("linklab-source");
	switch (read_command(&c, argc, argv, why)) {
	case OPTIONS_HELP:
		fputs(usage, stdout);
		return 0;
	case OPTIONS_WRONG:
		program_say("%s", why);
		return EX_USAGE;
	case OPTIONS_FINE:
		break;
	}
	code = find_server(&c, &to);
	if (code != 0)
		return code;
	to.stream_id = c.stream_id;
	to.latency = (usspan)c.latency;
	code = ledger_map(&ledger, c.ledger, PROGRAM_LEDGER_ROOM);
	if (code < 0) {
		program_say("%s: %s", c.ledger,
			    code == -EINVAL ? "is no ledger" : strerror(-code));
		return EX_CANTCREAT;
	}
	code = run(&c, &to, &ledger);
	ledger_finish(&ledger);
	program_finish();
	return code;
}
