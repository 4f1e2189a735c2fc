#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# linklab as people use it: a run that is good, one that is not, and nothing left of either.
set -uo pipefail
here=$(dirname "$(realpath "$0")")
top=$here/../..
built=$top/build
: "${LINKLAB_HELPERS:=$built/lab/emulator:$built/lab/srt:$built/lab/judge:$built/sender:$built/receiver}"
export LINKLAB_HELPERS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "$(date +%T) $*"; }

fail() {
    echo "FAILED: $*" >&2
    cat "$work/said" >&2
    exit 1
}

# check "a sentence" COMMAND...
check() {
    local sentence=$1

    shift
    "$@" || fail "$sentence"
    say "ok: $sentence"
}

linklab() { python3 -B "$top/lab/linklab.py" "$@" >"$work/said" 2>&1; }

# ends CODE WORD...: linklab with these words ends so.
ends() {
    local wanted=$1 code

    shift
    linklab "$@"
    code=$?
    # A machine that stood still for a moment makes a run invalid: a second one tells more.
    if [ $code = 2 ] && [ "$wanted" != 2 ] && grep -q '^invalid:.*emulator was late' "$work/said" &&
        [ "${*: -2:1}" = --out ]; then
        rm -rf "${*: -1}"
        linklab "$@"
        code=$?
    fi
    [ $code != 77 ] || { cat "$work/said"; exit 77; }
    [ $code = "$wanted" ] || fail "linklab $* ends with $code, not $wanted"
}

# Whether a python expression on the runs is true; `r` is the first, `f` its figures.
# shellcheck disable=SC2317 # check calls it
runs() {
    python3 - "$work/out/runs.jsonl" "$1" <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
r, f = lines[0], lines[0]["figures"]
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
PY
}

no_sanitizer_spoke() { ! grep -rqE 'AddressSanitizer|LeakSanitizer|runtime error:' "$work"/*/*/*.log; }
nothing_runs() {
    local line

    for line in /proc/[0-9]*/cmdline; do
        [[ $({ tr '\0' ' ' <"$line"; } 2>/dev/null) != *"$work"* ]] || return 1
    done
}

ends 64 run
check "a mistake is one line ($(cat "$work/said"))" [ "$(wc -l <"$work/said")" = 1 ]
ends 64 run s01 --lasts soon
ends 66 run none
echo "links of no kind" >"$work/wrong.scn"
ends 65 run "$work/wrong.scn"
ends 0 list
check "the list tells what there is" grep -q '^s01 .*S1: ' "$work/said"

# Two pairs by turns; the second is told by its command line.
send=$(IFS=:; for dir in $LINKLAB_HELPERS; do [ ! -x "$dir/srtla_send" ] || echo "$dir/srtla_send"; done)
linklab run "$here/easy.scn" --lasts 10s --seed 5 --out "$work/out" \
    --against "$send --log-level debug {port} {host} {rport} {ips};;"
code=$?
[ $code != 77 ] || { cat "$work/said"; exit 77; }
cat "$work/said"
# On a machine that is too busy the runs are invalid, and all but the verdict is there.
too_busy() { [ $code = 2 ] && ! grep '^invalid:' "$work/said" | grep -qv ' was late by '; }
[ $code = 0 ] || too_busy || fail "the run ends with $code"
check "a line for each run" runs 'len(lines) == 2 and lines[0]["pair"] != lines[1]["pair"]'
check "which tells what was run" runs \
    'r["scenario"] == "easy" and r["seed"] == 5 and r["links"] == 3 and r["lasts_s"] == 10 and r["broken"] == []'
check "how late the emulator was" runs '0 < r["timing"]["p99_ms"] and r["emulator_cpu"]["share_of_core"] > 0'
check "how the stream fared" runs '
    f["late_over_oracle"] <= f["late"] <= 0.05 and f["glitch_seconds"] >= 0 and f["stall_ms"] >= 0
    and 25 <= f["delay_p50_ms"] <= f["delay_p95_ms"] <= f["delay_p99_ms"] <= f["delay_p999_ms"]'
check "on how many bytes" runs 'f["wire"] > 1.001 and r["vehicles"][0]["wire_bytes"]["first"] > 2.9e6 and
    abs(sum(link["share"] for link in r["vehicles"][0]["links"]) - 1) < 1e-6'
check "what of them was what" runs \
    'all(f[c + "_share"] is not None for c in ("resent", "false_resent", "copy", "srt", "srtla"))'
check "what was reported lost" runs 'f["naks"] >= 0 and f["nak_numbers"] >= f["false_naks"] >= 0'
check "how it met the outage in its time, and not the later one" runs \
    'len(r["vehicles"][0]["outages"]) == 1 and f["last_into_dead_ms"] > 0 and f["back_in_use_ms"] is not None'
check "what SRT counted" runs \
    'f["sessions"] == 1 and r["vehicles"][0]["srt"]["sink"]["received_unique"] > 2000 and f["dropped"] is not None'
check "what the programs cost" runs \
    'all(f[p + "_us_per_packet"] > 0 and f[p + "_wakeups_per_packet"] > 0 for p in ("send", "rec"))'
check "how it stands to the limits" runs \
    '[l["verdict"] for l in r["limits"]] == ["holds", "holds", "holds", "unmet"]'
check "nothing is late for the oracle" runs 'r["vehicles"][0]["oracle"]["late"] == 0'
check "and the pictures are there" runs \
    '[open(p, "rb").read(5) for p in r["pictures"]] == [b"<?xml", b"\x89PNG\r"] and len(lines[1]["pictures"]) == 2'

ends 1 run falsifier --lasts 20s --out "$work/bad"
check "what must fail fails" grep -q '^EXCEEDED: stall' "$work/said"

# Several vehicles; and a sender that is none.
ends 1 run "$here/easy.scn" --lasts 3s --vehicles 2 --send false --out "$work/false"
check "a program that ends is told" grep -q '^BROKEN: .*send2 ended with status 1' "$work/said"
check "how fair they were is told" grep -q 'fairness among vehicles' "$work/said"

python3 -B "$top/lab/linklab.py" run s01 --out "$work/cut" >"$work/said" 2>&1 &
child=$!
for ((i = 0; i < 100; i++)); do
    [ ! -e "$work/cut/s01-a-seed1/source1.log" ] || break
    sleep 0.1
done
kill -TERM $child
wait $child
check "told to end, it ends with 143" [ $? = 143 ]
sleep 0.2
check "and nothing of it runs any more" nothing_runs
check "no sanitizer had anything to say" no_sanitizer_spoke
say "passed: linklab.sh"
