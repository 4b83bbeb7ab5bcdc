#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The parts of machine.sh that run in the machine, each after the one before it.  machine_inside.sh <part>
set -euo pipefail
cd /root
drop_in=/etc/systemd/system/mortise.service.d
flows=/etc/mortise/conf.d/flows.toml
fail() {
    echo "FAILED: $*" >&2
    journalctl -u mortise.service -u mortise.socket -o cat --no-pager -n 25 >&2
    exit 1
}
until_true() { # seconds, command
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}
active() { systemctl is-active -q mortise.service; }
ready() { active && curl -fsS http://127.0.0.1:8080/health/ready; }
of_unit() { systemctl show --value -p "$1" mortise.service; }
log_has() { journalctl -u mortise.service -o cat --no-pager -n 30 | grep -F -- "$1" >/dev/null; }

begin() {
    mortise check || fail "the configuration as installed"
    if active || systemctl is-enabled -q mortise.service mortise.socket; then fail "started by the installation"; fi
    systemctl enable -q --now mortise.socket mortise.service
    until_true 20 ready || fail "not ready"
    [ "$(stat -c %a /var/lib/private/mortise)" = 700 ] || fail "the state's mode"
    [ "$(stat -Lc %u /var/lib/mortise)" = "$(stat -c %u "/proc/$(of_unit MainPID)")" ] || fail "the state's owner"
    [ "$(stat -c %u "/proc/$(of_unit MainPID)")" != 0 ] || fail "runs as root"
    [ "$(find -L /var/lib/mortise -name 'journal.db*' -perm /077 ! -name '*.lock')" = '' ] || fail "others may read the journal"
    systemd-analyze security --threshold=15 mortise.service >/dev/null || fail "exposure"
    journalctl -u mortise.service -o cat --no-pager | grep "^{.*is ready" >/dev/null || fail "no line of JSON in the journal"

    # The sandbox's systems, and all flows; secrets as credentials.
    systemd-run -q --unit=systems mortise-sandbox --webhook-target http://127.0.0.1:8080/hooks/iconik
    sed -e 's/{ env = "ICONIK_TOKEN" }/{ credential = "iconik-token" }/; s/{ env = "OTCS_PASSWORD" }/{ credential = "otcs-password" }/' \
        -e '/^\[host\]/,/^\[connections.iconik\]/{/^\[connections.iconik\]/!d}' \
        /usr/share/mortise/config/iconik-workspaces.toml >"$flows"
    mkdir -p /root/secrets "$drop_in"
    printf sandbox-integration-token >/root/secrets/iconik-token
    printf integration-pass >/root/secrets/otcs-password
    if systemctl reload mortise; then fail "a reload without the credentials is taken"; fi
    log_has LoadCredential= || fail "it is not said how to give a credential"
    printf '[Service]\nLoadCredential=%s\nLoadCredential=%s\n' iconik-token:/root/secrets/iconik-token \
        otcs-password:/root/secrets/otcs-password >"$drop_in/secrets.conf"
    systemctl daemon-reload
    systemctl restart mortise
    until_true 20 ready || fail "not ready with credentials"
    mortise connections list | grep otcs >/dev/null || fail "the connections"
}

under_load() {
    local pid
    for _ in 1 2; do
        systemctl restart mortise
        until_true 20 ready || fail "restart"
    done
    pid=$(of_unit MainPID)
    systemctl reload mortise || fail "a good reload"
    systemctl kill --kill-whom=main -s SIGUSR2 mortise
    sleep 1
    until_true 20 ready || fail "SIGUSR2"
    until_true 20 mortise upgrade || fail "mortise upgrade"
    sleep 1
    until_true 20 ready || fail "after mortise upgrade"
    dpkg -i /root/next.deb >/dev/null || fail "dpkg -i of the next version"
    sleep 1
    until_true 20 ready || fail "after the package's upgrade"
    [ "$(of_unit MainPID)" = "$pid" ] || fail "another process: the hand-over was none"
    [ "$(of_unit NRestarts)" = 0 ] || fail "restarted"

    cp "$flows" /root/flows.toml
    echo 'no_such_key = 1' >>"$flows"
    if systemctl reload mortise; then fail "a wrong configuration is taken"; fi
    active || fail "a refused reload ended the service"
    log_has no_such_key || fail "the wrong key is not in the log"
    # At a start it is tried again and again, longer than the manager would by itself.
    if systemctl restart mortise; then fail "a wrong configuration starts"; fi
    sleep 15
    systemctl is-active -q mortise.socket || fail "the socket is closed"
    cp /root/flows.toml "$flows"
    until_true 20 ready || fail "the mended configuration is not taken"
    systemctl reload mortise || fail "the mended configuration"
}

credentials() {
    mkdir -p -m 700 /etc/credstore.encrypted
    systemd-creds encrypt --name=otcs-password - /etc/credstore.encrypted/otcs-password </root/secrets/otcs-password 2>/dev/null
    printf '[Service]\nLoadCredential=iconik-token:/root/secrets/iconik-token\nLoadCredentialEncrypted=otcs-password\n' \
        >"$drop_in/secrets.conf"
    systemctl daemon-reload
    systemctl restart mortise
    until_true 20 ready || fail "encrypted credentials"
}

sockets() {
    mkdir -p /etc/systemd/system/mortise.socket.d
    printf '[Socket]\nListenStream=\nListenStream=0.0.0.0:8090\n' >/etc/systemd/system/mortise.socket.d/address.conf
    systemctl daemon-reload
    systemctl restart mortise.socket || fail "restart of the socket"
    until_true 20 curl -fsS http://127.0.0.1:8090/health/ready || fail "another address"
    if curl -fsS http://127.0.0.1:8080/health/ready >/dev/null 2>&1; then fail "the former address is still open"; fi
    rm -r /etc/systemd/system/mortise.socket.d
    printf '[Socket]\nListenStream=127.0.0.1:8099\nFileDescriptorName=%s\nService=mortise.service\n' admin \
        >/etc/systemd/system/mortise-admin.socket
    systemctl daemon-reload
    systemctl stop mortise.socket mortise.service
    systemctl start mortise-admin.socket mortise.socket mortise.service
    until_true 20 curl -fsS http://127.0.0.1:8099/health/ready || fail "a socket for the admin listener"
    mortise status >/dev/null || fail "mortise status at the admin's socket"
    systemctl stop mortise.socket mortise.service mortise-admin.socket
    sed -i s/=admin/=other/ /etc/systemd/system/mortise-admin.socket
    systemctl daemon-reload
    systemctl start mortise-admin.socket
    if systemctl start mortise.service; then fail "a socket of a wrong name is taken"; fi
    log_has 'FileDescriptorName=admin' || fail "it is not said which names there are"
    systemctl stop mortise.service mortise-admin.socket mortise.socket
    rm /etc/systemd/system/mortise-admin.socket
    systemctl daemon-reload
    systemctl start mortise.socket mortise.service
    until_true 20 ready || fail "back"
}

watchdog() {
    printf '[Service]\nWatchdogSec=4s\n' >"$drop_in/watchdog.conf"
    systemctl daemon-reload
    systemctl restart mortise
    until_true 20 ready || fail "with a short watchdog"
    sleep 6
    [ "$(of_unit NRestarts)" = 0 ] || fail "a host that is well is restarted"
    kill -STOP "$(of_unit MainPID)"
    until_true 30 log_has 'Watchdog timeout' || fail "a host that stands still"
    until_true 20 ready || fail "after the watchdog"
    rm "$drop_in/watchdog.conf"
    systemctl daemon-reload
}

removal() {
    apt-get remove -y -q mortise >/dev/null 2>&1 || fail "apt remove"
    if systemctl list-units --all 'mortise*' | grep mortise >/dev/null; then fail "units are left"; fi
    [ -e "$flows" ] && [ -e /var/lib/mortise/journal.db ] || fail "remove took configuration or state"
    apt-get purge -y -q mortise >/root/purge.log 2>&1 || fail "apt purge"
    grep -q 'journal was kept' /root/purge.log || fail "it is not said where the journal lies"
    [ ! -e /etc/mortise ] && [ -e /var/lib/mortise/journal.db ] || fail "what purge leaves"
    rm -rf "$drop_in"
}

"$1"
