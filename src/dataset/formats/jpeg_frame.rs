//! Reads from a JPEG's markers how much work and memory it takes, before decoding anything.

use super::jpeg_segments::{JpegSegment, JpegSegments};

/// How a picture is stored in its file.
#[derive(Debug, PartialEq, Eq)]
pub struct JpegFrame {
    /// 1 for grey, 3 for colour, 4 for print.
    pub components: usize,
    /// The number of passes over the picture. 1 if more would follow but aren't read.
    pub scans: usize,
    /// Bytes of all coefficients, if they stay in memory until the last scan; else 0.
    pub kept_bytes: u64,
}

const BLOCK_BYTES: u64 = 64 * 2;

impl JpegFrame {
    /// None if the file has no picture.
    pub fn read(file: &[u8]) -> Option<JpegFrame> {
        let mut frame = None;
        for segment in JpegSegments::of(file) {
            let JpegSegment { marker, content, .. } = segment?;
            match marker {
                0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && frame.is_none() => {
                    // Progressive, with Huffman or arithmetic coding.
                    frame = Some((JpegFrame::begun(content)?, matches!(marker & 3, 2)));
                }
                0xda => {
                    let (frame, is_progressive) = frame.as_mut()?;
                    frame.scans += 1;
                    if !*is_progressive && frame.scans == 1 && content.first() == Some(&(frame.components as u8)) {
                        frame.kept_bytes = 0;
                        break;
                    }
                }
                _ => {}
            }
        }
        frame.map(|(frame, _)| frame)
    }

    /// Parses the header of a frame.
    fn begun(content: &[u8]) -> Option<JpegFrame> {
        let edge = |at| Some(u64::from(u16::from_be_bytes(*content.get(at..)?.first_chunk()?)));
        let (height, width, components) = (edge(1)?, edge(3)?, usize::from(*content.get(5)?));
        let samplings: Vec<(u64, u64)> = (0..components)
            .map(|i| content.get(7 + 3 * i).map(|both| (u64::from(both >> 4).max(1), u64::from(both & 15).max(1))))
            .collect::<Option<_>>()?;
        let across = samplings.iter().map(|sampling| sampling.0).max()?;
        let down = samplings.iter().map(|sampling| sampling.1).max()?;
        let units = width.div_ceil(8 * across) * height.div_ceil(8 * down);
        let blocks: u64 = samplings.iter().map(|(across, down)| units * across * down).sum();
        Some(JpegFrame { components, scans: 0, kept_bytes: blocks * BLOCK_BYTES })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG of 100 x 60 pixels: its kind of frame, the components' samplings, and how many components each scan has.
    fn file(kind: u8, samplings: &[u8], scans: &[u8]) -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xe0\0\x04\xff\xda".to_vec();
        bytes.extend([0xff, kind, 0, 8 + 3 * samplings.len() as u8, 8, 0, 60, 0, 100, samplings.len() as u8]);
        samplings.iter().for_each(|sampling| bytes.extend([1, *sampling, 0]));
        for components in scans {
            bytes.extend([0xff, 0xda, 0, 3, *components]);
            bytes.extend(b"coded\xff\0\xff\xd3pixels\xff");
        }
        bytes.extend(b"\xff\xd9\xff\xda\0\x02");
        bytes
    }

    #[test]
    fn scans_are_counted_and_coefficients_too_where_they_are_kept() {
        let read = |kind, samplings: &[u8], scans: &[u8]| JpegFrame::read(&file(kind, samplings, scans)).unwrap();
        let frame = |components, scans, blocks: u64| JpegFrame { components, scans, kept_bytes: blocks * 128 };
        // In one go, 4:2:0.
        assert_eq!(read(0xc0, &[0x22, 0x11, 0x11], &[3]), frame(3, 1, 0));
        assert_eq!(read(0xc0, &[0x22, 0x11, 0x11], &[1, 1, 1]), frame(3, 3, 7 * 4 * 6));
        assert_eq!(read(0xc2, &[0x22, 0x11, 0x11], &[3, 1, 1, 1]), frame(3, 4, 7 * 4 * 6));
        // Grey; by arithmetic; for print.
        assert_eq!(read(0xc2, &[0x11], &[1; 600]), frame(1, 600, 13 * 8));
        assert_eq!(read(0xca, &[0x11; 3], &[3, 1]), frame(3, 2, 13 * 8 * 3));
        assert_eq!(read(0xc1, &[0x11; 4], &[4]), frame(4, 1, 0));
    }

    #[test]
    fn files_that_end_anywhere_are_read_to_their_end() {
        let whole = file(0xc2, &[0x22, 0x11, 0x11], &[3, 1, 1, 1]);
        for len in 0..whole.len() {
            let scans = JpegFrame::read(&whole[..len]).map_or(0, |frame| frame.scans);
            assert!(scans <= 4, "{len}");
        }
    }
}
