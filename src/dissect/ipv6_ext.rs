//! IPv6 extension headers: hop-by-hop options, routing, fragment, destination options. Each is a layer of its own, so that
//! what follows a fragment header is reached in the same way after reassembly.
//!
//! ```text
//! options   | next 8 | length 8 | options: type 8, length 8, data … |
//! routing   | next 8 | length 8 | type 8 | segments left 8 | data … |
//! fragment  | next 8 | reserved 8 | offset 13 | reserved 2 |M| identification 32 |
//! ```
//!
//! (RFC 8200 chapter 4. Lengths count units of 8 octets beyond the first 8.)

use std::net::IpAddr;

use super::claim::{Claim, Dissector};
use super::ip::{BAD_OPTION, FRAGMENT_BEYOND, FRAGMENT_LENGTH};
use super::ipv4::ask;
use super::ipv6::address;
use super::need::IpFragment;
use super::reader::{At, Reader, Stop};
use crate::model::spec::{RFC_2675, RFC_6275, RFC_8200};
use crate::model::{Field, Group, Rule, Value};

/// Hop-by-hop options.
pub static HOP: Field = Field::layer("ipv6.hopopts", "IPv6 hop-by-hop options").cite(&RFC_8200, "4");
/// Destination options.
pub static DESTINATION: Field = Field::layer("ipv6.dstopts", "IPv6 destination options").cite(&RFC_8200, "4");
/// Next header of a hop-by-hop header.
pub static HOP_NEXT: Field =
    Field::uint("ipv6.hopopts.nxt", "Next header").cite(&RFC_8200, "4").values(super::names::IP_PROTOCOLS);
/// Length of a hop-by-hop header.
pub static HOP_LENGTH: Field =
    Field::uint("ipv6.hopopts.len", "Length").cite(&RFC_8200, "4").about("In units of 8 octets, beyond the first 8.");
/// Next header of a destination options header.
pub static DESTINATION_NEXT: Field =
    Field::uint("ipv6.dstopts.nxt", "Next header").cite(&RFC_8200, "4").values(super::names::IP_PROTOCOLS);
/// Length of a destination options header.
pub static DESTINATION_LENGTH: Field =
    Field::uint("ipv6.dstopts.len", "Length").cite(&RFC_8200, "4").about("In units of 8 octets, beyond the first 8.");
/// One option.
pub static OPTION: Field = Field::group("ipv6.opt", "Option").cite(&RFC_8200, "4");
/// Type of an option.
pub static OPTION_TYPE: Field = Field::uint("ipv6.opt.type", "Type").cite(&RFC_8200, "4").hex(2).values(&[
    (0x00, "Pad1"),
    (0x01, "PadN"),
    (0x05, "Router alert"),
    (0xc2, "Jumbo payload"),
    (0xc9, "Home address"),
]);
/// Length of an option's data.
pub static OPTION_LENGTH: Field = Field::uint("ipv6.opt.length", "Length").cite(&RFC_8200, "4");
/// Data of an option.
pub static OPTION_DATA: Field = Field::bytes("ipv6.opt.data", "Data").cite(&RFC_8200, "4");
/// Length of a jumbogram.
pub static JUMBO: Field = Field::uint("ipv6.opt.jumbo", "Jumbo payload length").cite(&RFC_2675, "2");
/// Home address of a mobile node.
pub static HOME: Field = Field::ipv6("ipv6.opt.home", "Home address").cite(&RFC_6275, "6.3");

/// Routing header.
pub static ROUTING: Field = Field::layer("ipv6.routing", "IPv6 routing header").cite(&RFC_8200, "4");
/// Next header of a routing header.
pub static ROUTING_NEXT: Field =
    Field::uint("ipv6.routing.nxt", "Next header").cite(&RFC_8200, "4").values(super::names::IP_PROTOCOLS);
/// Length of a routing header.
pub static ROUTING_LENGTH: Field =
    Field::uint("ipv6.routing.len", "Length").cite(&RFC_8200, "4").about("In units of 8 octets, beyond the first 8.");
/// Type of a routing header.
pub static ROUTING_TYPE: Field = Field::uint("ipv6.routing.type", "Type").cite(&RFC_8200, "4").values(&[
    (0, "Source route"),
    (2, "Home address"),
    (3, "RPL source route"),
    (4, "Segment routing"),
]);
/// Segments left.
pub static SEGMENTS_LEFT: Field = Field::uint("ipv6.routing.segleft", "Segments left").cite(&RFC_8200, "4");
/// What is particular to the type.
pub static ROUTING_DATA: Field = Field::bytes("ipv6.routing.data", "Type-specific data").cite(&RFC_8200, "4");
/// An address of the route.
pub static ROUTING_ADDRESS: Field = Field::ipv6("ipv6.routing.addr", "Address").cite(&RFC_8200, "4");

/// Fragment header.
pub static FRAGMENT: Field = Field::layer("ipv6.fraghdr", "IPv6 fragment header").cite(&RFC_8200, "4.5");
/// Next header of a fragment header.
pub static FRAGMENT_NEXT: Field =
    Field::uint("ipv6.fraghdr.nxt", "Next header").cite(&RFC_8200, "4.5").values(super::names::IP_PROTOCOLS);
/// Reserved octet.
pub static FRAGMENT_RESERVED: Field =
    Field::uint("ipv6.fraghdr.reserved_octet", "Reserved").cite(&RFC_8200, "4.5").hex(2);
/// Fragment offset.
pub static OFFSET: Field =
    Field::uint("ipv6.fraghdr.offset", "Offset").cite(&RFC_8200, "4.5").about("In octets; the wire counts units of 8.");
/// Reserved bits.
pub static FRAGMENT_BITS: Field = Field::uint("ipv6.fraghdr.reserved_bits", "Reserved bits").cite(&RFC_8200, "4.5");
/// More fragments.
pub static MORE: Field = Field::bool("ipv6.fraghdr.more", "More fragments").cite(&RFC_8200, "4.5");
/// Identification.
pub static ID: Field = Field::uint("ipv6.fraghdr.ident", "Identification").cite(&RFC_8200, "4.5").hex(8);

/// An extension header reaches beyond the packet.
pub static BAD_LENGTH: Rule = Rule::error("NET-013", Group::Malformed)
    .cite(&RFC_8200, "4")
    .text("an IPv6 extension header reaches beyond the packet")
    .explain(
        "The length of an extension header is larger than what is left of the packet.",
        "Receivers drop such a packet; its transport layer cannot be found.",
        "Look at the sender, or at a device that inserts extension headers.",
    );

/// Hop-by-hop options' entry in the list.
pub static HOP_DISSECTOR: Dissector = Dissector {
    layer: &HOP,
    claims: &[Claim::IpProto(0)],
    fields: &[&HOP_NEXT, &HOP_LENGTH, &OPTION, &OPTION_TYPE, &OPTION_LENGTH, &OPTION_DATA, &JUMBO, &HOME],
    rules: &[&BAD_LENGTH, &BAD_OPTION],
    dissect: |r| options(r, &HOP_NEXT, &HOP_LENGTH),
    probe: None,
};

/// Destination options' entry in the list.
pub static DESTINATION_DISSECTOR: Dissector = Dissector {
    layer: &DESTINATION,
    claims: &[Claim::IpProto(60)],
    fields: &[&DESTINATION_NEXT, &DESTINATION_LENGTH],
    rules: &[&BAD_LENGTH, &BAD_OPTION],
    dissect: |r| options(r, &DESTINATION_NEXT, &DESTINATION_LENGTH),
    probe: None,
};

/// The routing header's entry in the list.
pub static ROUTING_DISSECTOR: Dissector = Dissector {
    layer: &ROUTING,
    claims: &[Claim::IpProto(43)],
    fields: &[&ROUTING_NEXT, &ROUTING_LENGTH, &ROUTING_TYPE, &SEGMENTS_LEFT, &ROUTING_DATA, &ROUTING_ADDRESS],
    rules: &[&BAD_LENGTH],
    dissect: routing,
    probe: None,
};

/// The fragment header's entry in the list.
pub static FRAGMENT_DISSECTOR: Dissector = Dissector {
    layer: &FRAGMENT,
    claims: &[Claim::IpProto(44)],
    fields: &[&FRAGMENT_NEXT, &FRAGMENT_RESERVED, &OFFSET, &FRAGMENT_BITS, &MORE, &ID],
    rules: &[&FRAGMENT_BEYOND, &FRAGMENT_LENGTH],
    dissect: fragment,
    probe: None,
};

/// Reads the length of an extension header, of which `read` octets are read: the octets that are left of it.
fn length(r: &mut Reader<'_, '_>, field: &'static Field, read: usize) -> Result<At<usize>, Stop> {
    let length = r.u8(field)?;
    Ok(length.map(|units| usize::from(units).saturating_add(1).saturating_mul(8).saturating_sub(read)))
}

fn options(r: &mut Reader<'_, '_>, next: &'static Field, len: &'static Field) -> Result<(), Stop> {
    let next = r.u8(next)?.value;
    let length = length(r, len, 2)?;
    let fits = length.value <= r.promised();
    r.within(length, &BAD_LENGTH, |r| {
        r.short_is(&BAD_OPTION);
        while !r.is_done() {
            r.group(&OPTION, option)?;
        }
        Ok(())
    });
    if fits {
        r.hand_over(Claim::IpProto(next));
    }
    Ok(())
}

fn option(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let ty = r.u8(&OPTION_TYPE)?.value;
    if ty == 0 {
        return Ok(());
    }
    let length = r.u8(&OPTION_LENGTH)?.map(usize::from);
    r.within(length, &BAD_OPTION, |r| {
        match (ty, r.promised()) {
            (0xc2, 4) => {
                r.u32(&JUMBO)?;
            }
            (0xc9, 16) => {
                // The transport's checksum was made with the home address.
                let home = address(r, &HOME)?;
                r.facts().pseudo_src = Some(home);
            }
            (_, 0) => {}
            (_, n) => {
                r.bytes(&OPTION_DATA, n)?;
            }
        }
        Ok(())
    });
    Ok(())
}

fn routing(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let next = r.u8(&ROUTING_NEXT)?.value;
    let length = length(r, &ROUTING_LENGTH, 2)?;
    let fits = length.value <= r.promised();
    r.within(length, &BAD_LENGTH, |r| {
        let ty = r.u8(&ROUTING_TYPE)?.value;
        let left = r.u8(&SEGMENTS_LEFT)?.value;
        r.bytes(&ROUTING_DATA, 4)?;
        let (mut first, mut last) = (None, None);
        if matches!(ty, 0 | 2 | 4) {
            while r.promised() >= 16 && !(ty == 4 && first.is_some() && r.peek().len() < 16) {
                last = Some(address(r, &ROUTING_ADDRESS)?);
                first = first.or(last);
            }
        }
        if !r.is_done() {
            let n = r.promised();
            r.bytes(&ROUTING_DATA, n)?;
        }
        // The transport's checksum was made with the final destination: the last address, or the first of a segment list,
        // which counts backwards.
        let target = if ty == 4 { first } else { last };
        if left > 0 && target.is_some() {
            r.facts().pseudo_dst = target;
        }
        Ok(())
    });
    if fits {
        r.hand_over(Claim::IpProto(next));
    }
    Ok(())
}

fn fragment(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let next = r.u8(&FRAGMENT_NEXT)?.value;
    r.u8(&FRAGMENT_RESERVED)?;
    let offset = r.bits(&OFFSET, 13)?.map(|units| u32::try_from(units).unwrap_or(0).saturating_mul(8));
    r.set_value(offset.node, Value::Uint(u64::from(offset.value)));
    r.bits(&FRAGMENT_BITS, 2)?;
    let more = r.bit(&MORE)?.value;
    let id = r.u32(&ID)?.value;
    if !more && offset.value == 0 {
        // RFC 6946: a fragment that is all of the datagram meets no other.
        r.hand_over(Claim::IpProto(next));
        return Ok(());
    }
    let (Some(src @ IpAddr::V6(_)), Some(dst @ IpAddr::V6(_))) = (r.facts().src, r.facts().dst) else {
        return Ok(());
    };
    let fragment = IpFragment {
        src,
        dst,
        id,
        proto: next,
        offset: offset.value,
        more,
        payload: r.ahead(),
        promised: u32::try_from(r.promised()).unwrap_or(u32::MAX),
        layer: r.layer(),
        sighting: r.facts().sighting(),
        pseudo: r.facts().pseudo(),
    };
    ask(r, &fragment, offset.node);
    Ok(())
}
