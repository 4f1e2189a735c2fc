#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The images for containers: static programs for two processors, each at most 1 MB, and tried as an engine
# would run them: alone in their root, which is read-only, as a user without any right.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
OCI=$WORK/oci
MOST=1000000
MEDIA=$TOP/tests/interop/media.py

fetch() {
    "$TOP/packaging/oci/fetch" "$WORK/sources"
}

build() {
    "$TOP/packaging/oci/build" "$1" "$WORK/sources" "$OCI"
    for program in srtla_send srtla_rec; do
        file=$OCI/$1/$program
        readelf -lW "$file" >"$WORK/elf"
        none grep INTERP "$WORK/elf"
        [ "$(stat -c %s "$file.oci.tar")" -le $MOST ]
        say "$program $(stat -c %s "$file") bytes, image $(stat -c %s "$file.oci.tar");"
    done
}

# What is inside, by the image's own words: each blob is what it is called after, one file, no user 0.
layout() {
    python3 - "$OCI/$1" <<'PYTHON'
import gzip, hashlib, io, json, sys, tarfile
for name in ("srtla_send", "srtla_rec"):
    tar = tarfile.open(f"{sys.argv[1]}/{name}.oci.tar")
    blob = lambda of: tar.extractfile("blobs/" + of["digest"].replace(":", "/")).read()
    index = json.load(tar.extractfile("index.json"))
    manifest = json.loads(blob(index["manifests"][0]))
    for of in [index["manifests"][0], manifest["config"], *manifest["layers"]]:
        data = blob(of)
        assert of["digest"] == "sha256:" + hashlib.sha256(data).hexdigest() and of["size"] == len(data)
    config = json.loads(blob(manifest["config"]))
    plain = gzip.decompress(blob(manifest["layers"][0]))
    assert config["rootfs"]["diff_ids"] == ["sha256:" + hashlib.sha256(plain).hexdigest()]
    assert config["config"]["User"] == "65532:65532"
    files = tarfile.open(fileobj=io.BytesIO(plain)).getnames()
    assert files == ["state", "run", name], files
PYTHON
}

# A root as an engine makes it of the image, and in it the program: user 65532, no capability, nothing
# writable but its two volumes.  Of another processor, by qemu.
contained() { # contained ARCH PROGRAM arguments
    local arch=$1 program=$2 root=$WORK/oci-root/$1-$2 blob

    shift 2
    rm -rf "$root"
    mkdir -p "$root"
    blob=$(tar -xOf "$OCI/$arch/$program.oci.tar" index.json | python3 -c '
import json, sys; print(json.load(sys.stdin)["manifests"][0]["digest"].replace(":", "/"))')
    blob=$(tar -xOf "$OCI/$arch/$program.oci.tar" "blobs/$blob" | python3 -c '
import json, sys; print(json.load(sys.stdin)["layers"][0]["digest"].replace(":", "/"))')
    tar -xOf "$OCI/$arch/$program.oci.tar" "blobs/$blob" | tar -C "$root" -xzf -
    cp "$WORK/oci-uplinks" "$root/uplinks"
    set -- "/$program" "$@"
    if [ "$arch" = arm64 ]; then
        cp "$(command -v qemu-aarch64-static)" "$root/qemu"
        set -- /qemu "$@"
    fi
    # shellcheck disable=SC2016 # the shell within is told by its arguments
    exec unshare --mount --propagation private bash -c '
        mount --bind "$0" "$0"; mount -t tmpfs -o mode=0700,uid=65532 none "$0/state"
        mount -t tmpfs -o mode=0700,uid=65532 none "$0/run"; mount -o remount,bind,ro "$0"
        STATE_DIRECTORY=/state RUNTIME_DIRECTORY=/run exec setpriv --no-new-privs \
            chroot --userspec=65532:65532 --groups= "$0" "$@"' "$root" "$@"
}

# Numbered media through both programs in a network of their own.
streams() {
    local arch=$1 at pids=()

    at=$(mktemp -d)
    mount -t proc proc /proc
    ip link set lo up
    printf '127.0.0.1\n127.0.0.2\n' >"$WORK/oci-uplinks"
    mkfifo "$at/in" "$at/out"
    "$MEDIA" watch "$at/seen" <"$at/out" & pids+=($!)
    srt-live-transmit 'srt://127.0.0.1:4001?mode=listener&latency=500' file://con >"$at/out" & pids+=($!)
    (contained "$arch" srtla_rec 5000 127.0.0.1 4001) & pids+=($!)
    (contained "$arch" srtla_send 9000 127.0.0.1 5000 /uplinks) & pids+=($!)
    sleep 3
    srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=500' <"$at/in" & pids+=($!)
    "$MEDIA" feed 1 4000000 5 >"$at/in" & pids+=($!)
    sleep 9
    # Neither has any right, nor may write elsewhere than where it was told to.
    grep -h '^CapEff' "/proc/${pids[2]}/status" "/proc/${pids[3]}/status" >"$at/caps"
    [ "$(sort -u "$at/caps")" = $'CapEff:\t0000000000000000' ]
    python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:5000/healthz", timeout=3).read())'
    kill "${pids[@]}" || true
    say "$("$MEDIA" value "$at/seen" 1.chunks) pieces, $("$MEDIA" value "$at/seen" 1.missing) missing"
    [ "$("$MEDIA" value "$at/seen" 1.chunks)" -ge 1890 ]
    [ "$("$MEDIA" value "$at/seen" 1.missing)" = 0 ]
    rm -r "$at"
}

if [ "${1-}" = streams ]; then
    SAID=$WORK/said.$PART
    streams "$2"
    exit
fi
check "OCI: the sources, from Debian" fetch
for arch in amd64 arm64; do
    check "OCI: $arch: static, and small" build $arch
    check "OCI: $arch: the image is what it says" layout $arch
    check "OCI: $arch: streams, read-only and without a right" \
        unshare --net --pid --fork --kill-child --mount --propagation private bash "$0" streams $arch
done
