#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients of an HTTP server that mean harm, and one that does not.  Each prints one line of JSON.

http_crowd.py crowd PORT CLIENTS SECONDS   each says a byte a second, and comes again a second after it was cut off
http_crowd.py ask PORT SECONDS             asks for /healthz five times a second, each time on a new connection
"""
import errno
import json
import selectors
import socket
import sys
import time
import urllib.request

REQUEST = b"GET /stats HTTP/1.1\r\nHost: here\r\nX-Slow: " + b"a" * 4000


class Crowd:
    def __init__(self, port, clients):
        self.port = port
        self.poll = selectors.DefaultSelector()
        self.made, self.cut, self.lived, self.least = 0, 0, 0.0, 1e9
        self.come_at = [0.0] * clients  # those who are away, and when they come
        self.turn = {}                  # the others: socket -> [born, bytes said, when to say the next]

    def come(self, now):
        s = socket.socket()
        s.setblocking(False)
        if s.connect_ex(("127.0.0.1", self.port)) not in (0, errno.EINPROGRESS):
            raise OSError("no connection")
        self.made += 1
        self.turn[s] = [now, 0, now]
        self.poll.register(s, selectors.EVENT_READ)

    def go(self, s, now):
        lived = now - self.turn.pop(s)[0]
        self.cut += 1
        self.lived, self.least = max(self.lived, lived), min(self.least, lived)
        self.poll.unregister(s)
        s.close()
        self.come_at.append(now + 1)

    def speak(self, s, now):
        turn = self.turn[s]
        turn[2] = now + 1
        try:
            turn[1] += s.send(REQUEST[turn[1]:turn[1] + 1])
        except BlockingIOError:
            pass  # it is not connected yet
        except OSError:
            self.go(s, now)

    def hear(self, s, now):
        try:
            if s.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.go(s, now)

    def run(self, seconds):
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            ready, self.come_at = ([at for at in self.come_at if at <= now][:100],
                                   [at for at in self.come_at if at > now] +
                                   [at for at in self.come_at if at <= now][100:])
            for _ in ready:
                self.come(now)
            for key, _ in self.poll.select(0.02):
                self.hear(key.fileobj, now)
            for s in [s for s, turn in self.turn.items() if turn[2] <= now]:
                self.speak(s, now)


def crowd(port, clients, seconds):
    c = Crowd(port, clients)
    c.run(seconds)
    return {"made": c.made, "cut": c.cut, "left": len(c.turn),
            "shortest_s": round(c.least, 2) if c.cut else None, "longest_s": round(c.lived, 2)}


def ask(port, seconds):
    until, slowest, asked, well = time.monotonic() + seconds, 0.0, 0, 0
    while (began := time.monotonic()) < until:
        asked += 1
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                well += answer.read() == b"ok\n"
        except OSError as error:
            print(error, file=sys.stderr)
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.2)
    return {"asked": asked, "well": well, "slowest_ms": round(slowest * 1000)}


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    print(json.dumps({"crowd": crowd, "ask": ask}[what](*(int(n) for n in numbers[:-1]), float(numbers[-1]))))
