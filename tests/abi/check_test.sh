#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that check.sh and the layout table tell a break from an addition: each case changes a copy of the
# headers. Usage: check_test.sh SOURCE_DIR; 77 = skipped.
set -u
for tool in abidw abidiff gcc; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not here"; exit 77; }
done
root=$1
wrong=0

# expect NAME STATUS LAYOUT_BREAKS FILE SED_SCRIPT [MINOR [CHANGELOG_LINE]]
expect() {
    work=$(mktemp -d)
    mkdir -p "$work/tests"
    cp -r "$root/plugin-api" "$work/"
    cp -r "$root/tests/abi" "$work/tests/"
    sed -i "$5" "$work/plugin-api/include/mortise/$4"
    if cmp -s "$root/plugin-api/include/mortise/$4" "$work/plugin-api/include/mortise/$4"; then
        echo "FAILED: $1: the change did not apply"
        wrong=1
    fi
    if [ -n "${6:-}" ]; then
        sed -i "s/ABI_MINOR [0-9]*u/ABI_MINOR $6u/" "$work/plugin-api/include/mortise/core.h"
    fi
    [ -n "${7:-}" ] && printf '\n%s\n' "$7" >>"$work/plugin-api/CHANGELOG.md"
    sh "$work/tests/abi/check.sh" "$work" >"$work/out" 2>&1
    status=$?
    gcc -std=c11 -fsyntax-only -I"$work/plugin-api/include" "$work/tests/abi/layout_check.c" 2>"$work/layout"
    layout=no # a size may grow
    grep -q 'offset of\|value of\|has no member\|undeclared' "$work/layout" && layout=yes
    if [ $status -ne "$2" ] || [ $layout != "$3" ]; then
        echo "FAILED: $1: check.sh ended with $status (expected $2), layout breaks: $layout (expected $3)"
        cat "$work/out" "$work/layout"
        wrong=1
    else
        echo "as expected: $1"
    fi
    rm -rf "$work"
}

member='uint64_t added;'
expect "a member in the middle breaks" 8 yes log.h "s/^    void\* ctx;/    $member\n    void* ctx;/"
expect "a member removed breaks" 8 yes connector.h "/^    mortise_str vendor;/d"
expect "two members swapped breaks" 8 yes flow.h "s/uint32_t role_stride;/uint32_t tmp;/; s/uint32_t subscription_stride;/uint32_t role_stride;/; s/uint32_t tmp;/uint32_t subscription_stride;/"
expect "a callback with another parameter breaks" 8 no state.h "s/uint64_t expected_version,/uint32_t expected_version,/"
expect "a member that came after 1.0 removed breaks" 8 yes run.h '/(\*spawn)(/,/user);/d'
append="s/^} mortise_svc_log;/    $member\n} mortise_svc_log;/"
expect "an appended member under a released minor fails" 4 no log.h "$append"
expect "a raised minor without a changelog fails" 4 no log.h "$append" 99
expect "a changelog without a raised minor fails" 4 no log.h "$append" "" "## 1.99"
expect "an appended member with its minor and changelog passes" 0 no log.h "$append" 99 "## 1.99"
expect "a minor below the released one fails" 4 no core.h 's/ABI_MINOR [0-9]*u/ABI_MINOR 0u/'
expect "another number of a constant is seen by the table" 0 yes core.h "s/MORTISE_E_LIMIT = -5,/MORTISE_E_LIMIT = -50,/"
exit $wrong
