/* SPDX-License-Identifier: MIT */
#ifndef LAB_SCENARIO_H
#define LAB_SCENARIO_H

#include <stdbool.h>

#include "lab/encoder.h"
#include "lab/road.h"

enum {
	SCENARIO_LINKS = 64,
	SCENARIO_VEHICLES = 8,
	SCENARIO_LIMITS = 16,
	SCENARIO_TITLE = 120,
	SCENARIO_WORD = 64,
	SCENARIO_ERROR = 400,
};

/* What a scenario asks of the run, and what a limit speaks of. */
enum scenario_metric {
	METRIC_LATE,             /* of a million */
	METRIC_LATE_OVER_ORACLE, /* late less the oracle's late, of a million */
	METRIC_WIRE,             /* bytes on all links over bytes of first copies, thousandths */
	METRIC_DELAY_P50,        /* us */
	METRIC_DELAY_P99,        /* us */
	METRIC_DELAY_P999,       /* us */
	METRIC_STALL,            /* us, the longest */
	METRIC_GLITCHES,         /* seconds with something late */
	METRIC_FALSE_NAKS,       /* numbers */
	METRIC_LAST_INTO_DEAD,   /* us from an outage to the last data sent into it, the longest */
	METRIC_BACK_IN_USE,      /* us from the end of an outage to data on it, the longest */
	METRIC_QUEUE_P95,        /* us that packets wait in a modem, the worst link */
	METRIC_SESSIONS,         /* of SRT; one is a stream that never broke */
	METRIC_ADDED_P50,        /* us that the sender keeps a packet before its first copy leaves */
	METRIC_ADDED_P99,
	METRIC_BACKUP_SHARE,     /* of a million bytes on all links, those on links of role backup */
	METRICS,
};

struct scenario_limit {
	enum scenario_metric what;
	uint64_t at_most;
	bool unmet;      /* known not to hold yet, */
	uint64_t today;  /* and what it was then */
};

/* What the owner of a link wants it to be used for; as in the sender core. */
enum scenario_role {
	ROLE_NORMAL,
	ROLE_OVERFLOW,
	ROLE_BACKUP,
	ROLE_OFF,
	ROLES,
};

enum scenario_terms_said {
	TERMS_ROLE = 1 << 0,
	TERMS_WEIGHT = 1 << 1,
	TERMS_CAP = 1 << 2,
};

/* On which terms a link serves, or which of them change. */
struct scenario_terms {
	unsigned said; /* enum scenario_terms_said, or'ed: the rest stays as it is */
	enum scenario_role role;
	unsigned weight; /* 1 to 100; 0: the sender's own */
	uint64_t cap;    /* bit/s; 0: none */
};

/* A way of finding links that the sender is switched to; as in the sender core. */
enum scenario_mode {
	MODE_CLASSIC,
	MODE_QUALITY,
	MODE_BALANCE,
	MODE_REDUNDANT,
	MODE_AUTO,
	MODES,
};

/* What happens to the programs and links besides what roads do by themselves. */
enum scenario_deed {
	DEED_REBIND,     /* the link's NAT gives it another port, and nobody tells it */
	DEED_READDRESS,  /* the link has another address */
	DEED_TERMS,      /* its owner wants it on other terms */
	DEED_MODE,       /* the sender is switched to another mode */
	DEED_REC_RESTART,  /* srtla_rec ends without a word; a new one starts after `lasts` */
	DEED_SEND_RESTART, /* srtla_send likewise */
	DEED_SERVER_RESTART,  /* the SRT server likewise */
	DEED_ENCODER_RESTART, /* the encoder likewise */
};

struct scenario_event {
	ustime at;       /* from the beginning of the media */
	enum scenario_deed deed;
	unsigned link;   /* from 0 on */
	usspan lasts;
	struct scenario_terms terms;
	enum scenario_mode mode;
};

/* A knob of a road that turns on the way, or an outage. */
struct scenario_turn {
	ustime at;
	usspan lasts;    /* outages: so long */
	unsigned link;   /* from 0 on */
	bool up, down;   /* which directions */
	bool dark;       /* an outage; otherwise: */
	enum road_knob knob;
	uint64_t value;
};

struct scenario_server {
	unsigned loss_ttl; /* lossmaxttl */
	bool no_nak_report;
};

/* One way to the receiver and back, as it is at the beginning. */
struct scenario_link {
	struct road_config up, down;
	struct scenario_terms terms;
};

/*
 * A drive to put a bond on: links and what happens to them, the stream, and
 * what is asked of the result.  Read from a text file; lab/scenarios/README.md
 * says how one is written.
 */
struct scenario {
	char name[SCENARIO_WORD];   /* of the file, without its suffix */
	char title[SCENARIO_TITLE];
	usspan lasts;               /* of the media */
	usspan judged_from;         /* what is made before is not judged */
	unsigned vehicles;          /* each with links and a stream of its own; 1 */
	struct encoder_config stream;
	uint64_t least, most;       /* an adaptive encoder's rates; 0: it is not */
	usspan latency;             /* that the encoder asks for */
	struct scenario_server server;
	char sender[SCENARIO_WORD], receiver[SCENARIO_WORD]; /* a peer of another kind; "": ours */
	unsigned links;
	struct scenario_link link[SCENARIO_LINKS];
	struct scenario_turn *turn; /* ascending */
	size_t turns;
	struct scenario_event *event; /* ascending */
	size_t events;
	struct scenario_limit limit[SCENARIO_LIMITS];
	unsigned limits;
	struct recording **recording; /* that the links follow */
	size_t recordings;
};

enum scenario_verdict {
	SCENARIO_READ,
	SCENARIO_WRONG,  /* `error` says file, line and why */
	SCENARIO_ABSENT, /* a recording that it needs is not here; `error` says which */
};

/*
 * Reads a scenario.  Recordings that it names are looked for beside it and
 * then in `traces`, which may be NULL.
 */
enum scenario_verdict scenario_read(const char *path, const char *traces, struct scenario *s,
				    char error[SCENARIO_ERROR]);
void scenario_finish(struct scenario *s);

/*
 * Makes the road of a link in one direction, with all that happens on it.
 * The seed of a run, the vehicle and the link give the road its own; vehicles
 * follow recordings from places 17 s apart.
 */
void scenario_road(const struct scenario *s, unsigned vehicle, unsigned link, bool up,
		   uint64_t seed, struct road *r);

/* "backup"; "balance". */
const char *scenario_role_name(enum scenario_role role);
const char *scenario_mode_name(enum scenario_mode mode);

/* Terms that are said take the place of those of before. */
void scenario_amend(struct scenario_terms *terms, const struct scenario_terms *by);

const char *scenario_metric_name(enum scenario_metric m);

/* A figure as people read it: "1.3 %", "250 ms", "1.02", "17". */
void scenario_metric_text(enum scenario_metric m, uint64_t value, char *buf, size_t size);

struct json_t;
/*
 * All of it but the turns of roads, for programs that only play it; NULL when
 * memory is short.
 *
 *  {"name", "title", "lasts_s", "judged_from_s", "vehicles", "links": 3,
 *   "stream": {"rate", "fps", "gop", "key_percent", "least", "most", "latency_s"},
 *   "server": {"loss_ttl", "nak_report": true}, "sender": "", "receiver": "",
 *   "terms": [{}, {"role": "backup", "weight": 5, "cap": 4000000}],
 *   "events": [{"at_s", "deed": "rebind" or "readdress", "link": 1},
 *              {"at_s", "deed": "terms", "link": 1, "terms": {"role": "off"}},
 *              {"at_s", "deed": "mode", "mode": "redundant"},
 *              {"at_s", "deed": "receiver", "sender", "server" or "encoder", "after_s"}],
 *   "limits": [{"metric": "wire", "at_most": 1020, "text": "1.02", "unmet": false}]}
 *
 * Rates are bit/s, limits in the units of enum scenario_metric; one that is
 * unmet has "today" and "today_text" as well.
 */
struct json_t *scenario_json(const struct scenario *s);

#endif
