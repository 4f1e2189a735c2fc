#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# libsrt changes its keys every 400 packets and announces each 150 before: a stream survives
# dozens of refreshes with every piece in place, and all that libsrt sends passes the gate.
# Then the same without a gate.
. "$(dirname "$0")/../netns/lib.sh"

KEYS="passphrase=correct-horse-battery&pbkeylen=16&kmrefreshrate=400&kmpreannounce=150"

# Refreshes as they pass the receiver toward the SRT server: user messages of subtype 3.
count_refreshes() {
    in_ns road nft -f - <<'NFT'
table inet refreshes {
    counter requests { }
    chain in {
        type filter hook input priority 0;
        udp dport 4001 @th,64,32 0xffff0003 counter name requests
    }
}
NFT
}

refreshes() { in_ns road nft list counter inet refreshes requests | awk '/packets/ { print $2 }'; }

# carry NAME [OPTION...]: eight seconds through a receiver of its own.
carry() {
    local name=$1 before

    shift
    rm -f "$WORK/seen" "$WORK/server.log"
    start_rec "$@"
    start_server "$KEYS"
    start_send 10.9.0.1
    check "$name: the links come up" within 5 links_up 3
    before=$(refreshes)
    start_encoder 1 "$KEYS"
    check "$name: media flows" within 8 flows 1
    sleep 8
    goes_on "$name: and flows on, all of it"
    [ $(($(refreshes) - before)) -ge 6 ] || fail "$name: only $(($(refreshes) - before)) refreshes"
    say "ok: $name: $(($(refreshes) - before)) refreshes, $(seen 1.chunks) pieces"
    for part in encoder send server; do stop $part KILL; done
    check "$name: the receiver ends well" stop rec
    logged rec 'event=stopped .* gated=0$' || fail "$name: the gate turned packets of libsrt away"
    rm "$WORK/rec.log"
}

roads 3
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
count_refreshes
carry "gate"
carry "no gate" --srt-gate off
unset 'PID[send]' 'PID[rec]' 'PID[encoder]'
finish
