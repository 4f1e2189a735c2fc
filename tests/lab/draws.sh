#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Real packets are lost, doubled and damaged exactly as the roads of the scenario draw it.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/lib.sh

scenario "link 1 loss 3% twice 1% damage 1% delay 20ms" \
    "link 2 burst enter 0.5% leave 20% loss 60% loss 0.1% delay 35ms jitter 5ms" \
    "links 1-2 down loss 2% twice 0.5%"
emulate 2
# Before the start other chances rule, which do not shift those after it.
sink 300
send 400 100 300 1
stop sink
sink 300
tell start
send 2000 4000 300 1
halt
for link in 1 2; do
    check "link $link up: exactly what its road drew" \
        "$JUDGE" draws "$WORK/up" "$SCENARIO" $SEED up $link 4000 300
    # Answers are as many as the way back was asked for.
    back=$(figure "roads.$((2 * link - 1)).packets_in")
    check "link $link down: exactly what its road drew" \
        "$JUDGE" draws "$WORK/down" "$SCENARIO" $SEED down $link "$back" 80
    check "there was something to draw" [ "$(figure "roads.$((2 * link - 2)).lost")" -gt 50 ]
    check "the emulator counts from the start on" [ "$(figure "roads.$((2 * link - 2)).packets_in")" = 4000 ]
done
check "another seed draws something else" \
    bash -c '! "$@" >/dev/null' - "$JUDGE" draws "$WORK/up" "$SCENARIO" 8 up 1 4000 300
passed
