#!/usr/bin/env bash
# Compares joins run as tasks with joins in one process: all output must be byte-identical.
#
#     same.sh few|all SIMAGES ON FOLDER OTHER
#
# few: eight joins of FOLDER, with itself and with OTHER. all: 72 joins with all descriptors, in 1, 8 and 36 pairs of
# blocks, or in 10 for a set with itself, where 8 isn't possible. ON: as for --on. In the environment: BEST, a smaller
# folder for the joins by best.
set -uo pipefail
[ $# -eq 5 ] || { sed -n '2,7p' "$0" >&2; exit 2; }
which=$1 simages=$2 on=$3 folder=$4 other=$5
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
same=0 different=0

# The number of indexed pictures in a folder.
rows() {
    "$simages" index "$1" --json 2>/dev/null | grep -o '"indexed":[0-9]*' | head -1 | cut -d: -f2
}

# compare KEYS OTHERS BLOCK OPTIONS...: compares one join.
compare() {
    local keys=$1 others=$2 block=$3 tasks answer
    shift 3
    "$simages" join "$keys" "$others" "$@" --output "$room/alone.parquet" --force 2>/dev/null
    rm -rf "$room"/shared/join-* "$room/tasks.parquet"
    "$simages" join "$keys" "$others" "$@" --output "$room/tasks.parquet" --on "$on" --shared "$room/shared" --block "$block" \
        2>"$room/said"
    tasks=$(cat "$room"/shared/join-*/waves.txt | wc -w)
    if cmp -s "$room/alone.parquet" "$room/tasks.parquet"; then
        same=$((same + 1)) answer="the same"
    else
        different=$((different + 1)) answer="DIFFERENT: $(tail -n 3 "$room/said")"
    fi
    echo "$* with $(basename "$others"), $tasks tasks, $(stat -c %s "$room/alone.parquet") bytes: $answer"
}

range() {
    case $1 in
        full/cosine) echo 0.3 ;; full/euclidean) echo 1800 ;; gap/cosine) echo 0.85 ;; gap/euclidean) echo 0.75 ;;
        best/cosine) echo 0.2 ;; best/euclidean) echo 1.25 ;;
    esac
}

if [ "$which" = few ]; then
    block=$(($(rows "$folder") / 4 + 1))
    for asked in "full cosine" "gap euclidean" "best cosine" "full euclidean"; do
        read -r descriptor metric <<<"$asked"
        compare "$folder" "$folder" $block --descriptor $descriptor --metric $metric --knn 10
        compare "$folder" "$other" $block --descriptor $descriptor --metric $metric --range "$(range $descriptor/$metric)"
    done
else
    for descriptor in full gap best; do
        keys=$folder
        [ $descriptor = best ] && keys=${BEST:-$folder}
        rows=$(rows "$keys")
        for metric in cosine euclidean; do
            for asked in "--knn 10" "--range $(range $descriptor/$metric)"; do
                for blocks in 1 4 8; do
                    compare "$keys" "$keys" $(((rows + blocks - 1) / blocks)) --descriptor $descriptor --metric $metric $asked
                done
                for blocks in 1 8 36; do
                    compare "$keys" "$other" $(((rows + blocks - 1) / blocks)) --descriptor $descriptor --metric $metric $asked
                done
            done
        done
    done
fi
echo "$same identical, $different different"
[ $different = 0 ]
