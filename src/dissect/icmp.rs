//! ICMP for both versions of IP, by name only: type, code, checksum. What they quote is shown as octets.
//!
//! ```text
//!  0       8       16              32
//!  | type  | code  | checksum      | …      (RFC 792; RFC 4443 section 2.1)
//! ```

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::{RFC_792, RFC_4443};

/// ICMP.
pub static ICMP: Field = Field::layer("icmp", "Internet Control Message Protocol").cite(&RFC_792, "fields");
/// Type.
pub static TYPE: Field = Field::uint("icmp.type", "Type").cite(&RFC_792, "fields").values(&[
    (0, "Echo reply"),
    (3, "Destination unreachable"),
    (5, "Redirect"),
    (8, "Echo request"),
    (11, "Time exceeded"),
    (12, "Parameter problem"),
]);
/// Code.
pub static CODE: Field = Field::uint("icmp.code", "Code").cite(&RFC_792, "fields");
/// Checksum.
pub static CHECKSUM: Field = Field::uint("icmp.checksum", "Checksum").cite(&RFC_792, "fields").hex(4);

/// The protocol for IPv6.
pub static ICMPV6: Field = Field::layer("icmpv6", "Internet Control Message Protocol version 6").cite(&RFC_4443, "2.1");
/// Type.
pub static TYPE_6: Field = Field::uint("icmpv6.type", "Type").cite(&RFC_4443, "2.1").values(&[
    (1, "Destination unreachable"),
    (2, "Packet too big"),
    (3, "Time exceeded"),
    (4, "Parameter problem"),
    (128, "Echo request"),
    (129, "Echo reply"),
    (133, "Router solicitation"),
    (134, "Router advertisement"),
    (135, "Neighbor solicitation"),
    (136, "Neighbor advertisement"),
]);
/// Code.
pub static CODE_6: Field = Field::uint("icmpv6.code", "Code").cite(&RFC_4443, "2.1");
/// Checksum.
pub static CHECKSUM_6: Field = Field::uint("icmpv6.checksum", "Checksum").cite(&RFC_4443, "2.1").hex(4);

/// ICMP's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &ICMP,
    claims: &[Claim::IpProto(1)],
    fields: &[&TYPE, &CODE, &CHECKSUM],
    rules: &[],
    dissect: |r| read(r, &TYPE, &CODE, &CHECKSUM),
    probe: None,
};

/// The IPv6 protocol's entry in the list.
pub static DISSECTOR_6: Dissector = Dissector {
    layer: &ICMPV6,
    claims: &[Claim::IpProto(58)],
    fields: &[&TYPE_6, &CODE_6, &CHECKSUM_6],
    rules: &[],
    dissect: |r| read(r, &TYPE_6, &CODE_6, &CHECKSUM_6),
    probe: None,
};

fn read(
    r: &mut Reader<'_, '_>,
    ty: &'static Field,
    code: &'static Field,
    checksum: &'static Field,
) -> Result<(), Stop> {
    r.u8(ty)?;
    r.u8(code)?;
    r.u16(checksum)?;
    Ok(())
}
