#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A crowd at a control socket, each of whom means harm: control_crowd.py SOCKET CLIENTS SECONDS"""
import json
import os
import selectors
import socket
import sys
import time


def ask(method, params=None):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}).encode() + b"\n"


EVERYTHING = {"topics": ["stats", "rate", "event"], "interval_ms": 200}
# What each kind says, again and again where the last word is True; none of them ever reads.
KINDS = (
    (b'{"jsonrpc":"2.0","met', False),         # half a command
    (b"x" * 1000000, False),                   # a megabyte without an end
    (os.urandom(65536), False),                # any bytes
    (ask("subscribe", EVERYTHING), False),     # tell me all, I do not listen
    (ask("history") + ask("stats"), False),    # long answers
    (b"", False),                              # not a word
    (b"[" + ask("stats").strip() + b"," * 9 + b"]\n", True),
    (ask("get_stats") * 40, True),             # questions without end
)


class Client:
    def __init__(self, crowd, path, kind):
        self.crowd, self.path, self.kind = crowd, path, kind
        self.knock()

    def knock(self):
        self.words, self.again = KINDS[self.kind % len(KINDS)]
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self.socket.connect(self.path)
        except BlockingIOError:  # many knock
            self.socket.close()
            self.crowd.outside.append(self)
            return
        self.crowd.knocked += 1
        self.crowd.watch.register(self.socket, selectors.EVENT_WRITE if self.words else selectors.EVENT_READ, self)

    def leave(self):
        self.crowd.watch.unregister(self.socket)
        self.socket.close()

    def act(self):
        try:
            if not self.words:  # it is over when there is an end to read
                if self.socket.recv(1, socket.MSG_PEEK) != b"":
                    self.crowd.watch.unregister(self.socket)
                    self.crowd.still.append(self)
                    return
                raise BrokenPipeError
            sent = self.socket.send(self.words)
            self.words = KINDS[self.kind % len(KINDS)][0] if self.again else self.words[sent:]
            if not self.words:
                self.crowd.watch.modify(self.socket, selectors.EVENT_READ, self)
        except (BrokenPipeError, ConnectionResetError):
            self.leave()
            self.crowd.outside.append(self)
        except BlockingIOError:
            pass


class Crowd:
    def __init__(self, path, count):
        self.watch = selectors.EpollSelector()
        self.knocked = 0
        self.still = []
        self.outside = []
        for kind in range(count):
            Client(self, path, kind)

    def run(self, until):
        while time.monotonic() < until:
            for key, _ in self.watch.select(0.02):
                key.data.act()
            again, self.outside = self.outside, []
            for client in again:
                client.knock()
            for client in self.still[:8]:  # who was answered and has not read, goes some day
                client.socket.close()
                client.knock()
            del self.still[:8]


def main():
    path, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    crowd = Crowd(path, count)
    crowd.run(time.monotonic() + seconds)
    print(f"knocked={crowd.knocked}")


if __name__ == "__main__":
    main()
