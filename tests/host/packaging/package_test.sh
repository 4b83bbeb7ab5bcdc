#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages of a build: built, looked at, installed into a folder of their own, used, removed.
#   package_test.sh <build folder> <work folder>
set -euo pipefail
build=$1 work=$2 root=$2/root
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
step() { echo "== $*"; }
rm -rf "$work"
mkdir -p "$work" "$root"

step "build"
(cd "$build" && cpack -G DEB -B "$work/packages" >"$work/cpack.log" 2>&1) || {
    tail -30 "$work/cpack.log" >&2
    fail "cpack"
}
debs=("$work"/packages/mortise_*.deb "$work"/packages/mortise-dev_*.deb "$work"/packages/mortise-sandbox_*.deb)
for deb in "${debs[@]}"; do [ -f "$deb" ] || fail "no $deb"; done

step "what the packages say"
field() { dpkg-deb -f "$1" "$2"; }
field "${debs[0]}" Depends | grep >/dev/null 'libsqlite3-0' || fail "the host's libraries are no dependencies"
field "${debs[1]}" Depends | grep >/dev/null 'libboost-json1.81-dev' || fail "mortise-dev lacks what its headers include"
field "${debs[2]}" Depends | grep >/dev/null 'libssl3' || fail "the sandbox's libraries are no dependencies"
[ "$(dpkg-deb --ctrl-tarfile "${debs[0]}" | tar -xO ./conffiles)" = /etc/mortise/mortise.toml ] ||
    fail "the configuration is no conffile"
for deb in "${debs[@]}"; do
    if dpkg-deb --fsys-tarfile "$deb" | tar -t | grep -E '/(build|work|home|root)/'; then fail "paths of the build"; fi
done
step "no file in two packages"
for deb in "${debs[@]}"; do dpkg-deb --fsys-tarfile "$deb" | tar -t | grep -v '/$'; done | sort | uniq -d >"$work/twice"
[ ! -s "$work/twice" ] || fail "in two packages: $(cat "$work/twice")"

if command -v lintian >/dev/null; then
    step "lintian"
    lintian --fail-on error --tag-display-limit 0 "${debs[@]}" >"$work/lintian.log" 2>&1 || {
        cat "$work/lintian.log" >&2
        fail "lintian"
    }
else
    echo "SKIPPED: lintian is not installed"
fi

if [ "$(id -u)" = 0 ]; then
    step "install with dpkg into $root"
    mkdir -p "$root/var/lib/dpkg/"{info,updates,triggers} "$root/var/log"
    : >"$root/var/lib/dpkg/status"
    # Dependencies are those of this machine, not of the folder.
    apt=(dpkg "--root=$root" --force-depends --force-script-chrootless --log="$work/dpkg.log")
    "${apt[@]}" -i "${debs[@]}" >"$work/install.log" 2>&1 || {
        cat "$work/install.log" >&2
        fail "dpkg -i"
    }
    grep -q 'not started yet' "$work/install.log" || fail "a first installation says nothing of what to do"
else
    echo "SKIPPED: not root, so the packages are unpacked without dpkg: no maintainer scripts, no conffile handling"
    for deb in "${debs[@]}"; do dpkg-deb -x "$deb" "$root"; done
fi

step "files"
for file in usr/bin/mortise usr/bin/mortise-sandbox usr/lib/mortise/plugins/iconik.so etc/mortise/mortise.toml \
    lib/systemd/system/mortise.service lib/systemd/system/mortise.socket usr/share/man/man1/mortise.1.gz \
    usr/share/bash-completion/completions/mortise usr/share/doc/mortise/install.md usr/include/mortise/plugin.h \
    usr/lib/cmake/Mortise/MortiseConfig.cmake usr/share/mortise/templates usr/share/mortise/examples; do
    [ -e "$root/$file" ] || fail "not installed: $file"
done
if readelf -S "$root/usr/bin/mortise" | grep >/dev/null '\.debug_info'; then fail "the program is not stripped"; fi

step "the host"
mortise=$root/usr/bin/mortise
"$mortise" version | grep >/dev/null '^mortise [0-9]' || fail "version"
# As installed, but for where plugins and state lie.
sed "s|/usr/lib/mortise|$root/usr/lib/mortise|; s|/var/lib/mortise|$work/state|" "$root/etc/mortise/mortise.toml" \
    >"$work/mortise.toml"
"$mortise" -c "$work/mortise.toml" check || fail "the configuration as installed"
"$mortise" -c "$work/mortise.toml" plugins | grep >/dev/null iconik || fail "the plugins"
echo 'no_such_key = 1' >>"$work/mortise.toml"
if "$mortise" -c "$work/mortise.toml" check >"$work/refused" 2>&1; then
    fail "a wrong configuration passed"
fi
grep -q no_such_key "$work/refused" || fail "the wrong key is not named"

step "the sandbox"
"$root/usr/bin/mortise-sandbox" --list | grep >/dev/null iconik || fail "mortise-sandbox --list"

step "a plugin against mortise-dev"
cmake -S "$root/usr/share/mortise/examples/c-connector" -B "$work/example" -G Ninja -DCMAKE_PREFIX_PATH="$root/usr" \
    -DCMAKE_BUILD_TYPE=Release >"$work/example.log" 2>&1 && cmake --build "$work/example" >>"$work/example.log" 2>&1 || {
    tail -30 "$work/example.log" >&2
    fail "the example does not build"
}
"$mortise" inspect "$work/example/examples/counter.so" | grep >/dev/null counter || fail "mortise inspect"
"$mortise" new flow tried --dir "$work/tried" >/dev/null
cmake -S "$work/tried" -B "$work/tried/build" -G Ninja -DCMAKE_PREFIX_PATH="$root/usr" >"$work/tried.log" 2>&1 || {
    tail -30 "$work/tried.log" >&2
    fail "a new project is not configured against mortise-dev"
}

if [ "$(id -u)" = 0 ]; then
    step "remove and purge"
    echo '# mine' >>"$root/etc/mortise/mortise.toml"
    mkdir -p "$root/var/lib/mortise"
    : >"$root/var/lib/mortise/journal.db"
    "${apt[@]}" -r mortise mortise-dev mortise-sandbox >"$work/remove.log" 2>&1 || {
        cat "$work/remove.log" >&2
        fail "dpkg -r"
    }
    [ ! -e "$mortise" ] || fail "the program is still there"
    grep -q '# mine' "$root/etc/mortise/mortise.toml" || fail "a changed configuration was thrown away"
    "${apt[@]}" -P mortise >"$work/purge.log" 2>&1 || {
        cat "$work/purge.log" >&2
        fail "dpkg -P"
    }
    [ ! -e "$root/etc/mortise" ] || fail "the configuration outlived a purge"
    [ -e "$root/var/lib/mortise/journal.db" ] || fail "a purge threw the journal away"
    find "$root" -path "$root/var" -prune -o -type f -print >"$work/left"
    [ ! -s "$work/left" ] || fail "left behind: $(cat "$work/left")"
fi
rm -rf "$work"
echo "good"
