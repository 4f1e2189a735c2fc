#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a scenario asks of rate and delay is what packets meet, within 2 %.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/lib.sh

# A queue of 200 ms that is always full.
scenario "link 1 rate 5M queue 125k delay 25ms"
emulate 1
sink 0
tell start
send 750 3750 1332 1 # 8 Mbit/s
halt
rate=$("$JUDGE" rate "$WORK/up" 1)
delay=$("$JUDGE" delay "$WORK/up" 1)
say "saturated: $rate bit/s, $delay us"
check "a link of 5 Mbit/s carries 5 Mbit/s" near "$rate" 5000000 2
# 91 packets of 1360 bytes fit; of the first one half is gone on average: 90.5 * 2.176 ms + 25 ms.
check "a packet waits for the full queue before it" near "$delay" 222000 2
check "what did not fit was dropped and counted" [ "$(figure roads.0.overflow)" -gt 1000 ]

scenario "link 1 delay 25ms" "link 2 delay 60ms"
emulate 2
sink 1000
tell start
send 200 400 200 1
halt
for way in up down; do
    for link in 1 2; do
        delay=$("$JUDGE" delay "$WORK/$way" $link)
        say "link $link $way: $delay us"
        check "the delay of link $link is kept $way" near "$delay" $((link == 1 ? 25000 : 60000)) 2
    done
done
check "nothing was lost" [ "$(figure roads.0.packets_out) $(figure roads.1.packets_out)" = "400 400" ]
passed
