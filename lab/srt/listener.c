/* SPDX-License-Identifier: MIT */
#include "lab/srt/listener.h"

#include <netinet/in.h>
#include <srt/access_control.h>
#include <string.h>

#include "lab/srt/moment.h"

enum {
	BACKLOG = 64,
	EVENTS = 64,
	MESSAGES = 64, /* of one caller before the next has its turn */
	MESSAGE = 1500,
	US_PER_MS = 1000,
	PATIENCE_MS = 100,
};

#define LOOK MSEC(100)

/* From a thread of libsrt, within the handshake: so the stream is there before its data. */
static int admit(void *streams, SRTSOCKET caller, int version, const struct sockaddr *from,
		 const char *stream_id)
{
	(void)version;
	(void)from;
	if (streams_open(streams, stream_id ? stream_id : ""))
		return 0;
	srt_setrejectreason(caller, SRT_REJX_BAD_REQUEST);
	return -1;
}

static bool set_int(SRTSOCKET sock, SRT_SOCKOPT option, int value)
{
	return srt_setsockflag(sock, option, &value, sizeof(value)) != SRT_ERROR;
}

/* Callers have the same; what is not asked for is as libsrt has it. */
static bool set_up(SRTSOCKET sock, const struct listener_config *cfg)
{
	return set_int(sock, SRTO_TRANSTYPE, SRTT_LIVE) && set_int(sock, SRTO_RCVSYN, 0) &&
	       (cfg->latency == 0 ||
		set_int(sock, SRTO_LATENCY, (int)(cfg->latency / US_PER_MS))) &&
	       (cfg->loss_ttl == 0 || set_int(sock, SRTO_LOSSMAXTTL, (int)cfg->loss_ttl)) &&
	       (!cfg->no_nak_report || set_int(sock, SRTO_NAKREPORT, 0));
}

static bool listen_on(struct listener *l, const struct listener_config *cfg)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(cfg->port)};
	int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;

	return set_up(l->sock, cfg) &&
	       srt_bind(l->sock, (const struct sockaddr *)&any, sizeof(any)) != SRT_ERROR &&
	       srt_listen_callback(l->sock, admit, l->streams) != SRT_ERROR &&
	       srt_listen(l->sock, BACKLOG) != SRT_ERROR &&
	       srt_epoll_add_usock(l->poll, l->sock, &events) != SRT_ERROR;
}

bool listener_open(struct listener *l, const struct listener_config *cfg, struct streams *s)
{
	memset(l, 0, sizeof(*l));
	l->streams = s;
	l->poll = srt_epoll_create();
	l->sock = srt_create_socket();
	if (l->poll < 0 || l->sock == SRT_INVALID_SOCK || !listen_on(l, cfg)) {
		int code = 0;

		srt_getlasterror(&code);
		program_say("port %u: %s", cfg->port, code ? strerror(code) : srt_getlasterror_str());
		return false;
	}
	return true;
}

/* Nothing is begun anew: some counters of a receiver are of the interval alone. */
static void look(struct listener_caller *c, ustime now)
{
	sessions_look(&c->stream->sessions, c->session, c->sock, now, false, NULL);
}

static struct stream *stream_of(struct listener *l, SRTSOCKET sock)
{
	char id[513] = ""; /* SRT allows 512 */
	int len = sizeof(id) - 1;

	if (srt_getsockflag(sock, SRTO_STREAMID, id, &len) == SRT_ERROR)
		return NULL;
	id[len] = '\0';
	return streams_by_id(l->streams, id);
}

static usspan agreed(SRTSOCKET sock)
{
	int ms = 0, len = sizeof(ms);

	srt_getsockflag(sock, SRTO_RCVLATENCY, &ms, &len);
	return MSEC(ms);
}

static void take_calls(struct listener *l)
{
	int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;
	SRTSOCKET sock;

	while ((sock = srt_accept(l->sock, NULL, NULL)) != SRT_INVALID_SOCK) {
		struct stream *t = stream_of(l, sock);

		if (!t || l->callers == LISTENER_CALLERS ||
		    srt_epoll_add_usock(l->poll, sock, &events) == SRT_ERROR) {
			l->turned_away++;
			srt_close(sock);
			continue;
		}
		l->caller[l->callers++] = (struct listener_caller){
			.sock = sock,
			.stream = t,
			.session = sessions_begin(&t->sessions, moment_now(), agreed(sock)),
		};
	}
}

/* The last one takes the place. */
static void hang_up(struct listener *l, struct listener_caller *c)
{
	look(c, moment_now());
	srt_epoll_remove_usock(l->poll, c->sock);
	srt_close(c->sock);
	*c = l->caller[--l->callers];
}

/* False when the connection is at its end. */
static bool play(struct listener_caller *c)
{
	uint8_t message[MESSAGE];

	for (int i = 0; i < MESSAGES; i++) {
		int len = srt_recvmsg2(c->sock, (char *)message, sizeof(message), NULL);

		if (len == SRT_ERROR)
			return srt_getlasterror(NULL) == SRT_EASYNCRCV;
		if (len == 0)
			return false;
		streams_play(c->stream, message, (size_t)len, moment_now());
	}
	return true;
}

static void serve(struct listener *l, SRTSOCKET sock)
{
	if (sock == l->sock) {
		take_calls(l);
		return;
	}
	for (unsigned i = 0; i < l->callers; i++) {
		if (l->caller[i].sock != sock)
			continue;
		if (!play(&l->caller[i]))
			hang_up(l, &l->caller[i]);
		return;
	}
}

void listener_run(struct listener *l)
{
	SRT_EPOLL_EVENT event[EVENTS];
	int count = srt_epoll_uwait(l->poll, event, EVENTS, PATIENCE_MS);
	ustime now = moment_now();

	/* uwait may find more than it has room for; the others come next time. */
	for (int i = 0; i < count && i < EVENTS; i++)
		serve(l, event[i].fd);
	if (now < l->next_look)
		return;
	for (unsigned i = 0; i < l->callers; i++)
		look(&l->caller[i], now);
	l->next_look = now + LOOK;
}

void listener_close(struct listener *l)
{
	while (l->callers > 0)
		hang_up(l, &l->caller[0]);
	srt_epoll_release(l->poll);
	srt_close(l->sock);
}
