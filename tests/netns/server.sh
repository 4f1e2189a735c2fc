#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F05, F06, F07: the SRT server is absent at first, is killed and started again, stalls, or
# swallows everything.  Group and members stay; a real encoder that calls again by itself has
# media flowing again within a second of the server's return; another stream feels nothing.
. "$(dirname "$0")/lib.sh"
LATENCY=120

# returns SENTENCE: starts the server; how long until media comes out of it.
returns() {
    local began

    rm -f "$WORK/seen"
    began=$(now_ms)
    start_server
    check "$1" within 6 flows 1 1
    say "$1: media $(($(seen 1.first_ms) - began)) ms after the server's return"
    [ $(($(seen 1.first_ms) - began)) -le 1000 ] || fail "$1: later than a second"
    check "$1: and goes on" within 5 flows 1 500
}

# restart SECONDS SENTENCE
restart() {
    stop server KILL
    sleep "$1"
    returns "$2"
}

# The one group and its members are those of the beginning.
all_stay() {
    [ "$(count_logged rec event=group_new)$(count_logged rec event=group_gone)" = 10 ] || fail "$1: the group went"
    [ "$(count_logged rec event=member_new)$(count_logged rec event=member_gone)" = 20 ] || fail "$1: a member went"
    [ "$(count_logged rec event=session_lost)" = "$2" ] || fail "$1: sessions lost: $(count_logged rec event=session_lost), not $2"
    say "ok: $1: the group and its members stay"
}

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
start_rec
start_send 10.9.0.1
check "F06: the links come up without an SRT server" within 5 links_up 2
start_encoder 1
sleep 2.3
alive rec || fail "F06: the receiver ended"
returns "F06: absent at first"
all_stay "F06" 0

restart 0.2 "F05: restarted after 0.2 s"
all_stay "F05" 1
restart 1 "F05: restarted after 1 s"
all_stay "F05" 2
restart 3 "F05: restarted after 3 s"
all_stay "F05" 3
[ "$(count_logged rec event=server_away)" -ge 3 ] || fail "F05: its absence was not noticed"

# Its process only stands still for a while: nobody is told anything.
accepted=$(count_logged server "Accepted SRT source")
signal server STOP
sleep 2
signal server CONT
check "a server that stalled goes on" within 5 flows 1 $(($(seen 1.chunks) + 400))
all_stay "stall" 3
[ "$(count_logged server "Accepted SRT source")" = "$accepted" ] || fail "stall: the session was lost"

# The port that the first stream has toward its server.
first=$(in_ns road ss -Hun "dport = :4001" | awk '{ sub(/.*:/, "", $3); print $3; exit }')

# A second stream through the same receiver, to a server of its own: what does not come from
# the first one's port goes elsewhere.
in_ns road nft "table ip elsewhere {
    chain out { type nat hook output priority -100; udp sport != $first udp dport 4001 dnat to 127.0.0.1:4002; }
}" || fail "nft refuses"
start server2 road bash -c "trap '' TERM; srt-live-transmit \
    'srt://127.0.0.1:4002?mode=listener&latency=$LATENCY' file://con | '$MEDIA' watch '$WORK/seen2'"
start send2 car "$SRTLA_SEND" 9001 10.9.0.1 5000 "$WORK/ips"
start encoder2 car bash -c "'$MEDIA' feed 2 4000000 |
    srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9001?mode=caller&latency=$LATENCY'"
seen2() { "$MEDIA" value "$WORK/seen2" "$1"; }
# shellcheck disable=SC2317 # called by within
flows2() { [ "$(seen2 2.chunks)" -ge "$1" ]; }
check "F07: a second stream flows" within 8 flows2 400

# Everything between the first stream and its server vanishes, and nobody is told.
in_ns road nft "table inet hole {
    counter asked { }
    chain in { type filter hook input priority 0;
        udp sport $first udp dport 4001 @th,64,32 0x80000000 @th,160,32 0 counter name asked
        udp sport $first udp dport 4001 drop
        udp sport 4001 udp dport $first drop
    }
}" || fail "nft refuses"
before=$(seen2 2.chunks)
sleep 4
asked=$(in_ns road nft list counter inet hole asked | awk '/packets/ { print $2 }')
[ "$(($(seen2 2.chunks) - before))" -ge 1200 ] || fail "F07: the second stream was disturbed"
[ "$(seen2 2.missing)$(seen2 2.corrupt)" = 00 ] || fail "F07: pieces of the second stream are missing"
((asked >= 2 && asked <= 5)) || fail "F07: $asked questions in 4 s"
[ "$(count_logged rec event=session_lost)" = 3 ] || fail "F07: a session was given up"
say "ok: F07: $asked questions in 4 s, the second stream whole"
in_ns road nft delete table inet hole
check "F07: the first stream goes on" within 8 flows 1 $(($(seen 1.chunks) + 400))
[ "$(count_logged rec event=group_gone)" = 0 ] || fail "F07: a group went"
[ "$(seen2 2.missing)$(seen2 2.corrupt)" = 00 ] || fail "F07: pieces of the second stream are missing"
finish
