#!/usr/bin/env bash
# What is handed out, into target/dist/out: one static binary for x86-64, manual pages, completions, the licences of all that is in
# it, a .tar.gz and a .deb of these, and checksums. Two runs on one commit give the same bytes.
#
# Needs cargo-about and cargo-deb, which it installs, and cc.
set -euo pipefail
cd "$(dirname "$0")/../.."

TARGET=x86_64-unknown-linux-gnu
root=$PWD
built=$root/target/dist
out=$built/out
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=simages-$version-x86_64-linux

# The same bytes each time: the commit's time instead of now, no path of this machine, no incremental parts.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH CARGO_INCREMENTAL=0
# glibc stands in the binary, so it starts where another one is, or none.
export RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=$root=simages --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"

need() {
    command -v "$1" >/dev/null || RUSTFLAGS='' cargo install --locked --target-dir "$built/tools" "$@"
}
need cargo-about --features cli
need cargo-deb

cargo build --release --locked --target "$TARGET" --target-dir "$built"
rm -rf "$out"
mkdir -p "$out/simages/completions"
cd "$out/simages"
cp "$built/$TARGET/release/simages" .
if ldd simages 2>/dev/null | grep -q '=>'; then
    echo "simages isn't static:" >&2
    ldd simages >&2
    exit 1
fi
./simages man >simages.1
for shell in bash zsh fish; do
    ./simages completions "$shell" >"completions/simages.$shell"
done
cp "$root"/LICENSE "$root"/README.md "$root"/CHANGELOG.md .
cp "$root"/datasets/COPYRIGHT-tuxpaint-stamps.txt .
# Licences are read from the crates themselves, those for other systems too; nothing else is asked.
cargo fetch --locked --manifest-path "$root/Cargo.toml"
cargo about generate --offline --locked --manifest-path "$root/Cargo.toml" --config "$root/contrib/dist/about.toml" --fail \
    "$root/contrib/dist/licences.hbs" >LICENCES-of-crates.txt
# The GNU C library is LGPL: its notice, and where its source is.
{
    echo "This program contains parts of the GNU C library ($(getconf GNU_LIBC_VERSION)), under the GNU LGPL."
    echo "Its source is at https://www.gnu.org/software/libc/ and in Debian's package glibc. To link the program with another one,"
    echo "build it from its own source: cargo build --release"
    echo
    cat /usr/share/doc/libc6/copyright
} >LICENCE-of-glibc.txt

cd "$out"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --transform="s,^simages,$name," -cf - simages | gzip -n9 >"$name.tar.gz"
(cd "$root" && CARGO_TARGET_DIR=$built cargo deb --no-build --no-strip --target "$TARGET" --output "$out/")
sha256sum -- *.tar.gz *.deb >SHA256SUMS
cat SHA256SUMS
