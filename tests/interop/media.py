#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Numbered pieces of media: made at a steady rate before SRT, looked at behind it.

media.py feed TAKE BITS_A_SECOND [SECONDS]   pieces to standard output; then holds it open
media.py watch FILE                          pieces from standard input, figures to FILE
media.py value FILE PATH                     one figure, as in 1.chunks; 0 while there is none
media.py count FILE LIST KEY WORD            how many objects of a list say WORD
media.py link FILE NAME                      the state of a link, m1 or m1/10.9.1.2, in a stats file
media.py counter NAME                        a counter of `ip -s -j link`, from standard input
"""
import json
import os
import select
import struct
import sys
import time

CHUNK = 1316  # one SRT packet of MPEG-TS
HEAD = struct.Struct("!4sIQ")
MAGIC = b"WAYB"


def piece(take, index):
    head = HEAD.pack(MAGIC, take, index)
    return head + bytes([(index * 7 + take) & 0xFF]) * (CHUNK - len(head))


def feed(take, rate, seconds="0"):
    step = CHUNK * 8 / float(rate)
    start = time.monotonic()
    index = 0
    while seconds == "0" or index * step < float(seconds):
        os.write(1, piece(int(take), index))
        index += 1
        late = start + index * step - time.monotonic()
        if late > 0:
            time.sleep(late)
    while True:  # the caller ends the stream, not the end of the media
        time.sleep(1)


class Take:
    """What has come out of one run of the encoder."""

    def __init__(self):
        self.chunks = self.corrupt = self.missing = self.backward = 0
        self.next = None
        self.first = self.last = time.time()
        self.longest_gap = 0.0

    def add(self, index, sound):
        now = time.time()
        self.chunks += 1
        self.corrupt += not sound
        self.longest_gap = max(self.longest_gap, now - self.last)
        self.last = now
        if self.next is not None:
            self.missing += max(0, index - self.next)
            self.backward += index < self.next
        self.next = index + 1

    def figures(self):
        return {"chunks": self.chunks, "corrupt": self.corrupt, "missing": self.missing,
                "backward": self.backward, "next": self.next, "first_ms": int(self.first * 1000),
                "last_ms": int(self.last * 1000), "gap_ms": int(self.longest_gap * 1000)}


def watch(path):
    takes = {}
    rest = b""
    strange = 0
    told = 0.0
    fresh = False
    while True:
        if select.select([0], [], [], 0.02)[0]:
            data = os.read(0, 65536)
            if not data:
                break
            rest += data
            fresh = True
        while len(rest) >= CHUNK:
            one, rest = rest[:CHUNK], rest[CHUNK:]
            magic, take, index = HEAD.unpack_from(one)
            if magic != MAGIC:
                strange += 1
                continue
            takes.setdefault(take, Take()).add(index, one == piece(take, index))
        if fresh and time.time() - told > 0.02:
            told = time.time()
            fresh = False
            tell(path, takes, strange)
    tell(path, takes, strange)


def tell(path, takes, strange):
    figures = {str(take): t.figures() for take, t in takes.items()}
    figures["strange"] = strange
    with open(path + ".new", "w", encoding="ascii") as out:
        json.dump(figures, out)
    os.rename(path + ".new", path)


def load(path):
    try:
        with open(path, encoding="utf-8") as text:
            return json.load(text)
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def value(path, where):
    at = load(path)
    for key in where.split("."):
        at = at.get(key, {})
    print(at if at != {} else 0)


def count(path, where, key, word):
    print(sum(1 for one in load(path).get(where, []) if str(one.get(key)) == word))


def link(path, name):
    print(next((one["state"] for one in load(path).get("connections", [])
                if name in (one["name"], one["name"].split("/")[0])), "absent"))


def counter(name):
    stats = json.load(sys.stdin)[0]["stats64"]
    side, what = name.split("_")
    print(stats[side][what])


if __name__ == "__main__":
    {"feed": feed, "watch": watch, "value": value, "count": count, "link": link,
     "counter": counter}[sys.argv[1]](*sys.argv[2:])
