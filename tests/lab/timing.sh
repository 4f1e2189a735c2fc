#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# timing.sh [--limits] [MBIT [SECONDS [BURST]]]: how punctual packets are on four links, and what it
# costs.  The emulator's own figure is held against stamps: of the sender before it sends, of the
# kernel as it receives.  It must never be kinder to itself than they are, and no packet may be
# forgotten; how late packets are is the machine's doing too, so that is told, and only --limits
# holds it against the figure to reach, at 50 Mbit/s: 0.3 ms and a quarter of a core.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/lib.sh

limits=
[ "${1-}" != --limits ] || { limits=yes && shift; }
mbit=${1-12} seconds=${2-4} burst=${3-1}
packets=$((mbit * 1000000 / 8 / 1360)) # a second

try() {
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
}

# shellcheck disable=SC2317 # check calls it
punctual() {
    [ "$(figure timing.valid)" = True ] && at_most "$up" 300 && at_most "$down" 300 && at_most "$cpu" 0.25
}

try
# The sender may be held up between its stamp and its call, which nobody else can see: hence the room.
check "the emulator is not kinder to itself than the stamps are" \
    at_most "$up" "$(awk -v p="$own" 'BEGIN { print p * 2000 + 300 }')"
[ -z "$limits" ] || check "packets come out within 0.3 ms of when they should, for a quarter of a core" punctual
check "no packet was forgotten" [ "$(figure drops.no_room) $(figure drops.missed) $(figure drops.unsent)" = "0 0 0" ]
passed
