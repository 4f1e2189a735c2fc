#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes corpus/batch: what kernels hand over, as fuzz_batch.c reads it."""
import os
import random
import struct

WAYS = {"plain": 0, "mmsg": 1, "gso": 2, "coalescing": 2 | 4}
PLENTY = 255
SEGMENTS, STAMP, LOCAL, SINGLE, FAILS = 1, 2, 4, 8, 16


def message(length, segment=0, flags=0):
    return struct.pack("!HHB", length, segment, flags | (SEGMENTS if segment else 0))


def call(way, *messages, most=63):
    """One call of recvmmsg(), which brings them all; recvmsg() has no byte of its own."""
    return (b"" if way == "plain" else bytes([most])) + b"".join(messages)


def stories(way):
    alone = [message(n, flags=f) for n, f in
             ((0, 0), (1, STAMP), (1332, STAMP | LOCAL), (2047, 0), (2048, LOCAL), (2049, LOCAL),
              (65507, 0), (16, 0))]
    yield "alone", call(way, *alone)
    yield "two_calls", call(way, *alone) + call(way, *alone[2:], *alone[:2])
    runs = [message(48 * 1332, 1332, STAMP), message(31 * 2048, 2048), message(31 * 2048 + 7, 2048, LOCAL),
            message(128, 1), message(40 * 1472 + 1, 1472), message(5000, 2500), message(65535, 3000),
            message(1332, 1332, SINGLE), message(100, 1332), message(2049, 2048), message(4096, 2048)]
    yield "runs", call(way, *runs)
    fails = message(0, 0, FAILS) if way == "plain" else b"\x80"
    full = [message(300)] * 64  # as many as a call takes, and then it fails
    yield "fails", fails + call(way, *alone) + fails + fails + call(way, *runs) + call(way, *full[:16]) + \
        fails + call(way, *full) + fails + call(way, *full)
    yield "mixed", call(way, *(one for pair in zip(runs, alone) for one in pair)) + call(way, *runs, most=3)
    dice = random.Random(way)
    yield "medley", b"".join(
        call(way, *(message(dice.randrange(65536), dice.randrange(1, 2100), dice.randrange(16)) for _ in range(9)))
        for _ in range(5))


def main():
    folder = os.path.join(os.path.dirname(os.path.realpath(__file__)), "corpus", "batch")
    os.makedirs(folder, exist_ok=True)
    for way, number in WAYS.items():
        for room in (PLENTY, 20, 0):
            for name, body in stories(way):
                with open(os.path.join(folder, f"{way}_{name}_{room}"), "wb") as out:
                    out.write(bytes([number, room]) + body)


if __name__ == "__main__":
    main()
