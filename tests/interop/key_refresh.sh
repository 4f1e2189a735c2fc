#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# libsrt changes its keys every 400 packets and announces each 150 before: a stream survives
# many refreshes with its pieces in place, and all that libsrt sends passes the gate.
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
    local name=$1 before count

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
    check "$name: and flows on" within 5 flows 1 $(($(seen 1.chunks) + 400))
    count=$(($(refreshes) - before))
    [ "$count" -ge 6 ] || fail "$name: only $count refreshes"
    # libsrt 1.5.1 changes keys in one thread and seals in another: a switch may spoil one piece.
    if [ "$(seen strange)" -gt "$count" ] || [ "$(seen 1.missing)" != "$(seen strange)" ] ||
        [ "$(seen 1.corrupt)" != 0 ]; then
        fail "$name: the stream was harmed: $(cat "$WORK/seen")"
    fi
    say "ok: $name: $count refreshes, $(seen 1.chunks) pieces, $(seen strange) spoilt at a switch"
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
