#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scenarios.sh SRTLA_SIM: every scenario stands as it is listed, and the yardstick can tell.
set -uo pipefail
sim=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    cat "$work/said" >&2
    exit 1
}

# ends STATUS "a sentence" ARGUMENT...: how srtla_sim ends; what it says is in $work/said.
ends() {
    local status=$1 sentence=$2

    shift 2
    "$sim" "$@" >"$work/said" 2>&1
    [ $? = "$status" ] || fail "$sentence"
    echo "ok: $sentence"
}

says() { grep -qE "$1" "$work/said" || fail "it does not say: $1"; }

ends 0 "every scenario holds its limits, but for those that are listed as unmet" --all
says '^[0-9]+ scenarios, 0 of them not as listed'
[ "$(grep -c ' | ' "$work/said")" -ge 40 ] || fail "scenarios are missing from the table"

ends 1 "the falsifier fails" falsifier
says 'EXCEEDED'

# A short drive that holds every limit.
cat >"$work/fine.scn" <<'SCN'
scenario nothing happens
lasts 12s
stream rate 4M fps 30 gop 60 key 500% latency 1s
links 1-2 rate 5M
limit late 0%
SCN
ends 0 "a limit that holds is no fault" "$work/fine.scn"
says 'late .* holds'
ends 0 "two seeds are two runs" --mode R --seeds 2 --json "$work/runs" "$work/fine.scn"
python3 - "$work/runs" <<'PY' || fail "the JSON does not hold two runs"
import json, sys
runs = [json.loads(line) for line in open(sys.argv[1])]
assert [run["seed"] for run in runs] == [1, 2]
assert all(run["vehicles"][0]["tally"]["late"] == 0 for run in runs)
PY

ends 0 "a table has a row for each mode, and one for the oracle" --table --seeds 2 "$work/fine.scn"
for mode in classic quality C R oracle; do says "^[|] nothing happens [|] $mode [|] 0.000 "; done
ends 0 "a sweep has a column for each value" --sweep queue=20ms,60ms "$work/fine.scn"
says '^[|] scenario [|] 20ms [|] 60ms [|]$'
says '^[|] nothing happens [|] 0.000, .* [|] 0.000, .* [|]$'
ends 0 "a figure of the tuning is set" --tune queue=40ms --tune least=8 "$work/fine.scn"
ends 64 "a figure that is none is a mistake" --tune queue=wide "$work/fine.scn"
says 'queue needs a time'
ends 64 "a figure that is not there is one" --sweep width=1,2 "$work/fine.scn"
says 'sets nothing'

sed 's/limit late 0%/limit late 0% today 3%/' "$work/fine.scn" >"$work/stale.scn"
ends 1 "a limit that is listed as unmet and holds is a fault" "$work/stale.scn"
says 'HOLDS'

sed 's/rate 5M/rate 1M/' "$work/fine.scn" >"$work/narrow.scn"
ends 1 "a limit that is exceeded is a fault" "$work/narrow.scn"
sed 's/rate 5M/rate 1M/; s/limit late 0%/limit late 0% today 40%/' "$work/fine.scn" >"$work/known.scn"
ends 0 "one that is listed as unmet is none" "$work/known.scn"
says 'not yet: 40 %'

echo 'links 1-2 rat 5M' >>"$work/fine.scn"
ends 65 "a word that nobody knows ends it, naming file and line" "$work/fine.scn"
says 'fine.scn:6: .*rat'
ends 66 "a recording that is not there ends it" --traces /nonexistent s10-recorded
says 'mahimahi'
ends 64 "two tasks at once are a mistake" --all --table
ends 64 "no scenario is a mistake"
ends 64 "an unknown option is one" --frobnicate
