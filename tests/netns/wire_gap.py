#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long SRT media paused on its way to a port of this machine.

wire_gap.py PORT FILE    listens on lo; FILE gets {"packets": N, "gap_ms": LONGEST, "sources": N}
                         20 times a second; SIGUSR1 begins anew
"""
import json
import os
import select
import signal
import socket
import struct
import sys
import time

ETH_P_IP = 0x0800
STAMP = struct.Struct("qq")  # SO_TIMESTAMPNS: when the kernel had it, however late we look
PACKET = 1332  # of SRT media; what leaves together is one frame here, of several


class Gaps:
    def __init__(self):
        self.anew = False
        self.clear()

    def want_anew(self, *_):
        self.anew = True

    def clear(self):
        self.anew = False
        self.packets = 0
        self.last = None
        self.longest = 0
        self.sources = set()

    def add(self, at, source, packets):
        if self.last is not None:
            self.longest = max(self.longest, at - self.last)
        self.last = at
        self.packets += packets
        self.sources.add(source)

    def tell(self, path):
        with open(path + ".new", "w", encoding="ascii") as out:
            json.dump({"packets": self.packets, "gap_ms": round(self.longest / 1e6),
                       "sources": len(self.sources)}, out)
        os.rename(path + ".new", path)


def media_source(frame, port):
    """The port that SRT media for `port` comes from, and how many packets; None for any other frame."""
    head = 14 + (frame[14] & 15) * 4
    if frame[23] != socket.IPPROTO_UDP or len(frame) < head + 24:
        return None
    source, to = struct.unpack_from("!HH", frame, head)
    if to != port or frame[head + 8] >= 0x80:
        return None
    (size,) = struct.unpack_from("!H", frame, 16)
    return source, max(1, (size - (head - 14) - 8) // PACKET)


def main(port, path):
    gaps = Gaps()
    signal.signal(signal.SIGUSR1, gaps.want_anew)
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    wire.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    wire.bind(("lo", ETH_P_IP))
    told = 0
    while True:
        if select.select([wire], [], [], 0.02)[0]:
            frame, extra, _, where = wire.recvmsg(128, 64)
            media = media_source(frame, int(port)) if where[2] != socket.PACKET_OUTGOING else None
            if media:
                seconds, nanos = STAMP.unpack(extra[0][2][:STAMP.size])
                gaps.add(seconds * 10**9 + nanos, *media)
        if gaps.anew:
            gaps.clear()
        if time.monotonic() - told > 0.05:
            told = time.monotonic()
            gaps.tell(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
