//! Decodes any bytes as a picture: pixels, or an error that names the file; no panic, and no more time or memory than
//! `just fuzz` allows. The first byte chooses the file's extension, for formats that the content doesn't show.

#![no_main]

use std::io::Write;
use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use simages::dataset::decode;
use simages::descriptor::Crops;

const ENDINGS: [&str; 14] =
    ["jpg", "png", "gif", "webp", "bmp", "tiff", "tga", "ico", "ppm", "qoi", "hdr", "exr", "dds", "ff"];

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // A decoder's panic that is caught is an error like others; the fuzzer's hook would end the process.
    QUIET.call_once(|| {
        let abort = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !simages::defects::is_forgiven() {
                abort(panic);
            }
        }));
    });
    let Some((ending, bytes)) = bytes.split_first() else { return };
    let ending = ENDINGS[usize::from(*ending) % ENDINGS.len()];
    let mut file = tempfile::Builder::new().prefix("fuzzed").suffix(&format!(".{ending}")).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let named = |error: simages::Error| {
        let error = error.to_string();
        assert!(error.contains("fuzzed"), "{error}");
    };
    match decode::open(file.path()) {
        Ok(picture) => assert!(picture.width() > 0 && picture.height() > 0),
        Err(error) => named(error),
    }
    for crops in Crops::ALL {
        let Err(error) = decode::sampled(file.path(), crops.sources()) else { continue };
        named(error);
    }
});
