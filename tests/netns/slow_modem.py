#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""slow_modem.py PORT HOST HOST_PORT ROUND_TRIP_MS

What comes to PORT goes on to the host, and its answers back, each way half a round trip later.
A rule of the firewall leads what is on its way through this machine here.
"""
import heapq
import select
import socket
import sys
import time


def main():
    port, host, host_port, round_trip = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    inside.bind(("", int(port)))
    outside = {}  # by who sends: a socket of its own
    under_way = []  # when, an order, whence it leaves, whereto, what
    order = 0
    while True:
        patience = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        for door in select.select([inside, *outside.values()], [], [], patience)[0]:
            packet, source = door.recvfrom(2048)
            due, order = time.monotonic() + round_trip / 2000, order + 1
            if door is inside:
                if source not in outside:
                    outside[source] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                heapq.heappush(under_way, (due, order, outside[source], (host, host_port), packet))
            else:
                who = next(s for s, d in outside.items() if d is door)
                heapq.heappush(under_way, (due, order, inside, who, packet))
        while under_way and under_way[0][0] <= time.monotonic():
            _, _, door, where, packet = heapq.heappop(under_way)
            door.sendto(packet, where)


main()
