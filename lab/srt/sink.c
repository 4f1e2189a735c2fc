/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "lab/census_json.h"
#include "lab/srt/listener.h"
#include "lab/srt/options.h"
#include "lab/srt/program.h"
#include "lab/srt/watch.h"
#include "shared/base/text.h"

enum { PORT, WORDS };

/* The command line. */
struct command {
	const char *word[WORDS];
	uint64_t port, latency, loss_ttl, judged_from;
	bool no_nak_report;
	const char *ledgers, *report;
};

/* All of a sink. */
struct sink {
	struct streams streams;
	struct listener listener;
	struct watch watch;
	int watch_error; /* why arrivals are not known; 0: they are */
	usspan judged_from;
};

static const char usage[] =
	"usage: linklab-sink PORT --ledgers DIR [OPTION...]\n"
	"\n"
	"An SRT server that takes the media of linklab-source and writes down when each packet\n"
	"came and when it was played.  linklab(1) is what people use.\n"
	"\n"
	"  --latency SPAN      that SRT asks for; the longer one of both sides counts\n"
	"  --loss-ttl N        SRTO_LOSSMAXTTL: packets after a gap until it counts as a loss\n"
	"  --no-nak-report     SRTO_NAKREPORT off: no loss is reported twice\n"
	"  --ledgers DIR       where DIR/STREAMID.ledger is carried on with or made\n"
	"  --judged-from SPAN  of media that is not judged\n"
	"  --report FILE       JSON at the end; standard output without it\n"
	"  --help              print this\n"
	"\n"
	"Prints \"ready\" when it listens.  SIGTERM ends it; end the sources before, or what they\n"
	"sent last counts as late.  Without CAP_NET_RAW it does not know when packets came.\n";

static enum options_verdict read_command(struct command *c, int argc, char **argv,
					 char why[OPTIONS_WHY])
{
	const struct option_word table[] = {
		{"latency", OPTION_FIGURE, &c->latency, UNIT_SPAN, 0, (uint64_t)SEC(60)},
		{"loss-ttl", OPTION_FIGURE, &c->loss_ttl, UNIT_COUNT, 0, 10000},
		{"no-nak-report", OPTION_FLAG, &c->no_nak_report, UNIT_COUNT, 0, 0},
		{"ledgers", OPTION_TEXT, &c->ledgers, UNIT_COUNT, 0, 0},
		{"judged-from", OPTION_FIGURE, &c->judged_from, UNIT_SPAN, 0, (uint64_t)SEC(86400)},
		{"report", OPTION_TEXT, &c->report, UNIT_COUNT, 0, 0},
		{NULL, OPTION_FLAG, NULL, UNIT_COUNT, 0, 0},
	};
	enum options_verdict read = options_read(table, argc, argv, c->word, WORDS, why);

	if (read != OPTIONS_FINE)
		return read;
	if (!text_number(c->word[PORT], 1, 65535, &c->port))
		snprintf(why, OPTIONS_WHY, "%.40s: a port is wanted", c->word[PORT]);
	else if (!c->ledgers)
		snprintf(why, OPTIONS_WHY, "--ledgers: is wanted; see --help");
	else
		return OPTIONS_FINE;
	return OPTIONS_WRONG;
}

/* Spans of a ledger count from the first packet that was made. */
static json_t *judge(const struct sink *s, const struct stream *t)
{
	const struct ledger_entry *first = ledger_at(&t->ledger, 0);
	struct tally_span span = {.from = first->made + s->judged_from, .until = NEVER};
	struct tally tally;

	return tally_ledger(&t->ledger, &span, &tally) ? tally_json(&tally) : json_null();
}

static json_t *stream_report(const struct sink *s, const struct stream *t)
{
	const struct ledger_entry *first = ledger_at(&t->ledger, 0);

	return json_pack("{ss so so so so so so so so so}",
			 "streamid", t->id,
			 "tally", judge(s, t),
			 "played", program_whole(t->played),
			 "damaged", program_whole(t->damaged),
			 "strange", program_whole(t->strange),
			 "duplicates", program_whole(t->duplicates),
			 "disorder", program_whole(t->disorder),
			 "sessions", program_whole(t->sessions.count),
			 "srt", sessions_sum(&t->sessions),
			 "each", sessions_json(&t->sessions, first->made));
}

static json_t *watch_report(const struct sink *s)
{
	if (s->watch_error != 0)
		return json_pack("{ss}", "error", strerror(-s->watch_error));
	return json_pack("{so so so}", "packets", program_whole(s->watch.packets),
			 "strange", program_whole(s->watch.strange),
			 "dropped", program_whole(s->watch.dropped));
}

static json_t *report(struct sink *s)
{
	unsigned count = atomic_load(&s->streams.count);
	json_t *all = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(all, stream_report(s, &s->streams.of[i]));
	return json_pack("{sb so so so so so}", "arrivals", s->watch_error == 0,
			 "watch", watch_report(s),
			 "refused", program_whole(atomic_load(&s->streams.refused)),
			 "turned_away", program_whole(s->listener.turned_away),
			 "cpu", program_cpu(), "streams", all);
}

/* Packets are watched before the first caller can be there. */
static int serve(struct sink *s, const struct command *c)
{
	struct listener_config cfg = {
		.port = (uint16_t)c->port,
		.latency = (usspan)c->latency,
		.loss_ttl = (unsigned)c->loss_ttl,
		.no_nak_report = c->no_nak_report,
	};
	bool opened;

	s->judged_from = (usspan)c->judged_from;
	streams_init(&s->streams, c->ledgers);
	s->watch_error = watch_begin(&s->watch, cfg.port, &s->streams);
	if (s->watch_error != 0)
		program_say("arrivals are not known: packet socket: %s", strerror(-s->watch_error));
	opened = listener_open(&s->listener, &cfg, &s->streams);
	if (opened) {
		puts("ready");
		fflush(stdout);
	}
	while (opened && program_told() == 0)
		listener_run(&s->listener);
	listener_close(&s->listener);
	watch_end(&s->watch);
	return opened ? 0 : EX_UNAVAILABLE;
}

static int run(const struct command *c)
{
	static struct sink s;
	struct stat st;
	FILE *out;
	int code;

	if (stat(c->ledgers, &st) < 0 || !S_ISDIR(st.st_mode)) {
		program_say("%s: is no directory", c->ledgers);
		return EX_NOINPUT;
	}
	out = program_report(c->report); /* first, so that a run is not in vain */
	if (!out)
		return EX_CANTCREAT;
	code = serve(&s, c);
	if (code == 0 && !program_write(out, report(&s)))
		code = EX_IOERR;
	streams_finish(&s.streams);
	return code;
}

int main(int argc, char **argv)
{
	struct command c = {0};
	char why[OPTIONS_WHY];
	int code;

	program_init("linklab-sink");
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
	code = run(&c);
	program_finish();
	return code;
}
