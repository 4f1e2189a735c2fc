#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""offload.py DEVICE on|off: whether a device computes the checksums of what it sends.

As `ethtool -K DEVICE tx on|off` does; a device without that takes no segments to cut either.
"""
import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
ETHTOOL_GTXCSUM = 0x16
ETHTOOL_STXCSUM = 0x17


def ethtool(device, command, value):
    data = array.array("I", [command, value])
    request = struct.pack("16sP16x", device.encode(), data.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket.fileno(), SIOCETHTOOL, request)
    return data[1]


def main(device, word):
    ethtool(device, ETHTOOL_STXCSUM, word == "on")
    return ethtool(device, ETHTOOL_GTXCSUM, 0) != (word == "on")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
