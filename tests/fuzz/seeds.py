#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of the wire targets: corpus/{srt,srt_ctrl_gate,srtla,keepalive,report,ts}, one packet a file.

Those of ts are several packets, each behind two bytes of its length."""
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
START = 1 << 31  # marks the first number of a range in a NAK


def words(*values):
    return b"".join(struct.pack(">I", v & 0xFFFFFFFF) for v in values)


def control(kind, info=0, stamp=5000, dest=0x51, subtype=0):
    return words(1 << 31 | kind << 16 | subtype, info, stamp, dest)


def nak(first, *losses):
    """The target takes the info word for the start of its window of 64 numbers."""
    return control(3, info=first) + words(*losses)


def handshake(kind, sender, to, *extensions):
    fixed = words(4 if kind == 1 else 5, 2 if kind == 1 else 5, 1000, 1500, 8192, kind, sender, 0xC00C1E)
    return control(0, dest=to) + fixed + bytes(16) + b"".join(extensions)


def extension(kind, body):
    return struct.pack(">HH", kind, len(body) // 4) + body


def hs(kind, receive=2000, send=120, flags=0xBF):
    return extension(kind, words(0x10503, flags, receive << 16 | send))


def stream_id(text):
    raw = text.encode()
    raw += bytes(-len(raw) % 4)
    return extension(5, b"".join(raw[i:i + 4][::-1] for i in range(0, len(raw), 4)))


SRT = {
    "data": words(1000, 0xC0000001, 5000, 0x51) + b"\x47" * 188,
    "data-resent-empty": words(0x7FFFFFFF, 0xC4000001, 5000, 0x51),
    "ack-light": control(2) + words(1000),
    "ack-small": control(2, 7) + words(1000, 61000, 4000, 8191),
    "ack-full": control(2, 7) + words(1000, 61000, 4000, 8191, 900, 10000, 1184400),
    "ack-minus-one": control(2, 7) + words(0xFFFFFFFF),
    "nak-single": nak(1000, 1010),
    "nak-ranges": nak(1000, 1001, START | 1005, 1010, 1012, START | 1060, 1070),
    "nak-endless": nak(0, START, 0x7FFFFFFF),
    "nak-half-the-circle": nak(0, START, 0x40000000, START, 0x3FFFFFFF),
    "nak-reversed": nak(1000, START | 1020, 1010),
    "nak-dangling": nak(1000, 1001, START | 1010),
    "nak-two-starts": nak(1000, START | 1001, START | 1005, 1010),
    "nak-over-the-wrap": nak(0x7FFFFFF0, START | 0x7FFFFFFE, 3, 0x7FFFFFFF, 0),
    "nak-many-ranges": nak(0, *([START, 0x3FFFFFFF] * 200)),
    "handshake-induction": handshake(1, 0x77, 0),
    "handshake-induction-answer": handshake(1, 0x51, 0x77),
    "handshake-conclusion": handshake(0xFFFFFFFF, 0x77, 0, hs(1), stream_id("#!::r=live/cam")),
    "handshake-id-first": handshake(0xFFFFFFFF, 0x78, 0, stream_id("live"), hs(1)),
    "handshake-agreed": handshake(0xFFFFFFFF, 0x52, 0x77, hs(2)),
    "handshake-agreed-bare": handshake(0xFFFFFFFF, 0x52, 0x77),
    "handshake-refused": handshake(1402, 0x52, 0x77),
    "handshake-block-too-long": handshake(0xFFFFFFFF, 0x77, 0, hs(1), struct.pack(">HH", 5, 0xFFFF)),
    "handshake-with-keys": handshake(0xFFFFFFFF, 0x77, 0, hs(1), extension(3, bytes(range(72)))),
    "keepalive": control(1) + bytes(4),
    "congestion": control(4) + bytes(4),
    "shutdown": control(5) + bytes(4),
    "shutdown-to-caller": control(5, dest=0x77) + bytes(4),
    "ackack": control(6, 7) + bytes(4),
    "drop-request": control(7, 1) + words(1000, 1004),
    "peer-error": control(8, 4000) + bytes(4),
    "key-refresh": control(0x7FFF, subtype=3) + bytes(range(72)),
    "short": b"\x80\x02\x00",
    "empty": b"",
}


GATE = {
    **{name: data for name, data in SRT.items() if len(data) >= 16 and data[0] & 0x80},
    "keepalive-bare": control(1),
    "keepalive-padded": control(1) + bytes(16),
    "keepalive-too-long": control(1) + bytes(20),
    "ack-empty": control(2),
    "ack-padded": control(2) + words(1000) + bytes(12),
    "ack-endless": control(2) + bytes(52),
    "nak-half-a-word": nak(0, 7) + b"\0\0",
    "nak-full": nak(0, *range(371)),
    "drop-request-reversed": control(7, 1) + words(1004, 1000),
    "drop-request-over-the-wrap": control(7, 1) + words(0x7FFFFFFF, 4),
    "drop-request-no-number": control(7, 1) + words(START | 1000, 1004),
    "unknown-type": control(9) + bytes(4),
    "message-greeting": control(0x7FFF, subtype=1) + bytes(12),
    "message-of-subtype-5": control(0x7FFF, subtype=5) + bytes(12),
    "keys-most": control(0x7FFF, subtype=3) + bytes(104),
    "keys-too-many": control(0x7FFF, subtype=3) + bytes(108),
    "keys-none": control(0x7FFF, subtype=4),
    "keys-refused": control(0x7FFF, subtype=4) + words(3),
    "handshake-keys-most": handshake(0xFFFFFFFF, 0x77, 0, hs(1), extension(3, bytes(104))),
    "handshake-keys-too-many": handshake(0xFFFFFFFF, 0x77, 0, stream_id("live"), extension(4, bytes(108))),
    "handshake-short-greeting": handshake(0xFFFFFFFF, 0x77, 0, extension(1, bytes(4))),
    "handshake-short": handshake(1, 0x77, 0)[:60],
    "giant": handshake(0xFFFFFFFF, 0x77, 0, extension(9, bytes(1436))),
}


def srtla(kind, body=b""):
    return struct.pack(">H", kind) + body


SRTLA = {
    "reg1": srtla(0x9200, bytes(range(256))),
    "reg2": srtla(0x9201, bytes(range(256))),
    "reg2-one-short": srtla(0x9201, bytes(255)),
    "reg2-one-long": srtla(0x9201, bytes(257)),
    "reg3": srtla(0x9202),
    "reg3-padded": srtla(0x9202, bytes(30)),
    "reg-err": srtla(0x9210),
    "reg-err-padded": srtla(0x9210, bytes(30)),
    "reg-ngp": srtla(0x9211),
    "reg-ngp-padded": srtla(0x9211, bytes(30)),
    "reg-nak-with-text": srtla(0x9212, b"go away"),
    "ack": srtla(0x9100, bytes(2) + words(*range(1000, 1010))),
    "ack-of-one": srtla(0x9100, bytes(2) + words(0x7FFFFFFF)),
    "ack-half-a-word": srtla(0x9100, bytes(2) + words(1, 2) + b"\0\0"),
    "ack-long": srtla(0x9100, bytes(2) + words(*range(300))),
    "ack-swapped": words(0x9100, *range(10)),
    "ack-head-only": srtla(0x9100, bytes(2)),
    "withdrawn-hello": srtla(0x9FF0, bytes(8)),
    "withdrawn-telemetry": srtla(0x9F00, bytes(30)),
    "client-address": srtla(0xA001, bytes(17)),
    "keepalive": srtla(0x9000),
    "first-of-srt": srtla(0x8000, bytes(14)),
    "one-byte": b"\x90",
    "empty": b"",
}


def keepalive(rtt=61, magic=0xC01F, version=1, stamp=123456789):
    return struct.pack(">HQHHIiiIII", 0x9000, stamp, magic, version, 0xDEADBEEF, 20000, 12, rtt, 7, 1250000)


def hello(role, version=1, abilities=0, more=b""):
    return bytes((1, 6 + len(more), role, version)) + words(abilities) + more


def mark(seq):
    return bytes((2, 4)) + words(seq)


TAG = words(0x5759BD01)
KEEPALIVE = {
    "bare": srtla(0x9000),
    "timed": srtla(0x9000, struct.pack(">Q", 987654321)),
    "padded-probe": srtla(0x9000, bytes(30)),
    "extended": keepalive(),
    "extended-in-microseconds": keepalive(rtt=61000),
    "extended-all-zero": srtla(0x9000, bytes(36)),
    "other-magic": keepalive(magic=0xC01E) + TAG + hello(1),
    "other-version": keepalive(version=2) + TAG + hello(1),
    "greeting": keepalive() + TAG + hello(1),
    "answer": keepalive() + TAG + hello(2, abilities=3),
    "strange-role": keepalive() + TAG + hello(77),
    "greeting-of-a-later-version": keepalive() + TAG + hello(1, 2, 1, b"more"),
    "unknown-field-first": keepalive() + TAG + bytes((200, 3, 1, 2, 3)) + hello(1),
    "empty-fields-first": keepalive() + TAG + bytes((9, 0, 9, 0)) + hello(1),
    "two-greetings": keepalive() + TAG + hello(1) + hello(1),
    "field-past-the-end": keepalive() + TAG + bytes((1, 255, 1, 1)),
    "hello-too-short": keepalive() + TAG + bytes((1, 5, 1, 1, 0, 0, 0)),
    "half-a-field": keepalive() + TAG + bytes((1,)),
    "tag-alone": keepalive() + TAG,
    "other-tag": keepalive() + words(0x12345678) + hello(1),
    "idle": keepalive() + TAG + mark(1000),
    "idle-greeting": keepalive() + TAG + hello(1, abilities=3) + mark(0x7FFFFFFF),
    "idle-first": keepalive() + TAG + mark(START) + hello(1),
    "idle-no-number": keepalive() + TAG + mark(0xFFFFFFFF),
    "idle-too-short": keepalive() + TAG + bytes((2, 3, 1, 2, 3)),
    "two-marks": keepalive() + TAG + mark(1) + mark(2),
    "long": keepalive() + bytes(162),
    "not-one": srtla(0x9100, bytes(36)),
    "empty": b"",
}


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return out + bytes((value,))


def arrivals(conn, first, *further, count=None, total=500):
    """The first: number and age; the others: step of the number and time since."""
    out = bytes((conn, 1 + len(further) if count is None else count)) + words(total, first[0]) + varint(first[1])
    for step, since in further:
        out += varint(-2 * step - 1 if step < 0 else 2 * step) + varint(since)
    return out


def report(*links, version=1, count=None, clock=1000000):
    return struct.pack(">HBBHI", 0x9F10, version, len(links) if count is None else count, 7, clock) + b"".join(links)


REPORTS = {
    "none": report(),
    "one": report(arrivals(3, (1000, 40))),
    "four-links": report(*(arrivals(i, (1000 + i, 40), *((4, 3),) * 9) for i in range(4))),
    "backward": report(arrivals(1, (1000, 40), (-5, 0), (200, 1), (0, 30))),
    "over-the-wrap": report(arrivals(1, (0x7FFFFFFF, 9), (3, 4), (-8, 5)), clock=3),
    "far-steps": report(arrivals(1, (0, 0x7FFFFFFF), (0x3FFFFFFF, 0x7FFFFFFF), (-0x40000000, 0))),
    "silent-link": report(struct.pack(">BBI", 4, 0, 9), arrivals(5, (7, 0))),
    "many": report(arrivals(1, (1, 100), *((1, 0),) * 254)),
    "too-many-links": report(arrivals(1, (1, 1)), count=255),
    "too-many-arrivals": report(arrivals(1, (1, 9), (1, 1), count=200), arrivals(2, (1, 9))),
    "of-the-future": report(arrivals(1, (1, 3), (1, 4)), arrivals(2, (1, 9))),
    "no-number": report(arrivals(1, (START | 1, 3))),
    "endless-varint": report(arrivals(1, (1, 3), count=2) + b"\xff" * 9),
    "padded-varint": report(arrivals(1, (1, 3), count=2) + b"\x82\x80\x00\x81\x00"),
    "cut": report(arrivals(1, (1, 30), (1, 1)), arrivals(2, (1, 300)))[:-1],
    "trailing": report(arrivals(1, (1, 30))) + bytes(20),
    "other-version": report(arrivals(1, (1, 30)), version=2),
    "head-cut": report()[:9],
    "other-type": srtla(0x9F11, bytes(40)),
}


def transport(pid=0x100, start=False, marked=False, stream=0xE0, control=1, scrambled=0, field=None):
    head = struct.pack(">BHB", 0x47, start << 14 | pid, scrambled << 6 | control << 4)
    field = (183 if control == 2 else 7) if field is None else field
    if control & 2:
        head += bytes((field, marked << 6)) + b"\xff" * (field - 1)
    if control & 1 and start:
        head += b"\0\0\1" + bytes((stream,))
    return (head + b"\xff" * 188)[:188]


def carried(*packets, kk=0, cut=0):
    data = words(1000, 0xC0000001 | kk << 27, 5000, 0x51) + b"".join(packets)
    data = data[:len(data) - cut]
    return struct.pack(">H", len(data)) + data


KEY_FRAME, FRAME, MORE = transport(start=True, marked=True, control=3), transport(start=True), transport()
AUDIO = transport(0x101, True, True, 0xC0, 3)
TS = {
    "key-frame": carried(MORE, KEY_FRAME, MORE) + carried(*[MORE] * 7) + carried(MORE, FRAME) + carried(MORE),
    "marked-ahead": carried(transport(marked=True, control=2)) + carried(FRAME, MORE),
    "audio": carried(AUDIO, transport(0x101)),
    "encrypted": carried(KEY_FRAME, kk=1) + carried(KEY_FRAME, kk=2),
    "scrambled": carried(transport(start=True, marked=True, control=3, scrambled=2)),
    "null": carried(transport(0x1FFF, True, True, control=3)),
    "field-too-long": carried(transport(start=True, marked=True, control=3, field=183)),
    "field-past-the-end": carried(transport(start=True, marked=True, control=3, field=255)),
    "field-empty": carried(transport(start=True, control=3, field=0)),
    "cut": carried(KEY_FRAME, MORE, cut=1),
    "no-sync": carried(KEY_FRAME, b"\x48" * 188),
    "bare": carried(),
    "empty": b"",
}


def main():
    for target, seeds in (("srt", SRT), ("srt_ctrl_gate", GATE), ("srtla", SRTLA),
                          ("keepalive", KEEPALIVE), ("report", REPORTS), ("ts", TS)):
        os.makedirs(os.path.join(HERE, target), exist_ok=True)
        for name, data in seeds.items():
            with open(os.path.join(HERE, target, name), "wb") as seed:
                seed.write(data)


if __name__ == "__main__":
    main()
