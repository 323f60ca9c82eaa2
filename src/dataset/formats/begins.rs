//! The first bytes of files in some formats.

pub fn jxl(head: &[u8]) -> bool {
    head.starts_with(b"\xff\x0a") || head.get(4..12) == Some(b"JXL \r\n\x87\n")
}

pub fn jpeg2000(head: &[u8]) -> bool {
    head.starts_with(b"\xff\x4f\xff\x51") || head.get(4..12) == Some(b"jP  \r\n\x87\n")
}

/// Also matches TIFF, which many RAW formats are.
pub fn raw(head: &[u8]) -> bool {
    const TIFFS: [&[u8]; 8] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIRS", b"MMOR", b"IIU\0"];
    TIFFS.iter().any(|magic| head.starts_with(magic))
        || head.starts_with(b"FUJIFILMCCD-RAW")
        || head.get(4..12) == Some(b"ftypcrx ")
}
