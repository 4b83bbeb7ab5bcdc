#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What docs/install.md and docs/upgrading.md promise of the service, on a Debian 12 with systemd that is made and booted
# for it in a container of namespaces, with a network of its own. Needs root, debootstrap, systemd-container and a Debian mirror;
# some minutes. By `./dev machine`; no part of ctest.
#   machine.sh <folder with the packages> <work folder> [mirror]
set -euo pipefail
packages=$(realpath "$1") here=$(realpath "$(dirname "$0")")
mirror=${3:-$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -1)} # as this machine's
mkdir -p "$2" && rm -f "$2/stop"
work=$(realpath "$2") root=$(realpath "$2")/root leader=''
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
step() { echo "== $*"; }
newest() { ls -t "$packages/$1"_[0-9]*.deb | head -1; }
[ "$(id -u)" = 0 ] || fail "needs root, to make and boot a machine"
for tool in debootstrap systemd-nspawn dpkg-deb nsenter python3; do
    command -v "$tool" >/dev/null || fail "needs $tool: apt install debootstrap systemd-container"
done
# A machine that runs no unified control groups gets them for this script, in a mount namespace of its own.
if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
    [ -z "${MORTISE_MACHINE_AGAIN:-}" ] || fail "no unified control groups"
    MORTISE_MACHINE_AGAIN=1 exec unshare -m sh -ec 'mount --make-rprivate /
        umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"' sh "$0" "$packages" "$work" "$mirror"
fi

step "a Debian 12"
if [ ! -e "$work/base.tar" ]; then
    rm -rf "$root"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates,curl,iproute2 bookworm "$root" "$mirror" \
        >"$work/debootstrap.log" 2>&1 || fail "debootstrap: $(tail -3 "$work/debootstrap.log")"
    tar -C "$root" --numeric-owner -cf "$work/base.tar" .
fi
rm -rf "$root"
mkdir -p "$root"
tar -C "$root" -xf "$work/base.tar"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir "$root/root/debs"
cp "$(newest mortise)" "$(newest mortise-sandbox)" "$root/root/debs/"

step "installed as docs/install.md says"
systemd-nspawn -q -D "$root" --keep-unit --register=no sh -ec 'apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends /root/debs/*.deb' >"$work/install.log" 2>&1 ||
    fail "apt install: $(tail -5 "$work/install.log")"
grep -q 'not started yet' "$work/install.log" || fail "the installation says nothing of what to do"
# The next version: the same program under a later number.
rm -rf "$work/next"
dpkg-deb -R "$(newest mortise)" "$work/next"
sed -i 's/^Version: .*/Version: 99.0.0/' "$work/next/DEBIAN/control"
dpkg-deb -Zgzip --root-owner-group -b "$work/next" "$root/root/next.deb" >/dev/null
rm -rf "$work/next"
cp "$here/machine_inside.sh" "$root/root/inside.sh"

step "booted"
systemd-nspawn -q -b -D "$root" --keep-unit --register=no --private-network -M "mortise-$$" \
    </dev/null >"$work/boot.log" 2>&1 &
nspawn=$!
# In the namespaces of the machine.
inside() { nsenter -t "$leader" -m -p -u -i -n --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
end() {
    if [ -n "$leader" ]; then inside systemctl poweroff >/dev/null 2>&1 || true; fi
    for _ in $(seq 100); do
        kill -0 "$nspawn" 2>/dev/null || return 0
        sleep 0.1
    done
    kill "$nspawn" 2>/dev/null || true
}
trap end EXIT
for _ in $(seq 300); do
    leader=$(pgrep -P "$nspawn" | head -1) || leader=''
    if [ -n "$leader" ] && inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; then break; fi
    kill -0 "$nspawn" 2>/dev/null || fail "the machine did not boot: $(tail -5 "$work/boot.log")"
    sleep 0.2
done
inside systemctl is-system-running | grep -qE 'running|degraded' || fail "the machine did not boot"

step "begin"
inside bash /root/inside.sh begin
step "under a stream of webhooks: restarts, hand-overs, the next version, a configuration that is refused"
nsenter -t "$leader" -n python3 "$here/machine_stream.py" 8080 "$work/stop" >"$work/stream.log" 2>&1 &
stream=$!
inside bash /root/inside.sh under_load || { touch "$work/stop"; fail "under load"; }
touch "$work/stop"
wait "$stream" || fail "webhooks were lost: $(tail -5 "$work/stream.log")"
rm -f "$work/stop"
tail -1 "$work/stream.log"
for part in credentials sockets watchdog removal; do
    step "$part"
    inside bash /root/inside.sh "$part"
done
echo "good"
