#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# F53: as many groups as there are places, each with 16 links, in and all of them holding packets
# back; what a packet costs then.  And fairness: one stream in trouble beside many in none.
# scale.sh [--report]
. "$(dirname "$0")/crowd.sh"

GROUPS_IN=1000 MEMBERS=16 MIXED=0 ROUNDS=3
! $REPORTS || MIXED=1 ROUNDS=6

new_rec() {
    [ -z "${PID[rec]-}" ] || stop rec || fail "srtla_rec ends with status $?"
    start_rec --state-dir "$(mktemp -d "$WORK/state.XXXX")"
}

roads 1
crowd

new_rec
attack table table $GROUPS_IN $MEMBERS $MIXED
judge table in == $GROUPS_IN "$GROUPS_IN groups of $MEMBERS links get in"
judge table in_ms '<=' 5000 "within 5 s"
judge table held '>=' $((GROUPS_IN * 15)) "all of them hold packets"
judge_memory table rss_held_kib '<=' 65536 "in 64 MiB, KiB"
judge table lost_in_all == 0 "and all come through"
judge table cost_ratio '<=' 1.3 "a packet costs about the same with all of them as with one"

new_rec
attack fair fair 200 $ROUNDS
judge fair groups_in == 1 "200 streams of 1 Mbit/s get in"
judge fair lost == 0 "199 of them lose nothing beside one in trouble"
judge fair p99_moved_ms '<' 2 "nor wait longer for it, ms"
if $REPORTS; then
    for times in 100 300; do
        new_rec
        attack fair$times fair 200 3 $times
    done
fi
finish
