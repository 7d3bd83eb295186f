//! IPv4. Fragments end the layer with a question to the memory across frames.
//!
//! ```text
//!  0    4    8      14 16              32              48  51            64
//!  | ver| ihl| dscp |ecn| total length | id            |flg| offset      |
//!  | ttl     | protocol | checksum     | source 32 | destination 32 | options … | payload …      (RFC 791 section 3.1)
//! ```

use std::net::{IpAddr, Ipv4Addr};

use etherparse::checksum::Sum16BitWords;

use super::claim::{Claim, Dissector};
use super::ip::{BAD_OPTION, FRAGMENT_BEYOND, FRAGMENT_LENGTH, LENGTH_BEYOND, WRONG_VERSION};
use super::need::{IpFragment, Need};
use super::reader::{At, Reader, Stop};
use crate::model::spec::RFC_791;
use crate::model::{Field, Group, Rule, Value};

/// The layer.
pub static IPV4: Field = Field::layer("ip", "Internet Protocol version 4").cite(&RFC_791, "3.1");
/// Version.
pub static VERSION: Field = Field::uint("ip.version", "Version").cite(&RFC_791, "3.1");
/// Header length.
pub static HEADER_LENGTH: Field =
    Field::uint("ip.hdr_len", "Header length").cite(&RFC_791, "3.1").about("In octets; the wire counts units of 4.");
/// Differentiated services field.
pub static DS: Field = Field::group("ip.dsfield", "Differentiated services field").cite(&RFC_791, "3.1");
/// Differentiated services code point.
pub static DSCP: Field = Field::uint("ip.dsfield.dscp", "Code point").cite(&RFC_791, "3.1").values(super::names::DSCP);
/// Explicit congestion notification.
pub static ECN: Field =
    Field::uint("ip.dsfield.ecn", "Congestion notification").cite(&RFC_791, "3.1").values(super::names::ECN);
/// Length of header and payload.
pub static LENGTH: Field = Field::uint("ip.len", "Total length").cite(&RFC_791, "3.1");
/// Identification.
pub static ID: Field = Field::uint("ip.id", "Identification").cite(&RFC_791, "3.1").hex(4);
/// All flags.
pub static FLAGS: Field = Field::group("ip.flags", "Flags").cite(&RFC_791, "3.1");
/// Reserved flag.
pub static RESERVED: Field = Field::bool("ip.flags.rb", "Reserved").cite(&RFC_791, "3.1");
/// Do not fragment.
pub static DF: Field = Field::bool("ip.flags.df", "Do not fragment").cite(&RFC_791, "3.1");
/// More fragments.
pub static MF: Field = Field::bool("ip.flags.mf", "More fragments").cite(&RFC_791, "3.1");
/// Fragment offset.
pub static OFFSET: Field = Field::uint("ip.frag_offset", "Fragment offset")
    .cite(&RFC_791, "3.1")
    .about("In octets; the wire counts units of 8.");
/// Time to live.
pub static TTL: Field = Field::uint("ip.ttl", "Time to live").cite(&RFC_791, "3.1");
/// Protocol.
pub static PROTOCOL: Field =
    Field::uint("ip.proto", "Protocol").cite(&RFC_791, "3.1").values(super::names::IP_PROTOCOLS);
/// Header checksum.
pub static CHECKSUM: Field = Field::uint("ip.checksum", "Header checksum").cite(&RFC_791, "3.1").hex(4);
/// Whether the header checksum holds.
pub static CHECKSUM_STATUS: Field = Field::uint("ip.checksum.status", "Header checksum status")
    .cite(&RFC_791, "3.1")
    .values(super::names::CHECKSUM_STATUS)
    .generated();
/// Source address.
pub static SRC: Field = Field::ipv4("ip.src", "Source").cite(&RFC_791, "3.1");
/// Destination address.
pub static DST: Field = Field::ipv4("ip.dst", "Destination").cite(&RFC_791, "3.1");
/// One option.
pub static OPTION: Field = Field::group("ip.opt", "Option").cite(&RFC_791, "3.1");
/// Type of an option.
pub static OPTION_TYPE: Field = Field::uint("ip.opt.type", "Type").cite(&RFC_791, "3.1").values(&[
    (0, "End of options"),
    (1, "No operation"),
    (7, "Record route"),
    (68, "Time stamp"),
    (130, "Security"),
    (131, "Loose source route"),
    (136, "Stream id"),
    (137, "Strict source route"),
    (148, "Router alert"),
]);
/// Length of an option.
pub static OPTION_LENGTH: Field = Field::uint("ip.opt.len", "Length").cite(&RFC_791, "3.1");
/// Pointer of a route option.
pub static OPTION_POINTER: Field = Field::uint("ip.opt.ptr", "Pointer").cite(&RFC_791, "3.1");
/// Address in a route option.
pub static OPTION_ADDRESS: Field = Field::ipv4("ip.opt.addr", "Address").cite(&RFC_791, "3.1");
/// Data of another option.
pub static OPTION_DATA: Field = Field::bytes("ip.opt.data", "Data").cite(&RFC_791, "3.1");
/// Octets after the end of options.
pub static OPTION_PADDING: Field = Field::bytes("ip.opt.padding", "Padding").cite(&RFC_791, "3.1");

/// The header length is below 20 or beyond the packet.
pub static BAD_HEADER_LENGTH: Rule =
    Rule::error("NET-003", Group::Malformed).cite(&RFC_791, "3.1").text("the IPv4 header length does not fit").explain(
        "The header states fewer than 20 octets for itself, or more than the packet has.",
        "Receivers drop such a packet; where its payload begins cannot be told.",
        "Look at the sender, or at the tool that wrote the capture.",
    );

/// The header checksum does not hold.
pub static BAD_CHECKSUM: Rule =
    Rule::warning("NET-004", Group::Protocol).cite(&RFC_791, "3.1").text("IPv4 header checksum is wrong").explain(
        "The checksum over the header does not come out; a sender with checksum offload shows this before the wire.",
        "Routers and receivers drop packets with a wrong header checksum.",
        "Captured on the sending host: offload, harmless. Captured elsewhere: the header was damaged or rewritten.",
    );

/// The total length is smaller than the header.
pub static LENGTH_SHORT: Rule = Rule::error("NET-006", Group::Malformed)
    .cite(&RFC_791, "3.1")
    .text("the IPv4 total length is smaller than the header")
    .explain(
        "The packet states fewer octets in all than its header takes.",
        "Receivers drop such a packet; the end of the frame is taken for its end here.",
        "Look at the sender, or at the tool that wrote the capture.",
    );

/// The total length is 0.
pub static LENGTH_ZERO: Rule = Rule::note("NET-009", Group::Assumption)
    .uncited("segmentation offload leaves the length open before the wire")
    .text("the IPv4 total length is 0: the end of the frame is taken for the end of the packet")
    .explain(
        "A sender with segmentation offload hands packets to the card with length 0; a capture on that host shows them so.",
        "Padding of the frame, if any, counts as payload.",
        "Captured on the sending host: harmless. Captured elsewhere: look at the sender.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &IPV4,
    claims: &[Claim::EtherType(0x0800), Claim::LinkType(228), Claim::PppProtocol(0x0021), Claim::IpProto(4)],
    fields: &[
        &VERSION,
        &HEADER_LENGTH,
        &DS,
        &DSCP,
        &ECN,
        &LENGTH,
        &ID,
        &FLAGS,
        &RESERVED,
        &DF,
        &MF,
        &OFFSET,
        &TTL,
        &PROTOCOL,
        &CHECKSUM,
        &CHECKSUM_STATUS,
        &SRC,
        &DST,
        &OPTION,
        &OPTION_TYPE,
        &OPTION_LENGTH,
        &OPTION_POINTER,
        &OPTION_ADDRESS,
        &OPTION_DATA,
        &OPTION_PADDING,
    ],
    rules: &[
        &BAD_HEADER_LENGTH,
        &BAD_CHECKSUM,
        &LENGTH_BEYOND,
        &LENGTH_SHORT,
        &WRONG_VERSION,
        &BAD_OPTION,
        &LENGTH_ZERO,
        &FRAGMENT_BEYOND,
        &FRAGMENT_LENGTH,
    ],
    dissect,
    probe: None,
};

/// Octets of the header without options.
const HEADER: usize = 20;

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let packet = r.peek();
    let room = r.promised();
    let version = r.bits(&VERSION, 4)?;
    if version.value != 4 {
        return Err(r.stop_with(&WRONG_VERSION, version.node, format_args!("{}", version.value)));
    }
    let header = r.bits(&HEADER_LENGTH, 4)?.map(|units| usize::try_from(units).unwrap_or(0).saturating_mul(4));
    r.set_value(header.node, Value::Uint(u64::try_from(header.value).unwrap_or(0)));
    if header.value < HEADER || header.value > room {
        return Err(r.stop_with(&BAD_HEADER_LENGTH, header.node, format_args!("{} octets", header.value)));
    }
    r.group(&DS, |r| {
        r.bits(&DSCP, 6)?;
        r.bits(&ECN, 2)
    })?;
    let length = r.u16(&LENGTH)?.map(usize::from);
    let id = r.u16(&ID)?.value;
    let more = r.group(&FLAGS, |r| {
        r.bit(&RESERVED)?;
        r.bit(&DF)?;
        Ok(r.bit(&MF)?.value)
    })?;
    let offset = r.bits(&OFFSET, 13)?.map(|units| u32::try_from(units).unwrap_or(0).saturating_mul(8));
    r.set_value(offset.node, Value::Uint(u64::from(offset.value)));
    r.u8(&TTL)?;
    let proto = r.u8(&PROTOCOL)?.value;
    let checksum = r.u16(&CHECKSUM)?;
    verify(r, checksum, packet.get(..header.value), length.value == 0);
    let src = address(r, &SRC)?;
    let dst = address(r, &DST)?;
    r.facts().enter_ip(src, dst);
    r.within(header.map(|len| len.saturating_sub(HEADER)), &BAD_OPTION, options);
    let end = end_of_packet(r, length, header.value, room);
    r.limit(end.saturating_sub(header.value));
    if !more.value && offset.value == 0 {
        r.hand_over(Claim::IpProto(proto));
        return Ok(());
    }
    let fragment = IpFragment {
        src,
        dst,
        id: u32::from(id),
        proto,
        offset: offset.value,
        more: more.value,
        payload: r.ahead(),
        promised: u32::try_from(r.promised()).unwrap_or(u32::MAX),
        layer: r.layer(),
        sighting: r.facts().sighting(),
        pseudo: r.facts().pseudo(),
    };
    ask(r, &fragment, offset.node);
    Ok(())
}

/// Asks for the rest of a fragmented datagram, unless the fragment cannot belong to any.
pub(super) fn ask(r: &mut Reader<'_, '_>, fragment: &IpFragment, node: crate::model::NodeId) {
    let end = fragment.offset.saturating_add(fragment.promised);
    if end > u32::from(u16::MAX) {
        r.flag_with(&FRAGMENT_BEYOND, node, format_args!("ends at octet {end}"));
        return;
    }
    if fragment.more && !fragment.promised.is_multiple_of(8) {
        r.flag_with(&FRAGMENT_LENGTH, node, format_args!("{} octets", fragment.promised));
    }
    r.ask(Need::IpFragment(*fragment));
}

/// Where the packet ends, counted from its first octet.
fn end_of_packet(r: &mut Reader<'_, '_>, length: At<usize>, header: usize, room: usize) -> usize {
    if length.value == 0 {
        r.flag(&LENGTH_ZERO, length.node);
        return room;
    }
    if length.value < header {
        r.flag_with(&LENGTH_SHORT, length.node, format_args!("{} octets, the header has {header}", length.value));
        return room;
    }
    if length.value > room {
        r.flag_with(&LENGTH_BEYOND, length.node, format_args!("states {} octets, the frame has {room}", length.value));
    }
    length.value
}

/// Checks the header checksum. Before segmentation offload (length 0) it is not made yet.
fn verify(r: &mut Reader<'_, '_>, checksum: At<u16>, header: Option<&[u8]>, offloaded: bool) {
    let status = match header {
        Some(header) if !offloaded => {
            let good = Sum16BitWords::new().add_slice(header).ones_complement() == 0;
            if !good {
                r.flag(&BAD_CHECKSUM, checksum.node);
            }
            u64::from(good)
        }
        _ => 2,
    };
    r.generated(&CHECKSUM_STATUS, Value::Uint(status));
}

fn address(r: &mut Reader<'_, '_>, field: &'static Field) -> Result<IpAddr, Stop> {
    let octets = r.bytes(field, 4)?.value;
    Ok(IpAddr::V4(octets.first_chunk::<4>().map_or(Ipv4Addr::UNSPECIFIED, |four| Ipv4Addr::from(*four))))
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
    r.short_is(&super::reader::SHORT);
    Ok(())
}

/// Reads one option; the answer is whether it ends them.
fn option(r: &mut Reader<'_, '_>) -> Result<bool, Stop> {
    let ty = r.u8(&OPTION_TYPE)?.value;
    if ty < 2 {
        return Ok(ty == 0);
    }
    let length = r.u8(&OPTION_LENGTH)?.map(usize::from);
    let Some(data) = length.value.checked_sub(2) else {
        return Err(r.stop(&BAD_OPTION, length.node));
    };
    r.within(length.map(|_| data), &BAD_OPTION, |r| {
        if matches!(ty, 7 | 131 | 137) {
            return route(r, ty, length.value);
        }
        if !r.is_done() {
            let n = r.promised();
            r.bytes(&OPTION_DATA, n)?;
        }
        Ok(())
    });
    Ok(false)
}

/// Record route, and source routes: while one is not used up, its last address is the destination the transport means.
fn route(r: &mut Reader<'_, '_>, ty: u8, length: usize) -> Result<(), Stop> {
    let pointer = usize::from(r.u8(&OPTION_POINTER)?.value);
    let mut last = None;
    while r.promised() >= 4 {
        last = Some(address(r, &OPTION_ADDRESS)?);
    }
    if ty != 7 && pointer <= length {
        r.facts().pseudo_dst = last;
    }
    Ok(())
}
