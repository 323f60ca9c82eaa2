//! Finds the JPEGs in a camera's RAW file, and the number of the sensor's pixels.

use std::io::{self, Read, Seek, SeekFrom};

use super::directories::{Directory, directories};

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const COMPRESSION: u16 = 259;
const MAKE: u16 = 271;
const STRIPS: u16 = 273;
const ORIENTATION: u16 = 274;
const STRIP_BYTES: u16 = 279;
const JPEG: u16 = 513;
const JPEG_BYTES: u16 = 514;
const PHOTOMETRIC: u16 = 262;
const DNG_VERSION: u16 = 50_706;
/// Panasonic's full JPEG, and its sensor.
const PANASONIC_JPEG: u16 = 0x2e;
const PANASONIC_EDGES: [u16; 2] = [2, 3];
/// The photometric values of sensor data: colour filter array, linear raw.
const OF_A_SENSOR: [u64; 2] = [32_803, 34_892];
/// The makers' compressions of sensor data: Sony, Nikon, Pentax and others.
const COMPRESSIONS_OF_MAKERS: [u64; 6] = [32_767, 32_769, 32_770, 34_713, 34_892, 65_535];
/// The box of Canon's preview of 1,620 x 1,080 pixels, by its identifier.
const CANON_PREVIEW: [u8; 16] = *b"\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16";
/// The most boxes examined.
const MOST_BOXES: usize = 1_000;

/// The contents of a RAW file.
#[derive(Debug, Default)]
pub struct Raw {
    /// Positions and lengths of possible JPEGs.
    pub previews: Vec<(u64, u64)>,
    /// Pixels of the sensor.
    pub sensor: Option<(u32, u32)>,
    /// In EXIF's numbering.
    pub orientation: u8,
    /// The position of the TIFF with EXIF.
    pub exif: Option<u64>,
}

/// None if it isn't from a camera.
pub fn look(file: &mut (impl Read + Seek)) -> io::Result<Option<Raw>> {
    file.rewind()?;
    let mut head = [0; 16];
    file.read_exact(&mut head)?;
    match &head {
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', b'C', b'C', b'D', b'-', ..] => fuji(file).map(Some),
        [_, _, _, _, b'f', b't', b'y', b'p', b'c', b'r', b'x', b' ', ..] => canon(file).map(Some),
        _ => of_tiff(file, &head),
    }
}

fn of_tiff(file: &mut (impl Read + Seek), head: &[u8; 16]) -> io::Result<Option<Raw>> {
    let all = directories(file, 0)?;
    let is_of_a_maker = matches!(&head[..4], b"IIRO" | b"IIRS" | b"MMOR" | b"IIU\0") || &head[8..10] == b"CR";
    let is_of_a_sensor = |directory: &Directory| {
        let number = |tag| directory.number(tag);
        number(PHOTOMETRIC).is_some_and(|kind| OF_A_SENSOR.contains(&kind))
            || number(COMPRESSION).is_some_and(|kind| COMPRESSIONS_OF_MAKERS.contains(&kind))
    };
    let is_raw = all.iter().any(|directory| directory.has(DNG_VERSION))
        || all.iter().any(|directory| directory.has(MAKE)) && (is_of_a_maker || all.iter().any(is_of_a_sensor));
    if !is_raw {
        return Ok(None);
    }
    let mut raw = Raw { exif: Some(0), ..of_directories(&all) };
    let sensors = all.iter().filter(|directory| is_of_a_sensor(directory)).filter_map(edges);
    raw.sensor = sensors.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height)).or(raw.sensor);
    Ok(Some(raw))
}

fn edges(directory: &Directory) -> Option<(u32, u32)> {
    let edge = |tag| u32::try_from(directory.number(tag)?).ok().filter(|edge| *edge > 0);
    Some((edge(WIDTH)?, edge(HEIGHT)?))
}

fn of_directories(all: &[Directory]) -> Raw {
    let mut raw = Raw::default();
    for directory in all {
        let pair = |begin, bytes| Some((directory.number(begin)?, directory.number(bytes)?));
        raw.previews.extend(pair(JPEG, JPEG_BYTES));
        raw.previews.extend(directory.bytes(PANASONIC_JPEG));
        // A single strip compressed as JPEG may be a preview or sensor data; only the JPEG itself shows which.
        if matches!(directory.number(COMPRESSION), Some(6 | 7))
            && directory.numbers(STRIPS).is_some_and(|all| all.len() == 1)
        {
            raw.previews.extend(pair(STRIPS, STRIP_BYTES));
        }
        if let Some((height, width)) = directory
            .has(PANASONIC_JPEG)
            .then(|| PANASONIC_EDGES.map(|tag| directory.number(tag).and_then(|edge| u32::try_from(edge).ok())))
            .and_then(|[width, height]| Some((height?, width?)))
        {
            raw.sensor = Some((width, height));
        }
    }
    let orientation = all.iter().find_map(|directory| directory.number(ORIENTATION));
    raw.orientation = orientation.and_then(|value| u8::try_from(value).ok()).unwrap_or(1);
    raw
}

/// Fujifilm: the header gives the JPEG's position; the JPEG's EXIF applies to the file.
fn fuji(file: &mut (impl Read + Seek)) -> io::Result<Raw> {
    let mut place = [0; 8];
    file.seek(SeekFrom::Start(84))?;
    file.read_exact(&mut place)?;
    let [begin, bytes] =
        [0, 4].map(|at| u64::from(u32::from_be_bytes([place[at], place[at + 1], place[at + 2], place[at + 3]])));
    Ok(Raw { previews: vec![(begin, bytes)], orientation: 0, ..Raw::default() })
}

/// Canon's CR3, in boxes. The first track is a JPEG of all pixels; there are smaller previews too.
fn canon(file: &mut (impl Read + Seek)) -> io::Result<Raw> {
    let len = file.seek(SeekFrom::End(0))?;
    let mut raw = Raw { orientation: 1, ..Raw::default() };
    let (mut waiting, mut sizes, mut places) = (vec![(0, len)], Vec::new(), Vec::new());
    for _ in 0..MOST_BOXES {
        let Some((at, end)) = waiting.pop() else { break };
        let mut head = [0; 32];
        if end.saturating_sub(at) < 8 || file.seek(SeekFrom::Start(at)).is_err() {
            continue;
        }
        let read = file.take(32).read(&mut head)?;
        let number = |at: usize| u64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
        let (bytes, header) = match number(0) {
            0 => (end - at, 8),
            1 if read >= 16 => (number(8) << 32 | number(12), 16),
            small => (small, 8),
        };
        if bytes < header || bytes > end - at {
            continue;
        }
        waiting.push((at + bytes, end));
        let inside = (at + header, at + bytes);
        match &head[4..8] {
            b"moov" | b"trak" | b"mdia" | b"minf" | b"stbl" => waiting.push(inside),
            // Canon's own: boxes follow the identifier; in the preview's, after a number of 8 bytes.
            b"uuid" => {
                let name = &head[header as usize..][..16];
                waiting.push((inside.0 + if name == CANON_PREVIEW { 24 } else { 16 }, inside.1));
            }
            b"CMT1" => {
                raw.exif = Some(inside.0);
                let first = directories(file, inside.0)?;
                raw.orientation = of_directories(&first).orientation;
                raw.sensor = first.iter().find_map(edges);
            }
            b"PRVW" => {
                // After its own header, which ends with the length.
                let (begin, bytes) = (inside.0 + 16, number(20));
                raw.previews.push((begin, bytes.min(inside.1.saturating_sub(begin))));
            }
            b"stsz" => sizes.push(number(12)),
            b"co64" => places.push(number(16) << 32 | number(20)),
            _ => {}
        }
    }
    raw.previews.extend(places.into_iter().zip(sizes));
    Ok(raw)
}
