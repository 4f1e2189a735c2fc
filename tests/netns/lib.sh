# shellcheck shell=bash disable=SC2120,SC2119,SC2015
# (functions take arguments from those who source this; A && B || fail is meant so)
# SPDX-License-Identifier: MIT
#
# What the scripts here and those of tests/interop and tests/lab share.  Whoever sources this file
# runs again inside network, mount and process namespaces of its own: ports, names and
# addresses are then nobody else's, and all of it vanishes with the script, however that ends.
#
#   namespace car                                    namespace road
#   encoder -> srtla_send   m1 10.9.1.2 ---- 10.9.1.1 w1   srtla_rec -> SRT server
#   127.0.0.1:9000          m2 10.9.2.2 ---- 10.9.2.1 w2   10.9.0.1:5000   127.0.0.1:4001
#                           mN 10.9.N.2 ---- 10.9.N.1 wN   fd09::1
#                              fd09:N::2 --- fd09:N::1

set -uo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

# Runs the script again as the first process of its own small world.
enter_world() {
    local world=(setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child --mount-proc) child code=0

    [ "$(id -u)" = 0 ] || world+=(--map-root-user)
    if ! "${world[@]}" ip netns list >/dev/null 2>&1; then
        echo "skipped: making network namespaces needs root, or user namespaces for everyone" >&2
        exit 77
    fi
    WORK=$(mktemp -d)
    trap 'rm -rf "$WORK"' EXIT
    WAYBOND_WORLD=$WORK "${world[@]}" bash "$0" "$@" &
    child=$!
    trap 'kill -KILL $child 2>/dev/null; code=130' INT
    trap 'kill -KILL $child 2>/dev/null; code=143' TERM HUP
    wait $child || [ $code != 0 ] || code=$?
    wait $child 2>/dev/null
    exit $code
}

[ -n "${WAYBOND_WORLD-}" ] || enter_world "$@"
WORK=$WAYBOND_WORLD
unset WAYBOND_WORLD
mount -t tmpfs none /run
ip link set lo up
HERE=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
MEDIA=$HERE/../interop/media.py
: "${SRTLA_SEND:=$HERE/../../build/sender/srtla_send}" "${SRTLA_REC:=$HERE/../../build/receiver/srtla_rec}"
export STATE_DIRECTORY=$WORK/state # no receiver here finds what another left behind
LATENCY=500 # of the SRT session, ms
SEND_OPTIONS=() # of the sender, where a script depends on more than it does unasked
declare -A PID=() # of what start() started

say() { echo "$(date +%T) $*"; }
now_ms() { date +%s%3N; }

fail() {
    local log

    echo "FAILED: $*" >&2
    [ ! -e "$WORK/seen" ] || { cat "$WORK/seen"; echo; } >&2
    for log in "$WORK"/*.log; do
        [ -s "$log" ] || continue
        echo "--- ${log##*/}" >&2
        tail -n 25 "$log" >&2
    done
    exit 1
}

# check "a sentence" COMMAND...
check() {
    local sentence=$1

    shift
    "$@" || fail "$sentence"
    say "ok: $sentence"
}

# within SECONDS COMMAND...: does it come true in time?  Looks each 50 ms.
within() {
    local until=$(($(now_ms) + $1 * 1000))

    shift
    until "$@" 2>/dev/null; do
        [ "$(now_ms)" -lt $until ] || return 1
        sleep 0.05
    done
}

namespace() {
    ip netns add "$1"
    ip -n "$1" link set lo up
    in_ns "$1" tee /proc/sys/net/ipv4/conf/{all,default}/rp_filter <<<0 >/dev/null
}

# in_ns NAMESPACE COMMAND...; the namespace . is the script's own.
in_ns() {
    local name=$1

    shift
    if [ "$name" = . ]; then "$@"; else nsenter --net=/run/netns/"$name" "$@"; fi
}

# cable N: link number N between car and road, with its addresses and routes.
cable() {
    ip link add "m$1" netns car type veth peer name "w$1" netns road
    ip -n road link set "w$1" up
    ip -n road addr add "10.9.$1.1/24" dev "w$1"
    ip -n road addr add "fd09:$1::1/64" dev "w$1" nodad
    address_car "$1"
}

address_car() {
    ip -n car link set "m$1" up
    ip -n car addr add "10.9.$1.2/24" dev "m$1"
    ip -n car addr add "fd09:$1::2/64" dev "m$1" nodad
    ip -n car route add default via "10.9.$1.1" dev "m$1" metric "$1"
    ip -n car route add default via "fd09:$1::1" dev "m$1" metric "$1"
}

# roads COUNT: the picture above.
roads() {
    local i

    namespace car
    namespace road
    # Only a route leads to the receiver's address, as on the internet: no neighbour claims it.
    in_ns road tee /proc/sys/net/ipv4/conf/all/arp_ignore <<<1 >/dev/null
    ip -n road addr add 10.9.0.1/32 dev lo
    ip -n road addr add fd09::1/128 dev lo nodad
    for ((i = 1; i <= $1; i++)); do cable "$i"; done
}

# shape N RATE: what link N carries from the car, with 200 ms of queue.
shape() {
    tc -n car qdisc replace dev "m$1" root tbf rate "$2" burst 16kb latency 200ms
}

# singly NAMESPACE: on its loopback each packet travels alone, for rules and taps that count them.
singly() { ip -n "$1" link set lo gso_max_segs 1; }

# silence N: the link swallows everything in both directions, and nobody is told.
silence() {
    in_ns road nft "table inet cut$1 { chain in { type filter hook prerouting priority -300; iifname w$1 drop; }; }" &&
        in_ns car nft "table inet cut$1 { chain in { type filter hook prerouting priority -300; iifname m$1 drop; }; }" ||
        fail "nft refuses"
}

unsilence() {
    in_ns road nft delete table inet "cut$1"
    in_ns car nft delete table inet "cut$1"
}

# start NAME NAMESPACE COMMAND...: in the background, in a process group of its own.
start() {
    local name=$1 ns=$2

    shift 2
    if [ "$ns" = . ]; then
        setsid "$@" >>"$WORK/$name.log" 2>&1 &
    else
        setsid nsenter --net=/run/netns/"$ns" "$@" >>"$WORK/$name.log" 2>&1 &
    fi
    PID[$name]=$!
}

alive() { kill -0 "${PID[$1]}" 2>/dev/null; }
signal() { kill "-$2" -- "-${PID[$1]}" 2>/dev/null; }

# stop NAME [SIGNAL]: returns the exit status of what was started.
stop() {
    signal "$1" "${2-TERM}"
    wait "${PID[$1]}" 2>/dev/null
}

logged() { grep -qE "$2" "$WORK/$1.log"; }
count_logged() { grep -cE "$2" "$WORK/$1.log" || true; }

# uplinks WORD...: the file that srtla_send reads.
uplinks() { printf '%s\n' "$@" >"$WORK/ips"; }

start_rec() {
    start rec road "$SRTLA_REC" "$@" 5000 127.0.0.1 4001
    within 5 listening_udp road 5000 || fail "srtla_rec does not listen"
}

# start_send HOST [OPTION...]
start_send() {
    local host=$1

    shift
    start send car "$SRTLA_SEND" --stats-file "$WORK/stats" --stats-file-interval 100 "${SEND_OPTIONS[@]}" "$@" \
        9000 "$host" 5000 "$WORK/ips"
}

# An unmodified SRT server with no option but the latency; what it puts out is watched.  It
# writes whole blocks of 4096 bytes: the last three pieces come when it is told to end.
# start_server [SRT OPTIONS], as in "passphrase=..."
start_server() {
    start server road bash -c "trap '' TERM; srt-live-transmit \
        'srt://127.0.0.1:4001?mode=listener&latency=$LATENCY${1:+&$1}' file://con |
        tee -a '$WORK/out' | '$MEDIA' watch '$WORK/seen'"
    within 5 listening_udp road 4001 || fail "the SRT server does not listen"
}

# start_encoder TAKE [SRT OPTIONS]: 4 Mbit/s until stopped, in numbered pieces.
start_encoder() {
    start encoder car bash -c "'$MEDIA' feed $1 4000000 | tee -a '$WORK/in' |
        srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=$LATENCY${2:+&$2}'"
}

listening_udp() { in_ns "$1" ss -Hlun "sport = :$2" | grep -q .; }

# seen KEY: a figure of what the SRT server put out; see media.py.
seen() { "$MEDIA" value "$WORK/seen" "$1"; }
flows() { [ "$(seen "$1.chunks")" -ge "${2-50}" ]; }
link_is() { [ "$("$MEDIA" link "$WORK/stats" "$1")" = "$2" ]; } # link_is NAME STATE
links_up() { [ "$("$MEDIA" count "$WORK/stats" connections state up)" = "$1" ]; }
sent_on() { cat_car "m$1" tx_bytes; }
cat_car() { in_ns car ip -s -j link show "$1" | "$MEDIA" counter "$2"; }

# Nothing of the stream was lost or harmed so far, and it is still the same session.
unharmed() {
    [ "$(seen 1.missing)$(seen 1.corrupt)$(seen strange)" = 000 ] || fail "the stream was harmed: $1"
    [ "$(count_logged server "Accepted SRT source")" = 1 ] || fail "the SRT session was lost: $1"
}

# goes_on SENTENCE: another second of media comes out, and nothing is missing.
goes_on() {
    check "$1" within 5 flows 1 $(($(seen 1.chunks) + 400))
    unharmed "$1"
}

# stream [LINKS]: everything from the encoder to the server, and media flowing.
stream() {
    start_server
    start_rec
    start_send 10.9.0.1
    check "the links come up" within 5 links_up "${1-2}"
    start_encoder 1
    check "media flows" within 8 flows 1
}

# The end of a script: what still runs ends well, and no sanitizer had anything to say.
finish() {
    local name

    if [ -n "${PID[encoder]-}" ]; then stop encoder KILL; fi
    for name in send rec; do
        [ -n "${PID[$name]-}" ] || continue
        check "$name still runs" alive "$name"
        check "$name ends with status 0" stop "$name"
        ! logged "$name" 'AddressSanitizer|LeakSanitizer|runtime error:' || fail "$name: sanitizer"
    done
    [ ! -e "$WORK/rec.log" ] || ! logged rec 'event=stopped .* gated=[1-9]' ||
        fail "the gate turned away what real SRT sent"
    say "passed: $(basename "$0")"
    exit 0
}
