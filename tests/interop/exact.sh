#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What goes in comes out, byte for byte, over three clean links: in the open, with both AES
# lengths, and while the keys are changed several times.
. "$(dirname "$0")/../netns/lib.sh"

SECONDS_EACH=3

# Which key a data packet toward the SRT server is under, from its KK bits (SRT draft, 3.1).
count_keys() {
    singly road
    in_ns road nft -f - <<'NFT'
table inet keys {
    counter even { }
    counter odd { }
    chain in {
        type filter hook input priority 0;
        udp dport 4001 @th,64,1 0 @th,99,2 1 counter name even
        udp dport 4001 @th,64,1 0 @th,99,2 2 counter name odd
    }
}
NFT
}

under() { in_ns road nft list counter inet keys "$1" | awk '/packets/ { print $2 }'; }

# carry NAME [SRT OPTIONS]
carry() {
    local name=$1 options=${2-} pieces

    rm -f "$WORK/in" "$WORK/out" "$WORK/seen"
    start_server "$options"
    start feeder car bash -c "'$MEDIA' feed 1 6000000 $SECONDS_EACH | tee '$WORK/in' |
        srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=500${options:+&$options}'"
    pieces=$((SECONDS_EACH * 6000000 / (1316 * 8)))
    check "$name: all pieces come" within $((SECONDS_EACH + 6)) flows 1 $((pieces - 3))
    sleep 0.1
    stop feeder KILL
    stop server
    [ "$(sha256sum <"$WORK/in")" = "$(sha256sum <"$WORK/out")" ] || fail "$name: the payload differs"
    say "ok: $name: $(stat -c %s "$WORK/out") bytes, the same checksum"
}

SEND_OPTIONS=(--mode classic) # spreads over ways that are equal
roads 3
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
start_rec
start_send 10.9.0.1
check "three links come up" within 5 links_up 3
carry plain
for link in 1 2 3; do
    [ "$(sent_on $link)" -gt 500000 ] || fail "link $link carried only $(sent_on $link) bytes"
done
count_keys
carry "AES-128" "passphrase=correct-horse-battery&pbkeylen=16"
carry "AES-256" "passphrase=correct-horse-battery&pbkeylen=32"
[ "$(under even)" -gt 2000 ] || fail "these streams were not encrypted"
[ "$(under odd)" = 0 ] || fail "a second key came without a refresh"
carry "key refresh" "passphrase=correct-horse-battery&pbkeylen=16&kmrefreshrate=400&kmpreannounce=150"
[ "$(under odd)" -gt 500 ] || fail "the key never changed"
finish
