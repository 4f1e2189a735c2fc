#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_receiver: corpus/receiver, one script a file."""
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "receiver")


# The steps of a script, as fuzz_receiver.c reads them.
def wait(ms):
    out = b""
    while ms >= 400:
        n = min(128, ms // 400)
        out += bytes([0, 127 + n])
        ms -= 400 * n
    while ms > 0:
        n = min(127, ms)
        out += bytes([0, n])
        ms -= n
    return out


def net(who, packet):
    return bytes([1, who, len(packet)]) + packet


def reg1(who, half):
    return bytes([2, who, half])


def reg2(who, which, *flip):
    return bytes([3, who, which, *flip])


def media(who, seq):
    return bytes([4, who, seq])


def server(port, packet):
    return bytes([5, port, len(packet)]) + packet


def error(port, what, packet=b""):
    return bytes([6, port, what]) + packet


def big(who, packet):
    packet += bytes(-len(packet) % 8)
    return bytes([7, who, len(packet) // 8]) + packet


def many(count, step):
    return b"".join(step(i) for i in range(count))


# The packets in them.
def control(kind, dest=0, body=b""):
    return struct.pack(">HHIII", 0x8000 | kind, 0, 0, 777, dest) + body


def handshake(kind, sender, to, extension=0, latency=0):
    body = struct.pack(">IHHIIIII", 5 if extension else 4, 0, 1 if extension else 2, 4242, 1500,
                       8192, kind, sender) + bytes(20)
    if extension:
        body += struct.pack(">HHIIHH", extension, 3, 0x10501, 0x3F, latency, latency)
    return control(0, to, body)


def srtla(kind, rest=0):
    return struct.pack(">H", kind) + bytes(rest)


INDUCTION, CONCLUSION, REFUSAL = 1, 0xFFFFFFFF, 1010
BARE = srtla(0x9000)
REPORT = struct.pack(">HQHHIiiIII", 0x9000, 123456, 0xC01F, 1, 7, 20000, 12, 85, 4, 250000)
ACK = control(2, 9, bytes(28))
JOINED = reg1(0, 1) + reg2(0, 0)
AGREED = (net(0, handshake(INDUCTION, 77, 0)) + server(1, handshake(INDUCTION, 88, 77))
          + net(0, handshake(CONCLUSION, 77, 0, 1, 2000))
          + server(1, handshake(CONCLUSION, 88, 77, 2, 2000)))

SEEDS = {
    "register": JOINED + reg2(1, 0) + reg2(2, 0) + JOINED,
    "stream": JOINED + reg2(1, 0) + many(30, lambda i: media(i % 2, i) + wait(20 * (i % 7 == 0)))
    + wait(60) + server(1, ACK) + server(1, control(3, 9, bytes(4))),
    "keepalives": reg1(3, 1) + reg2(3, 0) + net(3, BARE) + net(3, REPORT)
    + net(3, REPORT + bytes(12)) + net(3, BARE + bytes(8)),
    "session": JOINED + AGREED + net(0, handshake(INDUCTION, 78, 0))
    + net(0, control(5, 88, bytes(4))),
    "goodbye": JOINED + AGREED + net(0, control(5, 88, bytes(4)))
    + net(0, handshake(INDUCTION, 78, 0)),
    "refused": JOINED + net(0, handshake(INDUCTION, 77, 0)) + server(1, handshake(REFUSAL, 88, 77))
    + error(1, 4, bytes(16)) + error(1, 0) + server(1, control(1, 77, bytes(4)))
    + error(1, 5, bytes(16)),
    "expiry": JOINED + media(0, 1) + many(70, lambda _: wait(800)) + server(1, ACK)
    + reg1(1, 2) + reg2(1, 1),
    "crowd": many(12, lambda a: reg1(a, a % 4) + reg2(a, a % 4) + wait(400))
    + many(16, lambda _: wait(1200)) + many(12, lambda a: reg1(a, (a + 1) % 4) + reg2(a, a % 4)),
    "evict": reg1(0, 1) + many(8, lambda a: reg2(a, 0) + wait(1000))
    + reg2(0, 0xC1, 130) + reg2(0, 0xC7, 3),
    "restart": JOINED + reg2(1, 0) + media(0, 5) + reg1(0, 2) + reg2(0, 1) + reg2(1, 1) + wait(60),
    "strangers": net(0, BARE) + net(1, bytes(16)) + net(2, srtla(0x9210))
    + big(3, srtla(0x9200, 254)) + big(4, srtla(0x9201, 262)),
    "nak": JOINED + reg2(1, 0)
    + server(1, control(3, 9, struct.pack(">II", 0x80000000, 0x7FFFFFFF) * 20))
    + net(0, control(3, 9, struct.pack(">I", 0x80000005))),
    "mapped": reg1(5, 1) + reg2(5, 0) + reg2(11, 0) + media(5, 1) + media(11, 2),
    "odd-types": JOINED + b"".join(net(0, srtla(kind, 30)) for kind in (
        0x9100, 0x9202, 0x9210, 0x9211, 0x9212, 0x9F00, 0xA000, 0xFFFF, 0x8009, 0xB000)),
    "stop": JOINED + media(0, 3) + wait(51200) + media(0, 4),
}


def main():
    os.makedirs(HERE, exist_ok=True)
    for name, script in SEEDS.items():
        with open(os.path.join(HERE, name), "wb") as seed:
            seed.write(script)


if __name__ == "__main__":
    main()
