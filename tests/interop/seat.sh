#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While one encoder streams, a second local program cannot take its seat: neither a real SRT
# caller nor a rain of loose packets disturbs a single piece of media.
. "$(dirname "$0")/../netns/lib.sh"

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
stream 2
start second car bash -c "'$MEDIA' feed 7 4000000 |
    srt-live-transmit -a no -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=500'"
start rain car python3 - <<'PY'
import os, socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(2000):
    s.sendto(os.urandom(1 + i % 1400), ("127.0.0.1", 9000))
    time.sleep(0.001)
PY
sleep 3
before=$(seen 1.chunks)
check "media flows on" within 3 flows 1 $((before + 400))
[ "$(seen 7.chunks)" = 0 ] || fail "the second program was heard"
[ "$(seen 1.missing)$(seen 1.corrupt)$(seen strange)" = 000 ] || fail "the stream was disturbed"
check "the sender said so" logged send "event=encoder_ignored"
[ "$(count_logged server "Accepted SRT source")" = 1 ] || fail "the server saw another session"
stop second KILL
finish
