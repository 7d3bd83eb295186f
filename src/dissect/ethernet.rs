//! Ethernet, and LLC with SNAP above its length form.
//!
//! ```text
//!  0              48             96              112
//!  | destination  | source       | type or len   | payload …            | FCS (where captured)   (IEEE 802.3 clause 3)
//! ```
//!
//! Must not know what lies above but by its Ethernet type.

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::spec::{IEEE_802_2, IEEE_802_3};
use crate::model::{Field, Group, Rule, Value};

/// The layer.
pub static ETHERNET: Field = Field::layer("eth", "Ethernet").cite(&IEEE_802_3, "3");
/// Destination address.
pub static DST: Field = Field::ether("eth.dst", "Destination").cite(&IEEE_802_3, "3");
/// Source address.
pub static SRC: Field = Field::ether("eth.src", "Source").cite(&IEEE_802_3, "3");
/// Ethernet type: 0x600 and above.
pub static TYPE: Field =
    Field::uint("eth.type", "Type").cite(&IEEE_802_3, "3").hex(4).values(super::names::ETHER_TYPES);
/// Length of the payload: up to 1500.
pub static LENGTH: Field = Field::uint("eth.len", "Length")
    .cite(&IEEE_802_3, "3")
    .about("Octets of the payload; a value of 1536 and above would be a type.");
/// Frame check sequence.
pub static FCS: Field = Field::uint("eth.fcs", "Frame check sequence").cite(&IEEE_802_3, "3").hex(8);
/// Whether the frame check sequence holds.
pub static FCS_STATUS: Field = Field::uint("eth.fcs.status", "Frame check sequence status")
    .cite(&IEEE_802_3, "3")
    .values(super::names::CHECKSUM_STATUS)
    .generated();

/// Logical link control.
pub static LLC: Field = Field::layer("llc", "Logical Link Control").cite(&IEEE_802_2, "3");
/// Destination service access point.
pub static DSAP: Field = Field::uint("llc.dsap", "Destination SAP").cite(&IEEE_802_2, "3").hex(2);
/// Source service access point.
pub static SSAP: Field = Field::uint("llc.ssap", "Source SAP").cite(&IEEE_802_2, "3").hex(2);
/// Control: one octet for unnumbered frames, else two.
pub static CONTROL: Field = Field::uint("llc.control", "Control").cite(&IEEE_802_2, "3").hex(2);
/// SNAP: who assigned the protocol id.
pub static OUI: Field = Field::uint("llc.oui", "Organization code").cite(&IEEE_802_2, "3").hex(6);
/// SNAP: Ethernet type.
pub static SNAP_TYPE: Field =
    Field::uint("llc.type", "Type").cite(&IEEE_802_2, "3").hex(4).values(super::names::ETHER_TYPES);
/// SNAP: protocol id of another organization.
pub static PID: Field = Field::uint("llc.pid", "Protocol id").cite(&IEEE_802_2, "3").hex(4);

/// The length form states more than the frame had.
pub static LENGTH_BEYOND: Rule = Rule::warning("NET-014", Group::Malformed)
    .cite(&IEEE_802_3, "3")
    .text("the Ethernet length is larger than the frame")
    .explain(
        "The frame uses the length form, and states more octets than it had on the wire.",
        "Receivers drop such a frame; what it carries may lack its end.",
        "Look at the device that built the frame, or at the tool that wrote the capture.",
    );

/// The frame check sequence does not hold.
pub static BAD_FCS: Rule =
    Rule::warning("NET-015", Group::Protocol).cite(&IEEE_802_3, "3").text("frame check sequence is wrong").explain(
        "The check sequence at the end of the frame does not come out.",
        "Switches and hosts drop such frames, so the push never arrives.",
        "Check cabling and transceivers; or the capture's statement that frames end with a check sequence is wrong.",
    );

/// Ethernet's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &ETHERNET,
    claims: &[Claim::LinkType(1), Claim::EtherType(0x6558)],
    fields: &[&DST, &SRC, &TYPE, &LENGTH, &FCS, &FCS_STATUS],
    rules: &[&LENGTH_BEYOND, &BAD_FCS],
    dissect,
    probe: None,
};

/// LLC's entry in the list.
pub static LLC_DISSECTOR: Dissector = Dissector {
    layer: &LLC,
    claims: &[],
    fields: &[&DSAP, &SSAP, &CONTROL, &OUI, &SNAP_TYPE, &PID],
    rules: &[],
    dissect: llc,
    probe: None,
};

/// The first value that is a type and not a length.
pub(super) const TYPE_MIN: u16 = 0x600;

/// The highest value that is a length.
const LENGTH_MAX: u16 = 1500;

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let frame = r.peek();
    let fcs = usize::from(std::mem::take(&mut r.facts().fcs_octets));
    r.bytes(&DST, 6)?;
    r.bytes(&SRC, 6)?;
    r.facts().leg = r.facts().leg.step("eth", frame.get(..12).unwrap_or(&[]));
    type_or_length(r, &TYPE, &LENGTH, |r| {
        if let Some(at) = r.tail(&FCS, fcs) {
            let sum = at.value.iter().rev().fold(0u64, |sum, octet| (sum << 8) | u64::from(*octet));
            let shown = at.value.iter().fold(0u64, |sum, octet| (sum << 8) | u64::from(*octet));
            r.set_value(at.node, Value::Uint(shown));
            let body = frame.get(..frame.len().saturating_sub(fcs)).unwrap_or(&[]);
            let good = fcs != 4 || u64::from(crc(body)) == sum;
            if !good {
                r.flag(&BAD_FCS, at.node);
            }
            r.generated(&FCS_STATUS, Value::Uint(if fcs == 4 { u64::from(good) } else { 2 }));
        }
    })
}

/// Reads the type or length and hands on; `between` runs after it.
pub(super) fn type_or_length(
    r: &mut Reader<'_, '_>,
    ty: &'static Field,
    length: &'static Field,
    between: impl FnOnce(&mut Reader<'_, '_>),
) -> Result<(), Stop> {
    let at = r.u16(ty)?;
    between(r);
    if at.value >= TYPE_MIN {
        r.hand_over(Claim::EtherType(at.value));
        return Ok(());
    }
    r.revise(&at, length, Value::Uint(u64::from(at.value)));
    if at.value > LENGTH_MAX {
        return Ok(());
    }
    let len = usize::from(at.value);
    if len > r.promised() {
        let left = r.promised();
        r.flag_with(&LENGTH_BEYOND, at.node, format_args!("states {len} octets, the frame has {left}"));
    }
    r.limit(len);
    // Novell's raw form has no LLC: its checksum field of FFFF stands there.
    if r.promised() > 0 && !r.peek().starts_with(&[0xff, 0xff]) {
        r.hand_over(Claim::Named("llc"));
    }
    Ok(())
}

fn llc(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let dsap = r.u8(&DSAP)?.value;
    let ssap = r.u8(&SSAP)?.value;
    let unnumbered = r.peek().first().is_none_or(|octet| octet & 3 == 3);
    let control = r.bits(&CONTROL, if unnumbered { 8 } else { 16 })?.value;
    if dsap == 0xaa && ssap == 0xaa && control == 3 {
        // SNAP: RFC 1042 uses organization 0, bridges 0000F8, both with Ethernet types.
        let oui = r.bits(&OUI, 24)?.value;
        if matches!(oui, 0 | 0xf8) {
            let ty = r.u16(&SNAP_TYPE)?.value;
            r.hand_over(Claim::EtherType(ty));
        } else {
            r.u16(&PID)?;
        }
    } else if dsap == 6 && ssap == 6 && control == 3 {
        r.hand_over(Claim::EtherType(0x0800));
    }
    Ok(())
}

/// CRC-32 of IEEE 802.3.
fn crc(octets: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for octet in octets {
        crc ^= u32::from(*octet);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ if low == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    !crc
}
