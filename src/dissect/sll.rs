//! Linux cooked capture, versions 1 and 2: what `-i any` records in place of the link layer.
//!
//! ```text
//! v1  | packet type 16 | ARPHRD 16 | address length 16 | address 64 | protocol 16 | payload …
//! v2  | protocol 16 | reserved 16 | interface 32 | ARPHRD 16 | packet type 8 | address length 8 | address 64 | payload …
//! ```
//!
//! (Registry of link types, numbers 113 and 276.)

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::LINKTYPES;

/// The layer, version 1.
pub static SLL: Field = Field::layer("sll", "Linux cooked capture").cite(&LINKTYPES, "all");
/// The layer, version 2.
pub static SLL2: Field = Field::layer("sll2", "Linux cooked capture v2").cite(&LINKTYPES, "all");
/// Direction and kind of the packet.
pub static PACKET_TYPE: Field = Field::uint("sll.pkttype", "Packet type").cite(&LINKTYPES, "all").values(&[
    (0, "To us"),
    (1, "Broadcast"),
    (2, "Multicast"),
    (3, "To another host"),
    (4, "From us"),
]);
/// Kind of the device.
pub static HARDWARE: Field = Field::uint("sll.hatype", "Device type")
    .cite(&LINKTYPES, "all")
    .about("Linux ARPHRD value of the device: 1 is Ethernet, 772 loopback.");
/// Length of the address.
pub static ADDRESS_LENGTH: Field = Field::uint("sll.halen", "Address length").cite(&LINKTYPES, "all");
/// Address of the sender where it has 6 octets.
pub static ETHER: Field = Field::ether("sll.src.eth", "Source").cite(&LINKTYPES, "all");
/// Address of the sender of another length.
pub static OTHER: Field = Field::bytes("sll.src.other", "Source").cite(&LINKTYPES, "all");
/// Rest of the address field.
pub static UNUSED: Field = Field::bytes("sll.unused", "Unused").cite(&LINKTYPES, "all");
/// Protocol.
pub static TYPE: Field =
    Field::uint("sll.etype", "Protocol").cite(&LINKTYPES, "all").hex(4).values(super::names::ETHER_TYPES);
/// Reserved octets of version 2.
pub static RESERVED: Field = Field::uint("sll.reserved", "Reserved").cite(&LINKTYPES, "all").hex(4);
/// Interface index of version 2.
pub static INTERFACE: Field = Field::uint("sll.ifindex", "Interface index").cite(&LINKTYPES, "all");

/// Version 1's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &SLL,
    claims: &[Claim::LinkType(113)],
    fields: &[&PACKET_TYPE, &HARDWARE, &ADDRESS_LENGTH, &ETHER, &OTHER, &UNUSED, &TYPE],
    rules: &[],
    dissect: v1,
    probe: None,
};

/// Version 2's entry in the list.
pub static DISSECTOR_2: Dissector = Dissector {
    layer: &SLL2,
    claims: &[Claim::LinkType(276)],
    fields: &[&RESERVED, &INTERFACE],
    rules: &[],
    dissect: v2,
    probe: None,
};

fn v1(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let head = r.peek();
    r.u16(&PACKET_TYPE)?;
    let hardware = r.u16(&HARDWARE)?.value;
    let length = r.u16(&ADDRESS_LENGTH)?.value;
    address(r, length)?;
    let ty = r.u16(&TYPE)?.value;
    r.facts().leg = r.facts().leg.step("sll", head.get(..14).unwrap_or(&[]));
    payload(r, hardware, ty);
    Ok(())
}

fn v2(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let head = r.peek();
    let ty = r.u16(&TYPE)?.value;
    r.u16(&RESERVED)?;
    r.u32(&INTERFACE)?;
    let hardware = r.u16(&HARDWARE)?.value;
    r.u8(&PACKET_TYPE)?;
    let length = r.u8(&ADDRESS_LENGTH)?.value;
    address(r, u16::from(length))?;
    r.facts().leg = r.facts().leg.step("sll2", head.get(2..20).unwrap_or(&[]));
    payload(r, hardware, ty);
    Ok(())
}

/// The address takes 8 octets, whatever its length.
fn address(r: &mut Reader<'_, '_>, length: u16) -> Result<(), Stop> {
    match usize::from(length.min(8)) {
        6 => {
            r.bytes(&ETHER, 6)?;
            r.bytes(&UNUSED, 2)?;
        }
        8 => {
            r.bytes(&OTHER, 8)?;
        }
        0 => {
            r.bytes(&UNUSED, 8)?;
        }
        used => {
            r.bytes(&OTHER, used)?;
            r.bytes(&UNUSED, 8usize.saturating_sub(used))?;
        }
    }
    Ok(())
}

fn payload(r: &mut Reader<'_, '_>, hardware: u16, ty: u16) {
    /// ARPHRD values of devices whose protocol field is no Ethernet type: radiotap, netlink.
    const NO_TYPE: [u16; 2] = [803, 824];
    if NO_TYPE.contains(&hardware) {
        return;
    }
    match ty {
        4 => r.hand_over(Claim::Named("llc")),
        _ => r.hand_over(Claim::EtherType(ty)),
    }
}
