# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# What the scripts here share: the emulator between two namespaces, and stamped packets on it.
#
#   namespace car                                            namespace road
#   traffic send -> m1 10.9.1.2 ---- linklab-emulator ---- net0 -> traffic sink 10.8.0.1:5000
#                   mN 10.9.N.2

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")"/../netns/lib.sh

BUILD=$HERE/../../build
: "${LINKLAB_EMULATOR:=$BUILD/lab/emulator/linklab-emulator}"
: "${TRAFFIC:=$BUILD/tests/lab/traffic}" "${JUDGE:=$BUILD/tests/lab/judge}"
SCENARIO=$WORK/roads.scn REPORT=$WORK/report.json COMMANDS=$WORK/commands
SEED=7
namespace car
namespace road
ip -n road addr add 10.8.0.1/32 dev lo

if ! true <>/dev/net/tun; then
    echo "skipped: /dev/net/tun is not to be had" >&2
    exit 77
fi

# scenario LINE...: writes the file.
scenario() {
    printf '%s\n' "scenario of a test" "lasts 60s" "stream rate 4M fps 30 latency 1s" "$@" >"$SCENARIO"
}

# emulate LINKS [OPTION...]: starts the emulator and gives its devices addresses and routes.
emulate() {
    local links=$1 i

    shift
    rm -f "$COMMANDS" "$WORK/emulator.log"
    mkfifo "$COMMANDS"
    exec 7<>"$COMMANDS"
    # The emulator must not keep its own input open.
    # shellcheck disable=SC2016
    start emulator . bash -c 'exec <"$0" 7>&-; exec "$@"' "$COMMANDS" "$LINKLAB_EMULATOR" "$SCENARIO" \
        --seed $SEED --road /run/netns/road --car /run/netns/car --report "$REPORT" "$@"
    within 5 logged emulator '^ready$' || fail "the emulator does not get ready"
    DEVICES=
    for ((i = 1; i <= links; i++)); do
        ip -n car addr add "10.9.$i.2/24" dev "m$i"
        ip -n car route add default dev "m$i" metric "$i"
        DEVICES+=${DEVICES:+,}m$i
    done
    ip -n road route add 10.0.0.0/8 dev net0
}

tell() { echo "$*" >&7; }

# sink REPLY: takes what comes into $WORK/up and answers REPLY of 1000.
sink() {
    start sink road "$TRAFFIC" sink 10.8.0.1 5000 "$WORK/up" "$1"
    within 5 listening_udp road 5000 || fail "the sink does not listen"
}

# send RATE COUNT SIZE BURST: COUNT packets on each link; answers go to $WORK/down.
send() { in_ns car "$TRAFFIC" send 10.8.0.1 5000 "$DEVICES" "$@" "$WORK/down"; }

# Everything is down, and the report is there.
halt() {
    stop sink
    tell stop
    wait "${PID[emulator]}" || fail "the emulator ends with status $?"
    exec 7>&-
}

# figure PATH: of the report, as in timing.p99_ms or roads.0.lost
figure() {
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for step in sys.argv[2].split("."):
    value = value[int(step) if step.isdigit() else step]
print(value)' "$REPORT" "$1"
}

# near VALUE WANTED PERCENT; at_most VALUE LIMIT
near() { awk -v v="$1" -v w="$2" -v p="$3" 'BEGIN { exit !(v >= w * (1 - p / 100) && v <= w * (1 + p / 100)) }'; }
at_most() { awk -v v="$1" -v l="$2" 'BEGIN { exit !(v <= l) }'; }

passed() {
    say "passed: $(basename "$0")"
    exit 0
}
