//! Malicious picture files: cut short, damaged, bombs, file system traps. Each causes one message, and costs little
//! time and memory.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::common::{Place, peak_memory};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use simages::dataset::decode;
use simages::descriptor::Crops;

/// The time allowed per file, with a margin for busy machines.
const LONGEST: Duration = Duration::from_secs(15);
/// Of the whole program while it indexes.
const MOST_MEMORY: u64 = 1_500 << 20;

const FORMATS: [(&str, ImageFormat); 12] = [
    ("jpg", ImageFormat::Jpeg),
    ("png", ImageFormat::Png),
    ("gif", ImageFormat::Gif),
    ("webp", ImageFormat::WebP),
    ("bmp", ImageFormat::Bmp),
    ("tiff", ImageFormat::Tiff),
    ("tga", ImageFormat::Tga),
    ("ico", ImageFormat::Ico),
    ("ppm", ImageFormat::Pnm),
    ("qoi", ImageFormat::Qoi),
    ("hdr", ImageFormat::Hdr),
    ("exr", ImageFormat::OpenExr),
];

fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x * 5) as u8, (y * 7) as u8, (x * y) as u8]));
    let picture = DynamicImage::from(picture);
    let picture = match format {
        ImageFormat::Hdr | ImageFormat::OpenExr => picture.into_rgb32f().into(),
        ImageFormat::Ico => picture.into_rgba8().into(),
        _ => picture,
    };
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Decodes in every way; expects an error that names the file, or a picture. Returns whether all gave pictures.
fn decodes(path: &Path) -> bool {
    let begun = Instant::now();
    let whole = decode::open(path).map(|picture| (picture.width(), picture.height()));
    let sampled =
        |crops: Crops| decode::sampled(path, crops.sources()).map(|picture| (picture.width(), picture.height()));
    let [some, cropped] = Crops::ALL.map(sampled);
    assert!(begun.elapsed() < LONGEST, "{}: {:?}", path.display(), begun.elapsed());
    for outcome in [&whole, &some, &cropped] {
        match outcome {
            Ok((width, height)) => assert!(*width > 0 && *height > 0),
            Err(error) => {
                let (error, name) = (error.to_string(), path.file_name().unwrap().to_str().unwrap());
                assert!(error.contains(name) && error.len() < 1000, "{error}");
                assert!(!error.contains("the decoder failed"), "{error}");
            }
        }
    }
    assert_eq!(whole.is_ok(), some.is_ok(), "{}: {whole:?}, {some:?}", path.display());
    whole.is_ok()
}

#[test]
fn cut_short_at_every_tenth_byte() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, format) in FORMATS {
        let whole = encoded(format, 40, 30);
        let path = folder.path().join(format!("cut.{ending}"));
        for cut in (0..whole.len()).step_by(10) {
            fs::write(&path, &whole[..cut]).unwrap();
            let decodes = decodes(&path);
            // libjpeg invents missing data, which Keras rejects.
            assert!(!(decodes && format == ImageFormat::Jpeg), "of {} bytes {cut}", whole.len());
        }
        fs::write(&path, &whole).unwrap();
        assert!(decodes(&path), "{ending}");
    }
}

#[test]
fn bits_flipped() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(5);
    let mut decoded = 0;
    for (ending, format) in FORMATS {
        let whole = encoded(format, 40, 30);
        let path = folder.path().join(format!("flipped.{ending}"));
        for _ in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..random.usize(1..20) {
                // Half of the damage in the header, where it matters most.
                let end = if random.bool() { whole.len() } else { whole.len().min(60) };
                bytes[random.usize(..end)] ^= 1 << random.u8(..8);
            }
            fs::write(&path, &bytes).unwrap();
            decoded += u32::from(decodes(&path));
        }
    }
    assert!(decoded > 100, "only {decoded} of them still decode: the test tests nothing");
}

/// Small files that claim 60,000 x 60,000 pixels, or the maximum of their format.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    const SIDE: u32 = 60_000;
    let patched = |format, at: usize, bytes: &[u8]| {
        let mut whole = encoded(format, 40, 30);
        whole[at..at + bytes.len()].copy_from_slice(bytes);
        whole
    };
    let (be, le) = (SIDE.to_be_bytes(), SIDE.to_le_bytes());
    let le16 = (SIDE as u16).to_le_bytes();
    let jpeg = {
        let mut jpeg = encoded(ImageFormat::Jpeg, 40, 30);
        let at = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap() + 5;
        jpeg[at..at + 4].copy_from_slice(&[(SIDE as u16).to_be_bytes(), (SIDE as u16).to_be_bytes()].concat());
        jpeg
    };
    let gif = {
        let mut gif = encoded(ImageFormat::Gif, 40, 30);
        gif[6..10].copy_from_slice(&[le16, le16].concat());
        let at = gif.iter().position(|byte| *byte == b',').unwrap() + 5;
        gif[at..at + 4].copy_from_slice(&[le16, le16].concat());
        gif
    };
    let tiff = {
        let mut tiff = encoded(ImageFormat::Tiff, 40, 30);
        // The directory entries with the tags width (256), height (257) and rows per strip (278).
        for tag in [256u16, 257, 278] {
            let entry = [&tag.to_le_bytes()[..], &4u16.to_le_bytes()].concat();
            let at = tiff.windows(4).position(|bytes| bytes == entry);
            if let Some(at) = at {
                tiff[at + 8..at + 12].copy_from_slice(&le);
            }
        }
        tiff
    };
    let exr = {
        let mut exr = encoded(ImageFormat::OpenExr, 40, 30);
        for window in ["dataWindow\0box2i\0", "displayWindow\0box2i\0"] {
            let at = exr.windows(window.len()).position(|bytes| bytes == window.as_bytes()).unwrap();
            let corner = at + window.len() + 4 + 8;
            exr[corner..corner + 8].copy_from_slice(&[le, le].concat());
        }
        exr
    };
    let webp = {
        // VP8L: 14 bits each of width - 1 and height - 1.
        let mut webp = encoded(ImageFormat::WebP, 40, 30);
        let at = webp.windows(4).position(|bytes| bytes == b"VP8L").unwrap() + 9;
        webp[at..at + 4].copy_from_slice(&0x0fff_ffff_u32.to_le_bytes());
        webp
    };
    let dds = {
        let mut dds = b"DDS ".to_vec();
        dds.extend([124, 0x1007, SIDE, SIDE, 0, 0, 0].iter().flat_map(|v: &u32| v.to_le_bytes()));
        dds.resize(4 + 72, 0);
        dds.extend([32u32, 4].iter().flat_map(|v| v.to_le_bytes()));
        dds.extend(b"DXT1");
        dds.resize(128, 0);
        dds
    };
    let mut farbfeld = b"farbfeld".to_vec();
    farbfeld.extend([be, be].concat());
    vec![
        ("bomb.jpg", jpeg),
        ("bomb.gif", gif),
        ("bomb.tiff", tiff),
        ("bomb.exr", exr),
        ("bomb.webp", webp),
        ("bomb.dds", dds),
        ("bomb.ff", farbfeld),
        ("bomb.png", png(SIDE, SIDE, 1000)),
        ("bomb.bmp", patched(ImageFormat::Bmp, 18, &[le, le].concat())),
        ("bomb.tga", patched(ImageFormat::Tga, 12, &[le16, le16].concat())),
        ("bomb.qoi", patched(ImageFormat::Qoi, 4, &[be, be].concat())),
        ("bomb.ppm", b"P6\n60000 60000\n255\nabc".to_vec()),
        ("ascii.pbm", b"P1\n60000 60000\n0 1 0".to_vec()),
        ("bomb.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n\x02\x02\xea\x60".to_vec()),
        // The claimed size is within the limit, but the data unpacks to much more.
        ("liar.png", png(100, 100, 400 << 20)),
        ("short.png", png(12_000, 12_000, 1000)),
    ]
}

/// A PNG of this size whose data unpacks to this many zeros.
fn png(width: u32, height: u32, zeros: usize) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], data: &[u8]| {
        png.extend((data.len() as u32).to_be_bytes());
        let content = [kind, data].concat();
        png.extend(&content);
        png.extend(crc32fast::hash(&content).to_be_bytes());
    };
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat());
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..zeros.div_ceil(1 << 20) {
        packed.write_all(&vec![0; zeros.min(1 << 20)]).unwrap();
    }
    chunk(b"IDAT", &packed.finish().unwrap());
    chunk(b"IEND", &[]);
    png
}

/// The report of `index` for a folder, and its peak memory.
fn indexed(place: &Place) -> (Value, u64) {
    let child = place.command(&["index", "animals", "--json"]);
    let (outcome, memory) = peak_memory(child);
    let outcome = outcome.exits(0);
    (serde_json::from_str(&outcome.stdout).unwrap(), memory)
}

fn skipped(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["skipped"].as_array().unwrap().iter().map(|s| (text(&s["file"]), text(&s["error"]))).collect()
}

#[test]
fn bombs_of_every_format_are_refused_in_little_memory() {
    let place = Place::with(&["birds_duck.jpg"]);
    let bombs = bombs();
    for (name, bytes) in &bombs {
        fs::write(place.animals().join(name), bytes).unwrap();
    }
    // A real picture can be this large: 13,000 x 13,000 pixels in 490 KB.
    fs::write(place.animals().join("large.png"), png(13_000, 13_000, 13_000 * 39_001)).unwrap();
    let (report, memory) = indexed(&place);
    let skipped = skipped(&report);
    for (name, _) in &bombs {
        // A file with more data than needed is an ordinary picture.
        assert_eq!(skipped.iter().any(|(file, _)| file == name), *name != "liar.png", "{name} in {skipped:?}");
    }
    assert_eq!(place.names(), ["birds_duck.jpg", "large.png", "liar.png"]);
    assert!(memory < MOST_MEMORY, "{} MB", memory >> 20);
}

#[test]
fn traps_in_the_file_system_cost_a_message_each() {
    let place = Place::with(&["birds_duck.jpg"]);
    let root = place.animals();
    let at = |name: &str| root.join(name);
    rustix::fs::mknodat(rustix::fs::CWD, at("pipe.jpg"), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    symlink("/dev/zero", at("zero.jpg")).unwrap();
    symlink("/dev/null", at("null.png")).unwrap();
    symlink("itself.jpg", at("itself.jpg")).unwrap();
    symlink("b.jpg", at("a.jpg")).unwrap();
    symlink("a.jpg", at("b.jpg")).unwrap();
    symlink(&root, at("again")).unwrap();
    symlink(&root, at("again.jpg")).unwrap();
    std::os::unix::net::UnixListener::bind(at("socket.jpg")).unwrap();
    for (name, starts) in [("sparse.jpg", &b"\xff\xd8\xff"[..]), ("sparse.bmp", b"BM"), ("sparse.tiff", b"II*\0")] {
        let mut sparse = File::create(at(name)).unwrap();
        sparse.write_all(starts).unwrap();
        sparse.set_len(5 << 30).unwrap();
    }
    // Below the size limit of picture files.
    File::create(at("hole.webp")).unwrap().write_all(b"RIFF\xff\xff\xff\x0fWEBPVP8 \xf0\xff\xff\x0f").unwrap();
    File::options().write(true).open(at("hole.webp")).unwrap().set_len(250 << 20).unwrap();
    let deep = (0..40).fold(root.clone(), |folder, i| folder.join(format!("level{i}")));
    fs::create_dir_all(&deep).unwrap();
    fs::copy(at("birds_duck.jpg"), deep.join("deep.jpg")).unwrap();
    for name in
        [&b"caf\xe9.jpg"[..], b"red\x1b[31m.jpg", b"new\nline.jpg", b"-rf.jpg", b" .jpg", "\u{202e}gpj.jpg".as_bytes()]
    {
        fs::copy(at("birds_duck.jpg"), root.join(std::ffi::OsStr::from_bytes(name))).unwrap();
    }

    let (report, memory) = indexed(&place);
    let skipped: Vec<_> = skipped(&report).into_iter().map(|(file, _)| file).collect();
    for name in [
        "pipe.jpg",
        "zero.jpg",
        "null.png",
        "itself.jpg",
        "a.jpg",
        "b.jpg",
        "socket.jpg",
        "sparse.jpg",
        "sparse.bmp",
        "hole.webp",
    ] {
        assert!(skipped.iter().any(|file| file == name), "{name} in {skipped:?}");
    }
    // The picture itself, and six copies with strange names, one in a deep folder. A folder named .jpg is a folder.
    assert_eq!(report["indexed"], 8, "{report}");
    assert!(memory < MOST_MEMORY, "{} MB", memory >> 20);
}

#[test]
fn a_hundred_thousand_entries_in_one_folder() {
    let place = Place::with(&["birds_duck.jpg"]);
    for i in 0..100_000 {
        // A tenth of them are named like pictures.
        let ending = if i % 10 == 0 { "jpg" } else { "txt" };
        File::create(place.animals().join(format!("{i:06}.{ending}"))).unwrap();
    }
    let (report, memory) = indexed(&place);
    assert_eq!((&report["images"], &report["indexed"]), (&10_001.into(), &1.into()));
    assert_eq!(skipped(&report).len(), 10_000);
    assert!(memory < MOST_MEMORY, "{} MB", memory >> 20);
}
