#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares the ABI of today's headers with the baseline of 1.0. What breaks plugins fails; what was
# appended must stand in plugin-api/CHANGELOG.md under a new minor. Usage: check.sh SOURCE_DIR [--write]
# 77 = skipped, the tools are not here.
set -u
root=$1
baseline=$root/plugin-api/abi/v1.abi
changelog=$root/plugin-api/CHANGELOG.md
for tool in abidw abidiff gcc; do
    if ! command -v $tool >/dev/null; then
        echo "skipped: $tool is not here (Debian: abigail-tools, gcc)"
        exit 77
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Paths stay out of the debug information, so that the baseline is the same on every machine.
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
abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$work/anchor.so" >"$work/v1.abi" || exit 1
if [ "${2:-}" = --write ]; then
    cp "$work/v1.abi" "$baseline"
    exit 0
fi

abidiff "$baseline" "$work/v1.abi" >"$work/report" 2>&1
status=$?
if [ $status -eq 0 ]; then
    echo "the ABI is that of the baseline"
    exit 0
fi
cat "$work/report"
if [ $((status & 3)) -ne 0 ]; then
    echo "FAILED: abidiff could not compare (status $status)"
    exit 1
fi
# abidiff counts a moved member as a change like any other; for plugins it is a break.
breaking='offset changed|deletion|[1-9][0-9]* Removed|return type changed|^ *type of .* changed:|parameter [0-9]+ of type .* (changed|was)'
if [ $((status & 8)) -ne 0 ] || grep -Eq "$breaking" "$work/report"; then
    echo "FAILED: this breaks plugins that are built already; publish a new id beside the old one instead"
    exit 8
fi
minor=$(sed -n 's/^#define MORTISE_ABI_MINOR \([0-9]*\)u.*/\1/p' "$root/plugin-api/include/mortise/core.h")
if [ "$minor" -eq 0 ] || ! grep -q "^## 1\.$minor\$" "$changelog"; then
    echo "FAILED: something was appended: raise MORTISE_ABI_MINOR and describe it under '## 1.$((minor > 0 ? minor : 1))' in plugin-api/CHANGELOG.md"
    exit 4
fi
echo "appended since 1.0, and the changelog says so"
