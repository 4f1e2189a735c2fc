#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# Both programs from config files alone, which change under a stream: what can change does, a file
# with a mistake changes nothing, and what wants a restart is told once.
. "$(dirname "$0")/lib.sh"

# send_config WORD...: the sender's file, with these lines besides those that it needs.
send_config() {
    printf '%s\n' '[srtla_send]' 'srt-listen-port = 9000' 'srtla_host = 10.9.0.1' \
        'srtla-port = 5000' "$@" >"$WORK/send.conf"
}

# rec_config WORD...
rec_config() {
    printf '%s\n' 'srtla-port = 5000' 'srt-hostname = 127.0.0.1 # the server beside it' \
        'srt-port = 4001' "$@" >"$WORK/rec.conf"
}

# hears PROGRAM PATTERN [SECONDS]: after a reload, a line of its log that was not there.
hears() {
    local before

    before=$(count_logged "$1" "$2")
    told_again() { [ "$(count_logged "$1" "$2")" -gt "$before" ]; }
    signal "$1" HUP
    within "${3-3}" told_again "$1" "$2"
}

stats_mode() { grep -q "\"mode\": *\"$1\"" "$WORK/${2-stats}"; }

roads 3
uplinks 10.9.1.2%m1 10.9.2.2%m2
send_config "uplinks = $WORK/ips" "stats-file = $WORK/stats" 'stats-file-interval = 100ms' 'sandbox = no'
echo live/one >"$WORK/keys"
rec_config 'max_groups = 8' "stream-keys = $WORK/keys"
start_server
start rec road "$SRTLA_REC" --config "$WORK/rec.conf"
within 5 listening_udp road 5000 || fail "srtla_rec does not listen"
start send car "$SRTLA_SEND" --config "$WORK/send.conf"
check "two files say all that two command lines would" within 5 links_up 2
start_encoder 1 streamid=live/one
check "media flows" within 8 flows 1

say "what can change does"
send_config "uplinks = $WORK/ips" "stats-file = $WORK/stats" 'stats-file-interval = 100ms' \
    'mode = redundant' 'log-level = debug'
check "the file is read again" hears send "event=config_read"
check "another mode is in force" within 3 stats_mode redundant
check "and it is told" logged send "event=mode mode=redundant"
goes_on "the stream goes on in it"

printf '%s\n' 10.9.1.2%m1 10.9.3.2%m3 >"$WORK/other"
send_config "uplinks = $WORK/other" "stats-file = $WORK/moved" 'stats-file-interval = 100ms'
check "another uplinks file is read" hears send "event=uplinks file=$WORK/other "
check "the stats go to another file" within 3 test -s "$WORK/moved"
check "and leave none behind" test ! -e "$WORK/stats"
mv_stats() { cp "$WORK/moved" "$WORK/stats" 2>/dev/null && links_up 2 && link_is m3 up; }
check "its links come up" within 4 mv_stats
check "the mode is the default again" within 3 stats_mode balance moved
goes_on "the stream goes on over them"

say "what stays when nobody changes it"
signal send USR1
check "a signal changes the mode" within 3 stats_mode redundant moved
check "the file is read again" hears send "event=config_read"
sleep 0.5
check "a file that says nothing new leaves that mode" stats_mode redundant moved

say "mistakes change nothing"
send_config "uplinks = $WORK/ips" 'mode = fastest'
check "a wrong value is refused with its line" \
    hears send "event=config_refused file=\"$WORK/send.conf\" line=6 why=\"option --mode: .*fastest"
send_config "uplinks = $WORK/ips" "stats-fiel = $WORK/stats"
check "a wrong name is refused with what was meant" \
    hears send "line=6 why=\".*stats-fiel.*did you mean stats-file"
send_config
check "a file that says too little is refused" hears send "event=config_refused .*BIND_IPS_FILE"
mv "$WORK/send.conf" "$WORK/away"
check "no file is refused" hears send "event=config_refused .* line=0 why=\"No such file"
mv_stats || fail "the links are others now"
goes_on "the stream goes on as it was"

say "what wants a restart"
send_config "uplinks = $WORK/other" "stats-file = $WORK/moved" 'stats-file-interval = 100ms' \
    'listen = 0.0.0.0' 'io = plain'
check "it is told by name" hears send 'event=config_restart_wanted options="listen,io"'
check "the file is read again" hears send "event=config_read"
[ "$(count_logged send event=config_restart_wanted)" = 1 ] || fail "and told again"

say "the links come from interfaces"
send_config 'iface = m2,m3' "stats-file = $WORK/moved" 'stats-file-interval = 100ms'
check "the file is read again" hears send "event=config_read"
by_interface() { cp "$WORK/moved" "$WORK/stats" 2>/dev/null && link_is m2 up && link_is m1 absent; }
check "those of the interfaces come up" within 5 by_interface
send_config "uplinks = $WORK/other" "stats-file = $WORK/moved" 'stats-file-interval = 100ms'
check "the file is read again" hears send "event=config_read"
check "and those of a file again" within 5 mv_stats
goes_on "the stream goes on"

say "the receiver's"
printf 'live/one\nlive/two\n' >"$WORK/more"
rec_config 'max_groups = 8' "stream-keys = $WORK/more"
check "another list of keys is read" hears rec 'event=stream_keys keys=2'
rec_config 'max_groups = 9' 'log-level = warn' 'log_format = json' "stream-keys = $WORK/more"
check "what wants a restart is told" \
    hears rec 'event=config_restart_wanted options="max-groups,log-format"'
rec_config 'max_groups = 8' 'hold = sometimes'
check "a mistake is refused" hears rec 'event=config_refused .* line=5 why="--hold .*sometimes'
goes_on "the stream goes on"

say "a storm of reloads"
send_config "uplinks = $WORK/other" "stats-file = $WORK/moved" 'stats-file-interval = 100ms'
before=$(count_logged send "event=config_read")
for _ in {1..400}; do signal send HUP; done
sleep 0.3
[ $(($(count_logged send "event=config_read") - before)) -le 10 ] || fail "each was carried out"
goes_on "the stream goes on"
finish
