#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# page.sh [DIRECTORY [SECONDS]]: the status pages of both programs in a browser, while a stream runs over three
# links.  With a directory, leaves pictures of them there, taken when the stream has run so long.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/../lab/lib.sh

KEY=publish/live/feed-0d5e1c97
pictures=${1-} warm=${2-0}

for program in chromium chromedriver; do
    command -v $program >/dev/null || { echo "skipped: $program is not installed" >&2; exit 77; }
done

program() { # program NAME COMMAND...: for page.py
    printf '#!/bin/sh\nexec %s\n' "${*:2}" >"$WORK/$1"
    chmod +x "$WORK/$1"
}

LATENCY=1000
scenario "lasts 900s" "link 1 rate 2300k delay 30ms jitter 3ms" "link 2 rate 1900k delay 45ms jitter 4ms" \
    "link 3 rate 1600k delay 75ms jitter 6ms loss 0.4%" "every 40s from 20s link 1 rate 1800k" \
    "every 40s from 35s link 1 rate 2300k" "every 90s from 50s link 3 rate 900k" "every 90s from 75s link 3 rate 1600k"
sed -i '/^lasts 60s$/d' "$SCENARIO"
emulate 3
for link in 1 2 3; do
    ip -n car route add default dev m$link table 10$link
    ip -n car rule add from 10.9.$link.2 table 10$link
done
tell start
uplinks 10.9.{1,2,3}.2
echo $KEY >"$WORK/key"
start_server
start_rec
start_send 10.8.0.1
check "the links come up" within 5 links_up 3
start_encoder 1 "streamid=$KEY"
check "media flows" within 8 flows 1
sleep 3
sleep "$warm"

program cut "nft 'table inet cut { chain in { type filter hook prerouting priority -300; iifname m2 drop; };
    chain out { type filter hook output priority -300; oifname m2 drop; }; }'"
program freeze "kill -STOP ${PID[send]}"
program thaw "kill -CONT ${PID[send]}"
page=$(dirname "$(realpath "$0")")/page.py
in_ns road python3 "$page" receiver "$WORK" http://127.0.0.1:5000/ ${pictures:+"$pictures"} || fail "the receiver's page"
in_ns car python3 "$page" sender "$WORK" http://127.0.0.1:9000/ ${pictures:+"$pictures"} || fail "the sender's page"
stop server KILL
tell stop
finish
