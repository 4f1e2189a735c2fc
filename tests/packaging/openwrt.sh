#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The package for OpenWrt, as far as that goes without its SDK: the programs with the same options and
# libc, static here; what make would read; and the scripts, run with stand-ins for procd and uci.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
FILES=$TOP/packaging/openwrt

# The options of the Makefile itself; libmnl, of which there is no musl build here, is left out.
compiles() {
    local options

    options=$(sed -n '/^MESON_ARGS/,/[^\\]$/p' "$FILES/Makefile" | grep -o -e '-D[a-z]*=[a-z]*' |
        sed 's/netlink=enabled/netlink=disabled/')
    [ "$(echo "$options" | wc -l)" = 9 ]
    rm -rf "$WORK/openwrt"
    mkdir -p "$WORK/openwrt/include" "$WORK/openwrt/libev"
    compgen -G "$WORK/sources/libev_*.orig.tar.gz" || "$TOP/packaging/oci/fetch" "$WORK/sources"
    tar -C "$WORK/openwrt/libev" --strip-components=1 -xf "$WORK"/sources/libev_*.orig.tar.gz
    cp -r /usr/include/linux /usr/include/asm-generic /usr/include/x86_64-linux-gnu/asm \
        /usr/include/ut*.h "$WORK/openwrt/include"
    cd "$WORK/openwrt/libev"
    ./configure CC=musl-gcc CFLAGS=-Os --host=x86_64-linux-musl --disable-shared --prefix="$WORK/openwrt"
    make -j"$(nproc)" install
    # shellcheck disable=SC2086 # a list of words
    CC=musl-gcc CFLAGS="-Os -ffunction-sections -fdata-sections -isystem $WORK/openwrt/include" \
        LDFLAGS="-static -Wl,--gc-sections -L$WORK/openwrt/lib" \
        meson setup --buildtype=plain $options "$WORK/openwrt/build" "$TOP"
    ninja -C "$WORK/openwrt/build" sender/srtla_send receiver/srtla_rec
    for program in sender/srtla_send receiver/srtla_rec; do
        strip -o "$WORK/openwrt/${program#*/}" "$WORK/openwrt/build/$program"
        "$WORK/openwrt/${program#*/}" --version
        say "${program#*/} $(stat -c %s "$WORK/openwrt/${program#*/}") bytes, libc and all;"
    done
}

sound() {
    shellcheck -s dash -e SC3043 "$FILES"/files/*.hotplug
    shellcheck -s dash -e SC3043,SC1091 "$FILES"/files/*.init
    grep -q "^PKG_VERSION:=$(version)\$" "$FILES/Makefile"
}

# make reads it, with stand-ins for the parts of OpenWrt that it includes.
recipe() {
    local stand=$WORK/openwrt-stand

    rm -rf "$stand"
    mkdir -p "$stand/include"
    : >"$stand/rules.mk"
    : >"$stand/include/package.mk"
    : >"$stand/include/meson.mk"
    cat >>"$stand/include/package.mk" <<'STAND'
INSTALL_DIR=install -d
INSTALL_BIN=install -m0755
INSTALL_CONF=install -m0600
INSTALL_DATA=install -m0644
define BuildPackage
install-$(1):
	$$(call Package/$(1)/install,$(OUT)/$(1))
endef
STAND
    mkdir -p "$stand/built/usr/bin"
    cp "$WORK/openwrt"/srtla_{send,rec} "$stand/built/usr/bin"
    make -C "$FILES" --eval='.ONESHELL:' TOPDIR="$stand" INCLUDE_DIR="$stand/include" OUT="$stand/out" \
        PKG_INSTALL_DIR="$stand/built" install-srtla-send install-srtla-rec
    (cd "$stand/out" && find . -type f -printf '%P %m\n' | sort) | tee "$stand/files"
    [ "$(wc -l <"$stand/files")" = 7 ]
}

# The init scripts in a shell that plays rc.common, procd and uci: what would be started?
scripts() {
    local stand=$WORK/openwrt-stand

    cat >"$stand/play" <<'STAND'
config_load() { :; }
config_foreach() { "$1" main; }
config_get() { eval "$1=\${uci_$3:-${4-}}"; }
config_get_bool() { eval "$1=\${uci_$3:-$4}"; }
config_list_foreach() { "$3" wan "$4"; "$3" wwan "$4"; "$3" none "$4"; }
network_get_device() { case $2 in wan) eval "$1=eth0" ;; wwan) eval "$1=usb0" ;; *) return 1 ;; esac; }
network_get_ipaddr() { case $2 in wan) eval "$1=192.0.2.10" ;; *) return 1 ;; esac; }
network_get_ipaddr6() { eval "$1=2001:db8::7"; }
procd_open_instance() { echo "instance $1"; }
procd_set_param() { echo "$@"; }
procd_close_instance() { :; }
procd_send_signal() { echo "signal $*"; }
procd_add_config_trigger() { :; }
STAND
    sed "s|^STATE=.*|STATE=$stand/state|; /functions\/network.sh/d" "$FILES/files/srtla_send.init" >"$stand/send"
    uci_enabled=1 uci_host=198.51.100.1 uci_options='--mode auto' \
        dash -euc ". $stand/play; . $stand/send; start_service; reload_service" | tee "$stand/said"
    grep -q "^command /usr/bin/srtla_send .* --mode auto 9000 198.51.100.1 5000 $stand/state/uplinks-main$" "$stand/said"
    grep -q '^respawn 3600 5 0$' "$stand/said"
    grep -q '^signal srtla_send .* HUP$' "$stand/said"
    [ "$(paste -sd' ' "$stand/state/uplinks-main")" = "192.0.2.10%eth0 2001:db8::7%eth0 2001:db8::7%usb0" ]
    "$WORK/openwrt/srtla_send" -n 9000 127.0.0.1 5000 "$stand/state/uplinks-main" || [ $? = 69 ] # read, not had here
    sed "s|^STATE=.*|STATE=$stand/state|" "$FILES/files/srtla_rec.init" >"$stand/rec"
    uci_enabled=1 dash -euc ". $stand/play; . $stand/rec; start_service" | tee "$stand/said"
    grep -q '^command /usr/bin/srtla_rec .* 5000 127.0.0.1 4001$' "$stand/said"
    [ -z "$(uci_enabled=0 dash -euc ". $stand/play; . $stand/rec; start_service")" ]
}

check "OpenWrt: the programs with its options and libc" compiles
check "OpenWrt: the scripts are sound" sound
check "OpenWrt: the Makefile installs what it should" recipe
check "OpenWrt: the scripts start what the settings say" scripts
