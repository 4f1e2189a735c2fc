#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# Four modems as a machine has them that nobody configured: m1 and m2 gave it the same address, m3
# is IPv6 alone, m4 is ordinary.  Each has its default route and there is no rule.  Run by a user
# without any privilege, srtla_send finds them, sends by each through its own interface, takes a
# fifth one at once, and loses nothing when they are pulled out.
#
#   car  m1 192.168.8.100 --- 192.168.8.1 modem1 10.9.1.2 --- 10.9.1.1 road
#        m2 192.168.8.100 --- 192.168.8.1 modem2 10.9.2.2 --- 10.9.2.1
#        m3 fd09:3::2 ------------------------------------- fd09:3::1
#        m4 10.9.4.2 --------------------------------------- 10.9.4.1
#        m5 192.168.9.2 --- 192.168.9.1 modem5 10.9.5.2 --- 10.9.5.1, and 50 ms there and back
#        box0 172.17.0.1, a bridge with a container, which leads nowhere
. "$(dirname "$0")/lib.sh"
LATENCY=2000

# modem N OUR_ADDRESS ITS_ADDRESS: translates addresses.
modem() {
    local i=$1

    namespace "modem$i"
    ip link add "m$i" netns car type veth peer name lan netns "modem$i"
    ip link add wan netns "modem$i" type veth peer name "w$i" netns road
    ip -n road addr add "10.9.$i.1/24" dev "w$i"
    ip -n road link set "w$i" up
    ip -n "modem$i" addr add "$3/24" dev lan
    ip -n "modem$i" addr add "10.9.$i.2/24" dev wan
    ip -n "modem$i" link set lan up
    ip -n "modem$i" link set wan up
    ip -n "modem$i" route add default via "10.9.$i.1"
    in_ns "modem$i" tee /proc/sys/net/ipv4/ip_forward <<<1 >/dev/null
    in_ns "modem$i" nft "table ip nat { chain out { type nat hook postrouting priority 100; oifname wan masquerade; }; }"
    plug "$@" >"$WORK/plug$i"
}

# What a DHCP client does.
plug() {
    printf '%s\n' "link set m$1 up" "addr add $2/24 dev m$1" "route add default via $3 dev m$1 metric $1"
}

# What leaves the car for the receiver, by interface and source address; the rest is astray.
count_what_leaves() {
    in_ns car nft -f - <<'RULES'
table inet count {
    counter m1 { }
    counter m2 { }
    counter m3 { }
    counter m4 { }
    counter m5 { }
    counter astray { }
    chain out {
        type filter hook postrouting priority 300;
        meta l4proto != udp accept
        udp dport != 5000 accept
        oifname m1 ip saddr 192.168.8.100 counter name m1 accept
        oifname m2 ip saddr 192.168.8.100 counter name m2 accept
        oifname m3 ip6 saddr fd09:3::2 counter name m3 accept
        oifname m4 ip saddr 10.9.4.2 counter name m4 accept
        oifname m5 ip saddr 192.168.9.2 counter name m5 accept
        counter name astray
    }
}
RULES
}

left_by() { in_ns car nft list counter inet count "$1" | sed -n 's/.*bytes //p'; }
carry() {
    local link

    for link in "$@"; do [ "$(left_by "$link")" -gt 200000 ] || return 1; done
}

# send OPTION...: nobody's process; a world of a user who is not root has nobody but that user.
send() {
    local who=(setpriv --bounding-set=-all --inh-caps=-all --no-new-privs)

    [ "$(wc -l </proc/self/uid_map)$(awk '{ print $3 }' /proc/self/uid_map)" = 11 ] ||
        who+=(--reuid=65534 --regid=65534 --clear-groups)
    start send car "${who[@]}" env STATE_DIRECTORY="$WORK/nobody" "$SRTLA_SEND" --mode classic \
        --stats-file "$WORK/nobody/stats" --stats-file-interval 100 "$@" 9000 rec.example.org 5000
}

powerless() {
    [ "$(sed -n 's/^CapEff:\t//p' "/proc/${PID[send]}/status")" = 0000000000000000 ]
}

roads 0
# As systemd sets it; the strict way (1) drops what comes back by all interfaces but one.
in_ns car tee /proc/sys/net/ipv4/conf/{all,default}/rp_filter <<<2 >/dev/null
modem 1 192.168.8.100 192.168.8.1
modem 2 192.168.8.100 192.168.8.1
ip link add m3 netns car type veth peer name w3 netns road
ip -n road link set w3 up
ip -n road addr add fd09:3::1/64 dev w3 nodad
ip link add m4 netns car type veth peer name w4 netns road
ip -n road link set w4 up
ip -n road addr add 10.9.4.1/24 dev w4
for i in 1 2; do ip -n car -batch "$WORK/plug$i"; done
ip -n car -batch - <<END
link set m3 up
addr add fd09:3::2/64 dev m3 nodad
route add default via fd09:3::1 dev m3 metric 3
$(plug 4 10.9.4.2 10.9.4.1)
link add box0 type bridge
link add box1 type veth peer name box2
link set box1 master box0
addr add 172.17.0.1/16 dev box0
link set box0 up
link set box1 up
link set box2 up
END
[ "$(in_ns car ip rule | wc -l)" = 3 ] || fail "there are rules"
count_what_leaves
printf '%s rec.example.org\n' 10.9.0.1 fd09::1 >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts
chmod 711 "$WORK"
mkdir "$WORK/nobody"
chmod 777 "$WORK/nobody"
ln -s nobody/stats "$WORK/stats"

in_ns car "$SRTLA_SEND" -n --auto --exclude m4 9000 rec.example.org 5000 >"$WORK/dry.log" 2>&1 ||
    fail "the dry run finds no uplink"
check "a dry run tells the uplinks" logged dry "^link m3/fd09:3::2: good$"
check "and why others are none" logged dry "^no link box0/172.17.0.1: no route to the receiver$"
logged dry "^no link m4/10.9.4.2: excluded$" || fail "nothing is left out"

start_server
start_rec
send --auto
check "the four modems are found and come up" within 5 links_up 4
check "without any privilege" powerless
[ "$(count_logged send "event=link_added")" = 4 ] || fail "something else is taken for an uplink"
start_encoder 1
check "media flows" within 8 flows 1
check "each carries data through its own interface" within 5 carry m1 m2 m3 m4
[ "$(left_by astray)" = 0 ] || fail "something left by another interface than its own"
goes_on "the stream is whole"

modem 5 192.168.9.2 192.168.9.1
in_ns modem5 nft "table ip slow { chain in { type nat hook prerouting priority -100; iifname lan udp dport 5000 redirect to :5001; }; }"
start slow modem5 "$HERE/slow_modem.py" 5001 10.9.0.1 5000 50
within 5 listening_udp modem5 5001 || fail "the slow modem does not start"
first=$(in_ns car "$HERE/first_data.py" m5 5000 ip -batch "$WORK/plug5")
say "a fifth modem, 50 ms away, carries its first data after $first ms"
if [ "$first" = never ] || [ "$first" -gt 1000 ]; then fail "that is more than a second"; fi
check "it goes on carrying" within 5 carry m5
goes_on "the stream is whole"

say "three of five are pulled out"
for i in 5 1 3; do ip -n car link del "m$i"; done
check "their links are gone" within 1 logged send "event=uplinks links=2 "
goes_on "the stream goes on"
[ "$(left_by astray)" = 0 ] || fail "something left by another interface than its own"
check "the sender ends well" stop send

say "the same by name"
send --iface 'm[24],box0'
check "the named modems come up" within 5 links_up 2
check "and what leads nowhere is a link that waits" link_is box0 down
goes_on "the stream goes on"
stop slow KILL
finish
