#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # much here is called by check and within
# F49: a thousand clients mean harm to the control socket, and no packet suffers; then a running
# sender is steered in each way there is.
. "$(dirname "$0")/lib.sh"
: "${SRTLA_CTL:=$HERE/../../build/tools/ctl/srtla_ctl}" "${MEMORY:=true}"
SENDER=/run/srtla_send/9000.sock
RECEIVER=/run/srtla_rec/5000.sock

ctl() { "$SRTLA_CTL" -p 9000 "$@"; }

# told METHOD KEY [PARAM...]: one figure of an answer.
told() {
    local method=$1 key=$2

    shift 2
    ctl --json "$method" "$@" | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$key"
}

# link_has LINK KEY WANTED
link_has() {
    [ "$(ctl --json link.list | python3 -c 'import json, sys
print([l[sys.argv[2]] for l in json.load(sys.stdin) if l["device"] == sys.argv[1]][0])' "$1" "$2")" = "$3" ]
}

rss() { awk -v what="$2:" '$1 == what { print $2 }' "/proc/${PID[$1]}/status"; } # KiB

# carries N: bytes that leave on link N within 0.7 s.
carries() {
    local before began

    before=$(sent_on "$1") began=$(now_ms)
    sleep 0.7
    echo $((($(sent_on "$1") - before) * 700 / ($(now_ms) - began)))
}
# Registration and keepalives are a few kilobytes in that time, a share of the stream a hundred.
idle() { [ "$(carries "$1")" -lt 30000 ]; }
busy() { [ "$(carries "$1")" -gt 60000 ]; }

# operator SOCKET: how long the slowest of some questions took, in ms.
operator() {
    local slowest=0 began took i

    for ((i = 0; i < 12; i++)); do
        began=$(now_ms)
        "$SRTLA_CTL" -s "$1" status >"$WORK/status" || fail "the operator hears nothing at $1"
        took=$(($(now_ms) - began))
        [ $took -le $slowest ] || slowest=$took
        sleep 0.1
    done
    echo $slowest
}

# besiege NAME SOCKET
besiege() {
    local before slowest

    before=$(rss "$1" VmRSS)
    start "crowd_$1" . nice "$HERE/control_crowd.py" "$2" 1000 3.5
    sleep 0.5
    slowest=$(operator "$2") || exit 1
    wait "${PID[crowd_$1]}"
    cat "$WORK/crowd_$1.log"
    say "the operator's slowest answer took $slowest ms; memory $before KiB, $(rss "$1" VmRSS) after, $(rss "$1" VmHWM) at most"
    check "an operator has his answer within a second" [ "$slowest" -lt 1000 ]
    check "very many knocked" logged "crowd_$1" 'knocked=[0-9]{4}'
    ! $MEMORY || check "F49: $1: memory is bounded" [ "$(rss "$1" VmHWM)" -lt $((before + 16 * 1024)) ]
    ! $MEMORY || check "F49: $1: and given back" [ "$(rss "$1" VmRSS)" -lt $((before + 6 * 1024)) ]
    unharmed "F49: $1 was besieged"
    check "$1: only its group may speak" [ "$(stat -c %a "$2")" = 660 ]
}

roads 3
for i in 1 2 3; do shape $i 3mbit; done
uplinks 10.9.1.2%m1 10.9.2.2%m2
stream 2

besiege send $SENDER
besiege rec $RECEIVER
goes_on "F49: the stream goes on"

check "the mode is changed" [ "$(told mode mode mode=redundant)" = redundant ]
check "and said by the stats" within 2 test "$(told stats mode)" = redundant
ctl mode balance >/dev/null
ctl link.add uplink=10.9.3.2%m3 weight=20 >/dev/null || fail "link.add"
check "a link is added, and comes up" within 3 links_up 3
check "with its weight" link_has m3 weight 20
check "it carries its share" within 4 busy 3
ctl link.weight m3 7 >/dev/null
check "the weight is changed" link_has m3 weight 7
ctl link.drain m1 >/dev/null
check "a drained link gets no more" within 3 idle 1
check "and stays up" link_has m1 state up
ctl link.role m1 >/dev/null
check "its role comes back" link_has m1 role normal
check "and its share" within 4 busy 1
ctl link.hint link=m1 quality=0 valid_ms=3000 reason=tunnel >/dev/null || fail "link.hint"
check "a hint takes the stream off a link" idle 1
ctl link.hint link=m1 quality=1 valid_ms=0 >/dev/null
check "and its end brings it back" within 4 busy 1
ctl link.cap m2 150k >/dev/null
# 150 kbit/s are 13 kB in that time, and what was under way before arrives first.
check "a capped link carries what it may" within 5 idle 2
ctl link.cap m2 0 >/dev/null
check "and all it can without" within 4 busy 2
ctl link.role link=m3 role=off >/dev/null
check "a role is changed" link_has m3 role off
ctl link.remove m3 >/dev/null
check "a link is removed" within 2 link_is m3 absent
ctl log.level debug >/dev/null
check "the log says more" within 2 logged send "event=log_level level=debug"
ctl log.level info >/dev/null
printf '10.9.1.2%%m1\n10.9.2.2%%m2\n10.9.3.2%%m3 role=overflow\n' >"$WORK/ips"
ctl reload >/dev/null
check "the file is read again" within 3 link_has m3 role overflow
"$SRTLA_CTL" -r reload >/dev/null || fail "the receiver does not reload"
check "history is told" [ "$(told history interval_s)" = 1 ]
check "the receiver lists its group" [ "$("$SRTLA_CTL" -r words groups | wc -l)" = 1 ]
ctl link.role m9 off 2>"$WORK/why" && fail "a link that is not there"
check "what is refused says why" grep -q "m9 is the name of none" "$WORK/why"
goes_on "nothing of all that was felt"
stop send
check "the socket goes with the program" test ! -e $SENDER
unset "PID[send]"
finish
