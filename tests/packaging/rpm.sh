#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The packages for systems with rpm, built by Debian's rpm: its data base knows no requirement of a build,
# so those are not asked for.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
VERSION=$(version)
RPM=$WORK/rpm

build() {
    source_tree "$VERSION" "$RPM"
    grep -q "^Version: *$VERSION\$" "$TOP/packaging/rpm/waybond.spec"
    rpmbuild -bb --nodeps --define "_topdir $RPM" --define "_sourcedir $RPM" \
        --define '_libdir %{_prefix}/lib' "$TOP/packaging/rpm/waybond.spec"
    say "$(cd "$RPM"/RPMS/* && stat -c '%n %s bytes' ./*.rpm | grep -v debug | sed 's|^./||' | paste -sd,)"
}

files() { # each has its program, manual and unit, and says what it conflicts with
    local at=$RPM/RPMS/x86_64 name

    for name in send rec; do
        rpm -qlp "$at/waybond-$name-$VERSION"*.rpm >"$WORK/files"
        for file in /usr/bin/srtla_$name "/man1/srtla_$name.1" "srtla_$name.*service" sysusers; do
            grep -q -e "$file" "$WORK/files"
        done
        rpm -qp --conflicts "$at/waybond-$name-$VERSION"*.rpm | grep -x srtla
    done
    rpm -qlp "$at/waybond-tools-$VERSION"*.rpm | grep -x /usr/bin/srtla_ctl
}

starts() { # unpacked, the programs start, as far as this machine has the libraries
    rm -rf "$WORK/rpm-root"
    mkdir "$WORK/rpm-root"
    cd "$WORK/rpm-root"
    for name in send rec; do
        rpm2archive - <"$(compgen -G "$RPM/RPMS/x86_64/waybond-$name-$VERSION*.rpm")" | tar -xz
        "usr/bin/srtla_$name" --version | grep "srtla_$name $VERSION"
    done
}

check "rpm: builds" build
check "rpm: what is in them" files
check "rpm: the programs start" starts
