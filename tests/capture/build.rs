//! Tiny builders of capture files, and a reader that lists what came out.

use std::io::Cursor;

use pushscope::capture::{Frame, Input, Merged};

/// Byte order: true for big.
pub(crate) fn n16(big: bool, number: u16) -> [u8; 2] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

pub(crate) fn n32(big: bool, number: u32) -> [u8; 4] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

/// A pcap file header.
pub(crate) fn pcap_header(big: bool, magic: u32, snaplen: u32, link: u32) -> Vec<u8> {
    [n32(big, magic).as_slice(), &n16(big, 2), &n16(big, 4), &[0; 8], &n32(big, snaplen), &n32(big, link)].concat()
}

/// A pcap record whose lengths are as given.
pub(crate) fn pcap_record(big: bool, time: (u32, u32), captured: u32, original: u32, data: &[u8]) -> Vec<u8> {
    [&n32(big, time.0), &n32(big, time.1), &n32(big, captured), &n32(big, original), data].concat()
}

/// A pcap record of this frame.
pub(crate) fn pcap_frame(big: bool, secs: u32, data: &[u8]) -> Vec<u8> {
    let len = u32::try_from(data.len()).unwrap();
    pcap_record(big, (secs, 5), len, len, data)
}

/// A pcapng block.
pub(crate) fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    let len = n32(big, u32::try_from(body.len() + 12).unwrap());
    [&n32(big, kind), &len, body.as_slice(), &len].concat()
}

/// A section header block with these options.
pub(crate) fn section(big: bool, options: &[u8]) -> Vec<u8> {
    let body = [&n32(big, 0x1a2b_3c4d), &n16(big, 1)[..], &n16(big, 0), &[0xff; 8], options].concat();
    block(big, 0x0a0d_0d0a, &body)
}

/// An option, padded.
pub(crate) fn option(big: bool, code: u16, value: &[u8]) -> Vec<u8> {
    let mut out = [&n16(big, code), &n16(big, u16::try_from(value.len()).unwrap()), value].concat();
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

/// An interface description block with these options.
pub(crate) fn interface(big: bool, link: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
    block(big, 1, &[&n16(big, link), &[0, 0][..], &n32(big, snaplen), options].concat())
}

/// An enhanced packet block with these options.
pub(crate) fn enhanced(big: bool, id: u32, ticks: u64, data: &[u8], options: &[u8]) -> Vec<u8> {
    let mut padded = data.to_vec();
    padded.resize(padded.len().next_multiple_of(4), 0);
    let len = n32(big, u32::try_from(data.len()).unwrap());
    let (high, low) = (u32::try_from(ticks >> 32).unwrap(), u32::try_from(ticks & 0xffff_ffff).unwrap());
    block(big, 6, &[&n32(big, id), &n32(big, high), &n32(big, low), &len, &len, padded.as_slice(), options].concat())
}

/// A simple packet block.
pub(crate) fn simple(big: bool, original: u32, data: &[u8]) -> Vec<u8> {
    block(big, 3, &[&n32(big, original), data].concat())
}

/// What came out of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Out {
    pub(crate) frames: Vec<One>,
    pub(crate) problems: Vec<String>,
}

/// A frame that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct One {
    pub(crate) number: u32,
    pub(crate) nanos: Option<i64>,
    pub(crate) data: Vec<u8>,
    pub(crate) orig_len: u32,
    pub(crate) link: u16,
    pub(crate) fcs_len: u8,
    pub(crate) interface: u32,
    pub(crate) offset: u64,
    pub(crate) data_offset: u64,
    pub(crate) comments: Vec<Vec<u8>>,
    pub(crate) odd: Vec<String>,
}

pub(crate) fn one(frame: &Frame<'_>) -> One {
    One {
        number: frame.number,
        nanos: frame.ts.map(pushscope::model::Timestamp::nanos),
        data: frame.data.to_vec(),
        orig_len: frame.orig_len,
        link: frame.link.0,
        fcs_len: frame.fcs_len,
        interface: frame.interface,
        offset: frame.offset,
        data_offset: frame.data_offset,
        comments: frame.comments().map(<[u8]>::to_vec).collect(),
        odd: frame.odd.iter().map(|odd| odd.rule.id.to_owned()).collect(),
    }
}

pub(crate) fn drain(mut input: Input) -> Out {
    let mut out = Out::default();
    while let Some(frame) = input.next() {
        out.frames.push(one(&frame));
    }
    assert!(input.next().is_none(), "the end is the end");
    out.problems = input.problems().iter().map(ToString::to_string).collect();
    out
}

/// Reads octets as a file.
pub(crate) fn read(octets: &[u8]) -> Out {
    drain(Input::from_reader("test", Cursor::new(octets.to_vec())))
}

/// Reads octets as a file that gives away at most `step` octets a time.
pub(crate) fn read_slowly(octets: &[u8], step: usize) -> Out {
    struct Slow(Vec<u8>, usize, usize);
    impl std::io::Read for Slow {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.2.min(into.len()).min(self.0.len() - self.1);
            into[..count].copy_from_slice(&self.0[self.1..self.1 + count]);
            self.1 += count;
            Ok(count)
        }
    }
    drain(Input::from_reader("test", Slow(octets.to_vec(), 0, step)))
}

/// Reads several files merged: (file, number in the file) in the merged order.
pub(crate) fn merge(files: &[&[u8]]) -> Vec<(u16, u32)> {
    let inputs = files.iter().map(|octets| Input::from_reader("test", Cursor::new(octets.to_vec()))).collect();
    let mut merged = Merged::new(inputs);
    let mut out = Vec::new();
    while let Some(frame) = merged.next() {
        assert_eq!(frame.number as usize, out.len() + 1);
        out.push((frame.file, frame.file_number));
    }
    assert!(merged.problems().is_empty());
    out
}

impl Out {
    /// The octets of the frames.
    pub(crate) fn data(&self) -> Vec<&[u8]> {
        self.frames.iter().map(|frame| frame.data.as_slice()).collect()
    }

    /// The findings of the frames.
    pub(crate) fn odd(&self) -> Vec<Vec<&str>> {
        self.frames.iter().map(|frame| frame.odd.iter().map(String::as_str).collect()).collect()
    }

    /// Nothing was wrong.
    pub(crate) fn clean(self) -> Self {
        assert_eq!(self.problems, Vec::<String>::new());
        self
    }
}
