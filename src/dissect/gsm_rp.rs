//! The relay layer of short messages (RP): data, acknowledgements, errors.
//!
//! Must not know what carries it, nor the TPDU inside; that a report answers a message is remembered elsewhere.
//!
//! ```text
//!  RP-DATA   type 00, 01 | reference | OA: length [type, digits] | DA: the same | UI: length, TPDU    (24.011 chapter 8.2)
//!  RP-ACK    type 02, 03 | reference | 41 length TPDU
//!  RP-ERROR  type 04, 05 | reference | cause: length, value | 41 length TPDU
//! ```

use super::claim::{Claim, Dissector};
use super::facts::{Carrier, Leg};
use super::message::Teller;
use super::need::{Need, Peer, PeerKey, Role, Told};
use super::reader::{Reader, Stop};
use super::{sms_text, wsp};
use crate::model::spec::TS_24_011;
use crate::model::{Field, Group, Rule};

/// The layer.
pub static RP: Field = Field::layer("gsm_a.rp", "SMS relay layer (RP)").cite(&TS_24_011, "8.2");
/// Message type.
pub static TYPE: Field = Field::uint("gsm_a.rp.msg_type", "Message type").cite(&TS_24_011, "8.2").hex(2).values(&[
    (0, "RP-DATA (MS to network)"),
    (1, "RP-DATA (network to MS)"),
    (2, "RP-ACK (MS to network)"),
    (3, "RP-ACK (network to MS)"),
    (4, "RP-ERROR (MS to network)"),
    (5, "RP-ERROR (network to MS)"),
    (6, "RP-SMMA (MS to network)"),
]);
/// Reference.
pub static REFERENCE: Field =
    Field::uint("gsm_a.rp.rp_message_reference", "RP-Message reference").cite(&TS_24_011, "8.2").hex(2);
/// Originator address.
pub static OA: Field = Field::group("gsm_a.rp.originator_address", "RP-Originator address")
    .cite(&TS_24_011, "8.2")
    .about("The service centre.");
/// Destination address.
pub static DA: Field = Field::group("gsm_a.rp.destination_address", "RP-Destination address")
    .cite(&TS_24_011, "8.2")
    .about("The service centre.");
/// Length of an element.
pub static LENGTH: Field = Field::uint("gsm_a.len", "Length").cite(&TS_24_011, "8.2").about("In octets.");
/// Extension bit.
pub static EXTENSION: Field = Field::bool("gsm_a.extension", "Extension").cite(&TS_24_011, "8.2").about("Set: none.");
/// Type of number.
pub static NUM_TYPE: Field =
    Field::uint("gsm_a.dtap.type_of_number", "Type of number").cite(&TS_24_011, "8.2").hex(1).values(&[
        (0, "unknown"),
        (1, "international"),
        (2, "national"),
        (3, "network specific"),
        (4, "dedicated access, short code"),
    ]);
/// Numbering plan.
pub static NUM_PLAN: Field =
    Field::uint("gsm_a.dtap.numbering_plan_id", "Numbering plan").cite(&TS_24_011, "8.2").hex(1).values(&[
        (0, "unknown"),
        (1, "ISDN/telephone (E.164)"),
        (3, "data"),
        (4, "telex"),
        (8, "national"),
        (9, "private"),
    ]);
/// Digits.
pub static DIGITS: Field = Field::text("gsm_a.dtap.cld_party_bcd_num", "Digits").cite(&TS_24_011, "8.2");
/// Element identifier.
pub static ELEMENT: Field =
    Field::uint("gsm_a.rp.elem_id", "Element").cite(&TS_24_011, "8.2").hex(2).values(&[(0x41, "RP-User data")]);
/// Cause.
pub static CAUSE: Field = Field::uint("gsm_a.rp.cause", "Cause").cite(&TS_24_011, "8.2").values(CAUSES);
/// Diagnostics.
pub static DIAGNOSTIC: Field = Field::bytes("gsm_a.rp.diagnostic_field", "Diagnostic").cite(&TS_24_011, "8.2");
/// An element nobody knows.
pub static OTHER: Field = Field::bytes("gsm_a.rp.message_elements", "Other elements").cite(&TS_24_011, "8.2");
/// The message an acknowledgement is for.
pub static REQUEST: Field =
    Field::frame_ref("gsm_a.rp.request_in", "Answers RP-DATA in frame").cite(&TS_24_011, "8.2").generated();
/// How long the answer took.
pub static LATENCY: Field =
    Field::duration("gsm_a.rp.response_time", "Time since RP-DATA").cite(&TS_24_011, "8.2").generated();

/// The acknowledgement or the error that answers a message.
pub static RESPONSE: Field =
    Field::frame_ref("gsm_a.rp.response_in", "Answered in frame").cite(&TS_24_011, "8.2").generated();

/// Names of causes.
pub(super) const CAUSES: &[(u64, &str)] = &[
    (1, "unassigned number"),
    (8, "operator determined barring"),
    (10, "call barred"),
    (11, "reserved"),
    (17, "network failure"),
    (21, "short message transfer rejected"),
    (22, "memory capacity exceeded"),
    (27, "destination out of order"),
    (28, "unidentified subscriber"),
    (29, "facility rejected"),
    (30, "unknown subscriber"),
    (38, "network out of order"),
    (41, "temporary failure"),
    (42, "congestion"),
    (47, "resources unavailable"),
    (50, "requested facility not subscribed"),
    (69, "requested facility not implemented"),
    (81, "invalid reference"),
    (95, "semantically incorrect message"),
    (96, "invalid mandatory information"),
    (97, "message type not implemented"),
    (98, "message not compatible with protocol state"),
    (99, "information element not implemented"),
    (111, "protocol error, unspecified"),
    (127, "interworking, unspecified"),
];

/// A length does not fit.
pub static LENGTHS: Rule =
    Rule::error("GSM-001", Group::Malformed).cite(&TS_24_011, "8.2").text("an element's length does not fit").explain(
        "An element of the control or relay layer states more octets than the message has.",
        "The receiver answers with an error; the short message inside is not delivered.",
        "Look at who built the message, or whether the capture tool cut it.",
    );

/// A message type nobody knows.
pub static UNKNOWN_TYPE: Rule = Rule::note("GSM-002", Group::Undecoded)
    .cite(&TS_24_011, "8.2")
    .text("a message type that 24.011 does not define")
    .explain(
        "The control or relay layer has a type that is reserved.",
        "Nothing beyond it can be read.",
        "Look at the layer below: perhaps these octets are another protocol's.",
    );

/// The handset or the network refused a push.
pub static REFUSED: Rule = Rule::warning("W-014", Group::Sequence)
    .cite(&TS_24_011, "8.2")
    .text("the message that carried a push was answered by an error")
    .explain(
        "RP-ERROR or CP-ERROR answers the message: it did not reach the application.",
        "The push failed at this attempt; the service centre may try again, depending on the cause.",
        "Look at the cause: memory full, subscriber absent, protocol error.",
    );

/// Nothing answered a push.
pub static UNANSWERED: Rule = Rule::warning("GSM-003", Group::Sequence)
    .cite(&TS_24_011, "8.2")
    .text("no acknowledgement answers the message that carried a push")
    .explain(
        "Neither RP-ACK nor RP-ERROR with the reference came within the time we wait, or before the capture ended.",
        "The service centre takes the attempt for failed and tries again.",
        "See whether the capture covers the other direction; else look at radio conditions.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &RP,
    claims: &[],
    fields: &[
        &TYPE,
        &REFERENCE,
        &OA,
        &DA,
        &LENGTH,
        &EXTENSION,
        &NUM_TYPE,
        &NUM_PLAN,
        &DIGITS,
        &ELEMENT,
        &CAUSE,
        &DIAGNOSTIC,
        &OTHER,
        &REQUEST,
        &LATENCY,
        &RESPONSE,
    ],
    rules: &[&LENGTHS, &UNKNOWN_TYPE, &REFUSED, &UNANSWERED],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&LENGTHS);
    if r.facts().carrier == Carrier::None {
        r.facts().enter_sms(Carrier::Sms);
    }
    let kind = r.u8(&TYPE)?;
    r.facts().sms.to_network = Some(kind.value.is_multiple_of(2));
    let reference = match kind.value {
        0..=6 => r.u8(&REFERENCE)?.value,
        other => {
            r.flag_with(&UNKNOWN_TYPE, kind.node, format_args!("0x{other:02x}"));
            return Ok(());
        }
    };
    match kind.value {
        0 | 1 => data(r, kind.value, reference),
        2 | 3 => {
            user_data(r)?;
            answer(r, kind.value, reference, None);
            Ok(())
        }
        4 | 5 => {
            let cause = cause(r)?;
            r.facts().sms.in_error = true;
            user_data(r)?;
            answer(r, kind.value, reference, Some(cause));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn data(r: &mut Reader<'_, '_>, kind: u8, reference: u8) -> Result<(), Stop> {
    address(r, &OA)?;
    address(r, &DA)?;
    let len = r.u8(&LENGTH)?.map(usize::from);
    let carries_push = holds_push(r.peek());
    part(r, len.value, len.node);
    let key = key(r, kind, reference);
    let role = Role::Request { carries_push, unanswered: Some(&UNANSWERED) };
    ask(r, key, role);
    Ok(())
}

/// Whether octets hold the ports of a push, or a push of ours: cheap, to tell whose outcome matters.
pub(crate) fn holds_push(octets: &[u8]) -> bool {
    octets.windows(4).any(|four| four == [0x05, 0x04, 0x0b, 0x84]) || wsp::is_dm_push(octets)
}

/// Hands `len` octets to the TPDU, blaming a length that does not fit.
fn part(r: &mut Reader<'_, '_>, len: usize, node: crate::model::NodeId) {
    let room = r.promised();
    if len > room {
        r.flag_with(&LENGTHS, node, format_args!("states {len} octets, {room} are left"));
    }
    r.hand_over_part(len, Claim::Named("gsm_sms"));
}

/// Reads an address whose length counts octets, its type included.
pub(super) fn address(r: &mut Reader<'_, '_>, field: &'static Field) -> Result<(), Stop> {
    r.group(field, |r| {
        let len = r.u8(&LENGTH)?.map(usize::from);
        r.within(len, &LENGTHS, |r| {
            if r.is_done() {
                return Ok(());
            }
            r.bit(&EXTENSION)?;
            r.bits(&NUM_TYPE, 3)?;
            r.bits(&NUM_PLAN, 4)?;
            let n = r.promised();
            if n > 0 {
                let at = r.bytes(&DIGITS, n)?;
                let text = sms_text::digits(at.value, n.saturating_mul(2));
                let value = r.scratch_bytes(text.as_bytes());
                r.set_value(at.node, value);
            }
            Ok(())
        });
        Ok(())
    })
    .map(drop)
}

fn cause(r: &mut Reader<'_, '_>) -> Result<u8, Stop> {
    let len = r.u8(&LENGTH)?.map(usize::from);
    let mut cause = 0;
    r.within(len, &LENGTHS, |r| {
        r.bit(&EXTENSION)?;
        cause = u8::try_from(r.bits(&CAUSE, 7)?.value).unwrap_or(0);
        let n = r.promised();
        if n > 0 {
            r.bytes(&DIAGNOSTIC, n)?;
        }
        Ok(())
    });
    Ok(cause)
}

fn user_data(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    match r.peek().first() {
        Some(0x41) => {
            r.u8(&ELEMENT)?;
            let len = r.u8(&LENGTH)?.map(usize::from);
            part(r, len.value, len.node);
        }
        Some(_) => drop(r.rest(&OTHER)),
        None => {}
    }
    Ok(())
}

/// The key of a message with this reference; `kind` is the type of the RP-DATA.
fn key(r: &mut Reader<'_, '_>, kind: u8, reference: u8) -> PeerKey {
    let way = way(r);
    PeerKey(way.step("rp", &[kind, reference]).0)
}

/// Fingerprint of the pair of stations, the same in both directions.
pub(super) fn way(r: &mut Reader<'_, '_>) -> Leg {
    let facts = r.facts();
    let mut ends = [facts.src, facts.dst].map(|end| end.map_or_else(String::new, |end| end.to_string()));
    ends.sort_unstable();
    let [one, two] = ends;
    let way = facts.scope.step("from", one.as_bytes()).step("to", two.as_bytes());
    way.step("channel", &facts.sms.channel.0.to_be_bytes())
}

fn ask(r: &mut Reader<'_, '_>, key: PeerKey, role: Role) {
    let (layer, sighting, way) = (r.layer(), r.facts().sighting(), PeerKey(way(r).0));
    r.ask(Need::Peer(Peer { key, or: [None; 2], way, role, layer, sighting }));
}

/// An acknowledgement or an error: which message does it answer?
fn answer(r: &mut Reader<'_, '_>, kind: u8, reference: u8, cause: Option<u8>) {
    // The answer goes the other way: MS to network (even) answers network to MS (1).
    let request = u8::from(kind.is_multiple_of(2));
    let key = key(r, request, reference);
    ask(r, key, Role::Response(told([&REQUEST, &LATENCY, &RESPONSE], ["RP-ACK", "RP-ERROR"], &CAUSE, cause)));
}

/// What an acknowledgement (without a cause) or an error tells: the fields that name request, time and response; what the two
/// are called.
pub(super) fn told(
    [request, latency, response]: [&'static Field; 3],
    [good, bad]: [&'static str; 2],
    causes: &Field,
    cause: Option<u8>,
) -> Told {
    let status = u64::from(cause.unwrap_or(0));
    let name = if cause.is_some() { causes.value_name(status).unwrap_or("unknown cause") } else { good };
    Told {
        request,
        latency,
        response,
        teller: Teller::Answer(bad),
        failure: cause.map(|_| &REFUSED),
        status: (status, name),
        stays: false,
        again: None,
    }
}
