//! WDP over SMS: the user data header, which holds ports and what joins the parts of a message.
//!
//! Must not know the TPDU around it, nor join parts.
//!
//! ```text
//!  UDHL (1) | IEI (1) IEDL (1) IED (IEDL) | IEI IEDL IED | …  payload      UDHL counts what follows it  (23.040 9.2.3.24)
//! ```

use super::claim::{Claim, Dissector};
use super::facts::Coding;
use super::need::{Need, PartKind, SmsPart};
use super::reader::{At, Reader, Stop};
use super::{sms, sms_fields, sms_text, wsp};
use crate::model::spec::{DMNOTI_12, TS_23_040};
use crate::model::{Derived, Field, Group, NodeId, Rule};

/// The layer.
pub static WDP: Field = Field::layer("gsm_sms_ud", "SMS user data (WDP)").cite(&TS_23_040, "9.2.3.24");
/// Length of the user data header.
pub static UDHL: Field = Field::uint("gsm_sms.dis_field_udh.user_data_header_length", "User data header length")
    .cite(&TS_23_040, "9.2.3.24")
    .about("Octets of the header after this one.");
/// An information element.
pub static IE: Field = Field::group("gsm_sms.udh.ie", "Information element").cite(&TS_23_040, "9.2.3.24");
/// Which information element.
pub static IEI: Field =
    Field::uint("gsm_sms.ie_identifier", "Identifier").cite(&TS_23_040, "9.2.3.24").hex(2).values(&[
        (0x00, "Concatenation, 8-bit reference"),
        (0x01, "Special SMS message indication"),
        (0x04, "Application ports, 8-bit"),
        (0x05, "Application ports, 16-bit"),
        (0x06, "SMSC control parameters"),
        (0x07, "UDH source indicator"),
        (0x08, "Concatenation, 16-bit reference"),
        (0x09, "Wireless Control Message Protocol"),
        (0x0A, "Text formatting"),
        (0x0B, "Predefined sound"),
        (0x0C, "User defined sound"),
        (0x0D, "Predefined animation"),
        (0x0E, "Large animation"),
        (0x0F, "Small animation"),
        (0x10, "Large picture"),
        (0x11, "Small picture"),
        (0x12, "Variable picture"),
        (0x13, "User prompt indicator"),
        (0x14, "Extended object"),
        (0x15, "Reused extended object"),
        (0x16, "Compression control"),
        (0x17, "Object distribution indicator"),
        (0x18, "Standard WVG object"),
        (0x19, "Character size WVG object"),
        (0x1A, "Extended object data request"),
        (0x20, "RFC 822 e-mail header"),
        (0x21, "Hyperlink format"),
        (0x22, "Reply address"),
        (0x23, "Enhanced voice mail"),
        (0x24, "National language single shift"),
        (0x25, "National language locking shift"),
        (0x70, "(U)SIM toolkit security header 1"),
        (0x71, "(U)SIM toolkit security header 2"),
        (0x72, "(U)SIM toolkit security header 3"),
        (0x73, "(U)SIM toolkit security header 4"),
        (0x74, "(U)SIM toolkit security header 5"),
        (0x75, "(U)SIM toolkit security header 6"),
        (0x76, "(U)SIM toolkit security header 7"),
        (0x77, "(U)SIM toolkit security header 8"),
        (0x78, "(U)SIM toolkit security header 9"),
        (0x79, "(U)SIM toolkit security header 10"),
        (0x7A, "(U)SIM toolkit security header 11"),
        (0x7B, "(U)SIM toolkit security header 12"),
        (0x7C, "(U)SIM toolkit security header 13"),
        (0x7D, "(U)SIM toolkit security header 14"),
        (0x7E, "(U)SIM toolkit security header 15"),
        (0x7F, "(U)SIM toolkit security header 16"),
    ]);
/// Length of an information element.
pub static IEDL: Field =
    Field::uint("gsm_sms.dis_field_ud_iei.length", "Length").cite(&TS_23_040, "9.2.3.24").about("In octets.");
/// Data of an information element without fields of its own.
pub static IED: Field = Field::bytes("gsm_sms.ie_data", "Data").cite(&TS_23_040, "9.2.3.24");
/// Reference of a concatenated message.
pub static REFERENCE: Field =
    Field::uint("gsm_sms.udh.mm.msg_id", "Message identifier").cite(&TS_23_040, "9.2.3.24.1").hex(2);
/// Number of parts.
pub static PARTS: Field = Field::uint("gsm_sms.udh.mm.msg_parts", "Message parts").cite(&TS_23_040, "9.2.3.24.1");
/// Number of this part.
pub static PART: Field =
    Field::uint("gsm_sms.udh.mm.msg_part", "Message part number").cite(&TS_23_040, "9.2.3.24.1").about("From 1.");
/// Destination port.
pub static DSTPORT: Field = Field::uint("gsm_sms.destination_port", "Destination port").cite(&TS_23_040, "9.2.3.24.4");
/// Originator port.
pub static SRCPORT: Field = Field::uint("gsm_sms.originator_port", "Originator port").cite(&TS_23_040, "9.2.3.24.4");
/// Kind of a special message indication.
pub static INDICATION: Field =
    Field::uint("gsm_sms.udh.indication", "Message indication type").cite(&TS_23_040, "9.2.3.24").hex(2);
/// Count of a special message indication.
pub static COUNT: Field = Field::uint("gsm_sms.udh.indication.count", "Message count").cite(&TS_23_040, "9.2.3.24");
/// Control parameters of the service centre.
pub static CONTROL: Field =
    Field::uint("gsm_sms.status_report", "SMSC control parameters").cite(&TS_23_040, "9.2.3.24").hex(2);
/// Who made the following part of the header.
pub static SOURCE: Field = Field::uint("gsm_sms.udh_created", "The following part of the UDH is created by")
    .cite(&TS_23_040, "9.2.3.24")
    .values(&[(1, "Original sender"), (2, "Original receiver"), (3, "SMSC")]);
/// A national language.
pub static LANGUAGE: Field = Field::uint("gsm_sms.udh.language", "Language").cite(&TS_23_040, "9.2.3.24").values(&[
    (0, "Reserved"),
    (1, "Turkish"),
    (2, "Spanish"),
    (3, "Portuguese"),
    (4, "Bengali"),
    (5, "Gujarati"),
    (6, "Hindi"),
    (7, "Kannada"),
    (8, "Malayalam"),
    (9, "Oriya"),
    (10, "Punjabi"),
    (11, "Tamil"),
    (12, "Telugu"),
    (13, "Urdu"),
]);

/// Lengths of the header do not come out.
pub static LENGTHS: Rule = Rule::error("W-007", Group::Malformed)
    .cite(&TS_23_040, "9.2.3.24")
    .text("the user data header's lengths do not come out")
    .explain(
        "The header is longer than the user data, or its elements do not end where it does.",
        "A handset ignores the header: it knows neither port nor parts, and drops the push or shows it as text.",
        "Count the elements; a gateway may have added one without correcting the length.",
    );

/// Eight-bit ports for a push.
pub static NARROW_PORT: Rule = Rule::error("W-009", Group::Protocol)
    .cite(&TS_23_040, "9.2.3.24.3")
    .text("8-bit ports cannot carry the push port 2948")
    .explain(
        "The message holds a push, but its ports are in the element with 8-bit ports, and 2948 needs 16 bits.",
        "A handset hands the message to another application or drops it.",
        "Configure the gateway for 16-bit port addressing (element 05).",
    );

/// Not 8-bit data.
pub static NOT_OCTETS: Rule = Rule::error("W-006", Group::Protocol)
    .cite(&TS_23_040, "9.2.3.10")
    .text("the data coding scheme does not select 8-bit data")
    .explain(
        "The message goes to the push port, but its coding scheme says text, or something compressed or reserved.",
        "Networks and handsets may convert the octets as if they were text; the digest then fails, or nothing is delivered.",
        "Set TP-DCS to 04 or F5 (SMPP data_coding 02, 04 or F5) for WAP push.",
    );

/// One short message is full, and the push does not end in it.
pub static CUT_SHORT: Rule = Rule::error("N12-031", Group::Reassembly)
    .cite(&DMNOTI_12, "7.1")
    .text("message cut to one SMS instead of being concatenated")
    .explain(
        "The user data is full, the message runs past its end, and nothing says that more parts follow.",
        "The client drops what it cannot parse: this push is certain to fail.",
        "Does the gateway support concatenation? Shorten the server identifier or the headers otherwise.",
    );

/// A concatenation that cannot be, or that is not whole.
pub static CONCATENATION: Rule = Rule::warning("W-008", Group::Reassembly)
    .cite(&TS_23_040, "9.2.3.24.1")
    .text("the parts of a concatenated message do not come out")
    .explain(
        "An element names no possible part, a part came twice, or parts are missing.",
        "A handset waits for missing parts and drops the message in the end; an impossible element is ignored.",
        "Compare with the submission: did the gateway send every part once, did the network deliver each?",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &WDP,
    claims: &[],
    fields: &[
        &UDHL,
        &IE,
        &IEI,
        &IEDL,
        &IED,
        &REFERENCE,
        &PARTS,
        &PART,
        &DSTPORT,
        &SRCPORT,
        &INDICATION,
        &COUNT,
        &CONTROL,
        &SOURCE,
        &LANGUAGE,
    ],
    rules: &[&LENGTHS, &NARROW_PORT, &NOT_OCTETS, &CONCATENATION, &CUT_SHORT],
    dissect,
    probe: None,
};

/// What the header says; of repeated elements the last one counts.
#[derive(Clone, Copy, Debug, Default)]
struct Header {
    /// Destination port, origin port, whether they have 16 bits, the destination's node.
    ports: Option<(u16, u16, bool, NodeId)>,
    /// Kind, reference, parts, this part.
    part: Option<(PartKind, u16, u8, u8)>,
}

/// The port of pushes.
const PUSH_PORT: u16 = 2948;

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&LENGTHS);
    let len = r.u8(&UDHL)?.map(usize::from);
    r.facts().udh_octets = u32::try_from(len.value).unwrap_or(0).saturating_add(1);
    let mut header = Header::default();
    r.within(len, &LENGTHS, |r| {
        while !r.is_done() {
            r.group(&IE, |r| element(r, &mut header))?;
        }
        Ok(())
    });
    if let Some((dst, src, _, node)) = header.ports {
        let facts = r.facts();
        facts.dst_port = Some(dst);
        facts.src_port = Some(src);
        facts.dst_port_node = Some(node);
    }
    let is_push = header.ports.is_some_and(|ports| ports.0 == PUSH_PORT);
    if let (true, Coding::Septets(_) | Coding::Other, Some(node)) =
        (is_push, r.facts().sms.coding, r.facts().sms.coding_node)
    {
        r.flag(&NOT_OCTETS, node);
    }
    if let Some((kind, reference, parts, part)) = header.part {
        r.facts().sms.full = None;
        if parts > 1 {
            let (payload, layer, facts) = (r.ahead(), r.layer(), *r.facts());
            let promised = u32::try_from(r.promised()).unwrap_or(u32::MAX);
            if r.left() > 0 {
                r.rest(&sms_fields::PART);
            }
            let asked = SmsPart { kind, reference, parts, part, payload, promised, layer, facts };
            r.ask(Need::SmsPart(Box::new(asked)));
            return Ok(());
        }
    }
    if r.is_done() {
        return Ok(());
    }
    payload(r, &header, len.value)
}

/// Hands on what follows the header of a message that is whole.
fn payload(r: &mut Reader<'_, '_>, header: &Header, udhl: usize) -> Result<(), Stop> {
    let is_push = wsp::is_dm_push(r.peek());
    let coding = r.facts().sms.coding;
    match header.ports {
        Some((_, _, false, node)) if is_push => {
            r.flag(&NARROW_PORT, node);
            r.hand_over(Claim::Named("wsp"));
        }
        Some((dst, ..)) if is_push => r.hand_over_any(&[Claim::SmsPort(dst), Claim::Named("wsp")]),
        Some((PUSH_PORT, _, true, _)) => {
            if let Coding::Septets(_) = coding
                && let Some(derived) = unpacked_push(r, udhl)
            {
                r.rest(&sms_fields::BODY);
                r.hand_over_derived(derived, Claim::SmsPort(PUSH_PORT));
            } else {
                r.hand_over(Claim::SmsPort(PUSH_PORT));
            }
        }
        Some((dst, ..)) => r.hand_over(Claim::SmsPort(dst)),
        None if is_push => {
            let layer = r.layer();
            r.flag(&sms::NO_HEADER, layer);
            r.hand_over(Claim::Named("wsp"));
        }
        None => text(r, coding, udhl)?,
    }
    Ok(())
}

/// Bits between the header and the first character.
fn fill_bits(udhl: usize) -> u32 {
    let bits = u32::try_from(udhl).unwrap_or(0).saturating_add(1).saturating_mul(8);
    7u32.saturating_sub(bits % 7) % 7
}

/// A push whose sender packed it like text: its octets below 80 survive, one in each character.
fn unpacked_push(r: &Reader<'_, '_>, udhl: usize) -> Option<Derived> {
    let derived = sms_text::unpacked(r.peek(), fill_bits(udhl), r.ahead());
    // Content type and ports survive only as text; the PDU type does anyway.
    (derived.own().get(1) == Some(&6) && r.peek().get(1) != Some(&6)).then_some(derived)
}

/// What follows a header without ports.
fn text(r: &mut Reader<'_, '_>, coding: Coding, udhl: usize) -> Result<(), Stop> {
    let wanted = r.promised();
    if wanted == 0 {
        return Ok(());
    }
    match coding {
        Coding::Septets(count) => {
            let before = udhl.saturating_add(1).saturating_mul(8).div_ceil(7);
            sms::characters(r, wanted, fill_bits(udhl), usize::from(count).saturating_sub(before))
        }
        Coding::Octets | Coding::Other => r.bytes(&sms_fields::BODY, wanted).map(drop),
        Coding::Unknown => Ok(()),
    }
}

fn element(r: &mut Reader<'_, '_>, header: &mut Header) -> Result<(), Stop> {
    let id = r.u8(&IEI)?.value;
    let len = r.u8(&IEDL)?.map(usize::from);
    // The closure's answer is for the parts it reads; an element that does not fit is blamed on its own length.
    r.within(len, &LENGTHS, |r| data(r, id, len, header));
    Ok(())
}

fn data(r: &mut Reader<'_, '_>, id: u8, len: At<usize>, header: &mut Header) -> Result<(), Stop> {
    match (id, len.value) {
        (0x00, 3) | (0x08, 4) => {
            let (kind, reference) = if id == 0 {
                (PartKind::Narrow, u16::from(r.u8(&REFERENCE)?.value))
            } else {
                (PartKind::Wide, r.u16(&REFERENCE)?.value)
            };
            let parts = r.u8(&PARTS)?.value;
            let part = r.u8(&PART)?;
            // An element that cannot be (no parts, or a part beyond them) is to be ignored.
            if parts != 0 && (1..=parts).contains(&part.value) {
                header.part = Some((kind, reference, parts, part.value));
            } else {
                let detail = format_args!("part {} of {parts}: the element is ignored", part.value);
                r.flag_with(&CONCATENATION, part.node, detail);
            }
        }
        (0x04, 2) => {
            let dst = r.u8(&DSTPORT)?.map(u16::from);
            let src = r.u8(&SRCPORT)?;
            header.ports = Some((dst.value, u16::from(src.value), false, dst.node));
        }
        (0x05, 4) => {
            let dst = r.u16(&DSTPORT)?;
            let src = r.u16(&SRCPORT)?;
            header.ports = Some((dst.value, src.value, true, dst.node));
        }
        (0x01, 2) => {
            r.u8(&INDICATION)?;
            r.u8(&COUNT)?;
        }
        (0x06, 1) => drop(r.u8(&CONTROL)?),
        (0x07, 1) => drop(r.u8(&SOURCE)?),
        (0x24 | 0x25, 1) => drop(r.u8(&LANGUAGE)?),
        _ => {
            if r.left() > 0 {
                r.rest(&IED);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
