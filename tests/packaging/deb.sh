#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The Debian packages: built twice, judged by lintian, and tried by their own tests in a clean system.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

VERSION=$(version)
NEXT=$VERSION.1~test # an upgrade, for live.sh
DEB=$WORK/deb

build() { # build VERSION DIR dpkg-buildpackage's options
    local version=$1 dir=$2

    source_tree "$version" "$dir"
    (cd "$dir/waybond-$version" && dpkg-buildpackage -us -uc "${@:3}")
}

# Another place, another time zone, another umask, another language, no tests.
build_again() {
    umask 027
    export TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 DEB_BUILD_OPTIONS='nocheck parallel=1' USER=somebody
    build "$VERSION" "$WORK/deb-elsewhere/deeper/still" -b
}

same() {
    local file differ=0

    for file in "$DEB"/*.deb; do
        cmp "$file" "$WORK/deb-elsewhere/deeper/still/${file##*/}" || differ=1
    done
    say "$(cd "$DEB" && sha256sum waybond-[rst]*_"$VERSION"-1_*.deb | sed 's/^\(.\{12\}\).* /\1 /' | tr '\n' ';')"
    return $differ
}

# All that lintian knows to say, but what is accepted with a reason.
lint() {
    lintian -EIL +pedantic --tag-display-limit 0 "$DEB"/waybond_"$VERSION"-1_*.changes >"$WORK/lintian.txt"
    cat "$WORK/lintian.txt"
    sed 's/#.*//; s/ *$//; /^$/d' "$TOP/tests/packaging/lintian.accepted" >"$WORK/lintian.accepted"
    none grep -v -F -f "$WORK/lintian.accepted" "$WORK/lintian.txt"
    say "$(wc -l <"$WORK/lintian.txt") remarks, all accepted"
}

# Position-independent, read-only relocations, bound at once, no executable stack, checked buffers.
hardened() {
    local program

    for program in send rec; do
        rm -rf "$WORK/unpacked"
        dpkg-deb -x "$DEB"/waybond-${program}_"$VERSION"-1_*.deb "$WORK/unpacked"
        readelf -hldW "$WORK/unpacked/usr/bin/srtla_$program" >"$WORK/elf"
        grep -q 'DYN (Position' "$WORK/elf"
        grep -q 'GNU_RELRO' "$WORK/elf"
        grep -q 'BIND_NOW\|NOW PIE' "$WORK/elf"
        grep -q 'GNU_STACK .* RW ' "$WORK/elf"
        readelf -W --dyn-syms "$WORK/unpacked/usr/bin/srtla_$program" >"$WORK/elf"
        grep -q '_chk@' "$WORK/elf"
        say "srtla_$program $(stat -c %s "$WORK/unpacked/usr/bin/srtla_$program") bytes"
    done
}

# The packages' own tests, each in a copy of a clean system with what they depend on and nothing else.
own_tests() {
    local root=$WORK/autopkgtest-root

    rm -rf "$root"
    mkdir "$root"
    tar -C "$root" -xf "$WORK/base.tar"
    echo 'exit 101' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    # Of a failed test, 4 and more; 2: some were passed over.
    autopkgtest --apt-upgrade -B "$DEB"/waybond-*_"$VERSION"-1_*.deb "$DEB"/waybond_"$VERSION"-1.dsc \
        --summary-file "$WORK/autopkgtest.txt" -- chroot "$root"
    cat "$WORK/autopkgtest.txt"
    say "$(grep -c PASS "$WORK/autopkgtest.txt") tests"
    none grep -v PASS "$WORK/autopkgtest.txt"
}

case ${1-} in
own_tests) # in a mount namespace, which takes its mounts with it
    SAID=$WORK/said.$PART
    own_tests
    exit
    ;;
esac
tested=", and passes its tests"
[[ " ${DEB_BUILD_OPTIONS-} " != *" nocheck "* ]] || tested=
check "Debian: builds$tested" build "$VERSION" "$DEB"
check "Debian: the same from another place, time zone and umask, byte for byte" eval build_again '&&' same
check "Debian: lintian has nothing to say but what is accepted" lint
check "Debian: the programs are hardened" hardened
check "Debian: the packages' own tests, in a clean system" unshare --mount --propagation private "$0" own_tests
check "Debian: a later version builds" env DEB_BUILD_OPTIONS=nocheck bash -c "$(declare -f build source_tree released); build $NEXT $WORK/deb-next -b"
