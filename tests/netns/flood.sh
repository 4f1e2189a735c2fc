#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# F54-F57, F59, F62: floods of strangers, registrations in one's own and in other people's names,
# and a server that says too much.  A real stream runs beside each and loses nothing.
# flood.sh [--report]
. "$(dirname "$0")/crowd.sh"

STREAM=4M # beside, with 500 ms of latency
NAKS=3    # seconds of them
ROOM=512  # KiB of buffers that a busier moment than any before may use first; of 200 000 strangers,
          # three bytes kept of each would be more
WHOLE=()  # besides those that are always tried

# start_sink PORT: the lab's SRT server, which writes down what became of each packet.
start_sink() {
    start sink road "$LINKLAB_SINK" "$1" --ledgers "$WORK" --report "$WORK/sink.json"
    within 5 logged sink '^ready$' || fail "the SRT server does not listen"
}

# start_source NAME SECONDS
start_source() {
    start "$1" car "$LINKLAB_SOURCE" 127.0.0.1 9000 --streamid "$1" --rate $STREAM --latency 500ms \
        --lasts "$2s" --ledger "$WORK/$1.ledger" --report "$WORK/$1.source.json"
    within 5 logged "$1" '^ready$' || fail "the stream beside $1 is not let in"
}

# beside SECONDS NAME ATTACK NUMBER NUMBER: while a stream of so many seconds runs.
beside() {
    local seconds=$1

    shift
    start_source "$1" "$seconds"
    attack "$@"
    wait "${PID[$1]}" || fail "the stream beside $1 broke off"
}

# around SECONDS NAME ATTACK NUMBER NUMBER: the same, where the attack brings the way to the server.
around() {
    local seconds=$1 child

    shift
    attack "$@" &
    child=$!
    within 5 listening_udp road 4001 || fail "$1 has no server"
    start_source "$1" "$seconds"
    wait "${PID[$1]}" || fail "the stream beside $1 broke off"
    wait $child || exit 1
}

# The two of a run: srtla_rec, and srtla_send with two links.
start_pair() {
    : >"$WORK/stats"
    start_rec --state-dir "$(mktemp -d "$WORK/state.XXXX")"
    start_send 10.9.0.1
    check "the links come up" within 5 links_up 2
}

# end_pair NAME...: the streams beside them were whole.
end_pair() {
    local name

    stop send
    stop sink
    stop rec || fail "srtla_rec ends with status $?"
    ! logged rec 'AddressSanitizer|LeakSanitizer|runtime error:' || fail "sanitizer"
    for name in "$@"; do
        ! $REPORTS || say "beside $name: made $(of sink "$name" tally.made)," \
            "late $(of sink "$name" tally.late)," \
            "sent again $(of "$name.source" "" srt.retransmitted)"
        check "$name: the stream beside it was whole" \
            [ "$(of sink "$name" tally.late) $(of sink "$name" sessions)" = "0 1" ]
    done
}

newcomers_come() {
    judge "$1" newcomers_in == "$(figure "$1" newcomers)" "$1: every newcomer gets in"
    judge "$1" newcomer_slowest_ms '<' 2000 "$1: within 2 s"
}

roads 2
crowd
uplinks 10.9.1.2 10.9.2.2

start_sink 4001
start_pair
beside 5 blind blind 50000 4
judge_memory blind rss_grown_kib '<=' $ROOM "blind: nothing is kept of a REG1, KiB"
judge blind bytes_back_per_byte '<=' 1 "blind: no more comes back than was sent"
newcomers_come blind
beside 4 strangers strangers 50000 3
judge_memory strangers rss_grown_kib '<=' $ROOM "strangers: nothing is kept of them, KiB"
judge strangers bytes_back_per_byte == 0 "strangers: they get no answer"
newcomers_come strangers
if $REPORTS; then # faster, and as fast as one core goes
    NAKS=10
    for name in blind strangers; do
        beside 5 "100k-$name" $name 100000 4
        beside 5 "all-$name" $name 0 4
        WHOLE+=("100k-$name" "all-$name")
    done
fi
beside 3 enrol200 enrol 200 1
newcomers_come enrol200
judge enrol200 groups_now '<=' 256 "enrol200: one /24 has a quarter of the places at most"
beside 5 enrol enrol 10000 3
newcomers_come enrol
judge enrol newcomers_now == "$(figure enrol newcomers)" "enrol: newcomers stay in"
judge enrol groups_now '<=' 256 "enrol: one /24 has a quarter of the places at most"
check "srtla_rec says little of it ($(wc -c <"$WORK/rec.log") bytes)" is "$(wc -c <"$WORK/rec.log") < 100000"
end_pair blind strangers enrol200 enrol "${WHOLE[@]}"

start_sink 4002 # behind the server of the attack
start_pair
around 4 reflect reflect 15 2
judge reflect owner_in == 1 "reflect: the attacker has a stream"
for what in called silent media; do
    judge reflect ${what}_worst '<=' 3 "reflect: no victim gets more than three times what was sent in its name, $what"
done
around 3 naks naks 10000 $NAKS
judge_memory naks rss_grown_kib '<=' 64 "naks: nothing is kept of them, KiB"
judge naks media_lost == 0 "naks: the stream they are for goes on"
around 2 server naks 0 2
judge server media_lost == 0 "server: so does it when the server says all it can"
end_pair reflect naks server
if $REPORTS; then # a thousand machines all over
    start_sink 4001
    start_pair
    beside 6 wide enrol 10000 4 1
    end_pair wide
fi
say "passed: $(basename "$0")"
exit 0
