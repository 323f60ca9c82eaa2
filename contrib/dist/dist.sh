#!/usr/bin/env bash
# dist.sh [ARCHITECTURE...]: what is handed out, into target/dist/out. For each architecture (x86_64, which is the default, or aarch64)
# one static binary, its manual page, completions, the licences of all that is in it, a .tar.gz and a .deb of these; and checksums.
# Two runs on one commit with the same compilers give the same bytes, in whichever folder.
#
# Needs cargo-about and cargo-deb, which it installs, and cc. For another architecture than the machine's: `rustup target add`,
# and from Debian gcc-aarch64-linux-gnu and qemu-user-static.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$PWD
built=$root/target/dist
out=$built/out
cargo_home=${CARGO_HOME:-$HOME/.cargo}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)

# The commit's time instead of now, no incremental parts.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH CARGO_INCREMENTAL=0
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET

need() {
    command -v "$1" >/dev/null || cargo install --locked --target-dir "$built/tools" "$@"
}
need cargo-about --features cli
need cargo-deb
# Licences are read from the crates themselves, those for other systems too; nothing else is asked.
cargo fetch --locked

# No path of this machine.
remapped=(--remap-path-prefix="$root=simages")
mapped=(-ffile-prefix-map="$root=simages")
for crates in "$cargo_home"/registry/src/*/; do
    remapped+=(--remap-path-prefix="${crates%/}=crates")
    mapped+=(-ffile-prefix-map="${crates%/}=crates")
done

# Into target/dist/out/simages, where [package.metadata.deb] looks for it.
build() {
    local arch=$1 target=$1-unknown-linux-gnu name=simages-$version-$1-linux libc=libc6
    local run=() tools=
    if [ "$arch" != "$(uname -m)" ]; then
        run=("qemu-$arch-static")
        tools=$arch-linux-gnu-
        libc=libc6-arm64-cross
        export "CARGO_TARGET_${arch^^}_UNKNOWN_LINUX_GNU_LINKER=${tools}gcc"
    fi
    # glibc stands in the binary, so it starts where another one is, or none.
    RUSTFLAGS="-C target-feature=+crt-static ${remapped[*]}" TARGET_CFLAGS="${mapped[*]}" \
        cargo build --release --locked --target "$target" --target-dir "$built"
    local binary=$built/$target/release/simages
    if "${tools}readelf" -d "$binary" | grep -q NEEDED; then
        echo "$binary isn't static:" >&2
        "${tools}readelf" -d "$binary" >&2
        exit 1
    fi

    rm -rf "$out/simages"
    mkdir -p "$out/simages/completions"
    cd "$out/simages"
    # The assembler leaves its sources' paths.
    "${tools}objcopy" --wildcard --strip-symbol='*.asm' "$binary" simages
    "${run[@]}" ./simages man >simages.1
    for shell in bash zsh fish; do
        "${run[@]}" ./simages completions "$shell" >"completions/simages.$shell"
    done
    # README and what it links to, each in its place.
    (cd "$root" && cp --parents LICENSE README.md CHANGELOG.md {datasets,weights,cluster}/README.md docs/* "$out/simages")
    cp "$root"/datasets/COPYRIGHT-tuxpaint-stamps.txt .
    (cd "$root" && cargo about generate --offline --locked --target "$target" --config contrib/dist/about.toml --fail contrib/dist/licences.hbs) \
        >LICENCES-of-crates.txt
    # The GNU C library is LGPL: its notice, and where its source is.
    {
        echo "This program contains parts of the GNU C library ($(dpkg-query -W -f='${Version}\n' "$libc" | head -1)), under the GNU LGPL."
        echo "Its source is at https://www.gnu.org/software/libc/ and in Debian's package glibc. To link the program with another one,"
        echo "build it from its own source: cargo build --release"
        echo
        cat "/usr/share/doc/$libc/copyright"
    } >LICENCE-of-glibc.txt

    cd "$out"
    tar --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw --mtime="@$SOURCE_DATE_EPOCH" \
        --transform="s,^simages,$name," -cf - simages | gzip -n9 >"$name.tar.gz"
    (cd "$root" && CARGO_TARGET_DIR=$built cargo deb --no-build --no-strip --target "$target" --output "$out/")
}

rm -rf "$out"
for arch in "${@:-x86_64}"; do
    (build "$arch")
done
cd "$out"
sha256sum -- *.tar.gz *.deb | tee SHA256SUMS
