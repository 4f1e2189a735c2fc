#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# F01, F02, F03, F48: a receiver that is killed, hangs, or is restarted by its service manager goes
# on where it was.  The SRT session stays, as neither the encoder nor the SRT server can tell.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gap.sh"

state=$STATE_DIRECTORY

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
watch_gaps
stream 2
sleep 1
[ "$(stat -c %a "$state" "$state"/* | sort -u)" = $'600\n700' ] || fail "the state directory is open to others"

for i in 1 2 3; do
    anew
    stop rec KILL
    sleep 0.2
    start_rec
    went_on "killed and started again after 200 ms ($i)" 350
done
[ "$(count_logged rec event=group_new)" = 1 ] || fail "another group was made"
[ "$(count_logged rec event=group_restored)" = 3 ] || fail "a group was not restored"

# A stream that has only just begun is in the file already.
stop encoder KILL
sleep 6 # a stock SRT server takes one caller at a time, and forgets this one after five seconds
rm -f "$WORK/seen"
stop server KILL
: >"$WORK/server.log"
start_server
anew
encoder 1 4000000
check "another stream" within 8 media_moves 1
sleep 0.1
stop rec KILL
sleep 0.2
start_rec
went_on "killed when the stream was just there" 350
stop rec

# F48: a disk that is full costs one warning, and what stood there stays.
mkdir "$WORK/disk"
mount -t tmpfs -o size=64k none "$WORK/disk"
start_rec --state-dir "$WORK/disk"
check "the group is written down" within 8 grep -q "^group .*is=own member=.*member=" "$WORK/disk/groups-5000"
cp "$WORK/disk/groups-5000" "$WORK/before"
dd if=/dev/zero of="$WORK/disk/filler" bs=1k count=64 2>/dev/null
uplinks 10.9.1.2%m1
stop send
rm "$state/session-9000" # so that it makes another group, and there is something to write
start_send 10.9.0.1
check "the file cannot be written" within 8 logged rec "warning: event=state_unwritten .*No space left"
sleep 1.5
[ "$(count_logged rec event=state_unwritten)" = 1 ] || fail "more than one warning"
cmp "$WORK/before" "$WORK/disk/groups-5000" || fail "the old file is gone"
[ "$(find "$WORK/disk" -name 'groups*' | wc -l)" = 1 ] || fail "a part of a file stays behind"
rm "$WORK/disk/filler"
check "the file is written when there is room" within 5 logged rec "event=state_written"
! cmp -s "$WORK/before" "$WORK/disk/groups-5000" || fail "the file did not change"

stop encoder KILL
stop rec
stop send
rm "$state/session-9000"
: >"$WORK/send.log"
uplinks 10.9.1.2%m1 10.9.2.2%m2
start_send 10.9.0.1
stop server KILL
rm -f "$WORK/seen"
: >"$WORK/server.log"

# Under a service manager, at 20 Mbit/s.
start_server
export WATCHDOG=2
start rec road python3 "$HERE/manager.py" "$WORK/notify" "$SRTLA_REC" 5000 127.0.0.1 4001
check "the manager hears that it is ready" within 5 logged rec "manager: ready"
check "the links are up" within 8 links_up 2
encoder 1 20000000
check "media flows at 20 Mbit/s" within 8 flows 1 1000
check "the group's socket is kept" within 3 logged rec "manager: keeps group-"
sleep 1
if "$SRTLA_REC" --version | grep -q systemd; then
    for i in 1 2 3; do
        anew
        kill -USR1 "${PID[rec]}"
        sleep 0.5
        within 8 media_moves 2000 || fail "no media after restart $i"
        went_on "restarted by its manager at 20 Mbit/s ($i)" 400
        goes_on "nothing is lost"
        [ "$(in_ns road nstat -sz UdpRcvbufErrors | awk '/Udp/ { print $2 }')" = 0 ] || fail "a buffer overflowed"
    done
    logged rec "with [34] descriptors: .*media" || fail "no descriptors were handed over"
    anew
    # shellcheck disable=SC2046 # one word a process
    kill -STOP $(cat "/proc/${PID[rec]}/task/${PID[rec]}/children")
    check "a receiver that hangs is found out" within 5 logged rec "manager: it is silent"
    went_on "hung, and started again by its manager" 5000
fi
finish
