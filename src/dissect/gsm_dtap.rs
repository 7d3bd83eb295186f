//! Layer 3 of GSM signalling as far as it carries short messages: the control layer (CP) of 24.011.
//!
//! Other protocols of layer 3 are named, not read. Must not know what carries it.
//!
//! ```text
//!  TI flag 1 | TI 3 | protocol discriminator 4 (9: SMS) | type | CP-DATA: length, RPDU; CP-ERROR: cause    (24.011 chapter 7.2)
//! ```

use super::claim::{Claim, Dissector};
use super::facts::Carrier;
use super::gsm_rp::{self, LENGTH, LENGTHS, REFUSED, UNKNOWN_TYPE};
use super::need::{Need, Peer, PeerKey, Role};
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::{TS_24_007, TS_24_011};

/// The layer.
pub static DTAP: Field = Field::layer("gsm_a.dtap", "GSM layer 3 (DTAP)").cite(&TS_24_007, "11.2");
/// Protocol discriminator.
pub static DISCRIMINATOR: Field = Field::uint("gsm_a.L3_protocol_discriminator", "Protocol discriminator")
    .cite(&TS_24_007, "11.2.3.1.1")
    .hex(1)
    .values(&[
        (0, "group call control"),
        (1, "broadcast call control"),
        (2, "EPS session management"),
        (3, "call control"),
        (5, "mobility management"),
        (6, "radio resources management"),
        (7, "EPS mobility management"),
        (8, "GPRS mobility management"),
        (9, "SMS"),
        (10, "GPRS session management"),
        (11, "supplementary services"),
        (12, "location services"),
        (15, "tests procedures"),
    ]);
/// Transaction identifier flag.
pub static TI_FLAG: Field = Field::bool("gsm_a.dtap.ti_flag", "TI flag")
    .cite(&TS_24_007, "11.2.3.1.3")
    .about("Set: sent to the side that began the transaction.");
/// Transaction identifier.
pub static TI: Field = Field::uint("gsm_a.dtap.tio", "TI").cite(&TS_24_007, "11.2.3.1.3");
/// The other half of the first octet, of protocols without transactions.
pub static SKIP: Field = Field::uint("gsm_a.skip.ind", "Skip indicator").cite(&TS_24_007, "11.2.3.1.2");
/// Message type.
pub static TYPE: Field = Field::uint("gsm_a.dtap.msg_sms_type", "Message type")
    .cite(&TS_24_011, "8.1")
    .hex(2)
    .values(&[(0x01, "CP-DATA"), (0x04, "CP-ACK"), (0x10, "CP-ERROR")]);
/// Cause.
pub static CAUSE: Field = Field::uint("gsm_a.dtap.cp_cause", "Cause").cite(&TS_24_011, "8.1").values(&[
    (17, "network failure"),
    (22, "congestion"),
    (81, "invalid transaction identifier"),
    (95, "semantically incorrect message"),
    (96, "invalid mandatory information"),
    (97, "message type not implemented"),
    (98, "message not compatible with protocol state"),
    (99, "information element not implemented"),
    (111, "protocol error, unspecified"),
]);
/// What another protocol says.
pub static ELEMENTS: Field = Field::bytes("gsm_a.dtap.message_elements", "Message").cite(&TS_24_007, "11.2");
/// The message an acknowledgement is for.
pub static REQUEST: Field =
    Field::frame_ref("gsm_a.dtap.request_in", "Answers CP-DATA in frame").cite(&TS_24_011, "8.1").generated();
/// How long the answer took.
pub static LATENCY: Field =
    Field::duration("gsm_a.dtap.response_time", "Time since CP-DATA").cite(&TS_24_011, "8.1").generated();
/// The acknowledgement or the error that answers a message.
pub static RESPONSE: Field =
    Field::frame_ref("gsm_a.dtap.response_in", "Answered in frame").cite(&TS_24_011, "8.1").generated();

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &DTAP,
    claims: &[],
    fields: &[&DISCRIMINATOR, &TI_FLAG, &TI, &SKIP, &TYPE, &CAUSE, &LENGTH, &ELEMENTS, &REQUEST, &LATENCY, &RESPONSE],
    rules: &[&LENGTHS, &UNKNOWN_TYPE, &REFUSED],
    dissect,
    probe: None,
};

/// Protocol discriminator of short messages.
const SMS: u8 = 9;

/// Whether a message of the control layer of short messages may start here.
pub(crate) fn is_cp(octets: &[u8]) -> bool {
    matches!(octets, [first, 0x01 | 0x04 | 0x10, ..] if first & 0xf == SMS)
}

/// How many octets a message of the control layer has, as its own length says.
pub(crate) fn extent(octets: &[u8]) -> Option<u32> {
    match octets {
        [_, 0x01, len, ..] if is_cp(octets) => Some(u32::from(*len).saturating_add(3)),
        _ => None,
    }
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&LENGTHS);
    if r.facts().carrier == Carrier::None {
        r.facts().enter_sms(Carrier::Sms);
    }
    let first = r.peek().first().copied().unwrap_or(0);
    if first & 0xf != SMS {
        r.bits(&SKIP, 4)?;
        r.bits(&DISCRIMINATOR, 4)?;
        if !r.is_done() {
            let n = r.promised();
            r.bytes(&ELEMENTS, n)?;
        }
        return Ok(());
    }
    let flag = r.bit(&TI_FLAG)?.value;
    let transaction = r.bits(&TI, 3)?.value;
    r.bits(&DISCRIMINATOR, 4)?;
    let kind = r.u8(&TYPE)?;
    match kind.value {
        0x01 => {
            let len = r.u8(&LENGTH)?.map(usize::from);
            let carries_push = gsm_rp::holds_push(r.peek());
            let room = r.promised();
            if len.value > room {
                r.flag_with(&LENGTHS, len.node, format_args!("states {} octets, {room} are left", len.value));
            }
            r.hand_over_part(len.value, Claim::Named("gsm_a.rp"));
            ask(r, transaction, flag, Role::Request { carries_push, unanswered: None });
        }
        0x04 => answer(r, transaction, flag, None),
        0x10 => {
            let cause = r.u8(&CAUSE)?.value;
            answer(r, transaction, flag, Some(cause));
        }
        other => r.flag_with(&UNKNOWN_TYPE, kind.node, format_args!("0x{other:02x}")),
    }
    Ok(())
}

fn answer(r: &mut Reader<'_, '_>, transaction: u64, flag: bool, cause: Option<u8>) {
    let told = gsm_rp::told([&REQUEST, &LATENCY, &RESPONSE], ["CP-ACK", "CP-ERROR"], &CAUSE, cause);
    ask(r, transaction, !flag, Role::Response(told));
}

/// Remembers a message under its transaction, or asks for it; `flag` is the message's.
fn ask(r: &mut Reader<'_, '_>, transaction: u64, flag: bool, role: Role) {
    let way = gsm_rp::way(r);
    let key = PeerKey(way.step("cp", &[u8::try_from(transaction).unwrap_or(0), u8::from(flag)]).0);
    let (layer, sighting) = (r.layer(), r.facts().sighting());
    r.ask(Need::Peer(Peer { key, or: [None; 2], way: PeerKey(way.step("cp", &[]).0), role, layer, sighting }));
}
