#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ffmpeg at both ends: an H.264 stream in the open and with a passphrase, every frame of it.
. "$(dirname "$0")/../netns/lib.sh"

# show NAME [SRT OPTIONS]
show() {
    local name=$1 options=${2:+&$2} frames

    start viewer road ffmpeg -nostdin -v error -y -i "srt://127.0.0.1:4001?mode=listener&latency=500000$options" \
        -c copy -flush_packets 1 "$WORK/$name.ts"
    within 5 listening_udp road 4001 || fail "$name: ffmpeg does not listen"
    start camera car ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=size=640x360:rate=25 \
        -c:v libx264 -preset ultrafast -tune zerolatency -g 25 -b:v 2M -f mpegts \
        "srt://127.0.0.1:9000?mode=caller&latency=500000&pkt_size=1316$options"
    sleep 6
    check "$name: the camera streams on" alive camera
    stop camera
    sleep 1
    stop viewer
    frames=$(ffprobe -v error -select_streams v:0 -count_packets -show_entries stream=nb_read_packets \
        -of csv=p=0 "$WORK/$name.ts" | head -n 1)
    say "$name: ${frames:-0} frames"
    [ "${frames:-0}" -ge 75 ] || fail "$name: too few frames"
    ffprobe -v error -show_packets -select_streams v:0 -show_entries packet=pts -of csv=p=0 "$WORK/$name.ts" |
        awk -F, '$1 ~ /^[0-9]+$/ { if (n++ && $1 - last != 3600) bad++; last = $1 } END { exit bad > 0 || n == 0 }' ||
        fail "$name: frames are missing in between"
}

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
start_rec
start_send 10.9.0.1
check "the links come up" within 5 links_up 2
show plain
show encrypted "passphrase=correct-horse-battery&pbkeylen=32"
finish
