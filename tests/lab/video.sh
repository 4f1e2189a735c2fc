#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Real SRT from the lab's source to its sink: what both write down is what happened.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$(realpath "$0")")"/../netns/lib.sh

BUILD=$HERE/../../build
: "${LINKLAB_SOURCE:=$BUILD/lab/srt/linklab-source}" "${LINKLAB_SINK:=$BUILD/lab/srt/linklab-sink}"

# start_sink NAME [OPTION...]: its report will be $WORK/NAME.json.
start_sink() {
    local name=$1

    shift
    start "$name" . "$LINKLAB_SINK" 4001 --ledgers "$WORK" --report "$WORK/$name.json" "$@"
    within 5 logged "$name" '^ready$' || fail "$name does not listen"
}

# start_source STREAMID [OPTION...]: its report will be $WORK/STREAMID.json.
start_source() {
    local name=$1

    shift
    start "$name" . "$LINKLAB_SOURCE" 127.0.0.1 4001 --streamid "$name" --ledger "$WORK/$name.ledger" \
        --latency 300ms --report "$WORK/$name.json" "$@"
}

# ends NAME...: by themselves or by what was sent before, with status 0.
ends() {
    local name

    for name in "$@"; do
        wait "${PID[$name]}" || fail "$name ends with status $?"
        ! logged "$name" 'AddressSanitizer|LeakSanitizer|runtime error:' || fail "$name: sanitizer"
    done
}

halt_sink() {
    signal "$1" TERM
    ends "$1"
}

# figure NAME PATH: of a report, as in streams.0.tally.made
figure() {
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for step in sys.argv[2].split("."):
    value = value[int(step) if step.isdigit() else step]
print(value)' "$WORK/$1.json" "$2"
}

# of STREAMID PATH: of the sink's report on that stream.
of() {
    python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
value = next(s for s in report["streams"] if s["streamid"] == sys.argv[2])
for step in sys.argv[3].split("."):
    value = value[step]
print(value)' "$WORK/$SINK.json" "$1" "$2"
}

# shellcheck disable=SC2317 # check calls it
is() { awk "BEGIN { exit !($*) }"; }

# all_played STREAMID: every packet, undamaged, once and in order.
all_played() {
    local made

    made=$(figure "$1" made)
    check "$1: the ledger has what was made ($made)" [ "$(of "$1" tally.made)" = "$made" ]
    check "$1: all of it was sent" [ "$(figure "$1" sent)" = "$made" ]
    check "$1: all of it was played" [ "$(of "$1" played) $(of "$1" tally.late)" = "$made 0" ]
    check "$1: undamaged, once and in order" \
        [ "$(of "$1" damaged)$(of "$1" strange)$(of "$1" duplicates)$(of "$1" disorder)" = 0000 ]
}

# run_of_packets STREAMID COUNT: stamped packets that nobody made, as one that the kernel cuts up.
run_of_packets() {
    python3 - "$@" <<'PY'
import socket, struct, sys
stream = 0xCBF29CE484222325
for byte in sys.argv[1].encode():
    stream = (stream ^ byte) * 0x100000001B3 % 2**64
run = b"".join(
    struct.pack(">IIII", 1, 0xC0000000, 0, 99)  # SRT: to nobody
    + struct.pack(">IIQQQ", 0x776F6164, 1316, stream, 10**6 + i, 1) + bytes(1316 - 32)
    for i in range(int(sys.argv[2])))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 103, 1332)  # UDP_SEGMENT
s.sendto(run, ("127.0.0.1", 4001))
PY
}

# One encoder on a clean road.
SINK=sink1
start_sink sink1 --latency 100ms --judged-from 1s
start_source clean --rate 6M --fps 30 --gop 60 --key 500% --lasts 8s
ends clean
halt_sink sink1
made=$(figure clean made)
check "8 s of 6 Mbit/s were made" is "$(figure clean bytes) > 5.99e6 && $(figure clean bytes) < 6.05e6"
check "in frames: some packets are not full" is "$made > 1.01 * 6e6 / 1316"
check "the first second is not judged" is "$(of clean tally.made) < $made && $(of clean tally.lasts_s) < 7.1"
check "nothing is late" [ "$(of clean tally.late) $(of clean tally.stall_ms)" = "0 0.0" ]
check "all was played" [ "$(of clean played) $(figure clean sent)" = "$made $made" ]
check "arrivals are known" [ "$(figure sink1 arrivals) $(figure sink1 watch.dropped)" = "True 0" ]
check "of all" [ "$(of clean tally.arrived)" = "$(of clean tally.made)" ]
p50=$(of clean tally.delay_p50_ms) p99=$(of clean tally.delay_p99_ms)
say "delay p50 $p50 ms, p99 $p99 ms, most $(of clean tally.delay_most_ms) ms;" \
    "a frame was at most $(figure clean behind_most_s) s behind"
check "and soon after they were made" is "0 < $p50 && $p50 < 20 && $p50 < $p99 && $p99 < 100"
check "SRT's own counters agree" \
    [ "$(figure clean srt.sent_unique) $(of clean srt.received_unique)" = "$made $made" ]
check "one session, with the longer latency of both" \
    [ "$(figure clean sessions) $(of clean sessions) $(figure clean each.0.latency_ms)" = "1 1 300.0" ]

# Two encoders at once, one of them ended by hand, and a caller with a name that is no file's.
SINK=sink2
start_sink sink2
start_source car1 --rate 3M --lasts 5s
start_source car2 --rate 2M --fps 25 --gop 50 --key 600
start odd . bash -c "sleep 9 | srt-live-transmit file://con 'srt://127.0.0.1:4001?mode=caller&streamid=../car1'"
sleep 3
stop odd KILL
signal car2 TERM
run_of_packets car1 3
ends car1 car2
halt_sink sink2
all_played car1
all_played car2
check "evenly paced packets are full" [ "$(figure car1 bytes)" = $(($(figure car1 made) * 1316)) ]
check "the odd caller was refused" is "$(figure sink2 refused) >= 1"
check "packets that come as one are seen one by one" \
    [ "$(figure sink2 watch.packets) $(figure sink2 watch.strange)" = "$(($(figure car1 made) + $(figure car2 made) + 3)) 0" ]

# A server that is started again.
SINK=sink4
start_sink sink3
start_source restart --rate 4M --fps 30 --lasts 8s
sleep 3
halt_sink sink3
sleep 1
start_sink sink4
ends restart
halt_sink sink4
made=$(figure restart made) late=$(of restart tally.late) lost=$(figure restart unconnected)
say "restart: $made made, $lost without a connection, $late late, stalled $(of restart tally.stall_ms) ms"
check "it connected twice" [ "$(figure restart sessions)" = 2 ]
check "what was made meanwhile is in the ledger" [ "$(of restart tally.made)" = "$made" ]
check "and late" is "$lost > 300 && $late >= $lost && $late < $made / 2"
check "as one stall" is "$(of restart tally.stalls) == 1 && $(of restart tally.stall_ms) > 900"
check "the two servers played the others" [ $(($(SINK=sink3 of restart played) + $(of restart played))) = $((made - late)) ]

# An encoder that dies without a word and is started again.
SINK=sink8
start_sink sink8
start_source again --rate 2M
sleep 2
stop again KILL
start_source again --rate 2M --lasts 2s
ends again
halt_sink sink8
first=$(($(figure again made_in_all) - $(figure again made)))
check "the second goes on after the first ($first)" is "$first > 300 && $(of again tally.made) == $(figure again made_in_all)"
check "nothing is late but what it took with it ($(of again tally.late))" is "$(of again tally.late) <= 2"
check "in two sessions" [ "$(of again sessions) $(of again duplicates) $(of again disorder)" = "2 0 0" ]

# An adaptive encoder finds free road, then a narrow one.
SINK=sink5
start_sink sink5
start_source adaptive --rate 2M --fps 30 --adaptive 300k:8M --latency 1s --lasts 12s
sleep 7
tc qdisc replace dev lo root tbf rate 1mbit burst 16kb latency 400ms || fail "tc refuses"
ends adaptive
tc qdisc del dev lo root
halt_sink sink5
rates=$(python3 -c '
import json, sys
bits = json.load(open(sys.argv[1]))["rate"]["bits"]
print(len(bits), bits[0], max(bits), min(bits[bits.index(max(bits)):]))' "$WORK/adaptive.json")
say "adaptive: steps, first, most, least after it: $rates"
read -r steps first most least <<<"$rates"
check "its rate is known for each tenth of a second" is "$steps >= 118 && $steps <= 121"
check "it begins where it was told" is "$first >= 1.9e6 && $first <= 2.1e6"
check "it goes up while the road is free" is "$most > 1.1 * $first"
check "and down when it narrows" is "$least < 0.6 * $most"
check "SRT sent something again" is "$(figure adaptive srt.retransmitted) > 0 && $(of adaptive srt.naks_sent) > 0"

# Without the privilege to watch.
SINK=sink6
start sink6 . setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$LINKLAB_SINK" 4001 \
    --ledgers "$WORK" --report "$WORK/sink6.json"
within 5 logged sink6 '^ready$' || fail "the sink does not listen"
start_source blind --rate 1M --lasts 1s
ends blind
halt_sink sink6
check "it says that arrivals are not known" [ "$(figure sink6 arrivals) $(of blind tally.arrived)" = "False 0" ]
all_played blind

# refused CODE SENTENCE COMMAND...: one line, and that exit status.
refused() {
    local code=$1 sentence=$2

    shift 2
    "$@" >"$WORK/said" 2>"$WORK/error"
    check "$sentence ends with $code" [ $? = "$code" ]
    check "$sentence: one line ($(cat "$WORK/error"))" [ "$(wc -l <"$WORK/error")" = 1 ]
}
echo nonsense >"$WORK/nonsense"
refused 64 "a source without a rate" "$LINKLAB_SOURCE" 127.0.0.1 4001 --ledger "$WORK/x"
refused 64 "a stream id that is no file name" \
    "$LINKLAB_SOURCE" 127.0.0.1 4001 --rate 1M --ledger "$WORK/x" --streamid ../x
refused 73 "a ledger that is none" "$LINKLAB_SOURCE" 127.0.0.1 4001 --rate 1M --ledger "$WORK/nonsense"
refused 64 "a sink without ledgers" "$LINKLAB_SINK" 4001
refused 66 "no directory for ledgers" "$LINKLAB_SINK" 4001 --ledgers "$WORK/none"
refused 73 "a report that cannot be" "$LINKLAB_SINK" 4001 --ledgers "$WORK" --report "$WORK/none/report"
start_sink sink7
refused 69 "a port that is taken" "$LINKLAB_SINK" 4001 --ledgers "$WORK" --report "$WORK/x.json"
stop sink7
say "passed: $(basename "$0")"
exit 0
