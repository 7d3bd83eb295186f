//! VXLAN: Ethernet frames in UDP.
//!
//! ```text
//!  0        8               32            56         64
//!  | flags  | reserved      | network id  | reserved | Ethernet frame …      (RFC 7348 chapter 5)
//! ```

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::spec::RFC_7348;
use crate::model::{Field, Group, Rule};

/// The layer.
pub static VXLAN: Field = Field::layer("vxlan", "Virtual eXtensible LAN").cite(&RFC_7348, "5");
/// Flags.
pub static FLAGS: Field = Field::uint("vxlan.flags", "Flags")
    .cite(&RFC_7348, "5")
    .hex(4)
    .about("0x0800 says that the network id is valid; group policy extensions use other bits.");
/// Group policy id.
pub static GROUP: Field = Field::uint("vxlan.gbp", "Group policy id")
    .uncited("an extension; the standard reserves these octets")
    .about("Reserved in the standard; some switches carry a policy group here.");
/// Network identifier.
pub static VNI: Field = Field::uint("vxlan.vni", "Network id").cite(&RFC_7348, "5");
/// Reserved octet.
pub static RESERVED: Field = Field::uint("vxlan.reserved8", "Reserved").cite(&RFC_7348, "5");

/// The network id is not marked as valid.
pub static NO_ID: Rule = Rule::warning("NET-025", Group::Protocol)
    .cite(&RFC_7348, "5")
    .text("VXLAN header without the flag that its network id is valid")
    .explain(
        "The I flag must be set; here it is not.",
        "Tunnel endpoints drop such packets.",
        "Look at the sender, or see whether the port is used for something else than VXLAN.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &VXLAN,
    claims: &[Claim::UdpPort(4789)],
    fields: &[&FLAGS, &GROUP, &VNI, &RESERVED],
    rules: &[&NO_ID],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let flags = r.u16(&FLAGS)?;
    if flags.value & 0x0800 == 0 {
        r.flag(&NO_ID, flags.node);
    }
    r.u16(&GROUP)?;
    let vni = r.bits(&VNI, 24)?.value;
    r.u8(&RESERVED)?;
    r.facts().enter_tunnel("vxlan", &vni.to_be_bytes());
    r.hand_over(Claim::Named("eth"));
    Ok(())
}
