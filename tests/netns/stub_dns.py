#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stub_dns.py FILE: a name server on 127.0.0.1:53 that does as FILE says, read for each question.

One word a line: IPv4 and IPv6 addresses to answer with; `fail` for SERVFAIL; `hang` for silence.
"""
import ipaddress
import socket
import struct
import sys

A, AAAA = 1, 28
SERVFAIL = 2


def record(kind, address):
    # The name is a pointer to the question's; valid for one second (RFC 1035, 4.1).
    return struct.pack("!HHHIH", 0xC00C, kind, 1, 1, len(address.packed)) + address.packed


def answer(query, words):
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack("!H", query[end - 4:end - 2])[0]
    version = {A: 4, AAAA: 6}.get(kind)
    records = [record(kind, a) for a in map(ipaddress.ip_address, words) if a.version == version] \
        if "fail" not in words else []
    flags = 0x8180 | (SERVFAIL if "fail" in words else 0)
    return query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + query[12:end] + b"".join(records)


def main():
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.1", 53))
    while True:
        query, who = door.recvfrom(512)
        with open(sys.argv[1], encoding="ascii") as text:
            words = text.read().split()
        if "hang" not in words:
            door.sendto(answer(query, words), who)


main()
