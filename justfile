# Common tasks. `just` alone lists them.

_list:
    @just --list --unsorted

# Formatting and clippy, warnings as errors
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# All tests. Those that can't run on this machine are listed at the end; with SIMAGES_TEST_ALL=1 they fail
test *ARGS:
    cargo test {{ARGS}}

# Tests the difficult picture files in FOLDER, as its MANIFEST.tsv lists them (tests/fixtures/nasty is always tested)
nasty FOLDER:
    SIMAGES_NASTY={{quote(FOLDER)}} cargo test --test all nasty::

# Open the screens on the starter datasets
run *ARGS:
    cargo run --release -- {{ARGS}}

# Record docs/demo.png in a real kitty. Needs Xvfb, xdotool, kitty 0.28 or later, and Python with Pillow, see contrib/demo/record.py
demo *ARGS:
    cargo build --release
    contrib/demo/record.py target/release/simages docs/demo.png {{ARGS}}

# Compare the network with its peers, and measure indexing from files to features.npz (half an hour)
bench-vgg *PICTURES:
    benches/vgg16.sh {{PICTURES}}

# Compare the join engine with faiss, numpy and a plain loop (twenty minutes, the first time half an hour)
bench-join +FOLDERS:
    benches/join.sh {{FOLDERS}}

# Measure how long a key press waits for its answer while indexing runs
bench-keys PICTURES *ARGS:
    cargo build --release
    benches/key_latency.py target/release/simages {{PICTURES}} {{ARGS}}

# Measure the time and bytes of a page of pictures: `just bench-pages -- COMMAND...`, which opens the program, here or remotely
bench-pages *ARGS:
    cargo build --release
    benches/page_latency.py {{ARGS}}

# Take screenshots of every screen in every terminal, bare, in tmux and over SSH, and write them to OUT for inspection
look PICTURES OUT *TERMINALS:
    cargo build --release
    benches/look.sh target/release/simages {{PICTURES}} {{OUT}} {{TERMINALS}}

# Open pages that --html writes, of two folders and of hostile names, in headless Chromium at 1200 and 400 pixels. Checks that nothing
# is wider than the window, runs a script, or fetches anything. Writes screenshots to OUT for inspection
look-pages OUT FOLDER OTHER:
    cargo build --release
    benches/pages_in_browser.py {{quote(OUT)}} --made-by target/release/simages {{quote(FOLDER)}} {{quote(OTHER)}}

# Throw random bytes at a file reader for SECONDS: `just fuzz npz 300`. Needs nightly Rust and cargo-fuzz.
# Doesn't detect leaks: libjpeg leaks 152 bytes for each file it gives up
fuzz TARGET SECONDS:
    mkdir -p fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}}
    cargo +nightly fuzz run {{TARGET}} fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}} -- -max_total_time={{SECONDS}} -rss_limit_mb=2560 -malloc_limit_mb=1600 -timeout=60 -detect_leaks=0

# Kill indexing and writing at 200 random moments: no row may be lost or wrong (ten minutes)
trial-kills:
    cargo test --release --test all -- kills:: --include-ignored --nocapture

# Send 30,000 random keys, clicks and sizes while indexing, and let a terminal hang for a minute (ten minutes)
trial-keys:
    cargo test --release --test all -- endurance:: --include-ignored --nocapture

# Run a command on Slurm on this host, with a fault: `just grid-slurm kill target/release/simages join ... --on slurm`.
# FAULT: none, kill, stop, all or scheduler, see contrib/trials/slurm.sh. Installs Slurm and munge with apt; a dead node takes three minutes
grid-slurm FAULT +COMMAND:
    contrib/trials/slurm.sh {{FAULT}} {{COMMAND}}

# Run a command on Spark in the same way: `just grid-spark kill target/release/simages join ... --on spark://127.0.0.1:17077`. Installs pyspark and Java
grid-spark FAULT +COMMAND:
    contrib/trials/spark.sh {{FAULT}} {{COMMAND}}

# Make the release: a static binary for x86_64 (and aarch64, if named) with all its files, as .tar.gz and .deb, in target/dist/out. On
# Debian; a quarter of an hour each
dist *ARCHITECTURES:
    contrib/dist/dist.sh {{ARCHITECTURES}}

# Check the licences, sources and known vulnerabilities of all crates. Needs cargo-deny, and a network for the advisories
deny:
    cargo deny check

# Test the kernels and readers with the address sanitizer (a quarter of an hour, mostly building). Needs nightly Rust
asan:
    RUSTFLAGS=-Zsanitizer=address cargo +nightly test --target x86_64-unknown-linux-gnu --target-dir target/asan --lib -- mapped:: descriptor:: storage:: join:: vgg16::

# Compare joins run as tasks with joins in one process, to the byte: `just grid-same all processes:3 FOLDER OTHER`, or `few` on a running scheduler
grid-same WHICH ON FOLDER OTHER:
    cargo build --release
    contrib/trials/same.sh {{WHICH}} target/release/simages {{ON}} {{FOLDER}} {{OTHER}}

# Test simages-cluster: its tests, faults in every part of a cluster, and 12,000 empty tasks (five minutes, the first time 20)
[positional-arguments]
cluster-trials *ARGS:
    cd cluster && cargo test
    cd cluster && cargo build
    cluster/trials/faults.py "${CARGO_TARGET_DIR:-cluster/target}/debug/simages-cluster" "$@"
    cluster/trials/many.sh "${CARGO_TARGET_DIR:-cluster/target}/debug/simages-cluster"
