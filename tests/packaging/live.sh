#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The packages in a clean Debian system that runs under systemd, in a container with a loopback of its
# own: a new user's way to the first stream, restarts, a hang, an upgrade and a downgrade while video
# flows, and what remains when they are gone.
if [ "${1-}" = inside ]; then
    export TOP=/source WORK=/share PART=live RESULTS=/share/results
fi
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
MEDIA=$TOP/tests/interop/media.py
RATE=20000000 # bits a second

# What a new user does, in the words of the manual; only the receiver is this machine too.
first_steps() {
    sed -n '/^\.Sh FIRST STREAM/,/^\.Sh /p' "$TOP/man/srtla-recipes.7" | sed -n 's/^# //p' |
        sed 's/\\e/\\/g; s/rec\.example\.org/127.0.0.1/; s/192\.0\.2\.10/127.0.0.1/
            s/198\.51\.100\.7/127.0.0.2/; s/^apt install/& -y -q/'
}

start_server() {
    (trap '' TERM; srt-live-transmit 'srt://127.0.0.1:4001?mode=listener&latency=500' file://con \
        2>/share/server.log | "$MEDIA" watch /share/seen) &
}

start_encoder() {
    ("$MEDIA" feed 1 $RATE |
        srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=500' 2>/share/encoder.log) &
}

seen() { "$MEDIA" value /share/seen "1.$1"; }
micros() { echo $((${EPOCHREALTIME/./})); }

first_stream() {
    local begun steps

    cd /share/packages
    begun=$(micros)
    steps=$(first_steps)
    [ -n "$steps" ]
    bash -exc "$steps"
    say "$((($(micros) - begun) / 1000000)) s until both run"
    start_server
    start_encoder
    for _ in $(seq 300); do
        [ "$(seen chunks)" = 0 ] || break
        sleep 0.1
    done
    [ "$(seen chunks)" -gt 0 ]
    say "first picture after $((($(micros) - begun) / 1000000)) s"
}

bonded() {
    sleep 2
    [ "$(journalctl -u srtla_send@main -o cat | grep -c event=link_up)" -ge 2 ]
}

# still MOST COMMAND...: the stream goes on over the command, with a gap of at most so many ms; nothing of it
# is missing, and the SRT session is the one that it was.
still() {
    local most=$1 missing chunks

    shift
    missing=$(seen missing)
    "$@"
    sleep 1
    chunks=$(seen chunks)
    sleep 2
    say "$(($(seen missing) - missing)) of $(seen chunks) pieces missing"
    [ "$(seen missing)" = "$missing" ]
    [ "$(seen chunks)" -gt $((chunks + RATE / 8 / 1316)) ]
    [ "$(seen gap_ms)" -le "$most" ]
    [ "$(grep -c Accepted /share/server.log)" = 1 ]
}

restarts() {
    systemctl restart srtla_rec
    sleep 2
    systemctl restart srtla_send@main
    sleep 2
    systemctl restart srtla_send.target # all senders
    sleep 2
    systemctl restart srtla_rec
}

hangs() { # hangs UNIT: the watchdog ends it, and another takes its place
    local before

    before=$(systemctl show -P MainPID "$1")
    systemctl kill -s STOP "$1"
    for _ in $(seq 80); do
        [ "$(systemctl show -P MainPID "$1")" = "$before" ] || break
        sleep 0.1
    done
    sleep 1
    systemctl is-active "$1"
    [ "$(systemctl show -P MainPID "$1")" != "$before" ]
    [ "$(systemctl show -P Result "$1")" = success ]
    journalctl -u "$1" -o cat | grep 'Watchdog timeout'
}

revived() { # a hang of 3 s costs what SRT's latency does not cover, and no session
    local chunks

    hangs "$1"
    sleep 2
    chunks=$(seen chunks)
    sleep 2
    [ "$(seen chunks)" -gt $((chunks + RATE / 8 / 1316)) ]
    [ "$(grep -c Accepted /share/server.log)" = 1 ]
    say "longest gap so far $(seen gap_ms) ms, same SRT session"
}

install_version() { # install_version DIR VERSION
    apt-get install -y -q --allow-downgrades "$1"/waybond-{send,rec,tools}_*.deb
    dpkg -l 'waybond-*'
    srtla_rec --version | grep -F " $2 "
    srtla_send --version | grep -F " $2 "
    systemctl is-active srtla_rec srtla_send@main
    # The new process has read what the old one wrote.
    for unit in srtla_rec srtla_send@main; do
        journalctl -o cat _PID="$(systemctl show -P MainPID $unit)" >/share/journal
        none grep -E 'state_unread|new_keys|descriptor_unknown' /share/journal
    done
    [ "$(readlink "/proc/$(systemctl show -P MainPID srtla_rec)/exe")" = /usr/bin/srtla_rec ]
    [ "$(readlink "/proc/$(systemctl show -P MainPID srtla_send@main)/exe")" = /usr/bin/srtla_send ]
}

sockets() {
    find /run/srtla_rec /run/srtla_send ! -type d -exec stat -c '%A %U %G %n' {} + | tee /share/sockets
    none grep -v '^srw-rw---- .* srtla \|^-' /share/sockets
    [ "$(grep -c '^s' /share/sockets)" = 2 ]
}

exposure() {
    systemd-analyze security --no-pager --threshold=12 srtla_rec.service | tail -n 1
    systemd-analyze security --no-pager --threshold=13 srtla_send@main.service | tail -n 1
}

tidy_files() { # all but what apt, dpkg and the journal write down
    find / -xdev \( -path /share -o -path /source -o -path /proc -o -path /sys -o -path /tmp -o -path /dev \
        -o -path /var/log -o -path /var/cache -o -path /var/lib/apt -o -path '/run/systemd/*' -o -path '/run/log' \) \
        -prune -o -print | grep -v '/\.\(pwd\|updated\)\|/etc/.*-$\|__pycache__' | sort
}

gone() {
    systemctl stop srtla_send.target
    apt-get purge -y -q waybond-send waybond-rec waybond-tools
    rm -rf /etc/srtla /etc/default/srtla_send-main # what the user made
    tidy_files >/share/after
    grep -i 'srtla\|waybond' /share/after || true
    none grep -i 'srtla\|waybond' /share/after
    [ -z "$(systemctl list-units --all --no-legend 'srtla*')" ]
    say "but for the group $(getent group srtla | cut -d: -f1)"
}

inside() {
    ip link set lo up
    check "a new user's way, by the manual" first_stream
    check "the stream comes over two links" bonded
    check "the units, running, are as well shut in as meant" exposure
    check "the control sockets are for the group srtla" sockets
    check "four restarts of both, while 20 Mbit/s flow, lose nothing" still 1500 restarts
    check "an upgrade while 20 Mbit/s flow loses nothing" still 1500 install_version /share/next "$(cat /share/next/version)"
    check "a downgrade while 20 Mbit/s flow loses nothing" still 1500 install_version /share/packages "$(version)"
    check "the watchdog revives a receiver that hangs" revived srtla_rec
    check "the watchdog revives a sender that hangs" revived srtla_send@main
    check "purged, nothing remains" gone
    journalctl --no-pager -o short-precise >/share/journal || true
    systemctl poweroff
}

# Outside: the container's system is the clean one, with the packages that ours depend on in apt's cache.
outside() {
    local share=$WORK/live root=$WORK/live-root

    rm -rf "$share" "$root"
    mkdir -p "$share"/{packages,next,log} "$root"
    cp "$WORK"/deb/waybond-{send,rec,tools}_*.deb "$share/packages"
    cp "$WORK"/deb-next/waybond-{send,rec,tools}_*.deb "$share/next"
    sed -n "s/^  version: '\([^']*\)'.*/\1/p" "$WORK"/deb-next/waybond-*/meson.build >"$share/next/version"
    tar -C "$root" -xf "$WORK/base.tar"
    cp -r "$share/packages" "$root/tmp/"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    chroot "$root" sh -c 'rm -f /etc/apt/apt.conf.d/docker-clean; apt-get -q update &&
        apt-get install -y -q --download-only /tmp/packages/*.deb' >>"$LOG" 2>&1
    rm -rf "$root/tmp/packages" "$root/etc/resolv.conf"
    printf '[Unit]\nRequires=basic.target test.service\nAfter=basic.target\n' \
        >"$root/etc/systemd/system/test.target"
    printf '[Service]\nExecStart=/bin/bash /source/tests/packaging/live.sh inside\n%s\n%s\n' \
        StandardOutput=append:/share/console StandardError=append:/share/console \
        >"$root/etc/systemd/system/test.service"
    timeout -k 5 400 systemd-nspawn -q --boot -D "$root" --private-network --register=no --keep-unit \
        --console=pipe --bind="$share:/share" --bind-ro="$TOP:/source" -- systemd.unit=test.target \
        </dev/null >"$share/nspawn" 2>&1 || true
    cat "$share/console"
    grep -v '^    ' "$share/results" >>"$RESULTS" || echo "FAILED no container ran, see $share" | tee -a "$RESULTS"
}

case ${1-} in
inside) inside ;;
outside) outside ;;
*) unshare --mount --propagation private "$0" outside ;;
esac
