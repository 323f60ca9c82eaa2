#!/usr/bin/env bash
# Compares the network with ONNX Runtime and OpenVINO, in turn, on each instruction set and batch size; then measures
# indexing from files to features.npz. Peers come from PyPI, into a virtual environment that is kept.
#
# Usage: [SETS="avx2 portable"] vgg16.sh [PICTURES]
#   PICTURES: a folder of small pictures, indexed as they are and enlarged
#   SETS: only these instruction sets, and only the network
set -euo pipefail
cd "$(dirname "$0")/.."
pictures=${1:-datasets}
peers=../shared/bench/vgg16_peers.py
venv=target/bench-venv
cores=$(nproc)

cargo build --release
simages=$PWD/target/release/simages
[ -d "$venv" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet numpy onnx onnxruntime openvino safetensors pillow

compare() { # instruction set, batch, threads
    local runs=6 own=5 held=()
    [ "$2" = 64 ] && runs=2 own=1
    # OpenVINO's oneDNN can be limited to AVX2; ONNX Runtime's own kernels can't.
    [ "$1" = avx2 ] && held=(ONEDNN_MAX_CPU_ISA=AVX2)
    printf '\n## %s, batch %s, %s threads %s\n' "$1" "$2" "$3" "${held[*]}"
    env "${held[@]}" taskset -c "0-$(($3 - 1))" "$venv/bin/python" "$peers" weights/vgg16.safetensors --batch "$2" \
        --threads "$3" --runs "$runs" \
        --with "SIMAGES_CPU=$1 $simages bench --batch $2 --threads $3 --runs $own 2>/dev/null" | grep ms/image
}

for instructions in ${SETS:-$("$simages" doctor | sed -n 's/^ *instructions *//p' | tr -d ,)}; do
    for batch in 1 8 64; do
        compare "$instructions" "$batch" "$cores"
    done
    for batch in 1 8; do
        compare "$instructions" "$batch" 1
    done
done
[ -n "${SETS:-}" ] && exit

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/large"
"$venv/bin/python" - "$pictures" "$place" <<'PYTHON'
import pathlib, shutil, sys
from PIL import Image
files = sorted(p for p in pathlib.Path(sys.argv[1]).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
place = pathlib.Path(sys.argv[2])
(place / "small").mkdir()
for i in range(1000):  # as many times as it takes
    shutil.copy(files[i % len(files)], place / "small" / f"{i:04}.jpg")
for i in range(200):
    picture = Image.open(files[i % len(files)]).convert("RGB")
    large = picture.resize((4000, 3000) if picture.width >= picture.height else (3000, 4000), Image.BICUBIC)
    large.save(place / "large" / f"{i:04}.jpg", quality=90)
PYTHON
network() { "$simages" bench --batch 64 --runs 3 2>/dev/null; }
for set in small large; do
    printf '\n## from files to features.npz: 1,000 as they are (small) or 200 of 12 megapixels (large): %s\n' "$set"
    for _ in 1 2 3; do
        rm -f "$place/$set"/features.npz
        before=$(network)
        rate=$("$simages" index "$place/$set" --json 2>/dev/null | sed 's/.*"images_per_second":\([0-9.]*\).*/\1/')
        awk -v a="$before" -v b="$(network)" -v r="$rate" 'BEGIN {
            n = (a + b) / 2; printf "network %.1f ms/image, index %.1f: x network rate %.2f\n", n, 1000 / r, n * r / 1000 }'
    done
done
