#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The far side goes away and comes back: the SRT server is absent at first, is restarted, and the
# receiver is killed and started again.  The encoder reconnects to the server by itself, and
# notices nothing of the receiver; nothing else is touched.
. "$(dirname "$0")/../netns/lib.sh"

# back SENTENCE: media comes out again, in a server or through a receiver that was just started.
back() {
    local began
    began=$(now_ms)

    check "$1" within 12 flows 1 100
    say "after $(($(now_ms) - began)) ms"
}

# What was on its way comes out for as long as the latency; then count from nothing.
drain() {
    sleep 0.8
    rm -f "$WORK/seen"
    sleep 0.3
    [ ! -e "$WORK/seen" ] || fail "media still comes out without $1"
}

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
start_encoder 1
start_send 10.9.0.1
sleep 1
check "the sender waits for a receiver" alive send
start_rec
check "the links come up without an SRT server" within 5 links_up 2
sleep 1
start_server
back "media flows once there is a server"

stop server KILL
drain "a server"
start_server
back "media flows after a restart of the server"

# The session goes on: the media comes as soon as it is there and its latency is over.
sessions=$(count_logged server "Accepted SRT source")
stop rec KILL
drain "a receiver"
began=$(now_ms)
start_rec
back "media flows after a restart of the receiver"
[ $(($(now_ms) - began)) -le $((1500 + LATENCY)) ] || fail "that took too long"
[ "$(count_logged server "Accepted SRT source")" = "$sessions" ] || fail "the SRT session was lost"
check "the links are up again" within 5 links_up 2
finish
