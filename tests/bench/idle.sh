#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long mortise takes from exec to answering, what it holds when idle, and where that is: with every shipped plugin
# and the demo's configuration, and with 46 plugins and 39 flow instances made of copies of them. Nothing that the
# configuration names is there: polls fail and back off. Arguments: the build folder, seconds to idle (5).
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$(cd "${1:-$ROOT/build/release}" && pwd)
IDLE=${2:-5}
PORT=${MORTISE_BENCH_PORT:-18080}
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
export ICONIK_TOKEN=none OTCS_PASSWORD=none LC_ALL=C

# By what it is mapped from: pages of files as they are (shared, the system can drop them), and pages of this process.
breakdown() {
  awk '
    /^[0-9a-f]+-[0-9a-f]+ / {
      name = NF > 5 ? $6 : "[anon]"
      if (name ~ /\/plugins\/[^\/]*\.so$/) what = "plugins"
      else if (name ~ /\/mortise$/) what = "program"
      else if (name ~ /\.so(\.[0-9.]+)?$/) what = "libraries"
      else if (name ~ /^\//) what = "other files"
      else what = "heap and stacks"
    }
    $1 == "Rss:" { rss[what] += $2 }
    $1 == "Anonymous:" { own[what] += $2; of[what] }
    END {
      for (w in of) if (rss[w] > 0)
        printf "  %-16s %6.1f MiB of files, %6.1f MiB own\n", w, (rss[w] - own[w]) / 1024, own[w] / 1024
    }' "/proc/$1/smaps" | sort -k2 -r
}

# measure NAME PLUGINS CONFIG
measure() {
  local folder=$DIR/run run began host ready what starts=()
  for run in 1 2 3 again; do # a first start looks at each plugin in a child process
    [ "$run" = again ] || { rm -rf "$folder"; mkdir "$folder"; cp "$3" "$folder/mortise.toml"; }
    began=$(date +%s%N)
    (cd "$folder" && exec "$BUILD/bin/mortise" run -c mortise.toml --plugins "$2" >log 2>&1) &
    host=$!
    until curl -sf -o /dev/null "http://127.0.0.1:$PORT/health/ready"; do
      kill -0 $host 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
      sleep 0.002
    done
    ready=$((($(date +%s%N) - began) / 1000000))
    if grep "plugin refused" "$folder/log" >&2; then kill $host; exit 1; fi
    if [ "$run" = again ]; then
      sleep "$IDLE"
      what=$(sed -n 's/.* is ready .*connections=\([0-9]*\) flows=\([0-9]*\)/\1 connections, \2 flow instances/p' "$folder/log")
      echo "$1: $(ls "$2"/*.so | wc -l) plugins, $what"
      echo "  first start: listening after ${starts[*]} ms; again: $ready ms"
      awk -v s="$IDLE" '/^VmRSS/ { rss = $2 } /^VmHWM/ { most = $2 } /^Threads/ { n = $2 }
        END { printf "  idle for %d s: %.1f MiB resident (%.1f at most), %d threads\n", s, rss / 1024, most / 1024, n }' \
        "/proc/$host/status"
      breakdown $host
    else
      starts+=("$ready")
    fi
    kill $host
    wait $host || true
  done
}

# Copies of a plugin under ids of their own, of the same length, which a library does not notice.
copy_plugin() { # ID NN
  sed "s/$1/${1:0:-2}$2/g" "$BUILD/plugins/$1.so" >"$DIR/plugins/${1:0:-2}$2.so"
}

# Sections of the configuration as they are, but for names and the plugin: KIND NAME ID NN
copy_sections() {
  awk -v section="$1.$2" -v id="$3" -v nn="$4" '
    /^\[/ { on = index($0, "[" section "]") == 1 || index($0, "[" section ".") == 1
            if (on) sub(section, section nn) }
    /^#/ { next }
    on { sub("\"" id "\"", "\"" substr(id, 1, length(id) - 2) nn "\""); print }' "$DIR/shipped.toml"
}

simulate() { # CONNECTORS FLOWS
  local nn name id count
  mkdir "$DIR/plugins"
  cp "$BUILD"/plugins/*.so "$DIR/plugins/"
  cp "$DIR/shipped.toml" "$DIR/simulated.toml"
  for ((count = 2; count < $1; ++count)); do
    nn=$(printf %02d "$count")
    copy_plugin xecm-workspaces "$nn"
    copy_sections connections otcs xecm-workspaces "$nn" >>"$DIR/simulated.toml"
  done
  count=8
  for nn in 02 03 04 05 06; do
    while read -r name id; do
      [ $count -lt "$2" ] || return 0
      count=$((count + 1))
      copy_plugin "$id" "$nn"
      copy_sections flows "$name" "$id" "$nn" >>"$DIR/simulated.toml"
    done < <(awk -F'[][."]' '/^\[flows\.[a-z]*\]/ { name = $3 } /^flow = / { print name, $2 }' "$DIR/shipped.toml")
  done
}

sed "s/^port = 8080/port = $PORT/; s/^port = 8081/port = $((PORT + 1))/" "$ROOT/config/iconik-workspaces.toml" >"$DIR/shipped.toml"
mkdir -p "$DIR/shipped/plugins"
cp "$BUILD"/plugins/*.so "$DIR/shipped/plugins/"
measure shipped "$DIR/shipped/plugins" "$DIR/shipped.toml"
simulate 7 39
measure simulated "$DIR/plugins" "$DIR/simulated.toml"
