#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# Start-up mistakes are one line and an exit status, at once; odd surroundings are no mistake.
. "$(dirname "$0")/lib.sh"

MOST_MS=1000 # for an exit
MOST_LINES=1 # that tell why

# exits STATUS PATTERN COMMAND...: in time, and in few words.
exits() {
    local want=$1 pattern=$2 began got

    shift 2
    began=$(now_ms)
    timeout 5 "$@" >"$WORK/stdout" 2>"$WORK/stderr"
    got=$?
    [ $got = "$want" ] || fail "${*##*/}: status $got, not $want: $(cat "$WORK/stderr")"
    [ $(($(now_ms) - began)) -le "$MOST_MS" ] || fail "${*##*/}: too slow"
    cat "$WORK/stdout" "$WORK/stderr" | grep -qE "$pattern" || fail "${*##*/}: says $(cat "$WORK/stderr")"
    [ "$want" = 0 ] || [ "$(wc -l <"$WORK/stderr")" -le "$MOST_LINES" ] || fail "${*##*/}: more than one line"
    say "ok: $want: $pattern"
}

# lives NAME: it still runs a little later; then it ends well.
lives() {
    sleep 0.5
    check "$1" alive odd
    check "$1: ends with status 0" stop odd
}

send=("$SRTLA_SEND")
rec=("$SRTLA_REC" --state-dir "$WORK/state")
echo 127.0.0.1 >"$WORK/ips"
: >"$WORK/empty"
printf '224.0.0.1\n0.0.0.0\n255.255.255.255\nfe80::1\nnonsense\n' >"$WORK/bad"

exits 0 "^srtla_send [0-9]" "${send[@]}" -v
exits 0 "^srtla_rec [0-9]" "${rec[@]}" -v
exits 0 "stats-file" "${send[@]}" --help
exits 0 "srtla.port" "${rec[@]}" --help
exits 64 "four|usage" "${send[@]}"
exits 64 "." "${send[@]}" 9000 127.0.0.1 5000
exits 64 "port" "${send[@]}" 90000 127.0.0.1 5000 "$WORK/ips"
exits 64 "nonsense" "${send[@]}" --nonsense 9000 127.0.0.1 5000 "$WORK/ips"
exits 64 "." "${send[@]}" 9000 "$(head -c 100000 /dev/zero | tr '\0' a)" 5000 "$WORK/ips"
exits 64 "." "${rec[@]}" 5000 127.0.0.1
exits 64 "port" "${rec[@]}" 5000 127.0.0.1 0
exits 66 "$WORK/none" "${send[@]}" 9000 127.0.0.1 5000 "$WORK/none"
exits 65 "$WORK/empty" "${send[@]}" 9000 127.0.0.1 5000 "$WORK/empty"
MOST_LINES=8 exits 65 "$WORK/bad" "${send[@]}" 9000 127.0.0.1 5000 "$WORK/bad"
if setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
    chmod 711 "$WORK" && cp "$SRTLA_SEND" "$WORK/" && cp "$WORK/ips" "$WORK/secret" && chmod 600 "$WORK/secret"
    exits 77 "$WORK/secret" setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$WORK/srtla_send" 9000 127.0.0.1 5000 "$WORK/secret"
fi

start first . "${rec[@]}" 5000 127.0.0.1 4001
within 3 listening_udp . 5000 || fail "srtla_rec does not listen"
exits 69 "5000: already in use by process ${PID[first]}$" "${rec[@]}" 5000 127.0.0.1 4001
exits 69 "5000: already in use by process ${PID[first]}$" "${rec[@]}" --bind 127.0.0.2 5000 127.0.0.1 4001
exits 69 "5000: already in use by process ${PID[first]}$" "${rec[@]}" -n 5000 127.0.0.1 4001
check "the first receiver carries on" alive first
start two . "${rec[@]}" --bind 127.0.0.2 5001 127.0.0.1 4001
start three . "${rec[@]}" --bind 127.0.0.3 5001 127.0.0.1 4001
both_listen() {
    [ "$(ss -Hlun 'sport = :5001' | grep -c '127.0.0.[23]:5001')" = 4 ] &&
        logged two event=listening && logged three event=listening
}
check "F63: two addresses have a receiver each on one port, with two doors" within 3 both_listen
exits 69 "5001: already in use by process ${PID[three]}$" "${rec[@]}" --bind 127.0.0.3 5001 127.0.0.1 4001
check "the second receiver ends with status 0" stop two
check "the third receiver ends with status 0" stop three
python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 9000)); time.sleep(60)' &
within 3 listening_udp . 9000
exits 69 "9000" "${send[@]}" 9000 127.0.0.1 5000 "$WORK/ips"
exits 0 "." "${send[@]}" -n 9001 127.0.0.1 5000 "$WORK/ips"
MOST_MS=5000 exits 68 "no.such.name.invalid" "${send[@]}" -n --dns 127.0.0.1 9001 no.such.name.invalid 5000 "$WORK/ips"

run=(9001 127.0.0.1 5000 "$WORK/ips")
# shellcheck disable=SC2016 # for the inner shells
closed=(bash -c 'exec "$@" <&- >&- 2>&-' -) open_mask=(bash -c 'umask 0; exec "$@"' -) \
    into_pipe=(bash -c 'exec "$@" 2>"$0"' "$WORK/pipe")
start odd . "${closed[@]}" "${send[@]}" "${run[@]}"
lives "F64: without descriptors 0 to 2"
start odd . env LC_ALL=tr_TR.UTF-8 TZ=Nowhere/Land "${send[@]}" "${run[@]}"
lives "F64: in an odd locale and time zone"
start odd . "${open_mask[@]}" "${send[@]}" --stats-file "$WORK/figures" "${run[@]}"
within 3 test -s "$WORK/figures" || fail "no stats file"
[ "$(stat -c %a "$WORK/figures")" = 644 ] || fail "F64: the stats file has mode $(stat -c %a "$WORK/figures")"
lives "F64: with umask 0"

say "F47: whoever reads the log has gone"
mkfifo "$WORK/pipe"
head -n 1 "$WORK/pipe" >/dev/null &
start odd . "${into_pipe[@]}" "${send[@]}" --verbose "${run[@]}"
lives "F47: the reader has gone"
say "F47: or stands still, with a pipe that is full from the start"
start odd . python3 -c 'import os, sys
r, w = os.pipe()
os.set_inheritable(r, True)
os.set_blocking(w, False)
try:
    while True:
        os.write(w, b"x" * 4096)
except BlockingIOError:
    pass
os.set_blocking(w, True)
os.dup2(w, 2)
os.execv(sys.argv[1], sys.argv[1:])' "${send[@]}" --verbose --stats-file "$WORK/figures" --stats-file-interval 100 "${run[@]}"
within 3 test -s "$WORK/figures" || fail "F47: it hangs at the start"
signal odd HUP
sleep 0.3
touch "$WORK/mark"
check "F47: it is not held up" within 2 test "$WORK/figures" -nt "$WORK/mark"
lives "F47: the reader stands still"
check "the receiver ends with status 0" stop first
finish
