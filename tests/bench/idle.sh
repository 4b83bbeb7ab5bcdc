#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long mortise takes from exec to answering, and what it holds when idle, with every shipped plugin loaded and
# the demo's configuration (nothing it names is there: polls fail and back off). Argument: the build folder.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$(cd "${1:-$ROOT/build/release}" && pwd)
PORT=${MORTISE_BENCH_PORT:-18080}
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
sed "s/^port = 8080/port = $PORT/; s/^port = 8081/port = $((PORT + 1))/" "$ROOT/config/iconik-workspaces.toml" >"$DIR/mortise.toml"
cd "$DIR"
export ICONIK_TOKEN=none OTCS_PASSWORD=none
for run in first second; do # the first looks at each new plugin in a child process
  began=$(date +%s%N)
  "$BUILD/bin/mortise" run -c mortise.toml --plugins "$BUILD/plugins" >log 2>&1 &
  host=$!
  until curl -sf -o /dev/null "http://127.0.0.1:$PORT/health/ready"; do
    kill -0 $host 2>/dev/null || { cat log >&2; exit 1; }
    sleep 0.005
  done
  ready=$((($(date +%s%N) - began) / 1000000))
  sleep 5
  kb=$(awk '/^VmRSS/ { print $2 }' /proc/$host/status)
  echo "$run start: listening after $ready ms; idle: $((kb / 1024)) MiB resident, $(ls "$BUILD"/plugins/*.so | wc -l) plugins"
  kill $host
  wait $host || true
done
