#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The C example and the layout table build for 64-bit Windows. Usage: windows.sh SOURCE_DIR; 77 = skipped.
cc=x86_64-w64-mingw32-gcc
if ! command -v $cc >/dev/null; then
    echo "skipped: $cc is not here (Debian: gcc-mingw-w64-x86-64)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-std=c11 -Wall -Wextra -Wpedantic -Werror -I$1/plugin-api/include"
$cc $flags -fsyntax-only "$1/tests/abi/layout_check.c" || exit 1
$cc $flags -O2 -shared "$1/sdk/examples/c-connector/counter.c" -o "$work/counter.dll" || exit 1
if ! x86_64-w64-mingw32-objdump -p "$work/counter.dll" >"$work/exports"; then
    exit 1
fi
exports=$(sed -n '/\[Ordinal\/Name Pointer\] Table/,/^$/p' "$work/exports" | grep -c '^[[:space:]][[:space:]]*\[')
if [ "$exports" -ne 1 ] || ! grep -q mortise_plugin_entry_v1 "$work/exports"; then
    echo "FAILED: counter.dll must export mortise_plugin_entry_v1 and nothing else, it exports $exports names"
    exit 1
fi
echo "counter.dll exports mortise_plugin_entry_v1 and nothing else"
