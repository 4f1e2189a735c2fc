/* SPDX-License-Identifier: MIT */
#include "receiver/check_urls.h"

#include <string.h>

enum {
	ID_MOST = 3 * 512 + 1, /* a stream id with every byte written as %XX */
	ENCODER_PORT = 9000,   /* where control panels have srtla_send listen */
};

/* ASCII letters and digits, and these. */
static const char *encode(const char *text, const char *plain, char *buf, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t at = 0;

	for (; *text && at + 4 <= size; text++) {
		if (strchr(letters, *text) || strchr(plain, *text))
			buf[at++] = *text;
		else
			at += (size_t)snprintf(buf + at, size - at, "%%%02X", (unsigned char)*text);
	}
	buf[at] = '\0';
	return buf;
}

const char *check_urls_query(const char *stream_id, char *buf, size_t size)
{
	/* Not all that read these URLs take %XX back: what can stand for itself does. */
	return encode(stream_id, "-._~/:!=,@$*?", buf, size);
}

const char *check_urls_path(const char *stream_id, char *buf, size_t size)
{
	return encode(stream_id, "-._~/", buf, size);
}

/* An IPv6 address stands in brackets. */
static const char *authority(const char *host, char *buf, size_t size)
{
	bool ipv6 = strchr(host, ':');

	snprintf(buf, size, "%s%s%s", ipv6 ? "[" : "", host, ipv6 ? "]" : "");
	return buf;
}

static void print_srt(const char *what, const char *at, const char *query, FILE *to)
{
	fprintf(to, "  %-14s srt://%s?streamid=%s&latency=%d  (ms: libsrt's own tools)\n", what, at,
		query, CHECK_LATENCY_MS);
	fprintf(to, "  %-14s srt://%s?streamid=%s&latency=%d  (us: ffmpeg, OBS)\n", "", at, query,
		CHECK_LATENCY_MS * 1000);
}

void check_urls_print(const struct check_urls *u, const char *stream_id, FILE *to)
{
	char query[ID_MOST], path[ID_MOST], host[300], at[320], http[ENDPOINT_TEXT];

	check_urls_query(stream_id, query, sizeof(query));
	check_urls_path(stream_id, path, sizeof(path));
	fprintf(to, "  %-14s srtla://%s:%u?streamid=%s\n", "sender",
		authority(u->host, host, sizeof(host)), (unsigned)u->port, query);
	snprintf(at, sizeof(at), "127.0.0.1:%d", ENCODER_PORT);
	print_srt("encoder", at, query, to);
	snprintf(at, sizeof(at), "%s:%u", authority(u->server, host, sizeof(host)),
		 (unsigned)u->server_port);
	print_srt("player", at, query, to);
	if (!u->http.family)
		return;
	endpoint_print(&u->http, http);
	fprintf(to, "  %-14s http://%s/sls/%s\n", "SrtLiveServer", http, path);
	fprintf(to, "  %-14s http://%s/belabox/%s\n", "Belabox", http, path);
	fprintf(to, "  %-14s http://%s/stats/%s\n", "OpenIRL", http, path);
}
