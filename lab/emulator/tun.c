/* SPDX-License-Identifier: MIT */
#include "lab/emulator/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SKIP_11 "%*u%*u%*u%*u%*u%*u%*u%*u%*u%*u%*u"

static bool enter(const char *space, struct tun_error *error)
{
	int fd = open(space, O_RDONLY | O_CLOEXEC);
	bool in;

	if (fd < 0) {
		*error = (struct tun_error){"cannot open the namespace", errno};
		return false;
	}
	in = setns(fd, CLONE_NEWNET) == 0;
	if (!in)
		*error = (struct tun_error){"cannot enter the namespace", errno};
	close(fd);
	return in;
}

/* If the way back is shut, all that comes would be made in the wrong place. */
static bool go_back(int own, struct tun_error *error)
{
	bool back = setns(own, CLONE_NEWNET) == 0;

	if (!back)
		*error = (struct tun_error){"cannot go back to its own namespace", errno};
	close(own);
	return back;
}

/*
 * MTU, backlog, up: things that are asked of a device through any socket beside
 * it.  The backlog is root's alone to set; it stays 500 packets where we are not.
 */
static bool set_up(const char *name, struct tun_error *error)
{
	struct ifreq mtu = {.ifr_mtu = TUN_MTU}, backlog = {.ifr_qlen = TUN_BACKLOG}, flags = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = false;

	if (fd >= 0) {
		strcpy(mtu.ifr_name, name);
		strcpy(backlog.ifr_name, name);
		strcpy(flags.ifr_name, name);
		ioctl(fd, SIOCSIFTXQLEN, &backlog);
		up = ioctl(fd, SIOCSIFMTU, &mtu) == 0 && ioctl(fd, SIOCGIFFLAGS, &flags) == 0;
		flags.ifr_flags |= IFF_UP;
		up = up && ioctl(fd, SIOCSIFFLAGS, &flags) == 0;
	}
	if (!up)
		*error = (struct tun_error){"cannot set up the device", errno};
	if (fd >= 0)
		close(fd);
	return up;
}

/* In the namespace in which it was opened a device lives. */
static int make(const char *name, struct tun_error *error)
{
	struct ifreq ask = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		*error = (struct tun_error){"cannot open /dev/net/tun", errno};
		return -1;
	}
	strcpy(ask.ifr_name, name);
	if (ioctl(fd, TUNSETIFF, &ask) < 0) {
		*error = (struct tun_error){"cannot make the device", errno};
		close(fd);
		return -1;
	}
	if (!set_up(name, error)) {
		close(fd);
		return -1;
	}
	return fd;
}

int tun_open(const char *space, const char *name, struct tun_error *error)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;

	if (strlen(name) >= IFNAMSIZ) {
		*error = (struct tun_error){"the name is too long", ENAMETOOLONG};
		goto err_close;
	}
	if (own < 0) {
		*error = (struct tun_error){"cannot tell its own namespace", errno};
		return -1;
	}
	if (!enter(space, error))
		goto err_close;
	fd = make(name, error);
	if (!go_back(own, error) && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;

err_close:
	if (own >= 0)
		close(own);
	return -1;
}

/* A line of /proc/net/dev: name, eight figures of what came, then bytes, packets, errors, drops. */
static uint64_t read_drops(const char *name)
{
	FILE *f = fopen("/proc/thread-self/net/dev", "re");
	char line[512], word[IFNAMSIZ + 1];
	uint64_t drops = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		uint64_t v;

		if (sscanf(line, " %16[^:]:" SKIP_11 "%" SCNu64, word, &v) == 2 &&
		    strcmp(word, name) == 0)
			drops = v;
	}
	fclose(f);
	return drops;
}

uint64_t tun_missed(const char *space, const char *name)
{
	struct tun_error error;
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	uint64_t drops;

	if (own < 0)
		return 0;
	if (!enter(space, &error)) {
		close(own);
		return 0;
	}
	drops = read_drops(name);
	go_back(own, &error);
	return drops;
}
