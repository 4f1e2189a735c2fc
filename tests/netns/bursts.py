#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Numbered pieces of media as a camera makes them: all of a picture at once.

bursts.py TAKE BITS_A_SECOND PICTURES_A_SECOND    to standard output, until that is closed
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../interop"))
from media import CHUNK, piece  # pylint: disable=wrong-import-position


def main(take, rate, pictures):
    pieces = round(float(rate) / 8 / CHUNK / float(pictures))
    start = time.monotonic()
    index = picture = 0
    while True:
        for index in range(index, index + pieces):
            os.write(1, piece(int(take), index))
        index += 1
        picture += 1
        late = start + picture / float(pictures) - time.monotonic()
        if late > 0:
            time.sleep(late)


if __name__ == "__main__":
    main(*sys.argv[1:])
