#!/usr/bin/env bash
# The network against ONNX Runtime and OpenVINO, taken in turn, on each instruction set and batch size; then the whole
# way from files to features.npz. Peers come from PyPI, into a virtual environment that is kept.
#
# Usage: vgg16.sh [PICTURES]     PICTURES: a folder of small pictures, indexed as it is and made large
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

compare() { # title, environment of the peers, SIMAGES_CPU, batch, threads, runs
    printf '\n## %s, batch %s, %s threads\n' "$1" "$4" "$5"
    env $2 taskset -c "0-$(($5 - 1))" "$venv/bin/python" "$peers" weights/vgg16.safetensors --batch "$4" --threads "$5" \
        --runs "$6" --with "SIMAGES_CPU=$3 $simages bench --batch $4 --threads $5 2>/dev/null" | grep ms/image
}

fastest=$("$simages" doctor | sed -n 's/^ *instructions *\([a-z0-9]*\).*/\1/p')
for threads in "$cores" 1; do
    compare "$fastest" "" "" 8 "$threads" 8
    compare "$fastest" "" "" 1 "$threads" 8
done
compare "$fastest" "" "" 64 "$cores" 3
# oneDNN, inside OpenVINO, can be held to AVX2; ONNX Runtime's own kernels can't.
[ "$fastest" = avx512 ] && compare "avx2, OpenVINO held to it" ONEDNN_MAX_CPU_ISA=AVX2 avx2 8 "$cores" 8
compare portable "" portable 8 "$cores" 3

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
