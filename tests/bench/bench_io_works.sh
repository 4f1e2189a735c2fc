#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The benchmark of the programs measures what it says: the tap, where the answer is known, and a
# short run of everything.  What programs cost is nobody's concern here.
# bench_io_works.sh LOAD
. "$(dirname "$0")/../netns/lib.sh"

LOAD=$1
MOST_LATE=1000000 # us: what even a machine that does all else at once would not add

# through PATTERN RATE: one second of it by way of the relays, and what the tap says of it.
through() {
    local to

    coproc TAP { exec "$LOAD" tap 9000 5000 4001; }
    read -r <&"${TAP[0]}" || fail "the tap does not begin"
    (sleep 1 && echo quiet && sleep 0.3 && echo count) |
        timeout 20 "$LOAD" bare 9000 4001 "$1" "$2" >"$WORK/load.log" || fail "the load fails"
    echo count >&"${TAP[1]}"
    read -r TOLD <&"${TAP[0]}" || fail "the tap does not answer"
    to=${TAP[1]}
    exec {to}>&-
    wait "$TAP_PID"
    [[ $(tail -n 1 "$WORK/load.log") =~ sent=([0-9]+) ]] && SENT=${BASH_REMATCH[1]}
}

# told KEY: what the tap says of it.
told() {
    [[ " $TOLD " =~ \ "$1"=([0-9]+)\  ]] && echo "${BASH_REMATCH[1]}"
}

relays_listen() { listening_udp . 9000 && listening_udp . 5000; }
between() { [ "$2" -ge "$1" ] && [ "$2" -le "$3" ]; }
all_of_it() { [ "$(told send_n) $(told rec_n) $(told missed)" = "$SENT $SENT 0" ]; }

start first . "$LOAD" relay 9000 5000 2000
start second . "$LOAD" relay 5000 4001 5000
within 5 relays_listen || fail "the relays do not listen"
through even 100
check "the tap sees each packet that passes two relays" all_of_it
check "a relay that sleeps for 2 ms adds as much" \
    between 2000 $(($(told send_p50) / 1000)) $MOST_LATE
check "and one that sleeps for 5 ms, 5" between 5000 $(($(told rec_p50) / 1000)) $MOST_LATE
check "which the other does not share" [ "$(told send_p50)" -lt "$(told rec_p50)" ]
stop first
stop second

start first . "$LOAD" relay-gso 9000 5000
start second . "$LOAD" relay 5000 4001 0
within 5 relays_listen || fail "the relays do not listen"
through frames 3000
check "packets that leave as one are seen one by one" all_of_it
check "and did leave as one" [ "$(told runs)" -gt 0 ]
stop first
stop second

own="{send} --io mmsg {encoder} 127.0.0.1 {srtla} {links}"
own+="|{rec} --io mmsg {srtla} 127.0.0.1 {server}"
export SRTLA_SEND SRTLA_REC WORK
timeout 100 python3 -B "$HERE/../bench/bench_io.py" "$LOAD" --quick --pair "given=$own" \
    --json "$WORK/io.json" >"$WORK/table.log" 2>&1 || fail "bench_io.py fails"
python3 - "$WORK/io.json" <<'END' >"$WORK/json.log" 2>&1 || fail "what it found is not all there"
import json, sys
found = json.load(open(sys.argv[1], encoding="utf-8"))
programs = {(r["pair"], r["program"]) for r in found["rows"]}
assert programs == {("relay", "relay"), ("relay-gso", "relay")} | {
    (pair, name) for pair in ("plain", "gso", "given") for name in ("srtla_send", "srtla_rec")}
assert {r["workload"] for r in found["rows"]} == {"frames:5000", "saturated"}
for row in found["rows"]:
    for figure in ("cpu_us", "packets_per_second", "trip_p99_us"):
        assert row[figure]["least"] > 0, (figure, row)
    assert row["workload"] == "saturated" or row["wakes_per_packet"]["least"] > 0
    assert row["program"] == "relay" or row["datagrams"] == "told"
    assert row["program"] == "relay" or row["ratio"]["median"] > 0
assert {r["pair"] for r in found["limit"]} == {"plain", "gso", "given"}
added = {(r["pair"], r["program"]) for r in found["added"]}
assert added == {p for p in programs if p[1] != "relay"}
assert all(r["packets"]["least"] > 0 and r["p99_us"]["least"] > 0 for r in found["added"])
assert found["limits"] and all(isinstance(l["holds"], bool) for l in found["limits"])
assert not found["troubles"]
END
check "a short run of everything has all its figures" [ -s "$WORK/io.json" ]
check "and shows them" grep -q "^saturated *given *srtla_rec" "$WORK/table.log"
