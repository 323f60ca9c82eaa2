# What is done often. `just` alone lists it.

_list:
    @just --list --unsorted

# Formatting and clippy, warnings as errors
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# All tests, in a terminal or not; SIMAGES_SKIP_NUMPY=1 where python3 has no numpy
test *ARGS:
    cargo nextest run {{ARGS}}

# The screens, on the starter datasets
demo *ARGS:
    cargo run --release -- {{ARGS}}

# The network against its peers, and from files to features.npz (half an hour)
bench-vgg *PICTURES:
    benches/vgg16.sh {{PICTURES}}

# How long a key waits for its answer while indexing runs
bench-keys PICTURES *ARGS:
    cargo build --release
    benches/key_latency.py target/release/simages {{PICTURES}} {{ARGS}}
