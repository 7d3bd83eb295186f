//! Fields of the frame's own layer: number, time, lengths, comments. None of them is in the frame's octets.
//!
//! The engine fills them in; must not know where frames come from.

use crate::model::Field;
use crate::model::spec::{LINKTYPES, PCAP};

/// The layer.
pub static FRAME: Field = Field::layer("frame", "Frame").cite(&PCAP, "pcap").about("One record of a capture.");
/// Number in the merged order.
pub static NUMBER: Field = Field::uint("frame.number", "Number")
    .cite(&PCAP, "pcap")
    .about("Counts the frames of all captures, merged by time, from 1.")
    .generated();
/// Capture time.
pub static TIME: Field =
    Field::time("frame.time", "Time").cite(&PCAP, "pcap").about("When it was captured.").generated();
/// Capture time in seconds.
pub static TIME_EPOCH: Field = Field::duration("frame.time_epoch", "Time since 1970")
    .cite(&PCAP, "pcap")
    .about("Capture time in seconds.")
    .generated();
/// Length on the wire.
pub static LEN: Field =
    Field::uint("frame.len", "Length on the wire").cite(&PCAP, "pcap").about("In octets.").generated();
/// Captured length.
pub static CAP_LEN: Field = Field::uint("frame.cap_len", "Captured length")
    .cite(&PCAP, "pcap")
    .about("In octets; less than the length on the wire when a snapshot length cut it.")
    .generated();
/// Link type.
pub static LINK_TYPE: Field = Field::uint("frame.link_type", "Link type")
    .cite(&LINKTYPES, "all")
    .values(&[
        (0, "BSD loopback"),
        (1, "Ethernet"),
        (9, "PPP"),
        (12, "raw IP"),
        (14, "raw IP"),
        (50, "PPP in HDLC framing"),
        (101, "raw IP"),
        (108, "OpenBSD loopback"),
        (113, "Linux cooked"),
        (228, "IPv4"),
        (229, "IPv6"),
        (252, "Exported PDU"),
        (276, "Linux cooked v2"),
    ])
    .generated();
/// Interface.
pub static INTERFACE: Field = Field::uint("frame.interface_id", "Interface")
    .cite(&PCAP, "pcapng")
    .about("Index of the interface in its file, over all sections, from 0.")
    .generated();
/// Which input.
pub static FILE: Field = Field::uint("frame.file", "File")
    .uncited("how the inputs were given")
    .about("Which of the captures given it came from, from 0.")
    .generated();
/// Number in its file.
pub static FILE_NUMBER: Field = Field::uint("frame.file_number", "Number in its file")
    .uncited("how the inputs were given")
    .about("Counts the frames of its own file, from 1.")
    .generated();
/// Comments.
pub static COMMENT: Field = Field::text("frame.comment", "Comment")
    .cite(&PCAP, "pcapng")
    .about("A comment the capture file attaches to the frame.")
    .generated();
/// The layers.
pub static PROTOCOLS: Field = Field::text("frame.protocols", "Protocols in frame")
    .uncited("computed")
    .about("The layers found, outermost first.")
    .generated();

/// All fields of the layer.
pub static FIELDS: &[&Field] = &[
    &FRAME,
    &NUMBER,
    &TIME,
    &TIME_EPOCH,
    &LEN,
    &CAP_LEN,
    &LINK_TYPE,
    &INTERFACE,
    &FILE,
    &FILE_NUMBER,
    &COMMENT,
    &PROTOCOLS,
];
