#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# timing.sh [MBIT [SECONDS [BURST]]]: how punctual packets are on four links, and what it costs.
# The emulator's own figure is held against stamps: of the sender before it sends, of the kernel
# as it receives.  12 Mbit/s without arguments, and a second try, since other tests may be about;
# the figure to reach is at 50: 0.3 ms and a quarter of a core.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/lib.sh

mbit=${1-12} seconds=${2-4} burst=${3-1}
packets=$((mbit * 1000000 / 8 / 1360)) # a second

try() {
    local own cpu up down

    scenario "links 1-4 rate 20M queue 200k" "link 1 delay 20ms" "link 2 delay 30ms" \
        "link 3 delay 40ms" "link 4 delay 50ms"
    emulate 4
    sink 300
    tell start
    send $packets $((packets * seconds / 4)) 1332 "$burst"
    halt
    own=$(figure timing.p99_ms)
    # The sender waits a second for the last packets; the cost is that of the others.
    cpu=$(awk -v u="$(figure cpu.user_s)" -v s="$(figure cpu.system_s)" -v t="$seconds" 'BEGIN { printf "%.3f", (u + s) / t }')
    read -r _ up _ < <("$JUDGE" timing "$WORK/up" "$SCENARIO" $SEED up)
    read -r _ down _ < <("$JUDGE" timing "$WORK/down" "$SCENARIO" $SEED down)
    say "$mbit Mbit/s: p50 $(figure timing.p50_ms) p99 $own p99.9 $(figure timing.p999_ms) most $(figure timing.max_ms) ms;" \
        "by stamps p99 up $up down $down us; $cpu of a core; a wake-up $(figure timing.wake_p50_ms) ms"
    [ "$(figure timing.valid)" = True ] && at_most "$up" 300 && at_most "$down" 300 &&
        at_most "$cpu" 0.25 &&
        # It may be too hard on itself, not too kind.
        at_most "$up" "$(awk -v p="$own" 'BEGIN { print p * 1000 + 50 }')"
}

try || try || fail "packets come out more than 0.3 ms from when they should, or at too high a cost"
check "no packet was forgotten" [ "$(figure drops.no_room) $(figure drops.missed) $(figure drops.unsent)" = "0 0 0" ]
passed
