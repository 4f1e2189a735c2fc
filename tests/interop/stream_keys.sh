#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# A list of stream keys before real SRT servers: who is listed streams, and to the server that his
# key names; nobody else gets through; the list changes under running streams; no key is logged.
. "$(dirname "$0")/../netns/lib.sh"

SECRET=5ec7e7 # part of every key here
SEALED='passphrase=correct-horse-battery&pbkeylen=32'

keys() { printf '%s\n' "$@" >"$WORK/keys"; }

# second NAME KEY TAKE: another encoder, through another sender, in the same car.
second() {
    start "$1" car bash -c "'$MEDIA' feed $3 1000000 |
        srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9100?mode=caller&latency=$LATENCY&streamid=$2'"
}

seen_second() { "$MEDIA" value "$WORK/seen2" "$1"; }
flows_second() { [ "$(seen_second "$1.chunks")" -ge "$2" ]; }
links_joined() { [ "$(count_logged rec event=member_new)" -ge "$1" ]; }

# refused KEY: ffmpeg calls with it; how long until it gives up goes into $TOOK, ms.
refused() {
    local before began

    before=$(count_logged rec event=login_refused)
    began=$(now_ms)
    in_ns car timeout 10 ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=size=320x180:rate=25 -c:v mpeg2video \
        -f mpegts "srt://127.0.0.1:9100?mode=caller&latency=500000&pkt_size=1316${1:+&streamid=$1}" >>"$WORK/ffmpeg.log" 2>&1 &&
        return 1
    TOOK=$(($(now_ms) - began))
    [ "$(count_logged rec event=login_refused)" -gt "$before" ]
}

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
"$SRTLA_REC" --stream-keys "$WORK/none" 5000 127.0.0.1 4001 2>"$WORK/start.log"
[ $? = 66 ] || fail "a missing list ends the start with 66"
say "ok: $(cat "$WORK/start.log")"

keys '# who may come' "live/one-$SECRET" "live/two-$SECRET 127.0.0.1:4002" "live/bad-$SECRET nowhere"
start_server "$SEALED"
start server2 road bash -c "trap '' TERM; srt-live-transmit 'srt://127.0.0.1:4002?mode=listener&latency=$LATENCY' \
    file://con | '$MEDIA' watch '$WORK/seen2'"
start_rec --stream-keys "$WORK/keys" --state-dir "$WORK/state"
check "a bad line is named by its number" logged rec 'event=stream_keys_line .*line=4'
check "and the others are read" logged rec 'event=stream_keys keys=2 servers=1 bad_lines=1'
start_send 10.9.0.1
start send2 car "$SRTLA_SEND" 9100 10.9.0.1 5000 "$WORK/ips"
check "the links come up" within 5 links_joined 4

start_encoder 1 "streamid=live/one-$SECRET&$SEALED"
check "the first key streams, encrypted" within 8 flows 1
check "a key that is not listed is refused" refused "live/three-$SECRET"
say "after $TOOK ms, start of ffmpeg included"
[ "$TOOK" -le 2000 ] || fail "that took too long"
sleep 1
check "a caller without a key is refused" refused ""
say "after $TOOK ms, start of ffmpeg included"
goes_on "the first stream goes on beside them"
! logged server2 "Accepted SRT source" || fail "the second server has heard of somebody"

sleep 1
second two "live/two-$SECRET" 7
check "the second key streams to the second server" within 8 flows_second 7 50
stop two

keys "live/three-$SECRET 127.0.0.1:4002"
signal rec HUP
check "the list is read again" within 2 logged rec 'event=stream_keys keys=1 servers=1 bad_lines=0'
goes_on "the stream whose key was struck off goes on"
check "the key that is struck off is refused" refused "live/two-$SECRET"
sleep 1
second three "live/three-$SECRET" 8
check "and the new one streams" within 8 flows_second 8 50

stop rec KILL
start_rec --stream-keys "$WORK/keys" --state-dir "$WORK/state"
goes_on "the first stream goes on over a restart, its key still struck off"
check "and the other, on its own server" within 5 flows_second 8 $(($(seen_second 8.chunks) + 100))
[ "$(seen_second 8.missing)" = 0 ] || fail "the other stream lost pieces: $(seen_second 8.missing)"
[ "$(count_logged server2 "Accepted SRT source")" = 2 ] || fail "the other session was lost"
stop three

rm "$WORK/keys"
for _ in 1 2 3 4 5; do signal rec HUP; done
check "a list that has gone leaves the old one" within 2 logged rec 'event=stream_keys_kept keys=1 why='
goes_on "the first stream goes on"
! grep -r "$SECRET" "$WORK"/rec.log "$WORK/start.log" || fail "the log holds a key"
stop send2
finish
