//! ARP.
//!
//! ```text
//!  | hardware type 16 | protocol type 16 | sizes 8, 8 | operation 16 | sender and target addresses …      (RFC 826)
//! ```

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::RFC_826;

/// The layer.
pub static ARP: Field = Field::layer("arp", "Address Resolution Protocol").cite(&RFC_826, "fields");
/// Hardware type.
pub static HARDWARE: Field = Field::uint("arp.hw.type", "Hardware type").cite(&RFC_826, "fields");
/// Protocol type.
pub static PROTOCOL: Field =
    Field::uint("arp.proto.type", "Protocol type").cite(&RFC_826, "fields").hex(4).values(super::names::ETHER_TYPES);
/// Hardware address length.
pub static HARDWARE_SIZE: Field = Field::uint("arp.hw.size", "Hardware address length").cite(&RFC_826, "fields");
/// Protocol address length.
pub static PROTOCOL_SIZE: Field = Field::uint("arp.proto.size", "Protocol address length").cite(&RFC_826, "fields");
/// Operation.
pub static OPERATION: Field = Field::uint("arp.opcode", "Operation").cite(&RFC_826, "fields").values(&[
    (1, "Request"),
    (2, "Reply"),
    (3, "Reverse request"),
    (4, "Reverse reply"),
]);
/// Sender's hardware address.
pub static SENDER: Field = Field::ether("arp.src.hw_mac", "Sender").cite(&RFC_826, "fields");
/// Sender's address.
pub static SENDER_IP: Field = Field::ipv4("arp.src.proto_ipv4", "Sender address").cite(&RFC_826, "fields");
/// Target's hardware address.
pub static TARGET: Field = Field::ether("arp.dst.hw_mac", "Target").cite(&RFC_826, "fields");
/// Target's address.
pub static TARGET_IP: Field = Field::ipv4("arp.dst.proto_ipv4", "Target address").cite(&RFC_826, "fields");

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &ARP,
    claims: &[Claim::EtherType(0x0806), Claim::EtherType(0x8035)],
    fields: &[
        &HARDWARE,
        &PROTOCOL,
        &HARDWARE_SIZE,
        &PROTOCOL_SIZE,
        &OPERATION,
        &SENDER,
        &SENDER_IP,
        &TARGET,
        &TARGET_IP,
    ],
    rules: &[],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.u16(&HARDWARE)?;
    r.u16(&PROTOCOL)?;
    let hardware = r.u8(&HARDWARE_SIZE)?.value;
    let protocol = r.u8(&PROTOCOL_SIZE)?.value;
    r.u16(&OPERATION)?;
    if (hardware, protocol) == (6, 4) {
        r.bytes(&SENDER, 6)?;
        r.bytes(&SENDER_IP, 4)?;
        r.bytes(&TARGET, 6)?;
        r.bytes(&TARGET_IP, 4)?;
        // Whatever is left of the frame is padding.
        r.limit(0);
    }
    Ok(())
}
