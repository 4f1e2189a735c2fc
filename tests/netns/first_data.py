#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""first_data.py DEVICE PORT COMMAND...: the milliseconds from the end of COMMAND to the first piece
of media that leaves by DEVICE for that UDP port, or "never" after five seconds."""
import select
import socket
import struct
import subprocess
import sys
import time

ALL = 0x0003  # ETH_P_ALL: what leaves, too
HEAD, UDP, MEDIA = 14, 17, 1000


def is_media(frame, port):
    if frame[12:14] != b"\x08\x00" or frame[HEAD + 9] != UDP or len(frame) < MEDIA:
        return False
    at = HEAD + (frame[HEAD] & 15) * 4
    return struct.unpack_from("!H", frame, at + 2)[0] == port


def main():
    device, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    tap.bind((device, 0))
    subprocess.run(command, check=True)
    began = time.monotonic()
    while select.select([tap], [], [], max(0, began + 5 - time.monotonic()))[0]:
        try:
            frame, where = tap.recvfrom(4096)
        except OSError:  # the device was not switched on yet, which is told once
            continue
        if where[2] == socket.PACKET_OUTGOING and is_media(frame, port):
            print(round((time.monotonic() - began) * 1000))
            return
    print("never")


main()
