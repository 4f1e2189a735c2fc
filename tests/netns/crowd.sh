# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# What flood.sh and scale.sh share: lib.sh's picture, and a crowd beside the car.
#
#   tests/flood/flood: any address of 11/8 ... 14/8 - crowd (TUN, in road) - srtla_rec
#                      127.0.0.1:4001, a server that takes all callers; who is none of the
#                      crowd's it passes on to 127.0.0.1:4002, where linklab-sink listens
#
# With --report, all figures are printed, and what needs a quiet machine is tried too.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")"/lib.sh

if ! true <>/dev/net/tun; then
    echo "skipped: /dev/net/tun is not to be had" >&2
    exit 77
fi
BUILD=$HERE/../../build
: "${FLOOD:=$BUILD/tests/flood/flood}"
: "${LINKLAB_SOURCE:=$BUILD/lab/srt/linklab-source}" "${LINKLAB_SINK:=$BUILD/lab/srt/linklab-sink}"
: "${MEMORY:=true}" # is judged; sanitizers take some of their own
REPORTS=false
[ "${1-}" != --report ] || REPORTS=true

# crowd: the device, and the way to whoever is behind it.
crowd() {
    local net

    ip -n road tuntap add crowd mode tun || fail "no TUN device"
    ip -n road link set crowd txqueuelen 20000
    ip -n road link set crowd up
    for net in 11 12 13 14; do ip -n road route add "$net.0.0.0/8" dev crowd; done
}

# attack NAME ATTACK NUMBER NUMBER: what came of it is then for figure NAME.
attack() {
    local name=$1

    shift
    in_ns road "$FLOOD" "${PID[rec]}" "$@" >"$WORK/$name.figures" 2>"$WORK/$name.attack.log" ||
        fail "the attack itself failed: $name"
    ! $REPORTS || sed "s/^/    $name /" "$WORK/$name.figures"
}

# figure NAME KEY
figure() { awk -v key="$2" '$1 == key { print $2; found = 1 } END { exit !found }' "$WORK/$1.figures"; }

# is EXPRESSION: of awk.
is() { awk "BEGIN { exit !($*) }"; }

# judge NAME KEY RELATION LIMIT "a sentence"
judge() {
    local value

    value=$(figure "$1" "$2") || fail "$1 tells no $2"
    check "$5 ($value)" is "$value $3 $4"
}

judge_memory() { ! $MEMORY || judge "$@"; }

# of FILE STREAM PATH: of a report of the lab's source, with no stream, or sink
of() {
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
if sys.argv[2]:
    value = next(s for s in value["streams"] if s["streamid"] == sys.argv[2])
for step in sys.argv[3].split("."):
    value = value[step]
print(value)' "$WORK/$1.json" "$2" "$3"
}
