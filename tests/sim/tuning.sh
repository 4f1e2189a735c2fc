#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tuning.sh [SRTLA_SIM]: writes TUNING.md anew: what each figure of the sender's tuning is worth.
# Needs the recordings; takes some minutes on two cores.  SEEDS=3 takes more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sim=${1:-$here/../../tools/srtla_sim}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sweep MODE NAME VALUES: one table.
sweep() {
    echo "## $2${4:+, $4}"
    echo
    "$sim" --mode "$1" --seeds "${SEEDS:-1}" --sweep "$2=$3" | sed '/times as fast as real time$/d'
    echo
}

{
    sed '/^## /,$d' "$here/TUNING.md"
    sweep R queue 20ms,40ms,60ms,80ms,100ms,150ms
    sweep C queue 20ms,40ms,60ms,80ms,100ms,150ms "classic receiver"
    sweep R window 50ms,100ms,200ms,400ms
    sweep R backlog 6ms,12ms,25ms
    sweep R follow 3,5,10,20,40
    sweep R climb 5,10,20,40
    sweep R impatience 60ms,90ms,120ms,200ms,300ms
    sweep R feedback 20ms,40ms,80ms
    sweep C feedback_classic 50ms,100ms,200ms "classic receiver"
    sweep R loss_cost 0ms,40ms,80ms,160ms
    sweep C loss_cost_classic 80ms,250ms,500ms "classic receiver"
    sweep R probe 100ms,200ms,400ms
    sweep R least 2,4,8,14
    sweep C least_classic 4,8,14,20 "classic receiver"
    sweep R reinject 0,2,5,10
} >"$work/tables"
cp "$work/tables" "$here/TUNING.md"
