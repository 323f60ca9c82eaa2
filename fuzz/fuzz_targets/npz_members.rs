//! Puts any members into an intact zip: misleading headers, shapes and tables of blocks, which a CRC-32 would catch if
//! bytes of a file were changed. Whatever `blocks` contains, the rows must be the same as without it.

#![no_main]

use std::io::Write;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use simages::storage::npz;

/// A member that is as it should be where there is None.
#[derive(Arbitrary, Debug)]
struct Members {
    rows: u8,
    features: Option<Member>,
    filenames: Option<Member>,
    sizes: Option<Member>,
    mtimes: Option<Member>,
    model: Option<Member>,
    blocks: Vec<[u64; 2]>,
    deflated: bool,
}

#[derive(Arbitrary, Debug)]
enum Member {
    Bytes(Vec<u8>),
    /// An array's header in numpy's format, and what follows it.
    Array {
        descr: String,
        shape: Vec<u64>,
        fortran: bool,
        values: Vec<u8>,
        zeros: u32,
    },
}

fuzz_target!(|members: Members| {
    let rows = |blocks| npz::read_bytes(&zip(&members, blocks)).ok().map(|stored| stored.matrix);
    assert!(rows(true) == rows(false));
});

fn zip(members: &Members, with_blocks: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut zip = ZipArchiveWriter::new(&mut bytes);
    let n = u64::from(members.rows % 5);
    let letters = (0..n).flat_map(|i| (97 + i as u32).to_le_bytes());
    let numbers = || (0..n).flat_map(u64::to_le_bytes).collect();
    let values = (0..n * 25088).flat_map(|i| if i % 7 == 0 { (i as f32).to_le_bytes() } else { [0; 4] });
    let mut put = |name, given: &Option<Member>, descr: &str, shape: &[u64], values: Vec<u8>| {
        let content = match given {
            None => array(descr, shape, false, &values, 0),
            Some(Member::Bytes(bytes)) => bytes.clone(),
            Some(Member::Array { descr, shape, fortran, values, zeros }) => {
                array(descr, shape, *fortran, values, *zeros as usize % 400_000)
            }
        };
        add(&mut zip, name, &content, members.deflated);
    };
    put("features", &members.features, "<f4", &[n, 25088], values.collect());
    put("filenames", &members.filenames, "<U1", &[n], letters.collect());
    put("sizes", &members.sizes, "<u8", &[n], numbers());
    put("mtimes", &members.mtimes, "<i8", &[n], numbers());
    put("model", &members.model, "<U1", &[], vec![97, 0, 0, 0]);
    if with_blocks {
        let table = members.blocks.iter().flatten().flat_map(|value| value.to_le_bytes());
        put("blocks", &None, "<u8", &[members.blocks.len() as u64, 2], table.collect());
    }
    zip.finish().unwrap();
    bytes
}

fn array(descr: &str, shape: &[u64], fortran: bool, values: &[u8], zeros: usize) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let shape: String = shape.iter().map(|length| format!("{length},")).collect();
    let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({shape}), }}\n");
    let mut array = b"\x93NUMPY\x02\x00".to_vec();
    array.extend((header.len() as u32).to_le_bytes());
    array.extend(header.bytes());
    array.extend(values);
    array.resize(array.len() + zeros, 0);
    array
}

fn add(zip: &mut ZipArchiveWriter<&mut Vec<u8>>, name: &str, content: &[u8], deflated: bool) {
    let method = if deflated { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
    let (mut entry, config) = zip.new_file(format!("{name}.npy")).compression_method(method).start().unwrap();
    let descriptor = if deflated {
        let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        descriptor
    } else {
        let mut writer = config.wrap(&mut entry);
        writer.write_all(content).unwrap();
        writer.finish().unwrap().1
    };
    entry.finish(descriptor).unwrap();
}
