#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The committed table is the one the headers give. Usage: layout_table.sh PYTHON HEADER_FOLDER
# MORTISE_ACCEPT=1 writes the new table instead; review the difference.
here=$(cd "$(dirname "$0")" && pwd)
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
"$1" "$here/layout.py" "$2" >"$fresh" || exit 1
if [ -n "${MORTISE_ACCEPT:-}" ]; then
    cp "$fresh" "$here/layout_v1.inc"
    exit 0
fi
if ! diff -u "$here/layout_v1.inc" "$fresh"; then
    echo "FAILED: the headers changed. Appended something? MORTISE_ACCEPT=1 $0 $*"
    echo "Changed a line? That breaks every plugin built so far; take it back."
    exit 1
fi
echo "the headers have the layout, the numbers and the ids of the table"
