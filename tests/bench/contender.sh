#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mortise as one contender of a side-by-side benchmark of integration hosts: info, prepare VARIANT DIR,
# start VARIANT DIR. The sink that takes the mapped events is at $SINK_URL. MORTISE_BUILD names the
# build folder (default: build/release).
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${MORTISE_BUILD:-$ROOT/build/release}
PORT=${MORTISE_BENCH_PORT:-18080}
SINK=${SINK_URL:-http://127.0.0.1:9090}

need() {
  [ -e "$1" ] || { echo "contender.sh: $1 is missing; build mortise and probe (./dev build release mortise probe) or set MORTISE_BUILD" >&2; exit 1; }
}

case "${1:-}" in
info)
  need "$BUILD/bin/mortise"
  version=$("$BUILD/bin/mortise" version | cut -d' ' -f2)
  printf '{"name":"mortise","version":"%s","variants":["durable"],"port":%d,"w1":"/flows/w1","w2":null,"w2_skip":"%s","headers":{"idempotency-key":"evt-@@@@@@@@@@@@"}}\n' \
    "$version" "$PORT" "content over HTTP comes later" ;;
prepare)
  [ "$2" = durable ] || { echo "contender.sh: unknown variant $2; there is only durable" >&2; exit 1; }
  need "$BUILD/test-plugins/probe.so"
  mkdir -p "$3"
  cat >"$3/mortise.toml" <<TOML
[host]
state_dir = "state"
[host.http]
port = $PORT
[host.log]
level = "warn"
file = "mortise.log"
[admin]
port = 0
[plugins]
paths = ["$BUILD/test-plugins"]
[connections.sink]
connector = "probe"
base_url = "$SINK"
[connections.sink.limits]
max_concurrent = 64
[flows.w1]
flow = "probe-w1"
[flows.w1.connections]
target = "sink"
TOML
  ;;
start)
  need "$BUILD/bin/mortise"
  cd "$3"
  exec "$BUILD/bin/mortise" -c "$3/mortise.toml" run ;;
*)
  echo "usage: contender.sh info | prepare VARIANT DIR | start VARIANT DIR" >&2
  exit 2 ;;
esac
