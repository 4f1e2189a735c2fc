# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the checks of packages share.  TOP: this source; WORK: where all is made; RESULTS: a line each.
set -euo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
LOG=$WORK/log/$PART
mkdir -p "$WORK/log"

# check SENTENCE COMMAND...: true or not; what the command says goes into the part's log.  What it leaves
# in $SAID, a figure or so, is told with the sentence.
check() {
    local what=$1 begun=$SECONDS status=0 said

    shift
    SAID=$WORK/said.$PART
    export SAID
    : >"$SAID"
    printf '\n=== %s\n' "$what" >>"$LOG"
    set +e # in a condition the command itself would not stop at its first mistake
    (set -e; "$@") >>"$LOG" 2>&1
    status=$?
    set -e
    said=$(tr '\n' ' ' <"$SAID")
    what="$what${said:+: ${said% }}, $((SECONDS - begun)) s"
    if [ $status = 0 ]; then
        echo "ok     $what" | tee -a "$RESULTS"
    else
        echo "FAILED $what; $LOG ends with:" | tee -a "$RESULTS"
        tail -n 15 "$LOG" | cut -c 1-300 | sed 's/^/    /'
    fi
}

# `!` before a command that fails does not stop anything; this does.
none() {
    if "$@"; then
        return 1
    fi
}

say() {
    echo "$*" >>"$SAID"
    echo "$*"
}

# source_tree VERSION DIR: this source as it would be released, DIR/waybond-VERSION, packed and ready for
# dpkg-buildpackage.
source_tree() {
    local version=$1 dir=$2
    local tree=$dir/waybond-$version

    rm -rf "$dir"
    mkdir -p "$tree"
    tar -C "$TOP" --exclude=./build --exclude=./.git --exclude=./.ci --exclude=__pycache__ -cf - . |
        tar -C "$tree" --no-same-owner -xf -
    sed -i "s/^  version: '[^']*'/  version: '$version'/" "$tree/meson.build"
    tar -C "$dir" --sort=name --owner=0 --group=0 --numeric-owner --mtime="$(released)" \
        -cJf "$dir/waybond_$version.orig.tar.xz" "waybond-$version"
    cp -r "$TOP/packaging/debian" "$tree/debian"
    sed -i "1s/(.*)/($version-1)/" "$tree/debian/changelog"
}

# When the source says that it was made.
released() {
    dpkg-parsechangelog -l "$TOP/packaging/debian/changelog" -S Date
}

version() {
    sed -n "s/^  version: '\([^']*\)'.*/\1/p" "$TOP/meson.build"
}
