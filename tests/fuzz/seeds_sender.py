#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_send_core and fuzz_pair: one script a file."""
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
CLASSIC, QUALITY, BALANCE, REDUNDANT, AUTO = range(5)
THRICE = 5 + REDUNDANT
NGP, REG2, REG3, REG_ERR = range(4)
EAGAIN, ENOBUFS, EMSGSIZE, ECONNREFUSED, ENETUNREACH, EPERM = range(6)
NORMAL, OVERFLOW, BACKUP, OFF = range(4)


# The steps of a script, as fuzz_send_core.c reads them.
def wait(ms):
    out = b""
    while ms > 0:
        n = min(255, int((ms * 10) ** 0.5))
        n = max(n, 1)
        out += bytes([0, n])
        ms -= n * n / 10
    return out


def app(who, packet):
    packet += bytes(-len(packet) % 6)
    return bytes([1, who, len(packet) // 6]) + packet


def link(port, packet):
    packet += bytes(-len(packet) % 6)
    return bytes([2, port, len(packet) // 6]) + packet


def at(port, value=0):
    return port - 1 | value << 2


def answer(port, what):
    return bytes([3, at(port, what)])


def echo(port, own=False):
    return bytes([4, at(port) | own << 7])


def error(port, what):
    return bytes([5, at(port, what)])


def add(rank):
    return bytes([6, rank])


def remove(port):
    return bytes([7, at(port)])


def reopen():
    return bytes([8, 0])


def data(count, how=0):
    return bytes([9, count - 1 | how << 5])


def srtla_ack(port, back=0, ten=True):
    return bytes([10, at(port, back | ten << 4)])


def srt_ack(port, back=0, light=False):
    return bytes([11, at(port), back | light << 7])


def nak(port, back, count=1):
    return bytes([12, at(port, count - 1), back])


def report(port, bits, back=0, more=0):
    return bytes([13, at(port, back), bits, more])


def handshake(port, server=False, concludes=True, latency=600):
    kind = 2 if server else int(concludes)
    return bytes([14, at(port), kind | latency // 30 << 3])


def terms(port, role, weight=0, cap=0):
    return bytes([15, at(port), role | weight << 2 | (0x80 | cap if cap else 0)])


def mode(which):
    return bytes([16, which])


def carrier(port, lost):
    return bytes([17, at(port) | lost << 2])


def mtu(port, small):
    return bytes([18, at(port) | 4 | small << 3])


def unsent(port, hundreds):
    return bytes([18, at(port) | hundreds << 4])


def other(port, what):
    return bytes([19, at(port), what])


JOIN = answer(1, NGP) + answer(1, REG2) + answer(1, REG3) + answer(2, REG3)
CALL = handshake(1, concludes=False) + handshake(1) + handshake(1, server=True, latency=600)
OWN = wait(100) + echo(1, own=True) + echo(2, own=True)
CLASSIC_PEER = wait(100) + echo(1) + echo(2)


def raw(seq):
    return struct.pack(">IIII", seq, 0xC0000001, 0, 7) + b"x" * 44


def stream(rounds, count=10):
    out = b""
    for _ in range(rounds):
        out += data(count) + wait(10) + srtla_ack(1) + srtla_ack(2) + srt_ack(1, 5)
    return out


def reported(rounds, count=8):
    out = b""
    for _ in range(rounds):
        out += data(count) + wait(10) + report(1, 0xFF, more=8) + report(2, 0xFF, more=8) + srt_ack(2, 3)
    return out


HOSTILE = struct.pack(">IIII", 0x80030000, 0, 5, 0) + struct.pack(">II", 0x80000000, 0x7FFFFFFF) * 30
SCRIPTS = {
    "registration": JOIN[:6] + answer(1, REG3) + wait(100) + echo(1) + echo(1, own=True),
    "refusals": answer(1, NGP) + answer(1, REG_ERR) + reopen() + answer(1, NGP) + answer(1, REG_ERR)
    + carrier(1, True) + error(2, 1) + add(0) + remove(1),
    "errors": JOIN + b"".join(app(0, raw(1000 + i)) + error(1 + i % 2, i // 2 % 6) for i in range(24)),
    "hostile-nak": JOIN + app(0, raw(9)) + link(1, HOSTILE),
    "timeouts": JOIN + app(0, raw(5)) + wait(66000) + JOIN[:6],
    "stream": JOIN + CALL + CLASSIC_PEER + stream(12),
    "reports": JOIN + CALL + OWN + reported(12),
    "losses": JOIN + CALL + OWN + reported(3) + data(16) + wait(20) + report(1, 0xF0, more=8)
    + report(2, 0x11, more=8) + nak(1, 7, 4) + nak(2, 7, 4) + wait(40) + nak(1, 6) + wait(90) + nak(1, 6) + reported(2),
    "silence": JOIN + CALL + CLASSIC_PEER + stream(3) + (data(4) + wait(10) + srtla_ack(1, ten=False)) * 30
    + echo(2) + srtla_ack(2) + stream(3),
    "silence-reported": JOIN + CALL + OWN + reported(3)
    + (data(4) + wait(10) + report(1, 0x0F, more=4)) * 30 + report(2, 1, more=9) + reported(3),
    "copies-on-silent-links": JOIN + add(2) + answer(3, REG3) + CALL + reported(2) + data(6) + wait(400)
    + report(3, 0x07, more=6) + wait(300) + reported(2),
    "group-lost": JOIN + CALL + stream(2) + data(20) + wait(1600) + answer(1, NGP) + answer(2, NGP)
    + answer(1, REG2) + answer(1, REG3) + answer(2, REG3) + stream(3) + srt_ack(1),
    "links-come-and-go": JOIN + CALL + stream(2) + data(20) + carrier(1, True) + data(5) + carrier(1, False)
    + answer(1, REG3) + remove(2) + add(3) + answer(2, REG3) + stream(2) + error(1, ENETUNREACH) + stream(1),
    "full-sockets": JOIN + CALL + (data(3) + error(1, EAGAIN) + error(2, ENOBUFS) + wait(6)) * 8 + stream(2),
    "terms": JOIN + CALL + terms(1, BACKUP) + stream(2) + terms(1, OFF, 3) + terms(2, OFF) + data(5)
    + terms(1, OVERFLOW, 7) + terms(2, NORMAL, 1, 9) + stream(4) + mtu(1, 1) + unsent(2, 9) + data(9),
    "modes": JOIN + CALL + b"".join(stream(1) + data(20) + mode(m) for m in (2, 3, 0, 4, 1, 2, 2)) + stream(2),
    "leaps": JOIN + CALL + data(30, 0) + data(4, 1) + data(10, 2) + data(32, 7) + data(3, 2) + nak(1, 9, 8) + stream(2),
    "new-session": JOIN + CALL + stream(2) + data(30) + handshake(1, concludes=False) + data(20)
    + bytes([14, 0, 1 | 4]) + stream(2) + other(1, 3) + other(1, 7) + other(2, 0) + other(1, 1) + other(2, 2),
    "full-pool": JOIN + CALL + data(32) * 20 + wait(100) + srt_ack(1, 100) + data(32) + wait(3000) + srt_ack(1, 0),
    "over-and-over": JOIN + CALL + stream(2) + data(3) + (wait(250) + nak(1, 2, 3) + nak(2, 1)) * 20 + stream(1),
}
MODES = {"classic": CLASSIC, "balance": BALANCE, "thrice": THRICE}


# The steps of a script of fuzz_pair.c.
def goes_on(ms):
    out = b""
    while ms > 0:
        out += bytes([0, min(ms, 127)])
        ms -= min(ms, 127)
    return out


def sent(count, holes=False):
    return bytes([1, 0xF0 | count - 1 if holes else count - 1])


def weather(number, loss=0, delay=20, jitter=0):
    return bytes([2, number - 1, loss, delay, jitter])


def asks(back, count):
    return bytes([3, back, count - 1])


def again(back):
    return bytes([4, back])


def cable(number, lost):
    return bytes([5, 129 + number if lost else number - 1])


def refuses(what):
    return bytes([6, what])


def turns(which):
    return bytes([7, which])


def role(number, what):
    return bytes([8, number - 1 + 3 * what])


def says(ackack):
    return bytes([9, ackack])


def noise(number, packet, down=False):
    return bytes([10, (129 if down else -1) + number, len(packet)]) + packet


def runs(rounds, count=8, ms=10):
    return (sent(count) + goes_on(ms)) * rounds


UNLIKE = weather(1, 0, 20, 2) + weather(2, 0, 60, 20) + weather(3, 0, 100, 5)
PAIR = {
    "clean": UNLIKE + runs(40),
    "lossy": weather(1, 40, 20, 5) + weather(2, 20, 40, 5) + weather(3, 90, 10, 1) + runs(60),
    "turned-round": weather(1, 5, 5, 60) + weather(2, 5, 90, 30) + runs(40, 12),
    "one-dies": UNLIKE + runs(10) + weather(1, 255, 20, 0) + runs(60, 4, 12) + weather(1, 0, 20, 0) + runs(30),
    "all-die-for-a-while": runs(10) + b"".join(weather(i, 255) for i in (1, 2, 3)) + runs(10) + goes_on(2000)
    + b"".join(weather(i, 0) for i in (1, 2, 3)) + runs(20),
    "asked-again": UNLIKE + (runs(4) + asks(12, 4) + asks(12, 4) + goes_on(120) + asks(30, 8)) * 6,
    "holes": (sent(16, holes=True) + goes_on(15) + again(14) + again(10) + again(6) + again(2)) * 10,
    "cables": runs(5) + (cable(1, True) + runs(3) + cable(1, False) + runs(5) + cable(2, True) + runs(2) + cable(2, False)) * 4,
    "refusing-sockets": b"".join(sent(3) + refuses(i) + goes_on(4) for i in range(40)),
    "modes": b"".join(runs(5) + turns(m) for m in (2, 4, 3, 0, 2, 1, 4)),
    "roles": role(1, BACKUP) + runs(8) + role(2, OVERFLOW) + role(3, OFF) + runs(20, 16) + role(3, NORMAL) + runs(9),
    "flood": sent(16) * 60 + goes_on(400) + runs(5),
    "noise": runs(4) + noise(1, bytes.fromhex("9f1001ff0001")) + noise(2, HOSTILE[:200]) + noise(3, HOSTILE[:120], True)
    + noise(1, bytes.fromhex("92110000"), True) + noise(2, bytes.fromhex("90000000"), True) + says(1) + runs(9),
    "long-gone": runs(3) + b"".join(weather(i, 255) for i in (1, 2, 3)) + goes_on(20000) + UNLIKE + goes_on(2000) + runs(5),
}


def write(target, name, script):
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as seed:
        seed.write(script)


def main():
    for name, script in SCRIPTS.items():
        for word, which in MODES.items():
            write("send_core", f"{name}-{word}", bytes([which]) + script)
    for i, (name, script) in enumerate(PAIR.items()):
        for word, which in (("balance", BALANCE), ("thrice", THRICE), ("auto-unheld", AUTO | 0x40), ("classic", CLASSIC)):
            write("pair", f"{name}-{word}", bytes([which, i]) + script)
    write("pair", "strangers-to-the-session", bytes([BALANCE | 0x80, 1]) + PAIR["lossy"])


if __name__ == "__main__":
    main()
