//! Link types without a link layer, or with four octets that only name the family: raw IP, BSD null and loop.
//!
//! ```text
//! raw   | IPv4 or IPv6, by its first four bits …
//! null  | address family 32, in the byte order of the host that captured | payload …
//! loop  | address family 32, most significant octet first | payload …
//! ```
//!
//! (Registry of link types.)

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::spec::LINKTYPES;
use crate::model::{Field, Value};

/// The layer that takes no room.
pub static RAW: Field = Field::layer("raw", "Raw IP").cite(&LINKTYPES, "all");
/// The loopback layer.
pub static NULL: Field = Field::layer("null", "BSD loopback").cite(&LINKTYPES, "all");
/// Address family.
pub static FAMILY: Field = Field::uint("null.family", "Address family")
    .cite(&LINKTYPES, "all")
    .about(
        "As the capturing system counts: IPv6 is 10, 23, 24, 28 or 30; the byte order is told by which half is zero.",
    )
    .values(&[(2, "IPv4"), (7, "OSI"), (10, "IPv6"), (23, "IPv6"), (24, "IPv6"), (28, "IPv6"), (30, "IPv6")]);

/// Raw IP's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &RAW,
    // 12 and 14 are what some systems wrote for raw IP before it had a number of its own.
    claims: &[Claim::LinkType(101), Claim::LinkType(12), Claim::LinkType(14)],
    fields: &[],
    rules: &[],
    dissect,
    probe: None,
};

/// The loopback layers' entry in the list.
pub static NULL_DISSECTOR: Dissector = Dissector {
    layer: &NULL,
    claims: &[Claim::LinkType(0), Claim::LinkType(108)],
    fields: &[&FAMILY],
    rules: &[],
    dissect: null,
    probe: None,
};

#[expect(clippy::unnecessary_wraps, reason = "the signature of every dissector")]
fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    match r.peek().first().map(|octet| octet >> 4) {
        Some(4) => r.hand_over(Claim::EtherType(0x0800)),
        Some(6) => r.hand_over(Claim::EtherType(0x86dd)),
        _ => {}
    }
    Ok(())
}

fn null(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let at = r.u32(&FAMILY)?;
    // The family is small, so the octets that are not zero show the order. Reading: taken for both link types, since files
    // with the order of the wrong one are common.
    let family = if at.value > 0xffff { at.value.swap_bytes() } else { at.value };
    r.set_value(at.node, Value::Uint(u64::from(family)));
    match family {
        2 => r.hand_over(Claim::EtherType(0x0800)),
        10 | 23 | 24 | 28 | 30 => r.hand_over(Claim::EtherType(0x86dd)),
        // Some systems put an Ethernet type here.
        0x600.. => r.hand_over(Claim::EtherType(u16::try_from(family).unwrap_or(0))),
        _ => {}
    }
    Ok(())
}
