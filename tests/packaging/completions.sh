#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# completions.sh DIR SRTLA_SEND SRTLA_REC: what the shells complete is what the programs take.
set -u

completions=$1 send=$(realpath "$2") rec=$(realpath "$3")
framework=/usr/share/bash-completion/bash_completion
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

if [ ! -r $framework ] || ! command -v zsh >/dev/null; then
    echo "skipped: no bash-completion, or no zsh" >&2
    exit 77
fi

# replies WORD...: what bash offers for the last of these words, one a line.
replies() {
    # shellcheck disable=SC2016 # for the other shell
    bash --norc -c 'shopt -s extglob progcomp
        . "$1"; . "$2/bash/$3"; shift 2
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9
        "_$1"; printf "%s\n" "${COMPREPLY[@]}"' bash $framework "$completions" "$@" 2>&1 | sort
}

# offers "WORD..." WORD...: that these are all, in any order.
offers() {
    local wanted got

    # shellcheck disable=SC2086 # words
    wanted=$(printf '%s\n' $1 | sort)
    shift
    got=$(replies "$@" | sed 's/ *$//')
    [ "$got" = "$wanted" ] || fail "for \"$*\" bash offers: ${got//$'\n'/ }; and not: ${wanted//$'\n'/ }"
}

# names_all PROGRAM PATH [SUBCOMMAND]: the long options of --help, no fewer and no more.
names_all() {
    local program=$1 path=$2 options

    shift 2
    options=$("$path" "$@" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+$')
    [ -n "$options" ] || fail "$program $* --help shows no options"
    offers "$options" "$program" "$@" --
    # All that begin a word of a quoted line.
    [ "$(zsh_options "$program" "$@")" = "$(sort <<<"$options")" ] ||
        fail "zsh completes other options of $program: $(diff <(zsh_options "$program") <(sort <<<"$options"))"
}

# Those of zsh, before or behind the line that tells the subcommand from the program.
zsh_options() {
    local part

    # shellcheck disable=SC2016 # $ is sed's
    case $* in
    "srtla_send doctor") part='1,/^fi$/p' ;;
    srtla_send) part='/^fi$/,$p' ;;
    srtla_rec) part='/^_arguments/,$p' ;;
    esac
    sed -n "$part" "$completions/zsh/_$1" | grep -oE "^ *('|.*,)--[a-z-]+[[}]" | grep -oE -- '--[a-z-]+' | sort -u
}

for program in send rec; do
    bash -n "$completions/bash/srtla_$program" || fail "bash cannot read srtla_$program"
    zsh -n "$completions/zsh/_srtla_$program" || fail "zsh cannot read _srtla_$program"
done
names_all srtla_send "$send"
names_all srtla_send "$send" doctor
names_all srtla_rec "$rec"

offers "balance redundant auto quality classic" srtla_send --mode ''
offers "redundant" srtla_send --mode re
offers "redundant" srtla_send --mode=re
offers "auto plain mmsg gso" srtla_rec --io ''
offers "json" srtla_send 9000 host --log-format j
offers "on off" srtla_rec --srt-gate ''
offers "auto" srtla_rec --hold a
offers "doctor" srtla_send ''
offers "check" srtla_rec ch
offers "off" srtla_rec --http o
offers "" srtla_send --copies ''
offers "--show-keys" srtla_rec check --sh
offers "--payload" srtla_send doctor --pa

cd "$work" || exit 1
touch ips.txt other
mkdir state
offers "ips.txt" srtla_send --uplinks ip
offers "ips.txt" srtla_send 9000 host 5000 ip
offers "state" srtla_rec --state-dir ''
offers "ips.txt other state" srtla_rec --config ''

# Each choice of the programs is one that is offered: they refuse any other word by naming all.
"$send" --mode no-such-mode 2>&1 | grep -q 'balance|redundant|auto|quality|classic|' || fail "other modes"
"$send" --io no-such-way 2>&1 | grep -qE "none of plain\|mmsg\|gso\|auto$" || fail "other ways"
"$rec" --log-format none 2>&1 | grep -q 'none of text|json$' || fail "other formats"
echo "the completions of bash and zsh name what the programs take"
