//! A JPEG's markers, and what follows them.

/// A marker with content.
pub struct JpegSegment<'a> {
    pub marker: u8,
    /// Empty if the file ends before it does.
    pub content: &'a [u8],
    /// The position of the content.
    pub at: usize,
}

/// All segments up to the end of the picture; None in the place of one whose length is missing.
pub struct JpegSegments<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> JpegSegments<'a> {
    pub fn of(file: &'a [u8]) -> JpegSegments<'a> {
        JpegSegments { file, at: 0 }
    }

    /// The position behind what was read: behind the picture, once all segments were.
    pub fn end(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for JpegSegments<'a> {
    type Item = Option<JpegSegment<'a>>;

    fn next(&mut self) -> Option<Option<JpegSegment<'a>>> {
        loop {
            let marker = match next_marker(self.file, &mut self.at)? {
                // Start and restart markers have no content.
                0x01 | 0xd0..=0xd8 => continue,
                0xd9 => return None,
                marker => marker,
            };
            let Some(len) = self.file.get(self.at..).and_then(|rest| rest.first_chunk()) else { return Some(None) };
            let at = self.at + 2;
            self.at += usize::from(u16::from_be_bytes(*len).max(2));
            return Some(Some(JpegSegment { marker, content: self.file.get(at..self.at).unwrap_or_default(), at }));
        }
    }
}

/// The next marker at or after `at`, which moves to its content. Skips coded pixels, which contain none.
fn next_marker(file: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        *at += file.get(*at..)?.iter().position(|byte| *byte == 0xff)? + 1;
        match *file.get(*at)? {
            0 => {}
            0xff => continue,
            marker => {
                *at += 1;
                return Some(marker);
            }
        }
        *at += 1;
    }
}
