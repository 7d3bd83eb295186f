//! What an SMPP message carries: a push with a header, with ports in parameters, of a CDMA network; a receipt; or text.
//!
//! Must not know the PDU's other fields, nor join segments.
//!
//! ```text
//!  UDHI set            header | push
//!  destination_port    push, or a segment of it (sar_* parameters)
//!  CDMA                00 | segments | segment | source port, destination port (first segment) | push     (AOSP)
//!  receipt             id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…                (SMPP 3.4 appendix B)
//! ```

use super::claim::Claim;
use super::facts::{Coding, Leg};
use super::message::Teller;
use super::need::{Need, PartKind, Peer, PeerKey, Role, SmsPart, Told};
use super::reader::{Reader, Stop};
use super::smpp_fields::{
    DELIVERY_TIME, MESSAGE, MESSAGE_TEXT, RECEIPT_ERROR, RECEIPT_ID, RECEIPT_IN, RECEIPT_STATE, SUBMITTED_IN,
};
use super::smpp_tlv::{STATES, Said};
use super::sms::{Scheme, scheme};
use super::{wdp, wsp};
use crate::model::spec::SMPP_34;
use crate::model::{Group, NodeId, Rule};

/// The indicator of a header contradicts the octets.
pub static NO_INDICATOR: Rule = Rule::error("W-010", Group::Protocol)
    .cite(&SMPP_34, "5.2.12")
    .text("the header indicator of esm_class contradicts the message")
    .explain(
        "The message carries a push, but esm_class does not say whether a user data header stands in front, or says it wrongly, and no parameter names a port.",
        "The handset reads header octets as content, or content as a header, and drops the push.",
        "Set 0x40 in esm_class when short_message starts with a user data header, and only then.",
    );

/// Two messages.
pub static TWO_MESSAGES: Rule = Rule::warning("W-011", Group::Protocol)
    .cite(&SMPP_34, "5.3.2.32")
    .text("short_message and message_payload in one PDU")
    .explain(
        "Only one of the two may hold a message.",
        "Service centres differ in which one they send, or refuse the PDU.",
        "Set sm_length to 0 when message_payload is used.",
    );

/// A receipt says that a push failed.
pub static UNDELIVERED: Rule = Rule::warning("W-013", Group::Sequence)
    .cite(&SMPP_34, "B")
    .text("the delivery receipt of a push reports failure")
    .explain(
        "The service centre tells that the message with the push was not delivered.",
        "The device never got this push, or not in time.",
        "EXPIRED: the device was off or out of reach; UNDELIV, REJECTD: look at the error code and the network.",
    );

/// Read as a push by its octets alone.
pub static GUESSED: Rule =
    Rule::note("SMPP-004", Group::Assumption).cite(&SMPP_34, "5.2.12").text("read as CDMA WDP by its octets").explain(
        "Neither header indicator nor port parameter is there; the octets have the layout that CDMA networks use.",
        "The reading is almost certainly right where a push follows.",
        "Compare with the service type and the network the message is for.",
    );

/// What the PDU says of its message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    class: (u8, NodeId),
    coding: Option<(u8, NodeId)>,
    said: Said,
    /// The node of the message's length.
    length: NodeId,
    stations: Leg,
}

impl Envelope {
    pub(super) const fn new(
        class: (u8, NodeId),
        coding: Option<(u8, NodeId)>,
        said: Said,
        length: NodeId,
        stations: Leg,
    ) -> Self {
        Self { class, coding, said, length, stations }
    }

    /// Whether the data coding stands for octets.
    fn is_binary(&self) -> bool {
        self.coding
            .is_some_and(|(coding, _)| matches!(coding, 2 | 4) || (coding >= 0xf0 && scheme(coding) == Scheme::Octets))
    }
}

/// Bit of the message class: a header stands in front.
const UDHI: u8 = 0x40;

/// The port of pushes.
const PUSH_PORT: u16 = 2948;

/// Octets of user data that one short message has room for.
const FULL: usize = 140;

/// Reads the message of `len` octets that comes next.
pub(super) fn read(r: &mut Reader<'_, '_>, len: usize, envelope: &Envelope) -> Result<(), Stop> {
    let octets = r.peek();
    let octets = octets.get(..len.min(octets.len())).unwrap_or(&[]);
    let (class, class_node) = envelope.class;
    let facts = r.facts();
    facts.sms.coding = if envelope.is_binary() { Coding::Octets } else { Coding::Other };
    facts.sms.coding_node = envelope.coding.map(|coding| coding.1);
    facts.sms.full = (len == FULL && !envelope.said.has_payload).then_some(envelope.length);
    if class & UDHI != 0 && wsp::is_dm_push(octets) {
        r.flag_with(&NO_INDICATOR, class_node, format_args!("it is set, and a push starts at once"));
        r.hand_over_part(len, Claim::Named("wsp"));
        return Ok(());
    }
    if class & UDHI != 0 {
        r.hand_over_part(len, Claim::Named("gsm_sms_ud"));
        return Ok(());
    }
    if let Some(port) = envelope.said.dst_port {
        return addressed(r, len, port, envelope, octets);
    }
    if class & 0x3c == 0x04 {
        return receipt(r, len, envelope);
    }
    if header_in_front(octets) {
        r.flag_with(&NO_INDICATOR, class_node, format_args!("it is not set, and a user data header stands in front"));
        r.hand_over_part(len, Claim::Named("gsm_sms_ud"));
        return Ok(());
    }
    if is_cdma(octets) {
        r.hand_over_part(len, Claim::Named("wdp_cdma"));
        return Ok(());
    }
    if wsp::is_dm_push(octets) {
        r.flag_with(&NO_INDICATOR, class_node, format_args!("no header, no port parameter, and a push"));
        r.hand_over_part(len, Claim::Named("wsp"));
        return Ok(());
    }
    let field = if envelope.is_binary() { &MESSAGE } else { &MESSAGE_TEXT };
    r.bytes(field, len).map(drop)
}

/// A message whose ports, and segments, parameters name.
fn addressed(r: &mut Reader<'_, '_>, len: usize, port: u16, envelope: &Envelope, octets: &[u8]) -> Result<(), Stop> {
    let said = envelope.said;
    let facts = r.facts();
    facts.dst_port = Some(port);
    facts.src_port = said.src_port;
    facts.dst_port_node = Some(envelope.class.1);
    facts.udh_octets = 0;
    let coding_node = facts.sms.coding_node;
    if let (PUSH_PORT, false, Some(node)) = (port, envelope.is_binary(), coding_node) {
        r.flag(&wdp::NOT_OCTETS, node);
    }
    let sar = said.sar;
    if let (Some(reference), Some(parts), Some(number)) = (sar.reference, sar.total, sar.number)
        && parts > 1
    {
        if (1..=parts).contains(&number) {
            r.facts().sms.full = None;
            let (layer, mut facts) = (r.layer(), *r.facts());
            facts.dst_port_node = None;
            let payload = r.bytes(&MESSAGE, len)?.span;
            let promised = u32::try_from(len).unwrap_or(u32::MAX);
            let kind = PartKind::Sar;
            let asked = SmsPart { kind, reference, parts, part: number, payload, promised, layer, facts };
            r.ask(Need::SmsPart(Box::new(asked)));
            return Ok(());
        }
        r.flag_with(&wdp::CONCATENATION, envelope.length, format_args!("segment {number} of {parts}: ignored"));
    }
    let claim = if port != PUSH_PORT && wsp::is_dm_push(octets) { Claim::Named("wsp") } else { Claim::SmsPort(port) };
    r.hand_over_part(len, claim);
    Ok(())
}

/// Whether a user data header stands in front of a push.
fn header_in_front(octets: &[u8]) -> bool {
    let [len, rest @ ..] = octets else { return false };
    let Some((header, push)) = rest.split_at_checked(usize::from(*len)) else { return false };
    let mut elements = header;
    while let [_, len, data @ ..] = elements {
        let Some(next) = data.get(usize::from(*len)..) else { return false };
        elements = next;
    }
    elements.is_empty()
        && !header.is_empty()
        && (wsp::is_dm_push(push) || header.windows(4).any(|w| w == [5, 4, 0x0b, 0x84]))
}

/// Whether octets have the layout of CDMA WDP, with the push port or a push.
fn is_cdma(octets: &[u8]) -> bool {
    match octets {
        [0, total, 0, ..] if *total == 0 => false,
        [0, _, 0, _, _, 0x0b, 0x84, ..] => true,
        [0, total, segment, push @ ..] => *segment < *total && wsp::is_dm_push(push),
        _ => false,
    }
}

/// What a receipt's text says: the words behind its keys. Case does not count.
#[derive(Default)]
struct Words<'t> {
    id: Option<&'t [u8]>,
    state: Option<&'t [u8]>,
    error: Option<&'t [u8]>,
}

impl<'t> Words<'t> {
    fn of(text: &'t [u8]) -> Self {
        let mut words = Self::default();
        let mut after = text;
        let mut at = 0usize;
        while let Some(colon) = after.iter().position(|octet| *octet == b':') {
            at = at.saturating_add(colon);
            let key = text.get(..at).unwrap_or(&[]);
            at = at.saturating_add(1);
            after = text.get(at..).unwrap_or(&[]);
            let ends = |word: &[u8]| {
                let start = key.len().checked_sub(word.len());
                start.and_then(|start| key.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
            };
            let place = if ends(b"id") {
                &mut words.id
            } else if ends(b"stat") {
                &mut words.state
            } else if ends(b"err") {
                &mut words.error
            } else {
                continue;
            };
            if place.is_none() {
                *place = after.split(u8::is_ascii_whitespace).find(|word| !word.is_empty());
            }
        }
        words
    }
}

/// Key of a receipt for a message id, as the response stated it: case and leading zeros do not count.
pub(super) fn receipt_key(stations: Leg, id: &[u8]) -> PeerKey {
    let mut id = id.trim_ascii();
    while let [b'0', rest @ ..] = id {
        id = rest;
    }
    let mut key = stations.step("receipt", &[]);
    for part in id.chunks(32) {
        let mut lower = [0; 32];
        for (slot, octet) in lower.iter_mut().zip(part) {
            *slot = octet.to_ascii_lowercase();
        }
        key = key.step("id", lower.get(..part.len()).unwrap_or(&[]));
    }
    PeerKey(key.0)
}

fn receipt(r: &mut Reader<'_, '_>, len: usize, envelope: &Envelope) -> Result<(), Stop> {
    let at = r.bytes(&MESSAGE_TEXT, len)?;
    let Words { id, state, error } = Words::of(at.value);
    let Some(id) = id else { return Ok(()) };
    r.generated_octets(&RECEIPT_ID, id);
    let stat = state.unwrap_or(&[]).to_ascii_uppercase();
    if !stat.is_empty() {
        r.generated_octets(&RECEIPT_STATE, &stat);
    }
    if let Some(error) = error {
        r.generated_octets(&RECEIPT_ERROR, error);
    }
    // A failure by the parameter or by the text; ENROUTE and ACCEPTD are not final.
    let (state, name) = match envelope.said.state {
        Some(state) => (state, STATES.iter().find(|row| row.0 == u64::from(state)).map_or("state", |row| row.1)),
        None => state_of(&stat),
    };
    let told = Told {
        request: &SUBMITTED_IN,
        latency: &DELIVERY_TIME,
        response: &RECEIPT_IN,
        teller: Teller::Receipt,
        failure: (!matches!(state, 0 | 1 | 2 | 6)).then_some(&UNDELIVERED),
        status: (u64::from(state), name),
        stays: matches!(state, 0 | 1 | 6),
        again: None,
    };
    let (layer, sighting) = (r.layer(), r.facts().sighting());
    // The base of the numbers may differ: what a decimal id is in hex, and the other way round.
    let number = |radix| u64::from_str_radix(std::str::from_utf8(id).ok()?, radix).ok();
    let (as_hex, as_decimal) = (number(10).map(|number| format!("{number:x}")), number(16).map(|id| id.to_string()));
    let key = |id: &[u8]| receipt_key(envelope.stations, id);
    let or = [as_hex, as_decimal].map(|id| id.map(|id| key(id.as_bytes())));
    let (key, way) = (key(id), PeerKey(envelope.stations.0));
    r.ask(Need::Peer(Peer { key, or, way, role: Role::Response(told), layer, sighting }));
    Ok(())
}

fn state_of(stat: &[u8]) -> (u8, &'static str) {
    match stat {
        b"DELIVRD" => (2, "DELIVERED"),
        b"EXPIRED" => (3, "EXPIRED"),
        b"DELETED" => (4, "DELETED"),
        b"UNDELIV" => (5, "UNDELIVERABLE"),
        b"ACCEPTD" => (6, "ACCEPTED"),
        b"REJECTD" => (8, "REJECTED"),
        b"ENROUTE" => (1, "ENROUTE"),
        _ => (7, "UNKNOWN"),
    }
}
