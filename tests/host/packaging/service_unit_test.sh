#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The systemd units: well-formed, hardened, and true to the program.
#   service_unit_test.sh <source folder> <work folder> <mortise>
set -euo pipefail
units=$1/host/packaging work=$2 mortise=$3
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
rm -rf "$work"
mkdir -p "$work"
cp "$units/mortise.service" "$units/mortise.socket" "$work/"
# The program is where the build put it, so that its being there is checked as well.
sed -i "s|/usr/bin/mortise|$mortise|" "$work/mortise.service"
systemd-analyze verify --man=no "$work/mortise.service" "$work/mortise.socket" 2>&1 | tee "$work/said"
[ ! -s "$work/said" ] || fail "systemd-analyze verify has something to say"

# The aim is 1.5 of 10 at most; offline, as the machine that builds may run another init.
systemd-analyze security --offline=true --threshold=15 "$work/mortise.service" >"$work/security" ||
    fail "exposure: $(tail -1 "$work/security")"
tail -1 "$work/security"
# The twin: without the hardening the same look fails.
grep -vE '^(DynamicUser|Protect|Private|Restrict|System|Capability|Memory|NoNew)' "$work/mortise.service" \
    >"$work/bare.service"
if systemd-analyze security --offline=true --threshold=15 "$work/bare.service" >/dev/null; then
    fail "the look at the exposure passes whatever the unit says"
fi

# A reload whose refusal `systemctl reload` tells of: a signal could not. (`kill` would come back good.)
read -r -a reload < <(sed -n 's/^ExecReload=//p' "$work/mortise.service")
[ "${reload[0]}" = "$mortise" ] || fail "ExecReload= is ${reload[0]}, not the program"
printf '[host]\nno_such_key = 1\n' >"$work/refused.toml"
said=$("$mortise" "${reload[1]}" --config "$work/refused.toml" 2>&1) && fail "a refused reload ends well"
grep -q no_such_key <<<"$said" || fail "a refused reload does not name the wrong key: $said"
# The socket cannot be restarted under a running service, nor may the manager give up and close it.
unit=$(sed -n '/^\[Unit\]/,/^\[Service\]/p' "$work/mortise.service")
for line in Requires=mortise.socket StartLimitIntervalSec=0; do
    grep -qx "$line" <<<"$unit" || fail "[Unit] has no $line"
done

# What the units say is what the program and its configuration know.
"$mortise" run --help | grep >/dev/null SIGHUP || fail "mortise run does not speak of SIGHUP"
port=$(sed -n 's/^ListenStream=.*:\([0-9]*\)$/\1/p' "$work/mortise.socket")
grep -qx "port = $port" "$units/mortise.toml" || fail "the socket's port $port is not that of mortise.toml"
grep -qx 'FileDescriptorName=http' "$work/mortise.socket" || fail "the socket's name"

# The program works with memory that is never writable and executable at once, where the kernel can say so.
python3 - "$mortise" <<'PY'
import ctypes, subprocess, sys
def deny():
    if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
        raise OSError
try:
    done = subprocess.run([sys.argv[1], "version"], preexec_fn=deny, capture_output=True)
except subprocess.SubprocessError:
    print("SKIPPED: this kernel has no PR_SET_MDWE (Linux 6.3)")
else:
    sys.exit(done.returncode)
PY
rm -rf "$work"
echo "good"
