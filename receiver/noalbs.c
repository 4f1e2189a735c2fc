/* SPDX-License-Identifier: MIT */
#include "receiver/noalbs.h"

#ifdef HAVE_JANSSON

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* What a shape says for a stream that has no picture, for another moment or for good. */
static const struct {
	bool stall_shows; /* by bitrate 0; else it is as if there were no publisher */
	unsigned keep;    /* the bitrate for which the scene stays */
} shapes[] = {
	[NOALBS_SLS] = {.stall_shows = false, .keep = 0},
	[NOALBS_BELABOX] = {.stall_shows = true, .keep = 1},
	[NOALBS_OPENIRL] = {.stall_shows = true, .keep = 1},
};

/* Readers have integers of 32 bits, with a sign or without. */
static json_t *number(uint64_t n, uint64_t most)
{
	return json_integer((json_int_t)(n < most ? n : most));
}

/* 42300 us -> 42.3; always with a point, as some readers want a fraction there. */
static json_t *ms(usspan us)
{
	return json_real((double)us / 1000);
}

static bool shows(enum noalbs_shape shape, enum receiver_stream s)
{
	switch (s) {
	case RECEIVER_OFFLINE:
	case RECEIVER_ENDED:
		return false;
	case RECEIVER_STALLED:
		return shapes[shape].stall_shows;
	case RECEIVER_STARTING:
	case RECEIVER_LIVE:
		return true;
	}
	return false;
}

/* kbit/s */
static unsigned bitrate(enum noalbs_shape shape, const struct receiver_group_view *v,
			const struct history_group_view *past)
{
	uint64_t rate = past->known ? past->up_bps / 1000 : 0;

	if (v->stream == RECEIVER_STALLED)
		return 0;
	if (v->stream != RECEIVER_LIVE || rate <= 1)
		return shapes[shape].keep;
	return rate < INT32_MAX ? (unsigned)rate : INT32_MAX;
}

/* What the missing packets would have taken. */
static uint64_t missing_bytes(const struct receiver_group_view *v)
{
	return v->up_packets ? v->missing * (v->up_bytes / v->up_packets) : 0;
}

static json_t *sls(const struct receiver_group_view *v, const struct history_group_view *past)
{
	double mbps = (double)past->up_bps / 1e6;

	/* A packet that the SRT server never had is a lost one and a dropped one to it. */
	return json_pack("{s:i, s:o, s:o, s:f, s:f, s:i, s:o, s:o, s:o, s:I}",
			 "bitrate", (int)bitrate(NOALBS_SLS, v, past),
			 "bytesRcvDrop", number(missing_bytes(v), INT64_MAX),
			 "bytesRcvLoss", number(missing_bytes(v), INT64_MAX),
			 "mbpsBandwidth", (double)past->in_bps / 1e6,
			 "mbpsRecvRate", mbps,
			 "msRcvBuf", (int)v->latency,
			 "pktRcvDrop", number(v->missing, INT32_MAX),
			 "pktRcvLoss", number(v->missing, INT32_MAX),
			 "rtt", ms(v->srt_rtt),
			 "uptime", (json_int_t)(v->session_age / SEC(1)));
}

static json_t *belabox(const struct receiver_group_view *v, const struct history_group_view *past)
{
	return json_pack("{s:i, s:o, s:o}",
			 "bitrate", (int)bitrate(NOALBS_BELABOX, v, past),
			 "rtt", ms(v->srt_rtt),
			 "dropped_pkts", number(v->missing, INT32_MAX));
}

/* Where a link's own round trip is not known, that of the session stands for it. */
static json_t *peer(const struct receiver_group_view *v, const struct receiver_member_view *m,
		    const struct history_member_view *past)
{
	char id[SCENE_NAME];

	snprintf(id, sizeof(id), "%08x", (unsigned)past->id);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:I}",
			 "connection_id", id,
			 "bitrate", number(past->bps / 1000, INT32_MAX),
			 "throughput", number(past->bps / 1000, INT32_MAX),
			 "rtt", ms(m->reports ? MSEC(m->srtt) : v->srt_rtt),
			 "jitter", ms(past->jitter),
			 "uptime", (json_int_t)(past->age / SEC(1)));
}

static json_t *openirl(const struct receiver_group_view *v, const struct history_group_view *past)
{
	json_t *peers = json_array(), *object;

	for (unsigned i = 0; i < v->count; i++)
		json_array_append_new(peers, peer(v, &v->member[i], &past->member[i]));
	object = json_pack("{s:i, s:i, s:o, s:o, s:I, s:o}",
			   "bitrate", (int)bitrate(NOALBS_OPENIRL, v, past),
			   "buffer", (int)v->latency,
			   "dropped_pkts", number(v->missing, INT64_MAX),
			   "throughput", number(past->in_bps / 1000, INT32_MAX),
			   "uptime", (json_int_t)(v->session_age / SEC(1)),
			   "peers", peers);
	if (v->latency)
		json_object_set_new(object, "latency", json_integer(v->latency));
	if (v->srt_rtt)
		json_object_set_new(object, "rtt", ms(v->srt_rtt));
	return object;
}

static json_t *build(enum noalbs_shape shape, const char *key, const struct receiver_group_view *v,
		     const struct history_group_view *past)
{
	json_t *root = json_pack("{s:s}", "status", "ok"), *publishers;

	if (shape == NOALBS_OPENIRL) {
		if (v)
			json_object_set_new(root, "publisher", openirl(v, past));
		return root;
	}
	publishers = json_object();
	if (v)
		json_object_set_new(publishers, key,
				    shape == NOALBS_SLS ? sls(v, past) : belabox(v, past));
	json_object_set_new(root, "publishers", publishers);
	return root;
}

char *noalbs_text(enum noalbs_shape shape, const char *key, const struct receiver_group_view *v,
		  const struct history_group_view *past, size_t *len)
{
	json_t *root = build(shape, key, v && shows(shape, v->stream) ? v : NULL, past);
	char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;

	json_decref(root);
	if (text)
		*len = strlen(text);
	return text;
}

char *noalbs_json(const struct scene *scene, const struct history *history, enum noalbs_shape shape,
		  const char *key, ustime now, size_t *len)
{
	struct receiver *r = scene->door->receiver;
	unsigned port = receiver_find_stream(r, key);
	struct receiver_group_view v;
	struct history_group_view past;

	if (port == 0 || !receiver_group_view(r, port, now, &v))
		return noalbs_text(shape, key, NULL, NULL, len);
	history_group(history, &v, now, &past);
	return noalbs_text(shape, key, &v, &past, len);
}

#else

char *noalbs_text(enum noalbs_shape shape, const char *key, const struct receiver_group_view *v,
		  const struct history_group_view *past, size_t *len)
{
	(void)shape, (void)key, (void)v, (void)past, (void)len;
	return NULL;
}

char *noalbs_json(const struct scene *scene, const struct history *history, enum noalbs_shape shape,
		  const char *key, ustime now, size_t *len)
{
	(void)scene, (void)history, (void)shape, (void)key, (void)now, (void)len;
	return NULL;
}

#endif
