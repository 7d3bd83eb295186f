//! The MPLS label stack, and what may stand below it: IP, or an Ethernet pseudowire with or without control word.
//!
//! ```text
//!  0                    20     23 24       32
//!  | label              | TC   |S | TTL    |  … until S is 1 | payload …      (RFC 3032 section 2.1)
//! ```
//!
//! Nothing in the packet says what the payload is, so it is guessed from its first octets.

use super::claim::{Claim, Dissector};
use super::ip::{Inside, looks_like};
use super::reader::{Reader, Stop};
use crate::model::spec::{RFC_3032, RFC_4385};
use crate::model::{Field, Group, Rule};

/// The layer.
pub static MPLS: Field = Field::layer("mpls", "MPLS label stack").cite(&RFC_3032, "2.1");
/// One entry of the stack.
pub static ENTRY: Field = Field::group("mpls.entry", "Stack entry").cite(&RFC_3032, "2.1");
/// Label.
pub static LABEL: Field = Field::uint("mpls.label", "Label").cite(&RFC_3032, "2.1").values(&[
    (0, "IPv4 explicit null"),
    (1, "Router alert"),
    (2, "IPv6 explicit null"),
    (3, "Implicit null"),
    (7, "Entropy label indicator"),
    (13, "Generic associated channel"),
    (14, "OAM alert"),
]);
/// Traffic class.
pub static CLASS: Field = Field::uint("mpls.exp", "Traffic class").cite(&RFC_3032, "2.1");
/// Bottom of stack.
pub static BOTTOM: Field = Field::bool("mpls.bottom", "Bottom of stack").cite(&RFC_3032, "2.1");
/// Time to live.
pub static TTL: Field = Field::uint("mpls.ttl", "Time to live").cite(&RFC_3032, "2.1");
/// Pseudowire control word.
pub static CONTROL_WORD: Field = Field::uint("pwethcw", "Pseudowire control word").cite(&RFC_4385, "3").hex(8);

/// The payload is taken for Ethernet.
pub static GUESSED: Rule = Rule::note("NET-024", Group::Assumption)
    .uncited("nothing in the packet names the payload of a pseudowire")
    .text("payload taken for an Ethernet pseudowire")
    .explain(
        "The octets below the labels look like an Ethernet frame; nothing in the packet says that they are one.",
        "Should the guess be wrong, the layers below are not what the sender meant.",
        "Compare with the configuration of the label's pseudowire.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &MPLS,
    claims: &[
        Claim::EtherType(0x8847),
        Claim::EtherType(0x8848),
        Claim::LinkType(219),
        Claim::PppProtocol(0x0281),
        Claim::PppProtocol(0x0283),
        Claim::IpProto(137),
    ],
    fields: &[&ENTRY, &LABEL, &CLASS, &BOTTOM, &TTL, &CONTROL_WORD],
    rules: &[&GUESSED],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    loop {
        let bottom = r.group(&ENTRY, |r| {
            let label = r.bits(&LABEL, 20)?.value;
            r.facts().enter_tunnel("mpls", &label.to_be_bytes());
            r.bits(&CLASS, 3)?;
            let bottom = r.bit(&BOTTOM)?.value;
            r.u8(&TTL)?;
            Ok(bottom)
        })?;
        if bottom.value {
            break;
        }
    }
    match looks_like(r.peek()) {
        Some(Inside::Ethernet { control_word }) => {
            if control_word {
                r.u32(&CONTROL_WORD)?;
            }
            let layer = r.layer();
            r.flag(&GUESSED, layer);
            r.hand_over(Claim::Named("eth"));
        }
        Some(Inside::Ip) => r.hand_over(Claim::Named("raw")),
        None => {}
    }
    Ok(())
}
