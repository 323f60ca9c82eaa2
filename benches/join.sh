#!/usr/bin/env bash
# Compares the join engine with faiss, numpy and a plain loop. Peers come from PyPI, into a virtual environment that is
# kept; the pictures' variants and their descriptors (about 1 GB) are kept too.
#
# Usage: join.sh FOLDER... [-- OPTIONS OF join.py]
#   FOLDER: pictures; with six variants of each there should be about 9,000
set -euo pipefail
cd "$(dirname "$0")/.."
venv=target/bench-venv
pictures=target/bench-pictures
folders=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    folders+=("$1")
    shift
done
[ $# -gt 0 ] && shift

cargo build --release
[ -d "$venv" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet numpy pillow faiss-cpu
"$venv/bin/python" benches/join_pictures.py "$pictures" "${folders[@]}"
target/release/simages index "$pictures"
"$venv/bin/python" benches/join.py target/release/simages "$pictures/features.npz" --work target "$@"
