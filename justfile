# What is done often. `just` alone lists it.

_list:
    @just --list --unsorted

# Formatting and clippy, warnings as errors
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# All tests, in a terminal or not. What can't be run on this machine is named at the end; with SIMAGES_TEST_ALL=1 it fails
test *ARGS:
    cargo test {{ARGS}}

# Difficult picture files: all in FOLDER, as its MANIFEST.tsv says (those in tests/fixtures/nasty are always tested)
nasty FOLDER:
    SIMAGES_NASTY={{quote(FOLDER)}} cargo test --test all nasty::

# The screens, on the starter datasets
run *ARGS:
    cargo run --release -- {{ARGS}}

# Records docs/demo.png in a real kitty. Needs Xvfb, xdotool, kitty from 0.28 on and Python with Pillow: contrib/demo/record.py tells
demo *ARGS:
    cargo build --release
    contrib/demo/record.py target/release/simages docs/demo.png {{ARGS}}

# The network against its peers, and from files to features.npz (half an hour)
bench-vgg *PICTURES:
    benches/vgg16.sh {{PICTURES}}

# The join engine against faiss, numpy and a plain loop (twenty minutes, the first time half an hour)
bench-join +FOLDERS:
    benches/join.sh {{FOLDERS}}

# How long a key waits for its answer while indexing runs
bench-keys PICTURES *ARGS:
    cargo build --release
    benches/key_latency.py target/release/simages {{PICTURES}} {{ARGS}}

# What a page of pictures costs: `just bench-pages -- COMMAND...`, which opens the program here or at the end of a line
bench-pages *ARGS:
    cargo build --release
    benches/page_latency.py {{ARGS}}

# Screenshots of every screen in every terminal, bare, in tmux and over SSH, into OUT: to be looked at
look PICTURES OUT *TERMINALS:
    cargo build --release
    benches/look.sh target/release/simages {{PICTURES}} {{OUT}} {{TERMINALS}}

# Pages that --html writes of two FOLDERs and of hostile names, opened in headless Chromium at 1200 and 400 pixels: nothing wider than the
# window, no script, nothing fetched. Pictures of them go to OUT, to be looked at
look-pages OUT FOLDER OTHER:
    cargo build --release
    benches/pages_in_browser.py {{quote(OUT)}} --made-by target/release/simages {{quote(FOLDER)}} {{quote(OTHER)}}

# Throw bytes at a reader of files for so many seconds: `just fuzz npz 300`. Needs nightly Rust and cargo-fuzz.
# Leaks are not looked for: libjpeg loses 152 bytes with each file it gives up
fuzz TARGET SECONDS:
    mkdir -p fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}}
    cargo +nightly fuzz run {{TARGET}} fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}} -- -max_total_time={{SECONDS}} -rss_limit_mb=2560 -malloc_limit_mb=1600 -timeout=60 -detect_leaks=0

# Kills at 200 random moments of indexing and writing: no row may be lost, none wrong (ten minutes)
trial-kills:
    cargo test --release --test all -- kills:: --include-ignored --nocapture

# 30,000 random keys, clicks and sizes while indexing, and a terminal that hangs for a minute (ten minutes)
trial-keys:
    cargo test --release --test all -- endurance:: --include-ignored --nocapture

# A command on Slurm on this host while something happens to it: `just grid-slurm kill target/release/simages join ... --on slurm`.
# none, kill, stop, all, scheduler: contrib/trials/slurm.sh tells. Installs Slurm and munge by apt; a dead node costs three minutes
grid-slurm FAULT +COMMAND:
    contrib/trials/slurm.sh {{FAULT}} {{COMMAND}}

# The same on Spark: `just grid-spark kill target/release/simages join ... --on spark://127.0.0.1:17077`. Installs pyspark and Java
grid-spark FAULT +COMMAND:
    contrib/trials/spark.sh {{FAULT}} {{COMMAND}}

# What is handed out: a static binary for x86_64 (and aarch64, if named) with all that belongs to it, as .tar.gz and .deb, into
# target/dist/out. On Debian; a quarter of an hour each
dist *ARCHITECTURES:
    contrib/dist/dist.sh {{ARCHITECTURES}}

# Licences, sources and known vulnerabilities of all crates. Needs cargo-deny, and the net for the advisories
deny:
    cargo deny check

# The kernels and readers under the address sanitizer (a quarter of an hour, most of it building). Needs nightly Rust
asan:
    RUSTFLAGS=-Zsanitizer=address cargo +nightly test --target x86_64-unknown-linux-gnu --target-dir target/asan --lib -- mapped:: descriptor:: storage:: join:: vgg16::

# Joins in tasks against one process, to the byte: `just grid-same all processes:3 FOLDER OTHER`, or few on an engine that runs
grid-same WHICH ON FOLDER OTHER:
    cargo build --release
    contrib/trials/same.sh {{WHICH}} target/release/simages {{ON}} {{FOLDER}} {{OTHER}}

# simages-cluster: its tests, what happens when a part of a cluster dies, and 12,000 empty tasks (five minutes, the first time 20)
[positional-arguments]
cluster-trials *ARGS:
    cd cluster && cargo test
    cd cluster && cargo build
    cluster/trials/faults.py "${CARGO_TARGET_DIR:-cluster/target}/debug/simages-cluster" "$@"
    cluster/trials/many.sh "${CARGO_TARGET_DIR:-cluster/target}/debug/simages-cluster"
