#!/usr/bin/env bash
# The story of `./dev demo`: a campaign from the first approval to the archive, through all eight flows between iconik and
# OpenText Extended ECM - Business Workspaces on emulated systems; in the middle the host is killed and goes on, and at the end a run fails and is mended.
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
ic_play() { play "$iconik" "$1" "$2" >/dev/null || fail "the sandbox refused $1"; }
cs_play() { play http://127.0.0.1:18082 "$1" "$2" >/dev/null || fail "the sandbox refused $1"; }

# ---- what a person sees in iconik ----
ic() { curl -fsS -H "App-ID: $ICONIK_APP" -H "Auth-Token: $ICONIK_TOKEN" -H 'Content-Type: application/json' "$@"; }
asset_id() { ic -X POST -d "{\"doc_types\":[\"assets\"],\"filter\":{\"operator\":\"AND\",\"terms\":[{\"name\":\"external_id\",\"value\":\"NL\\\\-${1//-/\\\\-}\"}]}}" \
    "$iconik/API/search/v1/search/" | jq -r '.objects[0].id'; }
field() { ic "$iconik/API/metadata/v1/${3:-assets}/$1/views/$VIEW/" | jq -r "[.metadata_values.\"$2\".field_values[]?.value] | join(\", \")"; }
comments() { ic "$iconik/API/assets/v1/assets/$1/segments/?per_page=100" | jq -r '.objects[].segment_text // empty'; }
field_is() { [ "$(field "$1" "$2" "${4:-assets}")" = "$3" ]; }
says() { comments "$1" | grep -qF "$2"; }

# ---- and in the workspaces ----
cs() { curl -fsS -H "OTCSTicket: $TICKET" "$otcs/api/$1"; }
ticket() { curl -fsS -d "username=$OTCS_USER" --data-urlencode "password=$OTCS_PASSWORD" "$otcs/api/v1/auth" | jq -r .ticket; }
workspace() { cs "v2/businessworkspaces?expanded_view=true&where_ext_system_id=MRM&where_bo_type=$1&where_bo_id=$2" | jq -r '.results[0].data.properties.id // empty'; }
child() { cs "v2/nodes/$1/nodes?limit=100" | jq -r --arg n "$2" '.results[].data.properties | select(.name == $n) | .id'; }
in_folder() { cs "v2/nodes/$(child "$1" "$2")/nodes?limit=100" | jq -r '.results[].data.properties.name'; }
has() { in_folder "$1" "$2" | grep -qF "$3"; }
has_one() { [ "$(in_folder "$1" "$2" | grep -cF "$3")" = 1 ]; }
item() { cs "v2/nodes/$(child "$1" "$2")/nodes?limit=100" | jq -r --arg n "$3" '[.results[].data.properties | select(.type == 140 and (.name | contains($n)))][0].id'; }
value() { cs "v2/nodes/$1/categories" | jq -r --arg k "$2" '[.results[].data.categories[$k] // empty] | flatten | join(", ")'; }
value_is() { [ "$(value "$1" "$2")" = "$3" ]; }
tasks() { cs "v2/workflows/status?Kind=Both" | jq -r --arg n "$1" '[.results[].data.wfstatus | select(.wf_name | contains($n)) | .process_id][-1] // empty'; }
open_task() { cs "v2/workflows/status/processes/$1" | jq -e --arg t "$2" '.results.step_list.current[] | select(.task_name == $t)'; }
show() { sed "s/^/     /"; }

for port in 8080 8081 18081 18082; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "port $port is in use; end what listens there first"
done
sed "/^\[host\]/a state_dir = \"$work/state\"" config/iconik-workspaces.toml >"$work/demo.toml"

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
VIEW=$(ic "$iconik/API/metadata/v1/views/" | jq -r '.objects[] | select(.name == "Marketing") | .id')
jq -r '.[] | "   \(.system)  \(.base_url)"' <<<"$systems"

say "2. The host: plugins, configuration, and every name in it looked up in the systems"
"$build/bin/mortise" plugins --plugins "$build/plugins" -c "$work/demo.toml"
mortise check --online --plugins "$build/plugins" || fail "the configuration does not fit the systems"
start_host
campaign=$(workspace campaign C-1001) account=$(workspace account A-2001)
project=$(workspace project P-3001) vendor=$(workspace vendor V-4001)
front=$(asset_id packshot-front) side=$(asset_id packshot-side) film=$(asset_id hero-film)
social=$(asset_id social-cut) radio=$(asset_id radio-spot)

say "3. campaign-asset-references: a packshot is approved in iconik"
ic_play approve-asset '{"asset":"packshot-front"}'
until_true 40 has "$campaign" Media "Packshot Lumen One Front" || fail "no reference appeared"
echo "   the workspace of campaign C-1001, folder Media:"
in_folder "$campaign" Media | show
cs_play set-category '{"bo_id":"C-1001","category":"Campaign","values":{"Status":"On hold"}}'
until_true 40 field_is "$front" workspace_status "On hold" || fail "the workspace's status did not come back"
echo "   the campaign goes on hold; in iconik the asset says: $(field "$front" workspace_status)"

say "4. kill -9 in the middle of a run"
curl -fsS -X POST -H 'Content-Type: application/json' http://127.0.0.1:18082/__sandbox/faults \
    -d '{"kind":"latency","method":"POST","path":"**/nodes","count":1,"delay_ms":3000}' >/dev/null
ic_play approve-asset '{"asset":"packshot-side"}'
reaching() { mortise runs list --state active --json | jq -e ".runs | map(select(.event_subject == \"$side\")) | length > 0"; }
until_true 20 reaching || true
kill -9 "$host"
wait "$host" 2>/dev/null || true
host=
echo "   killed; the journal says:"
mortise runs list --limit 1 | show
start_host
until_true 60 has "$campaign" Media "Packshot Lumen One Side" || fail "the run did not go on"
settled() { mortise runs list --json | jq -e '.runs | map(select(.state == "ready" or .state == "active")) | length == 0'; }
until_true 60 settled || fail "runs did not come to an end"
has_one "$campaign" Media "Packshot Lumen One Side" || fail "there is not exactly one reference"
echo "   after the restart: exactly one reference."

say "5. rights-metadata-sync: rights of the film on both sides; the lawyer revokes them"
ic_play set-metadata '{"asset":"hero-film","values":{"rights_status":["Cleared"],"usage_rights":["Restricted"],"expiry_date":["2099-03-31"],"territories":["DE","AT"]}}'
until_true 40 has "$campaign" Rights "Hero Film" || fail "the rights did not reach the workspace"
rights=$(item "$campaign" Rights "Hero Film")
until_true 40 value_is "$rights" 4300_5 Cleared || fail "the rights did not reach the workspace's item"
echo "   in the workspace: $(value "$rights" 4300_2), until $(value "$rights" 4300_3), in $(value "$rights" 4300_4): $(value "$rights" 4300_5)"
cs_play set-category "{\"node\":$rights,\"category\":\"Rights\",\"values\":{\"Status\":\"Revoked\"}}"
until_true 40 field_is "$film" rights_status Revoked || fail "the revocation did not reach iconik"
echo "   revoked there; in iconik: rights_status $(field "$film" rights_status)"

say "6. account-media-links: a demo for customer A-2001"
ic_play add-asset '{"title":"Lumen Demo","collection":"brand","file":"demo.mp4","metadata":{"account_id":["A-2001"],"media_kind":["Demo"]}}'
until_true 40 has "$account" Media "Lumen Demo" || fail "no link in the account's workspace"
in_folder "$account" Media | show

say "7. asset-approval: legal, brand and compliance review a packshot"
ic_play request-approval '{"asset":"packshot-front","users":["legal"]}'
review_open() { review=$(tasks "Packshot Lumen One Front"); [ -n "$review" ] && open_task "$review" "Legal Review"; }
until_true 40 review_open || fail "no review was started"
review=$(tasks "Packshot Lumen One Front")
for who in Legal Brand Compliance; do
    cs_play complete-task "{\"process\":$review,\"title\":\"$who Review\",\"decision\":\"Approve\",\"comment\":\"$who has no objection\"}"
done
until_true 40 field_is "$front" publish_ready true || fail "the asset is not publish-ready"
echo "   in iconik: approval $(field "$front" approval_status), publish-ready $(field "$front" publish_ready), comments:"
comments "$front" | grep "Review" | head -4 | show

say "8. production-coordination: the final cut is delivered, the workspace names the deadline"
ic_play set-metadata '{"asset":"social-cut","values":{"milestone":["Final Cut"],"project_id":["P-3001"]}}'
until_true 40 value_is "$project" 4700_4_2_7 Delivered || fail "the milestone did not move"
spring=$(ic "$iconik/API/assets/v1/collections/?per_page=100" | jq -r '.objects[] | select(.title == "Spring Launch 2026") | .id')
echo "   milestone Final Cut in the workspace: $(value "$project" 4700_4_2_7)"
cs_play set-category '{"bo_id":"P-3001","category":"Production","values":{"Deadline":"2026-07-15"}}'
deadline_there() { field "$spring" deadline collections | grep -q 2026-07-15; }
until_true 40 deadline_there || fail "the deadline did not reach the collection"
echo "   deadline of the collection in iconik: $(field "$spring" deadline collections)"

say "9. vendor-deliverables: a vendor's radio spot, and what its client says of it"
ic_play set-metadata '{"asset":"radio-spot","values":{"vendor_id":["V-4001"]}}'
until_true 40 has "$vendor" Deliverables "Radio Spot 30s" || fail "the deliverable is not tracked"
deliverable=$(item "$vendor" Deliverables "Radio Spot 30s")
in_folder "$vendor" Deliverables | show
cs_play set-category "{\"node\":$deliverable,\"category\":\"Vendor Deliverable\",\"values\":{\"Feedback\":\"voice too low\",\"Invoice State\":\"Received\"}}"
until_true 40 field_is "$radio" invoice_status Received || fail "the invoice's state did not reach iconik"
until_true 40 says "$radio" "voice too low" || fail "the feedback did not reach iconik"
echo "   in iconik: invoice $(field "$radio" invoice_status), feedback \"$(field "$radio" vendor_feedback)\""

say "10. communications-governance: a webinar gets its workspace and checklist"
webinar=$(play "$iconik" add-asset '{"title":"Lumen Webinar","collection":"brand","file":"webinar.mp4","metadata":{"program_id":["E-5001"],"media_kind":["Webinar"]}}' | jq -r .id)
until_true 40 field_is "$webinar" governance_status "0 of 4" || fail "no checklist was opened"
program=$(workspace program E-5001)
in_folder "$program" Checklist | show
folder=$(child "$(child "$program" Checklist)" "Speaker agreement")
cs_play upload-document "{\"node\":$folder,\"name\":\"Speaker agreement.pdf\",\"content\":\"signed\"}"
until_true 40 field_is "$webinar" governance_status "1 of 4" || fail "the agreement did not count"
echo "   a signed agreement is filed; in iconik the webinar says: $(field "$webinar" governance_status)"

say "11. project-archive: final sign-off"
cs_play upload-document '{"bo_id":"P-3001","folder":"Sign-off","name":"Sign-off protocol.txt","content":"signed"}'
cs_play set-category '{"bo_id":"P-3001","category":"Campaign","values":{"Status":"Completed"}}'
until_true 60 field_is "$social" archive_state Archived || fail "the project's media were not archived"
until_true 60 has "$project" Records "Archive record" || fail "no record of the archiving was filed"
echo "   in iconik: $(field "$social" archive_state), keep until $(field "$social" retention_date); in the workspace:"
in_folder "$project" Records | show

say "12. A run fails at night: find it, understand it, mend it, prove it"
curl -fsS -X POST -H 'Content-Type: application/json' http://127.0.0.1:18082/__sandbox/faults \
    -d '{"kind":"reply","method":"POST","path":"/otcs/cs/api/v2/nodes","status":403,"body":"{\"error\":\"Insufficient permissions.\"}","count":0}' >/dev/null
ic_play add-asset '{"title":"Lumen Night Demo","collection":"brand","file":"night.mp4","metadata":{"account_id":["A-2001"],"media_kind":["Demo"]}}'
failed() { mortise runs list --state failed --json | jq -r '.runs[0].id // empty'; }
has_failed() { [ -n "$(failed)" ]; }
until_true 60 has_failed || fail "no run failed"
run=$(failed)
echo "   find it:"
mortise dead-letters | show
echo "   understand it:"
mortise runs show "$run" | cut -c 1-150 | show
curl -fsS -X DELETE http://127.0.0.1:18082/__sandbox/faults >/dev/null
echo "   the right is given back; mend it:"
mortise dead-letters retry --all --wait --quiet | show
until_true 60 has "$account" Media "Lumen Night Demo" || fail "the retried run did not do its work"
until_true 60 settled || fail "runs did not come to an end"
echo "   prove it: what the run wrote, and who had it go on"
mortise ledger list --run "$run" | show
mortise ledger list --starting admin: | show
mortise ledger verify | show

say "13. What happened"
mortise runs list --limit 12
mortise status
failed=$(failed)
[ -z "$failed" ] || { mortise dead-letters; fail "runs failed"; }

say "The story is told."
if [ "$once" != --once ]; then
    echo "Sandbox and host stay up: $iconik, $otcs, webhooks at http://127.0.0.1:8080. Ctrl-C ends them."
    echo "The console, signed in by this link, once:"
    mortise console --print
    wait "$sandbox" "$host"
fi
