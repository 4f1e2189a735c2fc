#!/bin/bash
# shellcheck disable=SC2317 # functions are called by check
# SPDX-License-Identifier: MIT
# srtla_send report: of a sender that runs it has all, and no stream id, wherever one may stand.
. "$(dirname "$0")/lib.sh"

roads 2
start_rec
uplinks 10.9.1.2%m1 '10.9.2.2%m2 # streamid=live/7f3a9c21'
start_send 10.9.0.1
check "the links come up" within 5 links_up 2
cd "$WORK" || fail "no $WORK"

report() { in_ns car "$SRTLA_SEND" report "$@"; }
has() { grep -qE "$1" "$WORK/report.txt"; }
written() { file=$(report) && [[ $file == srtla_send-report-2*Z.txt && -s $file ]]; }

check "without a word it writes a file called after the date, and names it" written
check "for its owner alone" [ "$(stat -c %a "$file")" = 600 ]
check "it writes the file that is asked for" report -o report.txt
check "the version is there" has '^srtla_send [0-9]+\.[0-9]+\.[0-9]+ \('
check "the command line too" has "srtla_send .*--stats-file .* 9000 10.9.0.1 5000 $WORK/ips"
check "and the uplinks" has '^10\.9\.1\.2%m1$'
check "and the links' figures" has '"name": ?"m2/10.9.2.2"'
check "of the last minutes" has '^== http://127.0.0.1:9000/history$'
check "and what has happened" has 'event=link_up link=m1'
check "and the routes" has '^default via 10.9.2.1 dev m2'
check "and the system's limits" has '^net/ipv4/conf/m2/rp_filter = 0$'
has '7f3a9c21' && fail "a stream id is in it"
check "in its place are stars" has 'streamid=\*\*\*'
report 9001 -o other.txt || fail "it does not write without a sender"
check "where nobody serves HTTP it says so" grep -q 'Connection refused' other.txt
report -o - 9000 >standard.txt || fail "it does not write to standard output"
check "standard output will do" grep -q '^== http://127.0.0.1:9000/stats$' standard.txt
report -o "$WORK/nothing/there" 2>/dev/null
check "a file that cannot be made ends with 73" [ $? = 73 ]
report 9000 9001 2>/dev/null
check "wrong words end with 64" [ $? = 64 ]
finish
