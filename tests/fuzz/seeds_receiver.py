#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_rec_core and fuzz_id_cookie: one script a file."""
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


# The steps of a script, as fuzz_rec_core.c reads them.
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


def restart(release):
    return bytes([8, release])


def calls(who, what):
    return bytes([9, who, what])


def serves(port, what):
    return bytes([10, port, what])


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


def greeting(conn, abilities, idle=None, rtt=85):
    fields = struct.pack(">IBBBBI", 0x5759BD01, 1, 6, 1, 1, abilities)
    if idle is not None:
        fields += struct.pack(">BBI", 2, 4, idle)
    return struct.pack(">HQHHIiiIII", 0x9000, 1, 0xC01F, 1, conn, 20000, 12, rtt, 4, 250000) + fields


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
    "held": JOINED + reg2(1, 0) + many(20, lambda i: media(i % 2, (i * 7) % 20)) + wait(200)
    + media(0, 40) + media(1, 60) + server(1, ACK) + wait(500),
    "comeback": JOINED + reg2(1, 0) + AGREED + media(0, 1) + media(0, 3) + server(1, ACK)
    + restart(0) + media(1, 2) + media(0, 4) + restart(1) + server(1, ACK),
    "refusals": JOINED + many(5, lambda i: calls(0, 8 * (i % 4)) + calls(0, 1 + 8 * (i % 4))
                              + serves(1, 2 + 8 * (i % 4)) + wait(1100)) + reg1(3, 2) + reg2(3, 1),
    "idle-acks": JOINED + reg2(1, 0)
    + many(8, lambda _: many(8, lambda _: serves(1, 3)) + net(0, BARE) + net(1, BARE) + wait(400)),
    "favour": JOINED + reg2(1, 0) + many(20, lambda _: serves(1, 3))
    + many(4, lambda _: wait(1200) + serves(1, 3)),
    "reported": JOINED + reg2(1, 0) + net(0, greeting(0, 2)) + net(1, greeting(1, 3, rtt=40))
    + many(60, lambda i: media(i % 2, i ^ 1) + wait(4)) + wait(50) + media(1, 90) + wait(120)
    + media(0, 91) + media(0, 91) + wait(10) + net(0, greeting(0, 0)) + media(0, 92) + wait(20),
    "reported-flood": JOINED + reg2(1, 0) + net(0, greeting(0, 2)) + net(1, greeting(1, 2))
    + many(150, lambda i: media(i % 2, i)) + wait(1) + many(255, lambda i: media(1, i)) + wait(1)
    + many(6, lambda a: reg2(2 + a, 0) + wait(1)) + wait(60),
    "reported-evicted": reg1(0, 1) + many(3, lambda a: reg2(a, 0) + net(a, greeting(a, 2))) + wait(1000)
    + many(12, lambda i: media(i % 3, i)) + many(4, lambda a: reg2(3 + a, 0) + media(3 + a, 20 + a) + wait(4))
    + restart(0) + media(5, 30) + net(5, greeting(5, 2)) + media(5, 31) + wait(40) + wait(51200),
    "idle-marks": JOINED + reg2(1, 0) + many(4, lambda i: media(i % 2, i)) + media(0, 6)
    + net(1, greeting(1, 0, 3)) + media(0, 8) + media(1, 4) + media(0, 10) + net(1, greeting(1, 1, 4))
    + wait(100) + net(1, greeting(1, 1, 0x80000000)) + media(0, 12) + wait(400),
    "trials": many(24, lambda a: reg1(a, a % 4) + reg2(a, a % 8) + wait(60)) + calls(0, 0)
    + serves(1, 0) + many(16, lambda _: wait(1000) + serves(1, 0)),
}

# How the receiver is configured; the standard where nothing is said.
SMALL, NO_HOLD, SHORT_HOLD, NO_GATE, PLAIN, KEYS = 1, 2, 4, 8, 16, 32
LOGIN = many(3, lambda i: calls(0, 0) + calls(0, 1) + serves(1, 0) + calls(0, 1) + serves(1, 1)
             + media(0, i) + serves(1, 3))
PROVED = (JOINED + calls(0, 0) + serves(1, 0) + calls(0, 1) + serves(1, 1) + media(0, 0)
          + serves(1, 3))
FLOOD = many(19, lambda i: reg1(4 + i, 2) + reg2(4 + i, (1 + i) % 8) + wait(4))
OTHERS = {
    "keeps": (SMALL, PROVED + FLOOD),
    "stays": (SMALL, PROVED + many(50, lambda _: net(0, BARE) + wait(800))),
    "login-evicted": (SMALL + KEYS, JOINED + calls(0, 0) + calls(0, 1) + FLOOD),
    "held-evicted": (SMALL, JOINED + reg2(1, 0) + media(0, 1) + media(1, 2) + media(0, 4) + FLOOD),
    "crowd-small": (SMALL, SEEDS["crowd"]),
    "expiry-small": (SMALL, SEEDS["expiry"]),
    "stream-unheld": (NO_HOLD, SEEDS["stream"]),
    "held-short": (SHORT_HOLD, SEEDS["held"]),
    "nak-ungated": (NO_GATE, SEEDS["nak"]),
    "login": (KEYS, JOINED + LOGIN),
    "login-unlisted": (KEYS, JOINED + many(6, lambda _: calls(0, 0) + calls(0, 1 + 4) + wait(800))
                       + reg1(3, 2) + reg2(3, 1)),
    "login-waits": (KEYS, JOINED + calls(0, 0) + calls(0, 1) + wait(20) + calls(0, 1) + restart(0)),
    "plain": (PLAIN, LOGIN + wait(2000) + media(0, 9)),
    "plain-key": (PLAIN + KEYS, LOGIN + calls(0, 8) + calls(0, 8 + 1) + serves(1, 8)),
}


# The scripts of fuzz_id_cookie.c.
def issue(place, who, half):
    return bytes([0, place, 0, 7]) + bytes(who) + bytes([half])


COOKIES = {
    "issued": issue(0, [192, 0, 2, 1], 5) + bytes([1, 0, 2, 0, 130, 3, 2, 0, 5, 0, 1, 0]),
    "expired": issue(0, [192, 0, 2, 1], 5) + bytes([4, 4, 1, 0, 4, 4, 1, 0, 4, 255, 1, 0]),
    "other-boot": issue(0, [192, 0, 2, 1], 5) + bytes([6, 0, 1, 0, 6, 1, 1, 0, 6, 2, 1, 0]),
    "mixed": issue(0, [192, 0, 2, 1], 5) + issue(1, [192, 0, 2, 2], 6)
    + bytes([3, 0, 1, 128, 3, 0, 1, 144, 3, 1, 0, 160, 3, 0, 0, 200]),
    "thin-air": bytes([5]) + bytes(range(256)) + bytes([1, 3]),
}


def write(target, seeds):
    folder = os.path.join(HERE, target)
    os.makedirs(folder, exist_ok=True)
    for name, script in seeds.items():
        with open(os.path.join(folder, name), "wb") as seed:
            seed.write(script)


def main():
    write("rec_core", {name: bytes([0]) + script for name, script in SEEDS.items()})
    write("rec_core", {name: bytes([how]) + script for name, (how, script) in OTHERS.items()})
    write("id_cookie", COOKIES)


if __name__ == "__main__":
    main()
