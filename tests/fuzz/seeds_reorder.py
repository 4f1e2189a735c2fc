#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_reorder: corpus/reorder, one script a file."""
import os
import random

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "reorder")


# The steps of a script, as fuzz_reorder.c reads them.
def time(ms10):
    return bytes([0, 0, ms10])


def media(link, ahead, group=0):
    return bytes([2, group + 2 * link, ahead & 0xFF])


def resent(link, ahead, group=0):
    return bytes([9, group + 2 * link, ahead & 0xFF])


def nak(back, count, group=0):
    return bytes([10, group, back, count])


def ack(rtt, group=0):
    return bytes([11, group, rtt])


def refuse(group=0):
    return bytes([12, group, 0])


def session(latency, isn, group=0):
    return bytes([13, group, latency, isn])


def jump(link, how_far, group=0):
    return bytes([14, group + 2 * link, how_far])


RELEASE = bytes([15, 0, 0])
AUTO, OFF, SHORT = 0, 2, 4 * 30 + 3


def own_peer(on, group=0):
    return bytes([0xFF, group, on])


def begin(hold, latency=125):
    return bytes([hold, 3, latency, 7, latency])


def stream(count, lost=()):
    """Three links in turn, each second packet of the second link overtaken by its neighbours."""
    out = b""
    for i in range(count):
        if i % 6 == 1:
            out += media(0, 1)
        elif i % 6 == 2:
            out += media(1, -2)
        elif i not in lost:
            out += media(i % 3, 0)
        if i % 4 == 0:
            out += time(14)
    return out


def walk(seed, hold):
    rng = random.Random(seed)
    out = begin(hold, rng.randrange(256))
    for _ in range(250):
        group, link = rng.randrange(2), rng.randrange(3)
        out += rng.choice([
            media(link, rng.randrange(-6, 6), group), media(link, 0, group),
            media(link, rng.randrange(-6, 6), group), media(link, rng.randrange(3), group),
            resent(link, rng.randrange(-20, 0), group), time(rng.randrange(40)),
        ])
        if rng.randrange(12) == 0:
            out += rng.choice([
                nak(rng.randrange(30), rng.randrange(30), group), ack(rng.randrange(60), group),
                refuse(group), RELEASE, time(rng.randrange(256)), own_peer(1, group),
                jump(link, rng.randrange(256), group),
                session(rng.randrange(256), rng.randrange(3), group),
            ])
    return out


SEEDS = {
    "in-order": begin(AUTO) + b"".join(media(i % 3, 0) + time(10) for i in range(60)),
    "overtaken": begin(AUTO) + stream(120),
    "lost": begin(AUTO) + stream(120, lost=range(9, 120, 11)),
    "silent": begin(AUTO) + stream(12) + b"".join(media(0, 1) + time(20) for _ in range(40)),
    "asked-for": begin(AUTO) + stream(30) + nak(12, 5) + b"".join(
        resent(1, -12 + i) for i in range(8)) + b"".join(resent(2, -12 + i) for i in range(8)),
    "refused": begin(AUTO) + (refuse() + media(0, 0) + resent(1, -1) + resent(1, -1)) * 6,
    "full": begin(AUTO) + stream(6) + b"".join(
        media(0, 1, group) for _ in range(60) for group in (0, 1)) + time(200) * 3,
    "reach": begin(AUTO) + media(0, 0) + media(1, 0) + b"".join(
        media(0, 127) for _ in range(60)) + time(255) * 8,
    "wrap": begin(AUTO) + session(250, 0) + stream(20) + media(1, -8) + nak(30, 40)
    + resent(0, -15),
    "sessions": begin(AUTO) + (stream(9) + media(0, 3) + session(100, 1)) * 4,
    "jumps": begin(AUTO) + (stream(9) + media(0, 3) + jump(1, 200)) * 4,
    "unknown-latency": begin(AUTO, 0) + stream(9) + media(0, 9) + b"".join(
        time(60) + media(2, -3) for _ in range(12)) + time(100) * 4,
    "off": begin(OFF) + stream(60) + media(0, 9) + media(1, -3),
    "span": begin(SHORT) + stream(9) + (media(0, 2) + time(40) + media(1, -2)) * 12,
    "own-peer": begin(AUTO) + own_peer(1) + stream(60, lost=range(9, 60, 11)) + time(255) * 3,
    "release": begin(AUTO) + stream(9) + media(0, 3) + RELEASE + media(1, -3),
    "short-latency": begin(AUTO, 3) + stream(60, lost=range(9, 60, 5)),
    "walk-auto": walk(1, AUTO),
    "walk-off": walk(2, OFF),
    "walk-span": walk(3, SHORT),
}


def main():
    os.makedirs(HERE, exist_ok=True)
    for name, script in SEEDS.items():
        with open(os.path.join(HERE, name), "wb") as seed:
            seed.write(script)


if __name__ == "__main__":
    main()
