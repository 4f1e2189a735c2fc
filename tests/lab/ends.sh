#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() and ends() call
# However the emulator ends, nothing of it stays; and what it is told wrongly it says in one line.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/lib.sh

gone() { ! ip -n car link show m1 2>/dev/null && ! ip -n road link show net0 2>/dev/null; }
whole_report() { python3 -m json.tool "$REPORT" >/dev/null; }

scenario "links 1-2 rate 5M queue 100k delay 25ms"
emulate 2
check "the devices are there" ip -n car address show m2
stop emulator KILL
check "killed, it leaves no device" within 2 gone

# ends WORD COMMAND...: the run that COMMAND ends.
ends() {
    local word=$1

    shift
    rm -f "$REPORT"
    emulate 2 --lasts 4s
    sink 0
    tell start
    send 100 50 200 1 # two seconds in all
    stop sink
    "$@"
    check "$word ends it with status 0" wait "${PID[emulator]}"
    check "$word: the report is whole" whole_report
    check "$word: it has the packets" [ "$(figure roads.0.packets_out)" = 50 ]
    check "$word: no device is left" within 2 gone
}

no_more_commands() { exec 7>&-; }
ends SIGINT signal emulator INT
ends SIGTERM signal emulator TERM
ends stop tell stop
ends "the end of its input" no_more_commands
ends "the end of its time" true
check "which is four seconds" near "$(figure lasts_s)" 4 1

# refused CODE SENTENCE ARGUMENT...: one line, and that exit status.
refused() {
    local code=$1 sentence=$2

    shift 2
    "$LINKLAB_EMULATOR" "$@" >"$WORK/said" 2>"$WORK/error" </dev/null
    check "$sentence ends with $code" [ $? = "$code" ]
    check "$sentence: one line ($(cat "$WORK/error"))" [ "$(wc -l <"$WORK/error")" = 1 ]
    check "$sentence: nothing was begun" [ ! -s "$WORK/said" ]
}

run=(--seed 1 --road /run/netns/road --car /run/netns/car --report "$REPORT")
refused 64 "a run without a seed" "$SCENARIO" --road /run/netns/road
refused 64 "an unknown option" "$SCENARIO" "${run[@]}" --loud
refused 65 "no scenario of that name" "$WORK/none.scn" "${run[@]}"
refused 73 "a report that cannot be" "$SCENARIO" "${run[@]}" --report "$WORK/none/report"
refused 71 "no such namespace" "$SCENARIO" "${run[@]}" --car "$WORK/none"
refused 71 "one namespace for two vehicles" "$SCENARIO" "${run[@]}" --car /run/netns/car
check "of which nothing is left" gone
scenario "link 1 chances none-of-that-name"
refused 66 "a recording that is not here" --describe "$SCENARIO"
scenario "link 1 colour red"
refused 65 "a scenario that is wrong" --describe "$SCENARIO"
passed
