# SPDX-License-Identifier: Apache-2.0
"""Where a page is run: what is there before its first command.

plain    an empty folder, the programs on PATH
demo     the sandbox and a host with the eight flows; the folder holds mortise.toml, so that commands need no -c;
         /var/lib/mortise is its state folder, and systemctl starts and stops it
sandbox  the sandbox and the same configuration; the page starts the host itself
install  an empty home; the page itself installs from the build, which it calls build/release
"""
import os
import pathlib
import socket
import threading

STAGES = ("plain", "demo", "sandbox", "install")


_handed_out, _handing_out = set(), threading.Lock()


def free_ports(count):
    """A row of ports that nobody has. Somebody may take one until it is used; then the page begins again."""
    for _ in range(200):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        taken = []
        with _handing_out:  # pages that run beside this one
            if _handed_out & set(range(first, first + count)):
                continue
            _handed_out.update(range(first, first + count))
        try:
            for port in range(first, first + count):
                one = socket.socket()
                taken.append(one)
                one.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
    raise RuntimeError("no row of free ports")


SETUP = r"""
set -e
sandbox=$(mortise-sandbox --port-base {base} --list --json)
ICONIK_APP=$(jq -r '.[] | select(.system == "iconik").credentials.app_id' <<<"$sandbox")
export ICONIK_TOKEN OTCS_PASSWORD
ICONIK_TOKEN=$(jq -r '.[] | select(.system == "iconik").credentials.auth_token' <<<"$sandbox")
OTCS_USER=$(jq -r '.[] | select(.system == "content-server").credentials.username' <<<"$sandbox")
OTCS_PASSWORD=$(jq -r '.[] | select(.system == "content-server").credentials.password' <<<"$sandbox")
sed -e "s/^app_id = .*/app_id = \"$ICONIK_APP\"/; s/^username = .*/username = \"$OTCS_USER\"/" \
    -e "s/^port = 8080/port = {http}/; s/^port = 8081/port = {admin}/" \
    -e "s/127.0.0.1:18081/127.0.0.1:{iconik}/; s/127.0.0.1:18082/127.0.0.1:{otcs}/" \
    {repository}/config/iconik-workspaces.toml >mortise.toml
printf '\n[plugins]\npaths = ["%s"]\n' {plugins} >>mortise.toml
mortise-sandbox --port-base {base} --webhook-target http://127.0.0.1:{http}/hooks/iconik >sandbox.log 2>&1 &
until_true() {{ local end=$((SECONDS + $1 * ${{DOCS_PATIENCE:-1}})); shift; until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done; }}
play() {{ curl -fsS -X POST -H 'Content-Type: application/json' -d "$3" "http://127.0.0.1:$1/__sandbox/play/$2"; }}
ic_play() {{ play {iconik} "$1" "$2"; }}
cs_play() {{ play {otcs} "$1" "$2"; }}
until_true 20 curl -fsS http://127.0.0.1:{otcs}/otcs/cs/api/v1/ping
set +e
"""

# What the packages' unit does, so that pages can say systemctl.
HOST = r"""
start_host() {{
    mortise run >>host.log 2>&1 &
    HOST_PID=$!
    ready_or_gone() {{ ! kill -0 $HOST_PID || curl -fsS http://127.0.0.1:{http}/health/ready; }}
    until_true 30 ready_or_gone
    curl -fsS http://127.0.0.1:{http}/health/ready || {{ cat host.log; false; }}
}}
stop_host() {{ kill $HOST_PID && wait $HOST_PID; }}
systemctl() {{
    case "$1" in
    start) start_host ;;
    stop) stop_host ;;
    restart) stop_host; start_host ;;
    reload) kill -HUP $HOST_PID ;;
    *) echo "this stage has no systemctl $1" >&2; return 1 ;;
    esac
}}
sudo() {{ "$@"; }}
start_host
"""


def start_stage(name, shell, given):
    """Makes the stage in the page's shell; what stands for something else on this machine."""
    def run(text, limit=60):
        said, code = shell.run(text, limit)
        if code != 0:
            raise RuntimeError(f"the stage {name} did not start:\n{said}")

    if name == "install":
        run("mkdir -p ~ && cd ~")
        first = free_ports(3)
        build = str(pathlib.Path(given.bin).parent)
        return {"build/release": build, "8000": str(first), "8080": str(first + 1), "8081": str(first + 2)}
    if name not in ("demo", "sandbox"):
        return {}
    base = free_ports(8)
    values = {"base": base, "iconik": base + 1, "otcs": base + 2, "http": base + 6, "admin": base + 7,
              "repository": given.repository, "plugins": given.plugins}
    run(SETUP.format(**values))
    if name == "demo":
        run(HOST.format(**values))
    return {"/var/lib/mortise": shell.value("PWD") + "/state", "127.0.0.1:18081": f"127.0.0.1:{base + 1}", "127.0.0.1:18082": f"127.0.0.1:{base + 2}",
            "127.0.0.1:8080": f"127.0.0.1:{base + 6}", "127.0.0.1:8081": f"127.0.0.1:{base + 7}"}
