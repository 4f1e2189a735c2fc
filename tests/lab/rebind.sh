#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A NAT that forgets: the far side sees another port, and its answers to the old one vanish.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/lib.sh

ports() { "$JUDGE" ports "$WORK/up" "$1" | wc -l; }

# Of the scenario's own accord on link 1, by command on link 2, never on link 3.
scenario "links 1-3 delay 100ms" "t=1s link 1 rebind"
emulate 3
sink 1000
tell start
{ sleep 2 && tell rebind 1 2; } &
send 300 300 100 1
halt
"$JUDGE" ports "$WORK/up" 1
check "the scenario rebinds: the far side sees a second port" [ "$(ports 1)" = 2 ]
check "so does the command" [ "$(ports 2)" = 2 ]
check "another link keeps its port" [ "$(ports 3)" = 1 ]
check "packets on their way still arrive" [ "$(figure roads.0.packets_out)" = 300 ]
# Each link had about 10 packets under way when it was rebound, which are answered at the old port.
vanished=$(figure drops.unmapped)
check "answers to the old ports vanish ($vanished)" [ "$vanished" -ge 10 -a "$vanished" -le 40 ]
answers=0
for link in 1 2 3; do answers=$((answers + $("$JUDGE" count "$WORK/down" $link))); done
check "all others come home ($answers)" [ "$answers" = $((900 - vanished)) ]
passed
