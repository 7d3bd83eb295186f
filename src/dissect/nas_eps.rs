//! LTE non-access stratum signalling as far as it carries short messages: NAS transport.
//!
//! Ciphered messages are named as such; those that null ciphering left readable are read. Must not know what carries it.
//!
//! ```text
//!  security header type 4 | discriminator 4 (7) | 62 down, 63 up | length | CP message                (24.301 chapter 8.2)
//!  type 1..4: | authentication code 4 | sequence number | a NAS message, ciphered in types 2 and 4      (24.301 chapter 9.1)
//! ```

use super::claim::{Claim, Dissector};
use super::facts::Carrier;
use super::gsm_dtap;
use super::reader::{Reader, Stop};
use crate::model::spec::TS_24_301;
use crate::model::{Field, Group, Rule};

/// The layer.
pub static NAS: Field = Field::layer("nas-eps", "LTE non-access stratum (NAS)").cite(&TS_24_301, "9.1");
/// Security header type.
pub static SECURITY: Field =
    Field::uint("nas_eps.security_header_type", "Security header type").cite(&TS_24_301, "9.3.1").values(&[
        (0, "plain"),
        (1, "integrity protected"),
        (2, "integrity protected and ciphered"),
        (3, "integrity protected with new context"),
        (4, "integrity protected and ciphered with new context"),
        (5, "integrity protected and partially ciphered"),
        (12, "service request"),
    ]);
/// Protocol discriminator.
pub static DISCRIMINATOR: Field = Field::uint("nas_eps.protocol_discriminator", "Protocol discriminator")
    .cite(&TS_24_301, "9.2")
    .hex(1)
    .values(&[(2, "EPS session management"), (7, "EPS mobility management")]);
/// Authentication code.
pub static CODE: Field =
    Field::uint("nas_eps.msg_auth_code", "Message authentication code").cite(&TS_24_301, "9.5").hex(8);
/// Sequence number.
pub static SEQUENCE: Field = Field::uint("nas_eps.seq_no", "Sequence number").cite(&TS_24_301, "9.6");
/// Message type.
pub static TYPE: Field =
    Field::uint("nas_eps.nas_msg_emm_type", "Message type").cite(&TS_24_301, "9.8").hex(2).values(&[
        (0x41, "attach request"),
        (0x42, "attach accept"),
        (0x43, "attach complete"),
        (0x44, "attach reject"),
        (0x45, "detach request"),
        (0x46, "detach accept"),
        (0x48, "tracking area update request"),
        (0x49, "tracking area update accept"),
        (0x4a, "tracking area update complete"),
        (0x4b, "tracking area update reject"),
        (0x4c, "extended service request"),
        (0x4e, "service reject"),
        (0x50, "GUTI reallocation command"),
        (0x51, "GUTI reallocation complete"),
        (0x52, "authentication request"),
        (0x53, "authentication response"),
        (0x54, "authentication reject"),
        (0x55, "identity request"),
        (0x56, "identity response"),
        (0x5c, "authentication failure"),
        (0x5d, "security mode command"),
        (0x5e, "security mode complete"),
        (0x5f, "security mode reject"),
        (0x60, "EMM status"),
        (0x61, "EMM information"),
        (0x62, "downlink NAS transport"),
        (0x63, "uplink NAS transport"),
        (0x64, "CS service notification"),
        (0x68, "downlink generic NAS transport"),
        (0x69, "uplink generic NAS transport"),
    ]);
/// Length of the container.
pub static LENGTH: Field = Field::uint("nas_eps.emm.nas_msg_cont.length", "Length").cite(&TS_24_301, "9.9.3.22");
/// Ciphered octets.
pub static CIPHERED: Field = Field::bytes("nas_eps.ciphered_msg", "Ciphered message").cite(&TS_24_301, "9.1");
/// Another message.
pub static OTHER: Field = Field::bytes("nas_eps.message_elements", "Message").cite(&TS_24_301, "9.1");

/// Ciphered.
pub static IS_CIPHERED: Rule =
    Rule::note("GSM-020", Group::Undecoded).cite(&TS_24_301, "9.1").text("the NAS message is ciphered").explain(
        "The message is protected by ciphering; its content cannot be seen in a capture.",
        "Whether it carries a short message, let alone a push, cannot be told.",
        "Capture in a network that uses null ciphering (EEA0), or on the core side.",
    );

/// Marked as ciphered, and readable.
pub static NULL_CIPHERED: Rule = Rule::note("GSM-021", Group::Assumption)
    .cite(&TS_24_301, "9.1")
    .text("read as if ciphered with the null algorithm")
    .explain(
        "The header says ciphered, but the octets are a NAS transport message as they stand.",
        "With EEA0 nothing is changed, so this reading is almost certainly right.",
        "Compare with the algorithm chosen in the security mode command.",
    );

/// The container does not fit.
pub static LENGTHS: Rule = Rule::error("GSM-022", Group::Malformed)
    .cite(&TS_24_301, "9.9.3.22")
    .text("the NAS message container's length does not fit")
    .explain(
        "The container states more octets than the message has.",
        "The receiver rejects the message.",
        "Look at who built it, or whether the capture tool cut it.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &NAS,
    claims: &[],
    fields: &[&SECURITY, &DISCRIMINATOR, &CODE, &SEQUENCE, &TYPE, &LENGTH, &CIPHERED, &OTHER],
    rules: &[&IS_CIPHERED, &NULL_CIPHERED, &LENGTHS],
    dissect,
    probe: None,
};

/// Discriminator of mobility management.
const EMM: u64 = 7;

/// A NAS transport message with a CP message, as it stands.
fn is_transport(octets: &[u8]) -> bool {
    matches!(octets, [0x07, 0x62 | 0x63, _, cp @ ..] if gsm_dtap::is_cp(cp))
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    if r.facts().carrier == Carrier::None {
        r.facts().enter_sms(Carrier::LteNas);
    }
    let security = r.bits(&SECURITY, 4)?;
    let discriminator = r.bits(&DISCRIMINATOR, 4)?.value;
    if discriminator == EMM && (1..=5).contains(&security.value) {
        r.u32(&CODE)?;
        r.u8(&SEQUENCE)?;
        let ciphered = !matches!(security.value, 1 | 3);
        let readable = is_transport(r.peek());
        if ciphered && !readable {
            r.flag(&IS_CIPHERED, security.node);
            let n = r.promised();
            r.bytes(&CIPHERED, n)?;
            return Ok(());
        }
        if ciphered {
            r.flag(&NULL_CIPHERED, security.node);
        }
        let inner = r.bits(&SECURITY, 4)?.value;
        let inner_discriminator = r.bits(&DISCRIMINATOR, 4)?.value;
        return plain(r, inner, inner_discriminator);
    }
    plain(r, security.value, discriminator)
}

fn plain(r: &mut Reader<'_, '_>, security: u64, discriminator: u64) -> Result<(), Stop> {
    if discriminator == EMM && security == 0 {
        let kind = r.u8(&TYPE)?.value;
        if let 0x62 | 0x63 = kind {
            r.facts().sms.to_network = Some(kind == 0x63);
            let len = r.u8(&LENGTH)?.map(usize::from);
            let room = r.promised();
            if len.value > room {
                r.flag_with(&LENGTHS, len.node, format_args!("states {} octets, {room} are left", len.value));
            }
            r.hand_over_part(len.value, Claim::Named("gsm_a.dtap"));
            return Ok(());
        }
    }
    let n = r.promised();
    if n > 0 {
        r.bytes(&OTHER, n)?;
    }
    Ok(())
}
