//! VLAN tags: 802.1Q, and QinQ in its standard and older forms. One layer per tag.
//!
//! ```text
//!  0      3   4             16              32
//!  | PCP  |DEI| VLAN id     | type or len   | payload …      (IEEE 802.1Q clause 9; the type before it is the layer below's)
//! ```

use super::claim::{Claim, Dissector};
use super::ethernet::{LENGTH_BEYOND, type_or_length};
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::IEEE_802_1Q;

/// The layer.
pub static VLAN: Field = Field::layer("vlan", "802.1Q VLAN tag").cite(&IEEE_802_1Q, "9");
/// Priority code point.
pub static PRIORITY: Field = Field::uint("vlan.priority", "Priority").cite(&IEEE_802_1Q, "9");
/// Drop eligible indicator.
pub static DEI: Field = Field::bool("vlan.dei", "Drop eligible").cite(&IEEE_802_1Q, "9");
/// VLAN identifier.
pub static ID: Field = Field::uint("vlan.id", "VLAN id").cite(&IEEE_802_1Q, "9");
/// Type of what follows.
pub static TYPE: Field =
    Field::uint("vlan.etype", "Type").cite(&IEEE_802_1Q, "9").hex(4).values(super::names::ETHER_TYPES);
/// Length of what follows.
pub static LENGTH: Field = Field::uint("vlan.len", "Length").cite(&IEEE_802_1Q, "9");

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &VLAN,
    claims: &[Claim::EtherType(0x8100), Claim::EtherType(0x88a8), Claim::EtherType(0x9100)],
    fields: &[&PRIORITY, &DEI, &ID, &TYPE, &LENGTH],
    rules: &[&LENGTH_BEYOND],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bits(&PRIORITY, 3)?;
    r.bit(&DEI)?;
    let id = r.bits(&ID, 12)?.value;
    r.facts().enter_tunnel("vlan", &id.to_be_bytes());
    type_or_length(r, &TYPE, &LENGTH, |_| {})
}
