#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each public header compiles alone, in every language it promises, with every compiler that is here,
# without a warning and without padding that nobody wrote down. Usage: header_matrix.sh INCLUDE_FOLDER
set -u
include=$1
here=$(cd "$(dirname "$0")" && pwd)
flags="-fsyntax-only -Wall -Wextra -pedantic -Wpadded -Werror -I$include"
failed=0
done=0

# compile COMPILER LANGUAGE STANDARD FILE
compile() {
    done=$((done + 1))
    if ! printf '#include <mortise/%s>\n' "$4" | "$1" $flags -x "$2" -std="$3" - 2>"$log"; then
        echo "FAILED: $4 as $3 with $1"
        cat "$log"
        failed=1
    fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
compilers=0
for pair in gcc:g++ clang:clang++; do
    cc=${pair%:*}
    cxx=${pair#*:}
    if ! command -v "$cc" >/dev/null || ! command -v "$cxx" >/dev/null; then
        echo "not here, left out: $cc"
        continue
    fi
    compilers=$((compilers + 1))
    for header in "$include"/mortise/*.h; do
        name=$(basename "$header")
        for std in c11 c17; do compile "$cc" c $std "$name"; done
        for std in c++17 c++20; do compile "$cxx" c++ $std "$name"; done
    done
    for language in "$cc c c11" "$cxx c++ c++17"; do
        set -- $language
        done=$((done + 1))
        if ! "$1" -fsyntax-only -Wall -Wextra -Werror -I"$include" -x "$2" -std="$3" "$here/layout_check.c"; then
            echo "FAILED: the layout table as $3 with $1"
            failed=1
        fi
    done
done
if [ $compilers -eq 0 ]; then
    echo "FAILED: neither gcc nor clang is here"
    exit 1
fi
echo "$done compilations with $compilers compilers"
exit $failed
