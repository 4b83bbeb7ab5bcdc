#!/usr/bin/env bash
# The story of `./dev demo`: an asset is approved in iconik, its reference appears in the campaign's Business Workspace, the
# workspace's status comes back; then the host is killed in the middle of a run and goes on.
#   config/demo.sh BUILD_DIR [--once]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$(realpath "$1")
once=${2:-}
work=$(mktemp -d)
sandbox= host=
iconik=http://127.0.0.1:18081 otcs=http://127.0.0.1:18082/otcs/cs

cleanup() {
    local pid
    for pid in $host $sandbox; do kill "$pid" 2>/dev/null || true; done
    for pid in $host $sandbox; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() {
    printf '\ndemo: %s\n' "$*" >&2
    tail -n 20 "$work/host.log" >&2 || true
    exit 1
}
mortise() { "$build/bin/mortise" -c "$work/demo.toml" "$@"; }

# until SECONDS COMMAND...: repeats a check until it holds.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}

start_host() {
    MORTISE_CONFIG=$work/demo.toml "$build/bin/mortise" run --plugins "$build/plugins" 2>>"$work/host.log" &
    host=$!
    until_true 20 curl -fsS http://127.0.0.1:8080/health/ready || fail "the host did not become ready"
}

play() { curl -fsS -X POST -H 'Content-Type: application/json' -d "$3" "$1/__sandbox/play/$2"; }
ticket() { curl -fsS -d "username=$OTCS_USER" --data-urlencode "password=$OTCS_PASSWORD" "$otcs/api/v1/auth" | jq -r .ticket; }
cs() { curl -fsS -H "OTCSTicket: $TICKET" "$otcs/api/$1"; }
workspace_id() { cs "v2/businessworkspaces?expanded_view=true&where_ext_system_id=MRM&where_bo_type=campaign&where_bo_id=$1" | jq -r '.results[0].data.properties.id'; }
media_folder() { cs "v2/nodes/$WORKSPACE/nodes?where_name=Media" | jq -r '.results[] | select(.data.properties.name == "Media") | .data.properties.id'; }
references() { cs "v2/nodes/$(media_folder)/nodes?limit=100" | jq -r '.results[].data.properties | select(.type == 140) | .name' | grep -F "$1"; }
has_reference() { [ "$(references "$1" | wc -l)" = 1 ]; }
asset_id() { curl -fsS -X POST -H "App-ID: $ICONIK_APP" -H "Auth-Token: $ICONIK_TOKEN" -H 'Content-Type: application/json' \
    -d "{\"doc_types\":[\"assets\"],\"filter\":{\"operator\":\"AND\",\"terms\":[{\"name\":\"external_id\",\"value\":\"NL\\\\-${1//-/\\\\-}\"}]}}" "$iconik/API/search/v1/search/" | jq -r '.objects[0].id'; }
marketing_view() { curl -fsS -H "App-ID: $ICONIK_APP" -H "Auth-Token: $ICONIK_TOKEN" "$iconik/API/metadata/v1/views/" | jq -r '.objects[] | select(.name == "Marketing") | .id'; }
status_of() { curl -fsS -H "App-ID: $ICONIK_APP" -H "Auth-Token: $ICONIK_TOKEN" "$iconik/API/metadata/v1/assets/$1/views/$VIEW/" | jq -r '.metadata_values.workspace_status.field_values[0].value'; }
status_is() { [ "$(status_of "$1")" = "$2" ]; }

for port in 8080 8081 18081 18082; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "port $port is in use; end what listens there first"
done
sed "/^\[host\]/a state_dir = \"$work/state\"" config/demo.toml >"$work/demo.toml"

say "1. The sandbox: iconik and Content Server on loopback"
"$build/bin/mortise-sandbox" --webhook-target http://127.0.0.1:8080/hooks/iconik >"$work/sandbox.log" 2>&1 &
sandbox=$!
systems=$("$build/bin/mortise-sandbox" --list --json)
ICONIK_APP=$(jq -r '.[] | select(.system == "iconik").credentials.app_id' <<<"$systems")
export ICONIK_TOKEN OTCS_PASSWORD
ICONIK_TOKEN=$(jq -r '.[] | select(.system == "iconik").credentials.auth_token' <<<"$systems")
OTCS_USER=$(jq -r '.[] | select(.system == "content-server").credentials.username' <<<"$systems")
OTCS_PASSWORD=$(jq -r '.[] | select(.system == "content-server").credentials.password' <<<"$systems")
sed -i "s/^app_id = .*/app_id = \"$ICONIK_APP\"/; s/^username = .*/username = \"$OTCS_USER\"/" "$work/demo.toml"
until_true 20 curl -fsS "$otcs/api/v1/ping" || fail "the sandbox did not start: $(cat "$work/sandbox.log")"
TICKET=$(ticket)
VIEW=$(marketing_view)
WORKSPACE=$(workspace_id C-1001)
jq -r '.[] | "   \(.system)  \(.base_url)"' <<<"$systems"

say "2. The host: plugins, configuration, connections"
"$build/bin/mortise" plugins --plugins "$build/plugins" -c "$work/demo.toml"
mortise check --plugins "$build/plugins"
mortise connections test iconik --plugins "$build/plugins"
mortise connections test otcs --plugins "$build/plugins"
start_host

say "3. Legal approves \"Packshot Lumen One Front\" in iconik"
front=$(asset_id packshot-front)
play "$iconik" approve-asset '{"asset":"packshot-front"}' >/dev/null
until_true 30 has_reference "Packshot Lumen One Front" || fail "no reference appeared"
echo "   In the workspace of campaign C-1001, folder Media:"
references "" | sed 's/^/     /'
until_true 30 status_is "$front" "$(cs "v2/businessworkspaces/$WORKSPACE?fields=categories" >/dev/null; echo Active)" ||
    fail "the workspace's status did not come back (it is \"$(status_of "$front")\")"
echo "   In iconik, workspace_status of the asset: $(status_of "$front")"

say "4. The campaign goes on hold in the workspace; the status comes back to the asset"
play http://127.0.0.1:18082 set-category '{"bo_id":"C-1001","category":"Campaign","values":{"Status":"On hold"}}' >/dev/null
until_true 30 status_is "$front" "On hold" || fail "the new status did not come back"
echo "   workspace_status: $(status_of "$front")"

say "5. kill -9 in the middle of a run"
curl -fsS -X POST -H 'Content-Type: application/json' http://127.0.0.1:18082/__sandbox/faults \
    -d '{"kind":"latency","method":"POST","path":"**/nodes","count":1,"delay_ms":3000}' >/dev/null
side=$(asset_id packshot-side)
play "$iconik" approve-asset '{"asset":"packshot-side"}' >/dev/null
reaching() { mortise runs list --state active --json | jq -e "map(select(.event_subject == \"$side\")) | length > 0"; }
until_true 20 reaching || true
kill -9 "$host"
wait "$host" 2>/dev/null || true
host=
echo "   killed; the journal says:"
mortise runs list --limit 1 | sed 's/^/     /'
start_host
until_true 60 has_reference "Packshot Lumen One Side" || fail "the run did not go on"
settled() { mortise runs list --json | jq -e 'map(select(.state == "ready" or .state == "active" or .state == "waiting")) | length == 0'; }
until_true 60 settled || fail "runs did not come to an end"
has_reference "Packshot Lumen One Side" || fail "there is not exactly one reference"
echo "   after the restart: exactly one reference, and it is there:"
references "" | sed 's/^/     /'

say "6. What happened"
mortise runs list --limit 8
mortise links list campaign-asset-reference
failed=$(mortise runs list --state failed --json | jq length)
[ "$failed" = 0 ] || fail "$failed runs failed"

say "The story is told."
if [ "$once" != --once ]; then
    echo "Sandbox and host stay up: $iconik, $otcs, webhooks at http://127.0.0.1:8080. Ctrl-C ends them."
    wait "$sandbox" "$host"
fi
