/* SPDX-License-Identifier: MIT */
#include "shared/wire/session.h"

void session_init(struct session *s)
{
	*s = (struct session){0};
}

/* A packet for socket `dest` speaks of this end, as far as we can tell. */
static bool fits(uint32_t known, uint32_t dest)
{
	return known == 0 || known == dest;
}

/* After a SHUTDOWN a caller may come back as who it was. */
static bool is_new(const struct session *s, const struct srt_handshake *hs)
{
	return hs->socket_id != s->caller_id || s->over;
}

static enum session_event caller_handshake(struct session *s, const struct srt_handshake *hs,
					   uint32_t timestamp, struct session *before)
{
	bool begins = is_new(s, hs);

	if (hs->socket_id == 0 || (hs->type != SRT_HS_INDUCTION && hs->type != SRT_HS_CONCLUSION))
		return SESSION_GOES_ON;
	if (begins) {
		*before = *s;
		session_init(s);
		s->caller_id = hs->socket_id;
	}
	s->timestamp = timestamp;
	/* What the two have agreed on stands, whatever is said afterwards. */
	if (s->server_id == 0) {
		s->caller_isn = hs->isn;
		if (hs->stream_id)
			srt_stream_id(hs, s->stream_id, sizeof(s->stream_id));
	}
	return begins ? SESSION_BEGINS : SESSION_GOES_ON;
}

enum session_event session_from_caller(struct session *s, const uint8_t *data, size_t len,
				       struct session *before)
{
	struct srt_handshake hs;
	struct srt_head head;

	if (!srt_parse_head(data, len, &head))
		return SESSION_GOES_ON;
	if (head.control && head.type == SRT_HANDSHAKE)
		return srt_parse_handshake(data, len, &hs)
			       ? caller_handshake(s, &hs, head.timestamp, before)
			       : SESSION_GOES_ON;
	s->timestamp = head.timestamp;
	if (head.control && head.type == SRT_SHUTDOWN && fits(s->server_id, head.dest))
		s->over = true;
	return SESSION_GOES_ON;
}

/*
 * The server's answers name the caller's socket, which a stranger off the
 * path does not know.  The first conclusion counts; its repeats, and refusals
 * that come after it, say nothing new.
 */
static enum session_event server_handshake(struct session *s, const struct srt_handshake *hs,
					   uint32_t dest)
{
	if (s->caller_id == 0 || dest != s->caller_id || s->server_id != 0)
		return SESSION_GOES_ON;
	if (hs->type >= SRT_HS_REFUSAL && hs->type <= SRT_HS_REFUSAL_LAST) {
		s->refused = true;
		return SESSION_REFUSED;
	}
	if (hs->type != SRT_HS_CONCLUSION || hs->socket_id == 0)
		return SESSION_GOES_ON;
	s->refused = false;
	s->server_id = hs->socket_id;
	if (hs->response && (hs->flags & SRT_FLAG_TSBPDRCV))
		s->latency = hs->recv_latency;
	return SESSION_AGREED;
}

enum session_event session_from_server(struct session *s, const uint8_t *data, size_t len)
{
	struct srt_handshake hs;
	struct srt_head head;

	if (!srt_parse_head(data, len, &head) || !head.control)
		return SESSION_GOES_ON;
	if (head.type == SRT_HANDSHAKE && srt_parse_handshake(data, len, &hs))
		return server_handshake(s, &hs, head.dest);
	if (head.type == SRT_SHUTDOWN && fits(s->caller_id, head.dest))
		s->over = true;
	return SESSION_GOES_ON;
}
