#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares the ABI of today's headers with the baseline of every released minor (plugin-api/abi/v1_*.abi).
# What breaks plugins fails; what was appended since the newest baseline must stand in
# plugin-api/CHANGELOG.md under a minor of its own. Usage: check.sh SOURCE_DIR [--write]
# --write makes the baseline of a minor that has none yet. 77 = skipped, the tools are not here.
set -u
root=$1
changelog=$root/plugin-api/CHANGELOG.md
for tool in abidw abidiff gcc; do
    if ! command -v $tool >/dev/null; then
        echo "skipped: $tool is not here (Debian: abigail-tools, gcc)"
        exit 77
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Paths stay out of the debug information, so that a baseline is the same on every machine.
cd "$root/tests/abi" || exit 1
gcc -std=c11 -g -O0 -shared -fPIC -fvisibility=hidden -fdebug-prefix-map="$root"=. \
    -I../../plugin-api/include abi_anchor.c -o "$work/anchor.so" || exit 1
missing=0
for type in $(sed -n 's/^typedef struct \(mortise_[a-z0-9_]*\) {.*/\1/p' ../../plugin-api/include/mortise/*.h); do
    if ! grep -q "^ANCHOR($type)" abi_anchor.c; then
        echo "FAILED: abi_anchor.c has no line for $type"
        missing=1
    fi
done
[ $missing -eq 0 ] || exit 1
abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$work/anchor.so" >"$work/today.abi" || exit 1
minor=$(sed -n 's/^#define MORTISE_ABI_MINOR \([0-9]*\)u.*/\1/p' "$root/plugin-api/include/mortise/core.h")
if [ "${2:-}" = --write ]; then
    fresh=$root/plugin-api/abi/v1_$minor.abi
    if [ -e "$fresh" ]; then
        echo "FAILED: 1.$minor has its baseline already; what was released stays"
        exit 1
    fi
    cp "$work/today.abi" "$fresh"
    exit 0
fi

# abidiff counts a moved member as a change like any other; for plugins it is a break.
breaking='offset changed|deletion|[1-9][0-9]* Removed|return type changed|^ *type of .* changed:|parameter [0-9]+ of type .* (changed|was)'
newest=-1
added=0
for baseline in "$root"/plugin-api/abi/v1_*.abi; do
    of=$(basename "$baseline" .abi)
    of=${of#v1_}
    abidiff "$baseline" "$work/today.abi" >"$work/report" 2>&1
    status=$?
    if [ $((status & 3)) -ne 0 ]; then
        cat "$work/report"
        echo "FAILED: abidiff could not compare with 1.$of (status $status)"
        exit 1
    fi
    if [ $((status & 8)) -ne 0 ] || grep -Eq "$breaking" "$work/report"; then
        cat "$work/report"
        echo "FAILED: this breaks plugins that were built for 1.$of; publish a new id beside the old one instead"
        exit 8
    fi
    if [ "$of" -gt $newest ]; then
        newest=$of
        added=$status
        cp "$work/report" "$work/newest"
    fi
done
if [ $newest -lt 0 ]; then
    echo "FAILED: there is no baseline in plugin-api/abi"
    exit 1
fi
if [ "$minor" -lt $newest ]; then
    echo "FAILED: MORTISE_ABI_MINOR is $minor, and 1.$newest was released"
    exit 4
fi
if ! grep -q "^## 1\.$minor\$" "$changelog"; then
    echo "FAILED: describe what is new under '## 1.$minor' in plugin-api/CHANGELOG.md"
    exit 4
fi
if [ $added -eq 0 ]; then
    echo "the ABI is that of 1.$newest, and breaks none before it"
    exit 0
fi
cat "$work/newest"
if [ "$minor" -eq $newest ]; then
    echo "FAILED: something was appended: raise MORTISE_ABI_MINOR and describe it under '## 1.$((newest + 1))' in plugin-api/CHANGELOG.md"
    exit 4
fi
echo "appended since 1.$newest, and the changelog says so"
