#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# F14, F15, F16: a thousand changes of interfaces, addresses, carriers and routes, at random, under
# a stream.  Afterwards srtla_send has the links, descriptors and memory that it had before.
# soak.sh [SEED]
. "$(dirname "$0")/lib.sh"
LATENCY=2000
SEED=${1-$((10#$(date +%N) % 100000))}
EVENTS=1000
declare -A V4 V6 # what a modem has given out now; nothing, or the last part of an address
# Of each family a modem has two to give: a receiver's group has room for 16 members, and keeps
# those that went silent for a while.
MODEMS=(2 3 4)

descriptors() { find "/proc/${PID[$1]}/fd" -type l | wc -l; }
# What malloc() holds of small things, kB; packets and the core are maps of their own.
heap() { awk '/\[heap\]/ { ours = 1; next } ours && /^Rss:/ { print $2; exit }' "/proc/${PID[send]}/smaps"; }
all_links_up() { links_up 8; }

# Lines of the log, with those that were too many.
told() { awk '/suppressed [0-9]+ lines/ { n += $4 } { n++ } END { print n }' "$WORK/send.log"; }

tell_kernel() {
    ip -n car -force -batch "$WORK/batch" 2>/dev/null
    : >"$WORK/batch"
}
later() { printf '%s\n' "$@" >>"$WORK/batch"; }

give_v4() {
    V4[$1]=$((V4[$1] == 2 ? 3 : 2))
    later "addr add 10.9.$1.${V4[$1]}/24 dev m$1" "route replace default via 10.9.$1.1 dev m$1 metric $1"
}
give_v6() {
    V6[$1]=$((V6[$1] == 2 ? 3 : 2))
    later "addr add fd09:$1::${V6[$1]}/64 dev m$1 nodad" "route replace default via fd09:$1::1 dev m$1 metric $1"
}
take_v4() { later "addr del 10.9.$1.${V4[$1]}/24 dev m$1"; V4[$1]=; }
take_v6() { later "addr del fd09:$1::${V6[$1]}/64 dev m$1"; V6[$1]=; }

# Each is one event of modem N.
lease_changes() {
    local before=${V4[$1]}

    case ${before:+$((RANDOM % 3))} in
    0) take_v4 "$1" ;;
    1) take_v4 "$1"; give_v4 "$1" ;; # as dhclient does it
    2) give_v4 "$1"; later "addr del 10.9.$1.$before/24 dev m$1" ;; # as NetworkManager does it
    *) give_v4 "$1" ;;
    esac
}
prefix_changes() {
    local before=${V6[$1]}

    case ${before:+$((RANDOM % 3))} in
    0) take_v6 "$1" ;;
    1) take_v6 "$1"; give_v6 "$1" ;;
    2) later "addr change fd09:$1::$before/64 dev m$1 preferred_lft 0"; give_v6 "$1" ;;
    *) give_v6 "$1" ;;
    esac
}
route_flaps() { later "route del default dev m$1" "route add default via 10.9.$1.1 dev m$1 metric $1"; }
carrier_flaps() {
    tell_kernel
    ip -n road link set "w$1" down
    ip -n road link set "w$1" up
}
replug() {
    tell_kernel
    ip -n car link del "m$1"
    cable "$1"
    V4[$1]=2 V6[$1]=2
}

event() {
    local kind=$((RANDOM % 16))

    if [ $kind -lt 7 ]; then lease_changes "$1"
    elif [ $kind -lt 12 ]; then prefix_changes "$1"
    elif [ $kind -lt 14 ]; then route_flaps "$1"
    elif [ $kind -lt 15 ]; then carrier_flaps "$1"
    else replug "$1"; fi
}

# storm COUNT
storm() {
    local i

    for ((i = 0; i < $1; i++)); do
        event "${MODEMS[RANDOM % 3]}"
        [ $((RANDOM % 8)) != 0 ] || { tell_kernel; sleep "0.0$((RANDOM % 10))"; }
    done
    tell_kernel
    for i in "${MODEMS[@]}"; do replug "$i"; done
}

say "seed $SEED"
RANDOM=$SEED
roads 4
for i in "${MODEMS[@]}"; do V4[$i]=2 V6[$i]=2; done
printf '%s rec.example.org\n' 10.9.0.1 fd09::1 >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts
start_server
start_rec
start send car "$SRTLA_SEND" --mode classic --auto --stats-file "$WORK/stats" \
    --stats-file-interval 100 9000 rec.example.org 5000
check "eight links come up" within 5 all_links_up
start_encoder 1
check "media flows" within 8 flows 1
storm 100
check "the links are up after a first hundred events" within 10 all_links_up
sockets=$(descriptors send) servers=$(descriptors rec) memory=$(heap)

began=$(now_ms)
storm $EVENTS
say "$EVENTS events took $(($(now_ms) - began)) ms"
check "the same links are up" within 10 all_links_up
check "it told of hundreds of changes" [ "$(told)" -gt 500 ]
! logged send "link=w" || fail "it heard of interfaces of another network namespace"
[ "$(descriptors send)" = "$sockets" ] || fail "srtla_send has $(descriptors send) descriptors, not $sockets"
[ "$(descriptors rec)" = "$servers" ] || fail "srtla_rec has $(descriptors rec) descriptors, not $servers"
say "$sockets descriptors as before; small memory $memory kB before, $(heap) kB now"
[ "$(heap)" -le $((memory + 64)) ] || fail "memory is lost"
[ "$(count_logged rec event=group_new)" = 1 ] || fail "it made another group"
[ "$(count_logged send event=link_down.*m1/)" = 0 ] || fail "the modem that nobody touched went down"
goes_on "the stream runs, and nothing of it was lost"
finish
