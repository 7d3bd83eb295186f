//! WDP over CDMA short messages (teleservice 1004).
//!
//! Must not know what carries it, nor join segments.
//!
//! ```text
//!  message type 1 (0: WDP) | segments 1 | segment 1, from 0 | source port 2, destination port 2 (segment 0 only) | push
//! ```
//! Some networks repeat the two ports in front of a DM push.

use super::claim::{Claim, Dissector};
use super::need::{Need, PartKind, SmsPart};
use super::reader::{Reader, Stop};
use super::smpp_message::GUESSED;
use super::sms_fields::PART;
use super::wsp;
use crate::model::Field;
use crate::model::spec::WDP as SPEC;

const WHY: &str = "from the Android Open Source Project's receiver; the document was not at hand";

/// The layer.
pub static CDMA: Field = Field::layer("wdp_cdma", "WDP over CDMA SMS").cite(&SPEC, "6.5");
/// Message type.
pub static TYPE: Field = Field::uint("wdp_cdma.type", "Message type").uncited(WHY).values(&[(0, "WDP")]);
/// Number of segments.
pub static TOTAL: Field = Field::uint("wdp_cdma.segments", "Segments").uncited(WHY);
/// This segment.
pub static SEGMENT: Field = Field::uint("wdp_cdma.segment", "Segment").uncited(WHY).about("From 0.");
/// Source port.
pub static SRCPORT: Field = Field::uint("wdp_cdma.source_port", "Source port").uncited(WHY);
/// Destination port.
pub static DSTPORT: Field = Field::uint("wdp_cdma.destination_port", "Destination port").uncited(WHY);
/// Ports once more.
pub static REPEATED: Field = Field::bytes("wdp_cdma.repeated_ports", "Ports, repeated")
    .uncited(WHY)
    .about("Some networks put the ports twice in front of a DM push.");

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &CDMA,
    claims: &[],
    fields: &[&TYPE, &TOTAL, &SEGMENT, &SRCPORT, &DSTPORT, &REPEATED],
    rules: &[&GUESSED],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let kind = r.u8(&TYPE)?;
    r.flag(&GUESSED, kind.node);
    let total = r.u8(&TOTAL)?.value;
    let segment = r.u8(&SEGMENT)?.value;
    let starts_at_once = wsp::is_dm_push(r.peek());
    if segment == 0 && !starts_at_once {
        let src = r.u16(&SRCPORT)?.value;
        let dst = r.u16(&DSTPORT)?;
        let facts = r.facts();
        facts.src_port = Some(src);
        facts.dst_port = Some(dst.value);
        facts.dst_port_node = Some(dst.node);
        let octets = r.peek();
        if !wsp::is_dm_push(octets) && octets.get(4..).is_some_and(wsp::is_dm_push) {
            r.bytes(&REPEATED, 4)?;
        }
    }
    if total > 1 && segment < total {
        let (payload, layer, facts) = (r.ahead(), r.layer(), *r.facts());
        let promised = u32::try_from(r.promised()).unwrap_or(u32::MAX);
        let part = segment.saturating_add(1);
        if r.left() > 0 {
            r.rest(&PART);
        }
        r.ask(Need::SmsPart(Box::new(SmsPart {
            kind: PartKind::Cdma,
            reference: 0,
            parts: total,
            part,
            payload,
            promised,
            layer,
            facts,
        })));
        return Ok(());
    }
    let port = r.facts().dst_port;
    let is_push = wsp::is_dm_push(r.peek());
    match port {
        Some(port) if !is_push || port == 2948 => r.hand_over(Claim::SmsPort(port)),
        _ if is_push => r.hand_over(Claim::Named("wsp")),
        _ => {}
    }
    Ok(())
}
