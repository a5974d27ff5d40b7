#!/usr/bin/env bash
# How fast `exportd pack` is against `zip -r -6` and `7z -mx1`, `-mx5`, on trees of this machine.
#
#   benches/packing.sh [DIR...]      without DIR: trees made of the cargo registry, see below
#   ROUNDS=5 LEVEL=6 THREADS=2 benches/packing.sh ~/src
#
# Seconds vary from run to run by more than the tools differ, so every round runs every tool on
# every tree, and what counts is the median over the rounds of a peer's time by ours in the same
# round. Sizes and peak memory (largest single process) are printed beside it. Needs zip, 7z or
# 7zz, GNU time.
set -euo pipefail
cd "$(dirname "$0")/.."

ROUNDS=${ROUNDS:-5} LEVEL=${LEVEL:-6} THREADS=${THREADS:-$(nproc)}
EXPORTD=${EXPORTD:-}
if [ -z "$EXPORTD" ]; then
    cargo build --release --quiet
    EXPORTD=${CARGO_TARGET_DIR:-target}/release/exportd
fi
EXPORTD=$(realpath "$EXPORTD")
SEVEN=$(command -v 7zz || command -v 7z) || { echo "7z or 7zz is needed" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/packing.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The trees of the performance page, as far as a machine has them: b, some thousand source files of
# 60 MB; d, five large files: text, numbers, noise, programs, zeros and noise in turn.
make_trees() {
    local registry size=0
    registry=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -mindepth 1 -maxdepth 1 -type d | head -1)
    mkdir "$work/b" "$work/d"
    for crate in "$registry"/*/; do
        # Whole crates, none of the giants, until it is enough.
        bytes=$(du -sb "$crate" | cut -f1)
        [ "$bytes" -gt 4000000 ] && continue
        size=$((size + bytes))
        [ "$size" -gt 64000000 ] && break
        cp -r "$crate" "$work/b/"
    done
    find "$work/b" -name '*.rs' -print0 | sort -z | xargs -0 cat | head -c 80000000 >"$work/d/text.rs"
    seq -f '%.0f' 1 7919 60000000000 | paste -d, - - - | head -c 80000000 >"$work/d/numbers.csv" || true
    head -c 80000000 /dev/urandom >"$work/d/noise.bin"
    cat /usr/lib/*/lib*.so.* 2>/dev/null | head -c 80000000 >"$work/d/programs.bin" || true
    for _ in $(seq 20); do head -c 2000000 /dev/zero; head -c 2000000 /dev/urandom; done >"$work/d/mixed.bin"
    echo "$work/b" "$work/d"
}

# timed NAME TREE COMMAND...: runs it in the tree, notes "name tree seconds kilobytes bytes".
timed() {
    local name=$1 tree=$2 began ended bytes
    shift 2
    rm -f "$work/out.zip" "$work/out.zip.manifest.json"
    # exportd has its package on the disk before it says so; it shall not wait there for what the
    # one before has left to be written.
    sync
    began=$EPOCHREALTIME
    (cd "$tree" && command time -f %M -o "$work/memory" "$@" >/dev/null 2>"$work/errors") || {
        cat "$work/errors" >&2
        exit 1
    }
    ended=$EPOCHREALTIME
    bytes=$(stat -c %s "$work/out.zip")
    echo "$name $(basename "$tree") $(echo "$ended - $began" | bc) $(tail -1 "$work/memory") $bytes" >>"$work/runs"
}

trees=("$@")
[ ${#trees[@]} -eq 0 ] && read -ra trees <<<"$(make_trees)"
ours=("$EXPORTD" pack . -o "$work/out.zip" --full --level "$LEVEL" --threads "$THREADS"
    --set limits.max_files=10000000 --set limits.max_file=1TiB --set limits.max_package=1TiB)
for ((round = 0; round <= ROUNDS; round++)); do
    for tree in "${trees[@]}"; do
        timed exportd "$tree" "${ours[@]}"
        timed zip-6 "$tree" zip -q -r -6 "$work/out.zip" .
        timed 7z-1 "$tree" "$SEVEN" a -bd -tzip -mx1 "-mmt$THREADS" "$work/out.zip" .
        timed 7z-5 "$tree" "$SEVEN" a -bd -tzip -mx5 "-mmt$THREADS" "$work/out.zip" .
    done
    # The first round only warms the page cache.
    [ "$round" -eq 0 ] && rm "$work/runs"
done

awk -v rounds="$ROUNDS" '
function median(list, n,   i, j, t) {
    for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
{
    key = $2 " " $1
    if (!(key in seen)) { seen[key] = 0; order[++keys] = key }
    n = ++seen[key]
    seconds[key, n] = $3
    if ($4 > memory[key]) memory[key] = $4
    bytes[key] = $5
}
END {
    printf "%-10s %-9s %9s %9s %12s %10s %10s\n", "tree", "tool", "seconds", "peak MB", "bytes", "times ours", "size/ours"
    for (k = 1; k <= keys; k++) {
        key = order[k]; split(key, part, " "); base = part[1] " exportd"
        for (i = 1; i <= rounds; i++) { s[i] = seconds[key, i]; r[i] = seconds[key, i] / seconds[base, i] }
        printf "%-10s %-9s %9.3f %9.1f %12d %10.2f %10.4f\n", part[1], part[2], median(s, rounds), memory[key] / 1024, bytes[key], median(r, rounds), bytes[key] / bytes[base]
    }
}' "$work/runs"
