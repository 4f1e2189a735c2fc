#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F01, F02, F03 under systemd itself: a container of this machine's own system, on a tmpfs, with no
# network but its loopback, in which the unit of the package runs and is restarted at 20 Mbit/s.
# systemd is only ever started in there: in a bare mount namespace it would tidy up this machine.
set -euo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
HERE=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
TOP=$(realpath "$HERE/../..")

skip() { echo "skipped: $*" >&2; exit 77; }
fail() { echo "FAILED: $*" >&2; tail -n 40 "$WORK/share/log" >&2 || true; exit 1; }

# What runs in the container, as a service of its own; the share is all that it has of outside.
inside() {
    local media=$TOP/tests/interop/media.py wire i

    cd /share
    ip link set lo up
    ip link set lo gso_max_segs 1 # so that wire_gap.py counts packets, not runs of them
    printf '127.0.0.1\n127.0.0.2\n' >ips
    systemctl start srtla_rec
    (trap '' TERM; srt-live-transmit 'srt://127.0.0.1:4001?mode=listener&latency=500' file://con 2>server.log |
        "$media" watch seen) &
    sleep 0.3
    python3 "$TOP/tests/netns/wire_gap.py" 4001 wire &
    wire=$!
    ./srtla_send 9000 127.0.0.1 5000 ips 2>send.log &
    sleep 1
    ("$media" feed 1 20000000 |
        srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=500') &
    sleep 3
    for i in restart-1 restart-2 restart-3 kill hang; do
        kill -USR1 $wire
        sleep 0.2
        case $i in
        restart-*) systemctl restart srtla_rec ;;
        kill) systemctl kill -s KILL srtla_rec ;;
        hang) systemctl kill -s STOP srtla_rec; sleep 4 ;;
        esac
        sleep 2
        echo "RESULT $i $("$media" value wire gap_ms) $("$media" value wire sources)" \
            "$("$media" value seen 1.missing) $(grep -c Accepted server.log) $("$media" value wire packets)"
    done
    journalctl -u srtla_rec --no-pager | tail -n 40
    echo DONE
    systemctl poweroff
}

# In a mount namespace of its own, which takes everything with it when it ends.
outside() {
    local root=$WORK/root etc=$WORK/root/etc

    mount -t tmpfs -o size=1G none "$WORK"
    mkdir "$WORK"/{up,work,root,share}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$WORK/up,workdir=$WORK/work" "$root" ||
        skip "no overlay file system"
    cp "$SRTLA_REC" "$root/usr/bin/srtla_rec"
    cp "$SRTLA_SEND" "$WORK/share/srtla_send"
    sed 's|@bindir@|/usr/bin|; s/^WatchdogSec=.*/WatchdogSec=3/' \
        "$TOP/packaging/systemd/srtla_rec.service.in" >"$etc/systemd/system/srtla_rec.service"
    printf '[Unit]\nRequires=basic.target waybond.service\nAfter=basic.target\n' \
        >"$etc/systemd/system/waybond.target"
    printf '[Service]\nExecStart=/bin/bash %s inside\nStandardOutput=append:/share/log\n%s\n' \
        "$HERE/systemd.sh" "StandardError=append:/share/log" >"$etc/systemd/system/waybond.service"
    rm -rf "$etc/fstab" "$root/var/lib/srtla_rec" "$etc/default/srtla_rec"
    : >"$etc/machine-id"
    timeout -k 5 90 systemd-nspawn -q --boot -D "$root" --private-network --register=no --keep-unit \
        --console=pipe --bind="$WORK/share:/share" --bind-ro="$TOP" -- systemd.unit=waybond.target \
        </dev/null >"$WORK/share/console" 2>&1 || true
    [ -e "$WORK/share/log" ] || skip "no systemd runs in a container here"
    judge
}

# What the table of faults wants; a sandbox takes systemd itself some time to build.
judge() {
    local what gap sources missing sessions packets most results=0

    while read -r _ what gap sources missing sessions packets; do
        echo "$what: gap $gap ms, $missing missing, $packets packets after it"
        case $what in restart-*) most=300 ;; kill) most=1500 ;; hang) most=5000 ;; esac
        [ "$gap" -le $most ] || fail "$what: a gap of $gap ms"
        [ "$sources$sessions" = 11 ] || fail "$what: the SRT session was lost"
        [[ $what != restart-* || $missing = 0 ]] || fail "$what: media was lost"
        [ "$packets" -gt 2000 ] || fail "$what: media does not flow"
        results=$((results + 1))
    done < <(grep '^RESULT' "$WORK/share/log")
    [ $results = 5 ] || fail "only $results of 5 results"
}

case ${1-} in
inside)
    inside
    ;;
outside)
    outside
    ;;
*)
    [ "$(id -u)" = 0 ] || skip "needs root"
    command -v systemd-nspawn >/dev/null || skip "no systemd-nspawn"
    "$SRTLA_REC" --version | grep -q systemd || skip "built without libsystemd"
    WORK=$(mktemp -d)
    export WORK
    trap 'rmdir "$WORK"' EXIT
    unshare --mount --propagation private bash "$0" outside
    ;;
esac
