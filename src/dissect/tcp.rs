//! TCP: one segment. Whether it completes messages of its stream is asked.
//!
//! ```text
//!  0             16              32       64       96   100     108    112     128
//!  | source port | dest. port    | seq 32 | ack 32 | len | flags 12    | window |
//!  | checksum 16 | urgent 16     | options … | payload …      (RFC 9293 section 3.1)
//! ```

use super::claim::{Claim, Dissector};
use super::ip::ports;
use super::need::{Need, StreamOctets};
use super::reader::{At, Reader, Stop};
use crate::model::spec::RFC_9293;
use crate::model::{Field, Group, Rule, Severity, Value};

/// The layer.
pub static TCP: Field = Field::layer("tcp", "Transmission Control Protocol").cite(&RFC_9293, "3.1");
/// Source port.
pub static SRCPORT: Field = Field::uint("tcp.srcport", "Source port").cite(&RFC_9293, "3.1");
/// Destination port.
pub static DSTPORT: Field = Field::uint("tcp.dstport", "Destination port").cite(&RFC_9293, "3.1");
/// Sequence number.
pub static SEQUENCE: Field = Field::uint("tcp.seq_raw", "Sequence number").cite(&RFC_9293, "3.1");
/// Acknowledgment number.
pub static ACK: Field = Field::uint("tcp.ack_raw", "Acknowledgment number").cite(&RFC_9293, "3.1");
/// Header length.
pub static HEADER_LENGTH: Field =
    Field::uint("tcp.hdr_len", "Header length").cite(&RFC_9293, "3.1").about("In octets; the wire counts units of 4.");
/// Flags.
pub static FLAGS: Field = Field::uint("tcp.flags", "Flags")
    .cite(&RFC_9293, "3.1")
    .hex(3)
    .about("From the lowest bit: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, accurate ECN.");
/// Window.
pub static WINDOW: Field = Field::uint("tcp.window_size_value", "Window").cite(&RFC_9293, "3.1");
/// Checksum.
pub static CHECKSUM: Field = Field::uint("tcp.checksum", "Checksum").cite(&RFC_9293, "3.1").hex(4);
/// Whether the checksum holds.
pub static CHECKSUM_STATUS: Field = Field::uint("tcp.checksum.status", "Checksum status")
    .cite(&RFC_9293, "3.1")
    .values(super::names::CHECKSUM_STATUS)
    .generated();
/// Urgent pointer.
pub static URGENT: Field = Field::uint("tcp.urgent_pointer", "Urgent pointer").cite(&RFC_9293, "3.1");
/// Octets of the stream.
pub static PAYLOAD: Field = Field::bytes("tcp.payload", "TCP payload").cite(&RFC_9293, "3.1");
/// One option.
pub static OPTION: Field = Field::group("tcp.option", "Option").cite(&RFC_9293, "3.1");
/// Kind of an option.
pub static OPTION_KIND: Field = Field::uint("tcp.option_kind", "Kind").cite(&RFC_9293, "3.1").values(&[
    (0, "End of options"),
    (1, "No operation"),
    (2, "Maximum segment size"),
    (3, "Window scale"),
    (4, "SACK permitted"),
    (5, "SACK"),
    (8, "Timestamps"),
    (19, "MD5 signature"),
    (29, "Authentication"),
    (30, "Multipath TCP"),
    (34, "Fast open"),
]);
/// Length of an option.
pub static OPTION_LENGTH: Field = Field::uint("tcp.option_len", "Length").cite(&RFC_9293, "3.1");
/// Data of an option.
pub static OPTION_DATA: Field = Field::bytes("tcp.option.data", "Data").cite(&RFC_9293, "3.1");
/// Octets after the end of options.
pub static OPTION_PADDING: Field = Field::bytes("tcp.option.padding", "Padding").cite(&RFC_9293, "3.1");

/// The data offset does not fit.
pub static BAD_HEADER_LENGTH: Rule =
    Rule::error("NET-018", Group::Malformed).cite(&RFC_9293, "3.1").text("the TCP header length does not fit").explain(
        "The header states fewer than 20 octets for itself, or more than the segment has.",
        "Receivers drop such a segment; where its payload begins cannot be told.",
        "Look at the sender, or at the tool that wrote the capture.",
    );

/// The checksum does not hold.
pub static BAD_CHECKSUM: Rule =
    Rule::warning("NET-019", Group::Protocol).cite(&RFC_9293, "3.1").text("TCP checksum is wrong").explain(
        "The checksum over the segment does not come out; a sender with checksum offload shows this before the wire.",
        "Receivers drop segments with a wrong checksum.",
        "Captured on the sending host: offload, harmless. Captured elsewhere: the segment was damaged or rewritten.",
    );

/// An option does not fit.
pub static BAD_OPTION: Rule = Rule::warning("NET-028", Group::Malformed)
    .cite(&RFC_9293, "3.1")
    .text("a TCP option's length does not fit")
    .explain(
        "An option states a length that is too small for itself or larger than the room of all options.",
        "The options after this one cannot be told apart.",
        "Look at the sender, or at a device that rewrites options.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &TCP,
    claims: &[Claim::IpProto(6)],
    fields: &[
        &SRCPORT,
        &DSTPORT,
        &SEQUENCE,
        &ACK,
        &HEADER_LENGTH,
        &FLAGS,
        &WINDOW,
        &CHECKSUM,
        &CHECKSUM_STATUS,
        &URGENT,
        &OPTION,
        &OPTION_KIND,
        &OPTION_LENGTH,
        &OPTION_DATA,
        &OPTION_PADDING,
        &PAYLOAD,
    ],
    rules: &[&BAD_HEADER_LENGTH, &BAD_CHECKSUM, &BAD_OPTION],
    dissect,
    probe: None,
};

/// Octets of the header without options.
const HEADER: usize = 20;

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let segment = r.peek();
    let room = r.promised();
    let (src, dst) = ports(r, &SRCPORT, &DSTPORT)?;
    let seq = r.u32(&SEQUENCE)?.value;
    let ack = r.u32(&ACK)?.value;
    let header = r.bits(&HEADER_LENGTH, 4)?.map(|units| usize::try_from(units).unwrap_or(0).saturating_mul(4));
    r.set_value(header.node, Value::Uint(u64::try_from(header.value).unwrap_or(0)));
    let flags = r.bits(&FLAGS, 12)?.value;
    r.u16(&WINDOW)?;
    let checksum = r.u16(&CHECKSUM)?;
    verify(r, checksum, segment.get(..room));
    r.u16(&URGENT)?;
    let Some(options_length) = header.value.checked_sub(HEADER).filter(|_| header.value <= room) else {
        return Err(r.stop_with(&BAD_HEADER_LENGTH, header.node, format_args!("{} octets", header.value)));
    };
    r.within(header.map(|_| options_length), &BAD_OPTION, options);
    let promised = u32::try_from(r.promised()).unwrap_or(u32::MAX);
    let (payload, layer) = (r.ahead(), r.layer());
    if r.left() > 0 {
        r.rest(&PAYLOAD);
    }
    let facts = r.facts();
    let (Some(src_address), Some(dst_address)) = (facts.src, facts.dst) else { return Ok(()) };
    let sighting = facts.sighting();
    r.ask(Need::StreamOctets(StreamOctets {
        src: src_address,
        src_port: src.value,
        dst: dst_address,
        dst_port: dst.value,
        seq,
        ack: (flags & 0x10 != 0).then_some(ack),
        syn: flags & 0x02 != 0,
        fin: flags & 0x01 != 0,
        reset: flags & 0x04 != 0,
        payload,
        promised,
        layer,
        sighting,
    }));
    Ok(())
}

fn verify(r: &mut Reader<'_, '_>, checksum: At<u16>, segment: Option<&[u8]>) {
    let status = match (segment, r.facts().pseudo()) {
        (Some(segment), Some((src, dst))) => {
            let good = super::ip::transport_sum(src, dst, 6, segment) == 0;
            if !good {
                let (explained, detail) = super::ip::checksum_blame(src, dst, 6, segment, 16, checksum.value);
                let severity = if explained { Severity::Note } else { BAD_CHECKSUM.severity };
                r.flag_as(&BAD_CHECKSUM, severity, checksum.node, format_args!("{detail}"));
            }
            u64::from(good)
        }
        _ => 2,
    };
    r.generated(&CHECKSUM_STATUS, Value::Uint(status));
}

fn options(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&BAD_OPTION);
    while !r.is_done() {
        let last = r.group(&OPTION, option)?.value;
        if last && !r.is_done() {
            let n = r.promised();
            r.bytes(&OPTION_PADDING, n)?;
        }
    }
    Ok(())
}

/// Reads one option; the answer is whether it ends them.
fn option(r: &mut Reader<'_, '_>) -> Result<bool, Stop> {
    let kind = r.u8(&OPTION_KIND)?.value;
    if kind < 2 {
        return Ok(kind == 0);
    }
    let length = r.u8(&OPTION_LENGTH)?.map(usize::from);
    let Some(data) = length.value.checked_sub(2) else {
        return Err(r.stop(&BAD_OPTION, length.node));
    };
    r.within(length.map(|_| data), &BAD_OPTION, |r| {
        if !r.is_done() {
            let n = r.promised();
            r.bytes(&OPTION_DATA, n)?;
        }
        Ok(())
    });
    Ok(false)
}
