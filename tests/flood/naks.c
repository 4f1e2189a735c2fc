/* SPDX-License-Identifier: MIT */
#include "shared/base/seq.h"
#include "tests/flood/flood.h"
#include "tests/sim/srt_build.h"

/*
 * The SRT server sends NAKs, each for other numbers, at a rate or as fast as it can: does
 * the receiver keep anything of them?
 */
enum { LINKS = 2, RATE = 400, WORDS = 2 };

void flood_naks(unsigned pid, const uint64_t *number)
{
	static struct flood f;
	struct flood_pace down = {.rate = number[0]}, up = {.rate = RATE};
	struct target before = {0}, after;
	uint64_t now, began, ends, naks = 0, heard;
	uint8_t buf[SRT_PACKET];
	struct caller *c;

	flood_open(&f, pid, 1, true);
	c = flood_call_afar(&f, LINKS);
	flood_rest(&f, 0, 1, clock_ns() + CLOCK_S);
	flood_tell("caller_in", "%d", c->state == CALLER_IN);
	heard = f.crowd.heard;
	now = began = down.began = up.began = clock_ns();
	ends = now + number[1] * CLOCK_S;
	for (; now < ends && c->state == CALLER_IN; now = clock_ns()) {
		for (unsigned n = flood_due(&up, now); n > 0; n--) {
			caller_media(c, c->seq % LINKS, c->seq, 0, CALLER_PAYLOAD, &f.crowd);
			c->seq = seq_add(c->seq, 1);
		}
		for (unsigned n = flood_due(&down, now); n > 0; n--, naks++) {
			uint32_t from = (uint32_t)naks * 3 & SEQ_MASK;
			uint32_t word[WORDS] = {from | UINT32_C(0x80000000), seq_add(from, 1)};

			backend_send(&f.backend, 0, buf,
				     srt_build_nak(buf, word, WORDS, (uint32_t)(now / 1000),
						   BACKEND_CALLER));
		}
		flood_rest(&f, 0, 0, 0);
		if (before.rss == 0 && now - began > (ends - began) / 4)
			before = target_look(pid);
	}
	after = target_look(pid);
	flood_tell("naks", "%llu", (unsigned long long)naks);
	flood_tell("naks_a_second", "%.0f", (double)naks / (double)number[1]);
	flood_tell("copies_back", "%llu", (unsigned long long)(f.crowd.heard - heard));
	flood_tell("rss_grown_kib", "%lld", ((long long)after.rss - (long long)before.rss) / 1024);
	flood_tell("rss_kib", "%llu", (unsigned long long)after.rss / 1024);
	flood_tell("media_lost", "%lld", (long long)c->media - (long long)f.backend.arrived);
	flood_close(&f);
}
