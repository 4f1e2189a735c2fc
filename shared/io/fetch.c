/* SPDX-License-Identifier: MIT */
#include "shared/io/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "shared/io/udp.h"

enum { PATIENCE_S = 2, ROOM_FIRST = 64 * 1024 };

static int dial(const struct endpoint *at)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_storage ss;
	socklen_t len = udp_to_sockaddr(at, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	err = errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	close(fd);
	return err;
}

static int ask(int fd, const char *path)
{
	char request[1024];
	int len = snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", path);

	if (len >= (int)sizeof(request))
		return -ENAMETOOLONG;
	return send(fd, request, (size_t)len, MSG_NOSIGNAL) == len ? 0 : -errno;
}

/* All that comes, with a zero behind it, to be freed; NULL and errno. */
static char *hear(int fd, size_t *len)
{
	size_t room = ROOM_FIRST;
	char *text = malloc(room);

	*len = 0;
	while (text) {
		ssize_t n = recv(fd, text + *len, room - *len - 1, 0);

		if (n == 0) {
			text[*len] = '\0';
			return text;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0)
			*len += (size_t)n;
		if (n < 0 || *len > FETCH_MOST) {
			int err = n > 0 ? EFBIG : errno == EAGAIN ? ETIMEDOUT : errno;

			free(text);
			errno = err;
			return NULL;
		}
		if (room - *len < ROOM_FIRST / 2) {
			char *more = realloc(text, room *= 2);

			if (!more)
				free(text);
			text = more;
		}
	}
	errno = ENOMEM;
	return NULL;
}

int fetch_parse(char *answer, size_t size, char **body, size_t *len)
{
	char *end = strstr(answer, "\r\n\r\n");
	char word[4] = "";
	uint64_t status;

	if (!end || strncmp(answer, "HTTP/1.", 7) != 0 || size < 13)
		return -EPROTO;
	memcpy(word, answer + 9, 3);
	if (!text_number(word, 100, 599, &status))
		return -EPROTO;
	*len = size - (size_t)(end + 4 - answer);
	memmove(answer, end + 4, *len + 1);
	*body = answer;
	return (int)status;
}

int fetch(const struct endpoint *at, const char *path, char **body, size_t *len)
{
	int fd = dial(at);
	char *text;
	int status;

	if (fd < 0)
		return fd;
	status = ask(fd, path);
	if (status) {
		close(fd);
		return status;
	}
	text = hear(fd, len);
	status = -errno;
	close(fd);
	if (!text)
		return status;
	status = fetch_parse(text, *len, body, len);
	if (status < 0)
		free(text);
	return status;
}
