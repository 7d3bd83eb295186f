//! IPv6: the fixed header. Extension headers are layers of their own, in [`super::ipv6_ext`].
//!
//! ```text
//!  0    4              12            32              48         56       64
//!  | ver| traffic class | flow label | payload length | next    | hops   |
//!  | source 128 | destination 128 | extension headers or payload …      (RFC 8200 section 3)
//! ```

use std::net::{IpAddr, Ipv6Addr};

use super::claim::{Claim, Dissector};
use super::ip::{LENGTH_BEYOND, WRONG_VERSION};
use super::reader::{Reader, Stop};
use crate::model::spec::{RFC_2675, RFC_8200};
use crate::model::{Field, Group, Rule};

/// The layer.
pub static IPV6: Field = Field::layer("ipv6", "Internet Protocol version 6").cite(&RFC_8200, "3");
/// Version.
pub static VERSION: Field = Field::uint("ipv6.version", "Version").cite(&RFC_8200, "3");
/// Traffic class.
pub static CLASS: Field = Field::group("ipv6.tclass", "Traffic class").cite(&RFC_8200, "3");
/// Differentiated services code point.
pub static DSCP: Field = Field::uint("ipv6.tclass.dscp", "Code point").cite(&RFC_8200, "3").values(super::names::DSCP);
/// Explicit congestion notification.
pub static ECN: Field =
    Field::uint("ipv6.tclass.ecn", "Congestion notification").cite(&RFC_8200, "3").values(super::names::ECN);
/// Flow label.
pub static FLOW: Field = Field::uint("ipv6.flow", "Flow label").cite(&RFC_8200, "3").hex(5);
/// Payload length.
pub static LENGTH: Field = Field::uint("ipv6.plen", "Payload length")
    .cite(&RFC_8200, "3")
    .about("Octets after the fixed header, extension headers included; 0 where a jumbo option states it.");
/// Next header.
pub static NEXT: Field = Field::uint("ipv6.nxt", "Next header").cite(&RFC_8200, "3").values(super::names::IP_PROTOCOLS);
/// Hop limit.
pub static HOPS: Field = Field::uint("ipv6.hlim", "Hop limit").cite(&RFC_8200, "3");
/// Source address.
pub static SRC: Field = Field::ipv6("ipv6.src", "Source").cite(&RFC_8200, "3");
/// Destination address.
pub static DST: Field = Field::ipv6("ipv6.dst", "Destination").cite(&RFC_8200, "3");

/// The payload length is 0 without a jumbo option.
pub static LENGTH_ZERO: Rule = Rule::note("NET-012", Group::Assumption)
    .cite(&RFC_2675, "2")
    .text("the IPv6 payload length is 0: the end of the frame is taken for the end of the packet")
    .explain(
        "A sender with segmentation offload hands packets to the card with length 0; a capture on that host shows them so.",
        "Padding of the frame, if any, counts as payload.",
        "Captured on the sending host: harmless. Captured elsewhere: look at the sender.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &IPV6,
    claims: &[Claim::EtherType(0x86dd), Claim::LinkType(229), Claim::PppProtocol(0x0057), Claim::IpProto(41)],
    fields: &[&VERSION, &CLASS, &DSCP, &ECN, &FLOW, &LENGTH, &NEXT, &HOPS, &SRC, &DST],
    rules: &[&WRONG_VERSION, &LENGTH_BEYOND, &LENGTH_ZERO],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let version = r.bits(&VERSION, 4)?;
    if version.value != 6 {
        return Err(r.stop_with(&WRONG_VERSION, version.node, format_args!("{}", version.value)));
    }
    r.group(&CLASS, |r| {
        r.bits(&DSCP, 6)?;
        r.bits(&ECN, 2)
    })?;
    r.bits(&FLOW, 20)?;
    let length = r.u16(&LENGTH)?.map(usize::from);
    let next = r.u8(&NEXT)?.value;
    r.u8(&HOPS)?;
    let src = address(r, &SRC)?;
    let dst = address(r, &DST)?;
    r.facts().enter_ip(src, dst);
    let room = r.promised();
    let jumbo = if length.value == 0 && next == 0 { jumbo_length(r.peek()) } else { None };
    let stated = match (length.value, jumbo) {
        (0, Some(jumbo)) => jumbo,
        (0, None) => {
            if room > 0 {
                r.flag(&LENGTH_ZERO, length.node);
            }
            room
        }
        (stated, _) => stated,
    };
    if stated > room {
        r.flag_with(&LENGTH_BEYOND, length.node, format_args!("states {stated} octets, the frame has {room}"));
    }
    r.limit(stated);
    r.hand_over(Claim::IpProto(next));
    Ok(())
}

/// Reads an address.
pub(super) fn address(r: &mut Reader<'_, '_>, field: &'static Field) -> Result<IpAddr, Stop> {
    let octets = r.bytes(field, 16)?.value;
    Ok(IpAddr::V6(octets.first_chunk::<16>().map_or(Ipv6Addr::UNSPECIFIED, |all| Ipv6Addr::from(*all))))
}

/// The jumbo payload length in a hop-by-hop options header, if it has one.
fn jumbo_length(header: &[u8]) -> Option<usize> {
    let len = usize::from(*header.get(1)?).saturating_add(1).saturating_mul(8);
    let mut options = header.get(2..len.min(header.len()))?;
    loop {
        options = match options {
            [0xc2, 4, a, b, c, d, ..] => return usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).ok(),
            [0, rest @ ..] => rest,
            [_, len, rest @ ..] => rest.get(usize::from(*len)..)?,
            _ => return None,
        };
    }
}
